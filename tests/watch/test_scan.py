"""What a scan sees, and what it says is to be read or gone: on a real disk, with a clock that the tests hold."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from llm_service.files import Signature
from llm_service.watch.scan import Filter, Mirror, signature_of, walk

LATER_NS = 10**10


def wanted() -> Filter:
    return Filter(folder=lambda path: "ignored" not in path, file=lambda path: path.endswith((".yaml", ".d")))


def write(root: Path, path: str, text: str = "x") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


class Watches:
    """The folders that were watched and forgotten."""

    def __init__(self) -> None:
        self.watched: list[str] = []
        self.forgotten: list[str] = []

    def watch(self, folder: str) -> None:
        self.watched.append(folder)

    def forget(self, folders: Iterable[str]) -> None:
        self.forgotten += folders


@pytest.fixture
def watches() -> Watches:
    return Watches()


@pytest.fixture
def mirror(tmp_path: Path, watches: Watches) -> Mirror:
    """Of a disk whose files are old: the clock is ten seconds ahead of them."""
    clock = lambda: time.time_ns() + LATER_NS  # noqa: E731
    return Mirror(str(tmp_path), wanted(), watches.watch, watches.forget, clock)


def test_wanted_files_are_listed_with_inode_size_and_time(tmp_path: Path) -> None:
    write(tmp_path, "a/x.yaml", "four")
    write(tmp_path, "a/y.txt")
    write(tmp_path, "z.yaml")
    listing = walk(str(tmp_path), wanted())
    status = (tmp_path / "a/x.yaml").stat()
    assert listing.files["a/x.yaml"] == Signature(status.st_ino, 4, status.st_mtime_ns) == signature_of(status)
    assert set(listing.files) == {"a/x.yaml", "z.yaml"}
    assert listing.folders == {"", "a"}
    assert listing.refused == {}


def test_folders_that_are_not_wanted_are_neither_listed_nor_watched(tmp_path: Path, watches: Watches) -> None:
    write(tmp_path, "ignored/deep/x.yaml")
    write(tmp_path, "a/x.yaml")
    listing = walk(str(tmp_path), wanted(), watch=watches.watch)
    assert (set(listing.files), listing.folders, sorted(watches.watched)) == ({"a/x.yaml"}, {"", "a"}, ["", "a"])


def test_a_folder_with_a_wanted_files_name_is_listed_as_one_and_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "a.d/x.yaml")
    listing = walk(str(tmp_path), wanted())
    assert (set(listing.files), listing.folders) == ({"a.d"}, {""})


def test_links_are_seen_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/x.yaml")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "link.yaml").symlink_to("real/x.yaml")
    (tmp_path / "nowhere.yaml").symlink_to("none")
    listing = walk(str(tmp_path), wanted())
    assert set(listing.files) == {"real/x.yaml", "link.yaml", "nowhere.yaml"}
    assert listing.folders == {"", "real"}
    assert listing.files["link.yaml"].inode == (tmp_path / "link.yaml").lstat().st_ino
    assert walk(str(tmp_path), wanted(), "link").folders == set()


def test_a_walk_may_start_below_the_root(tmp_path: Path) -> None:
    write(tmp_path, "a/b/x.yaml")
    write(tmp_path, "c/y.yaml")
    listing = walk(str(tmp_path), wanted(), "a")
    assert (set(listing.files), listing.folders) == ({"a/b/x.yaml"}, {"a", "a/b"})


def test_a_folder_is_watched_before_it_is_listed(tmp_path: Path) -> None:
    """What is made between the two is seen by one of them."""
    (tmp_path / "a").mkdir()
    listing = walk(str(tmp_path), wanted(), watch=lambda folder: write(tmp_path, f"{folder or '.'}/late.yaml"))
    assert set(listing.files) == {"late.yaml", "a/late.yaml"}


@pytest.mark.parametrize("start", ["none", "file.yaml", "none/below", "file.yaml/below"])
def test_what_vanishes_or_is_no_folder_is_left_out(tmp_path: Path, start: str) -> None:
    write(tmp_path, "file.yaml")
    listing = walk(str(tmp_path), wanted(), start)
    assert (listing.files, listing.folders, listing.refused) == ({}, set(), {})


def test_a_file_that_vanishes_while_its_folder_is_listed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        write(tmp_path, name)

    def file(path: str) -> bool:
        (tmp_path / "b.yaml").unlink(missing_ok=True)
        return True

    listing = walk(str(tmp_path), Filter(folder=lambda path: True, file=file))
    assert set(listing.files) == {"a.yaml", "c.yaml"}


def test_a_folder_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a/x.yaml")
    write(tmp_path, "b/y.yaml")
    whole = os.scandir

    def refusing(where: str) -> object:
        if where.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return whole(where)

    monkeypatch.setattr(os, "scandir", refusing)
    listing = walk(str(tmp_path), wanted())
    assert (set(listing.files), listing.folders, listing.refused) == (
        {"b/y.yaml"},
        {"", "b"},
        {"a": "Permission denied"},
    )


def test_the_first_scan_reads_everything_and_watches_every_folder(
    tmp_path: Path, mirror: Mirror, watches: Watches
) -> None:
    for path in ("b/y.yaml", "a/x.yaml", "z.yaml"):
        write(tmp_path, path)
    assert mirror.rescan() == (["a/x.yaml", "b/y.yaml", "z.yaml"], [])
    assert sorted(watches.watched) == ["", "a", "b"]
    assert mirror.folders == {"", "a", "b"}
    assert mirror.rescan() == ([], [])


@pytest.mark.parametrize("change", ["size", "time", "inode"])
def test_a_file_is_read_again_when_its_signature_differs(tmp_path: Path, mirror: Mirror, change: str) -> None:
    write(tmp_path, "a/x.yaml", "text")
    write(tmp_path, "a/y.yaml")
    mirror.rescan()
    path, before = tmp_path / "a/x.yaml", (tmp_path / "a/x.yaml").stat()
    if change == "inode":
        write(tmp_path, "new", "text")
        os.replace(tmp_path / "new", path)
    elif change == "size":
        path.write_text("text and more")
    os.utime(path, ns=(0, before.st_mtime_ns + (change == "time")))
    assert mirror.rescan() == (["a/x.yaml"], [])


def test_files_that_are_gone_are_named_and_forgotten(tmp_path: Path, mirror: Mirror, watches: Watches) -> None:
    for path in ("a/x.yaml", "a/b/y.yaml", "c.yaml"):
        write(tmp_path, path)
    mirror.rescan()
    for path in ("a/x.yaml", "a/b/y.yaml"):
        (tmp_path / path).unlink()
    (tmp_path / "a/b").rmdir()
    assert mirror.rescan() == ([], ["a/b/y.yaml", "a/x.yaml"])
    assert set(mirror.files) == {"c.yaml"}
    assert watches.forgotten == ["a/b"]
    assert mirror.folders == {"", "a"}


def test_a_scan_of_everything_says_what_came_and_went_unless_a_folder_could_not_be_listed(tmp_path: Path) -> None:
    found: list[list[str]] = []
    mirror = Mirror(str(tmp_path), wanted(), clock_ns=lambda: 0, found=lambda paths: found.append(sorted(paths)))
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, name)
    mirror.rescan()
    (tmp_path / "a.yaml").unlink()
    write(tmp_path, "b.yaml", "changed")
    write(tmp_path, "c.yaml")
    mirror.rescan()
    write(tmp_path, "in/d.yaml")
    mirror.rescan("in")
    mirror.refused["in"] = "Permission denied"
    write(tmp_path, "in/e.yaml")
    mirror.rescan()
    assert found == [["a.yaml", "b.yaml"], ["a.yaml", "c.yaml"]]


def test_a_scan_below_a_folder_leaves_the_others_alone(tmp_path: Path, mirror: Mirror, watches: Watches) -> None:
    for path in ("a/x.yaml", "a/b/y.yaml", "ab/z.yaml", "c.yaml"):
        write(tmp_path, path)
    mirror.rescan()
    for path in ("a/x.yaml", "ab/z.yaml", "c.yaml"):
        (tmp_path / path).unlink()
    (tmp_path / "ab").rmdir()
    write(tmp_path, "a/new/w.yaml")
    assert mirror.rescan("a") == (["a/new/w.yaml"], ["a/x.yaml"])
    assert mirror.folders == {"", "a", "a/b", "a/new", "ab"}
    assert watches.forgotten == []
    assert mirror.rescan("ab") == ([], ["ab/z.yaml"])
    assert watches.forgotten == ["ab"]
    assert mirror.rescan() == ([], ["c.yaml"])


def test_a_folder_that_is_gone_takes_its_files_and_watches_along(
    tmp_path: Path, mirror: Mirror, watches: Watches
) -> None:
    write(tmp_path, "a/b/x.yaml")
    mirror.rescan()
    os.rename(tmp_path / "a", tmp_path / "ignored")
    assert mirror.rescan("a") == ([], ["a/b/x.yaml"])
    assert sorted(watches.forgotten) == ["a", "a/b"]


def test_what_refused_is_remembered_until_it_is_scanned_again(
    tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("a/x.yaml", "b/y.yaml"):
        write(tmp_path, path)
    mirror.rescan()
    whole, closed = os.scandir, {"a", "b"}

    def refusing(where: str) -> object:
        if os.path.basename(where) in closed:
            raise PermissionError(13, "Permission denied")
        return whole(where)

    monkeypatch.setattr(os, "scandir", refusing)
    mirror.rescan("a")
    mirror.rescan("b")
    assert mirror.refused == {"a": "Permission denied", "b": "Permission denied"}
    mirror.rescan()
    assert mirror.refused == {"a": "Permission denied", "b": "Permission denied"}
    closed.clear()
    mirror.rescan()
    assert mirror.refused == {}


def test_a_hinted_path_is_read_though_nothing_of_it_differs(tmp_path: Path, mirror: Mirror) -> None:
    write(tmp_path, "x.yaml")
    assert mirror.check("x.yaml")
    assert mirror.check("x.yaml")
    assert mirror.files["x.yaml"] == signature_of((tmp_path / "x.yaml").lstat())
    assert mirror.rescan() == ([], [])


def test_a_hinted_path_that_is_gone_is_forgotten(tmp_path: Path, mirror: Mirror) -> None:
    write(tmp_path, "x.yaml")
    mirror.rescan()
    (tmp_path / "x.yaml").unlink()
    assert not mirror.check("x.yaml")
    assert not mirror.check("never seen")
    assert mirror.files == {}


def test_a_hinted_link_is_the_link(tmp_path: Path, mirror: Mirror) -> None:
    (tmp_path / "x.yaml").symlink_to("none")
    assert mirror.check("x.yaml")
    assert mirror.files["x.yaml"].inode == (tmp_path / "x.yaml").lstat().st_ino


@pytest.mark.parametrize(("age_ns", "is_read_again"), [(49_999_999, True), (50_000_000, False)])
def test_a_file_that_is_young_when_it_is_seen_is_read_again(tmp_path: Path, age_ns: int, is_read_again: bool) -> None:
    write(tmp_path, "x.yaml")
    now = [(tmp_path / "x.yaml").stat().st_mtime_ns + age_ns]
    mirror = Mirror(str(tmp_path), wanted(), clock_ns=lambda: now[0])
    assert mirror.rescan() == (["x.yaml"], [])
    now[0] += LATER_NS
    assert mirror.rescan() == (["x.yaml"] if is_read_again else [], [])
    assert mirror.rescan() == ([], []), "it was old by then"


def test_a_young_file_that_was_hinted_at_is_read_again_by_the_scan(tmp_path: Path) -> None:
    write(tmp_path, "x.yaml")
    now = [(tmp_path / "x.yaml").stat().st_mtime_ns]
    mirror = Mirror(str(tmp_path), wanted(), clock_ns=lambda: now[0])
    mirror.check("x.yaml")
    assert mirror.rescan() == (["x.yaml"], [])
    now[0] += LATER_NS
    mirror.check("x.yaml")
    assert mirror.rescan() == ([], [])


def test_of_a_young_file_that_is_gone_nothing_is_kept(tmp_path: Path) -> None:
    mirror = Mirror(str(tmp_path), wanted())
    for how in (lambda: mirror.check("x.yaml"), mirror.rescan):
        write(tmp_path, "x.yaml")
        mirror.rescan()
        (tmp_path / "x.yaml").unlink()
        how()
        assert mirror._racy == set()
