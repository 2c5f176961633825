"""One folder of a project listed, and lines counted: nothing is tracked, nothing opened that could wait."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_service.artifacts.ignore import IgnoreRules
from llm_service.artifacts.tree.listing import FolderListing, LineCount, count_lines, list_folder
from llm_service.artifacts.tree.records import MOST_COUNTED_BYTES, record_of, unpack
from llm_service.errors import FileChanging, FileVanished, NotRegular
from llm_service.files import SafeRoot


@pytest.fixture
def safe_root(tmp_path: Path) -> Iterator[SafeRoot]:
    (tmp_path / "p").mkdir()
    with SafeRoot(str(tmp_path)) as safe_root:
        yield safe_root


def listing_of(safe_root: SafeRoot, folder: str, ignore_rules: IgnoreRules | None = None) -> FolderListing:
    found = list_folder(safe_root, folder, ignore_rules or IgnoreRules())
    assert found is not None
    return found


def lines_of(safe_root: SafeRoot, path: str, digest_bytes: int = 1_000) -> LineCount:
    packed = record_of(os.lstat(f"{safe_root.root}/{path}"), 0, MOST_COUNTED_BYTES)
    return count_lines(safe_root, path, packed, digest_bytes)


def test_files_come_with_their_records_and_folders_with_their_names(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/a.py").write_text("a\n")
    (tmp_path / "p/src").mkdir()
    found = listing_of(safe_root, "p")
    status = (tmp_path / "p/a.py").lstat()
    assert (found.folders, found.ignored, found.refused) == (["src"], [], None)
    assert unpack(found.files["a.py"])[:3] == (status.st_ino, 2, status.st_mtime_ns)


def test_of_the_root_only_the_folders_count(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "README").write_text("x")
    (tmp_path / ".gitignore").write_text("p/")
    os.symlink(tmp_path / "p", tmp_path / "link")
    found = listing_of(safe_root, "")
    assert (found.folders, found.files) == (["p"], {})


def test_links_are_listed_as_links_wherever_they_lead(safe_root: SafeRoot, tmp_path: Path) -> None:
    for name, leads_to in {"up": "..", "self": "self", "out": "/etc/passwd", "gone": "nothing", "dir": "/etc"}.items():
        os.symlink(leads_to, tmp_path / "p" / name)
    found = listing_of(safe_root, "p")
    assert {name: unpack(packed).kind for name, packed in found.files.items()} == dict.fromkeys(
        ("up", "self", "out", "gone", "dir"), "link"
    )
    assert found.folders == []
    assert list_folder(safe_root, "p/dir", IgnoreRules()) is None, "a link is not looked into"
    assert list_folder(safe_root, "p/up/p", IgnoreRules()) is None


def test_fifos_and_sockets_are_listed_and_never_opened(safe_root: SafeRoot, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p/fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "p/socket"))
        found = listing_of(safe_root, "p")
    assert {name: unpack(packed).kind for name, packed in found.files.items()} == {
        "fifo": "special",
        "socket": "special",
    }
    with pytest.raises(NotRegular):
        lines_of(safe_root, "p/fifo")


def test_names_of_any_bytes_are_listed(safe_root: SafeRoot, tmp_path: Path) -> None:
    names = ["caf\udce9", "new\nline", "quote'\"", " ", "-rf", "Å", "å"]
    for name in names:
        (tmp_path / "p" / name).write_text("")
    assert sorted(listing_of(safe_root, "p").files) == sorted(names)


def test_an_ignored_folder_is_named_and_not_listed(safe_root: SafeRoot, tmp_path: Path) -> None:
    for name in ("node_modules", ".git", "src"):
        (tmp_path / "p" / name).mkdir()
    (tmp_path / "p/.DS_Store").write_text("")
    found = listing_of(safe_root, "p")
    assert (found.folders, sorted(found.ignored), found.files) == (["src"], [".git", "node_modules"], {})
    assert "node_modules" in listing_of(safe_root, "p", IgnoreRules(unignore=["node_modules"])).folders


def test_what_a_gitignore_says_holds_for_its_folder_and_below_at_once(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/out/deep").mkdir(parents=True)
    (tmp_path / "p/src").mkdir()
    for path in ("p/a.log", "p/a.py", "p/src/b.log", "p/src/b.py"):
        (tmp_path / path).write_text("")
    (tmp_path / "p/.gitignore").write_text("*.log\n/out/\n")
    ignore_rules = IgnoreRules()
    found = listing_of(safe_root, "p", ignore_rules)
    assert (sorted(found.files), found.folders, found.ignored) == ([".gitignore", "a.py"], ["src"], ["out"])
    assert sorted(listing_of(safe_root, "p/src", ignore_rules).files) == ["b.py"]
    (tmp_path / "p/.gitignore").unlink()
    assert "a.log" in listing_of(safe_root, "p", ignore_rules).files
    assert sorted(listing_of(safe_root, "p/src", ignore_rules).files) == ["b.log", "b.py"]


def test_a_gitignore_written_again_in_the_same_tick_is_read_again(safe_root: SafeRoot, tmp_path: Path) -> None:
    ignore_rules = IgnoreRules()
    for name in ("a", "b"):
        (tmp_path / "p" / name).write_text("")
    (tmp_path / "p/.gitignore").write_text("a\n")
    status = (tmp_path / "p/.gitignore").lstat()
    assert "a" not in listing_of(safe_root, "p", ignore_rules).files
    version = ignore_rules.version
    (tmp_path / "p/.gitignore").write_text("b\n")
    os.utime(tmp_path / "p/.gitignore", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sorted(listing_of(safe_root, "p", ignore_rules).files) == [".gitignore", "a"]
    assert ignore_rules.version > version
    version = ignore_rules.version
    listing_of(safe_root, "p", ignore_rules)
    assert ignore_rules.version == version, "read again, it says the same"


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_a_gitignore_that_is_no_file_says_nothing(safe_root: SafeRoot, tmp_path: Path, kind: str) -> None:
    (tmp_path / "p/a").write_text("")
    (tmp_path / "outside").write_text("a\n")
    where = tmp_path / "p/.gitignore"
    if kind == "link":
        os.symlink("../outside", where)
    elif kind == "fifo":
        os.mkfifo(where)
    else:
        where.mkdir()
    assert "a" in listing_of(safe_root, "p").files


def test_a_folder_that_is_gone_or_became_a_file_is_none(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/file").write_text("")
    assert list_folder(safe_root, "p/gone", IgnoreRules()) is None
    assert list_folder(safe_root, "p/file", IgnoreRules()) is None


def test_a_folder_swapped_for_a_link_is_not_entered(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/src").mkdir()
    assert listing_of(safe_root, "p/src").files == {}
    safe_root.close()
    (tmp_path / "p/src").rmdir()
    os.symlink("/etc", tmp_path / "p/src")
    assert list_folder(safe_root, "p/src", IgnoreRules()) is None


def test_a_folder_that_cannot_be_read_says_why(
    safe_root: SafeRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(where: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    assert listing_of(safe_root, "p").refused == "Permission denied"


def test_folders_too_deep_or_with_too_long_a_path_are_not_looked_into_and_say_so(safe_root: SafeRoot) -> None:
    assert "folders deep" in str(listing_of(safe_root, "p/" + "/".join("d" * 150)).left_out)
    assert "too long" in str(listing_of(safe_root, "p/" + "/".join(["d" * 250] * 20)).left_out)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", 0),
        (b"one\n", 1),
        (b"one\ntwo", 2),
        (b"\n\n\n", 3),
        (b"one\r\ntwo\r\n", 2),
        ("ü\nä".encode("utf-16"), 2),
        ("\ufeffone\n".encode(), 1),
        (b"x\n" * 700_000, 700_000),
        (b"\x89PNG\r\n\x1a\n\0\0\0", None),
    ],
)
def test_lines_are_counted_in_text_and_nowhere_else(
    safe_root: SafeRoot, tmp_path: Path, data: bytes, lines: int | None
) -> None:
    (tmp_path / "p/a").write_bytes(data)
    assert lines_of(safe_root, "p/a").lines == lines


def test_the_digest_is_of_the_bytes_up_to_the_cap(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/a").write_bytes(b"x\0" * 500)
    assert lines_of(safe_root, "p/a", 1_000).sha256 == hashlib.sha256(b"x\0" * 500).hexdigest()
    assert lines_of(safe_root, "p/a", 999).sha256 is None


def test_a_file_that_is_another_by_now_is_not_counted(safe_root: SafeRoot, tmp_path: Path) -> None:
    (tmp_path / "p/a").write_text("a\n")
    before = record_of((tmp_path / "p/a").lstat(), 0, MOST_COUNTED_BYTES)
    (tmp_path / "p/a").write_text("longer\n")
    with pytest.raises(FileChanging):
        count_lines(safe_root, "p/a", before, 1_000)
    (tmp_path / "p/a").unlink()
    with pytest.raises(FileVanished):
        count_lines(safe_root, "p/a", before, 1_000)


def test_a_huge_file_is_listed_without_lines_and_costs_nothing(safe_root: SafeRoot, tmp_path: Path) -> None:
    with (tmp_path / "p/huge").open("wb") as file:
        file.truncate(10 << 30)
    found = unpack(listing_of(safe_root, "p").files["huge"])
    assert (found.size_bytes, found.counted, found.flags & 0b100) == (10 << 30, None, 0)
