"""Finding claimed files on a real disk: nothing is opened, no link is followed, the work is bounded."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from llm_service.errors import FileRefused, FileUnreadable, NotRegular, PathRefused
from llm_service.evidence import finder as evidence
from llm_service.evidence.finder import Base, Finder, Found


def find(root: Path, *paths: str, inside: str = "") -> Found | None:
    with Finder() as finder:
        return finder.find(paths, [Base(str(root), inside)])


def write(path: Path, text: str = "x", mtime: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def test_a_file_is_found_with_size_and_time(tmp_path: Path) -> None:
    write(tmp_path / "docs/a.md", "four", mtime=1_000)
    changed_ns = (tmp_path / "docs/a.md").stat().st_ctime_ns
    assert find(tmp_path, "docs/a.md") == Found(str(tmp_path), "docs/a.md", "file", 4, 1_000_000_000_000, changed_ns)


def test_none_is_returned_where_there_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / "docs/a.md")
    assert find(tmp_path, "docs/b.md", "no/folder/a.md", "docs/a.md/below") is None
    assert find(tmp_path / "gone", "a.md") is None


def test_the_first_path_with_a_file_wins(tmp_path: Path) -> None:
    write(tmp_path / "b/a.md")
    write(tmp_path / "a.md")
    with Finder() as finder:
        bases = [Base(str(tmp_path), "b"), Base(str(tmp_path))]
        assert (finder.find(["a.md"], bases) or pytest.fail()).path == "b/a.md"
        assert (finder.find(["missing.md", "a.md"], bases[1:]) or pytest.fail()).path == "a.md"


def test_a_folder_has_the_number_of_its_entries_and_their_latest_time(tmp_path: Path) -> None:
    write(tmp_path / "ops/a", mtime=1_000)
    write(tmp_path / "ops/b", mtime=5_000_000_000)
    found = find(tmp_path, "ops")
    assert found is not None
    assert (found.kind, found.size_bytes, found.mtime_ns) == ("folder", 2, 5_000_000_000_000_000_000)
    (tmp_path / "empty").mkdir()
    assert (find(tmp_path, "empty") or pytest.fail()).size_bytes == 0


def test_a_pattern_finds_the_files_that_match(tmp_path: Path) -> None:
    for name in ("rules/refactor-a.md", "rules/the-refactor.md", "rules/other.md", "rules/deep/x/refactor.md"):
        write(tmp_path / name)
    assert (find(tmp_path, "rules/*refactor*.md") or pytest.fail()).matches == 2
    assert (find(tmp_path, "rules/**/*refactor*.md") or pytest.fail()).matches == 3
    assert (find(tmp_path, "*/deep/?/*.md") or pytest.fail()).matches == 1
    assert find(tmp_path, "rules/*.py") is None


def test_a_pattern_is_empty_or_old_only_if_all_that_match_are(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "", mtime=9_000)
    write(tmp_path / "b.md", "text", mtime=1_000)
    write(tmp_path / "c.md", "text", mtime=2_000)
    found = find(tmp_path, "*.md")
    assert found is not None
    assert (found.size_bytes, found.mtime_ns, found.matches) == (4, 2_000_000_000_000, 3)


def test_a_name_with_brackets_is_first_taken_literally(tmp_path: Path) -> None:
    write(tmp_path / "src/[id].ts", "1")
    write(tmp_path / "src/i.ts", "22")
    assert (find(tmp_path, "src/[id].ts") or pytest.fail()).size_bytes == 1


def test_hidden_names_match_only_patterns_with_a_dot(tmp_path: Path) -> None:
    write(tmp_path / ".hidden.md")
    assert find(tmp_path, "*.md") is None
    assert find(tmp_path, ".h*.md") is not None


@pytest.mark.parametrize("path", ["link.md", "folder/secret.md", "folder/deep/secret.md", "folder/*.md"])
def test_links_are_refused_and_never_followed(tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    write(outside / "secret.md", "secret")
    write(outside / "deep/secret.md", "secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    with pytest.raises(NotRegular, match="link"):
        find(root, path)


def test_a_link_does_not_match_a_pattern(tmp_path: Path) -> None:
    write(tmp_path / "outside/secret.md", "secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a.md").symlink_to(tmp_path / "outside/secret.md")
    (tmp_path / "root/deep").symlink_to(tmp_path / "outside")
    assert find(tmp_path / "root", "*.md") is None
    assert find(tmp_path / "root", "**/*.md") is None


def test_the_folder_of_a_project_must_not_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "outside/secret.md", "secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/project").symlink_to(tmp_path / "outside")
    with pytest.raises(FileRefused):
        find(tmp_path / "root", "secret.md", inside="project")


def test_special_files_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("fifo", "socket"):
            with pytest.raises(NotRegular, match="special"):
                find(tmp_path, name)


def test_a_file_elsewhere_is_found_although_one_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("/etc/hostname")
    write(tmp_path / "b/a.md")
    with Finder() as finder:
        assert finder.find(["a.md"], [Base(str(tmp_path)), Base(str(tmp_path), "b")]) is not None


@pytest.mark.parametrize("path", ["a\0b", "../a", "a/../b", "/etc/passwd", ""])
def test_an_invalid_path_is_refused(tmp_path: Path, path: str) -> None:
    write(tmp_path / "a/b")
    with pytest.raises(PathRefused):
        find(tmp_path, path)


def test_matching_a_pattern_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        write(tmp_path / f"d{number:02d}/a.md")
        write(tmp_path / f"b{number:02d}.md")
    monkeypatch.setattr(evidence, "_MAX_SEARCHED", 20)
    with pytest.raises(FileUnreadable, match="more than 20 names"):
        find(tmp_path, "*/a.md")
    monkeypatch.setattr(evidence, "_MAX_SEARCHED", 110)
    found = find(tmp_path, "*.md")
    assert found is not None and 49 < (found.matches or 0) < 60


def test_a_file_among_thousands_is_found_and_what_tools_install_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2_500):
        write(tmp_path / f"src/d{number % 50}/f{number}.py")
    write(tmp_path / "src/z/deep/er/wanted.md")
    for number in range(300):
        write(tmp_path / f"node_modules/p{number}/wanted.txt")
    assert find(tmp_path, "src/**/wanted.md") is not None
    assert find(tmp_path, "**/wanted.txt") is None
    monkeypatch.setattr(evidence, "_MAX_SEARCHED", 5_800)  # less than with what is in node_modules
    assert find(tmp_path, "**/wanted.md") is not None


def test_a_finder_leaves_no_descriptor_open(tmp_path: Path) -> None:
    write(tmp_path / "a/b/c.md")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        find(tmp_path, "a/b/c.md", "a/*/c.md", "x/y")
    assert len(os.listdir("/proc/self/fd")) == before
