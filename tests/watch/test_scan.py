"""What a scan sees, and what it says is to be read or gone: on a real disk, with a clock that the tests hold."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from llm_service.files import Signature, fence
from llm_service.watch.scan import Filter, Mirror, ScanResult, signature_of, walk, why_left_out

LATER_NS = 10**10


def wanted() -> Filter:
    return Filter(folder=lambda path: "ignored" not in path, file=lambda path: path.endswith((".yaml", ".d")))


def write(root: Path, path: str, text: str = "x") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def away(root: Path) -> Path:
    """A place beside the root, for what is taken away."""
    return root.with_name(f"{root.name}-away")


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


def test_a_folder_that_is_new_is_scanned_with_what_was_known_of_it_before(
    tmp_path: Path, mirror: Mirror, watches: Watches
) -> None:
    for path in ("z.yaml", "a/kept.yaml", "a/b/gone.yaml", "a/b/changed.yaml"):
        write(tmp_path, path)
    (tmp_path / "a").rename(tmp_path / "ignored")
    mirror.rescan()
    (tmp_path / "ignored").rename(tmp_path / "a")
    for path in ("a/kept.yaml", "a/b/gone.yaml", "a/b/changed.yaml"):  # hints that came before that of the folder
        assert mirror.check(path)
    (tmp_path / "a/b/gone.yaml").unlink()
    write(tmp_path, "a/b/changed.yaml", "another text")
    write(tmp_path, "a/new.yaml")
    to_read, gone = mirror.rescan("a")
    assert ({"a/b/changed.yaml", "a/new.yaml"} - {*to_read}, gone) == (set(), ["a/b/gone.yaml"])
    assert set(mirror.files) == {"z.yaml", "a/kept.yaml", "a/b/changed.yaml", "a/new.yaml"}
    assert (mirror.folders, sorted(watches.watched)) == ({"", "a", "a/b"}, ["", "a", "a/b"])
    assert mirror.rescan()[1] == []


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


# What the system does not say


class Disk:
    """Lets calls of the system fail: path below the root -> number of the error, or of another device."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing: dict[str, int] = {}
        self.devices: dict[str, int] = {}
        self._root = str(root)
        lstat, scandir = os.lstat, os.scandir

        def checked(path: Any) -> str:
            relative = os.path.relpath(path, self._root)
            if relative in self.failing:
                raise OSError(self.failing[relative], os.strerror(self.failing[relative]))
            return relative

        def failing_lstat(path: Any, **options: Any) -> os.stat_result:
            relative = checked(path)
            found = lstat(path, **options)
            if relative not in self.devices:
                return found
            return os.stat_result((*found[:2], self.devices[relative], *found[3:10]))

        def failing_scandir(path: Any) -> Any:
            checked(path)
            return scandir(path)

        monkeypatch.setattr(os, "lstat", failing_lstat)
        monkeypatch.setattr(os, "scandir", failing_scandir)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("path", "may_be"),
    [
        ("x.yaml", False),
        ("a/x.yaml", False),
        ("b/x.yaml", True),
        ("b/c/d/x.yaml", True),
        ("c/x.yaml", False),
        ("a/unknown.yaml", True),
        ("listed/refused/x.yaml", True),
        ("listed/x.yaml", True),
        ("b/seen/x.yaml", False),
    ],
)
def test_what_was_not_seen_may_be_where_nobody_could_look(path: str, may_be: bool) -> None:
    result = ScanResult(folders={"", "a", "listed", "b/seen"}, unknown={"a/unknown.yaml"})
    result.refused = {"b": "why", "listed/refused": "why", "listed": "why"}
    assert result.may_be_there(path) is may_be
    result.root_is_gone = True
    assert result.may_be_there(path)


def test_where_the_root_cannot_be_listed_anything_may_be_there() -> None:
    assert ScanResult(refused={"": "why"}).may_be_there("a/b/x.yaml")
    assert ScanResult(refused={"": "why"}).may_be_there("x.yaml")


def test_a_root_that_is_gone_proves_nothing(tmp_path: Path, mirror: Mirror) -> None:
    write(tmp_path, "a/x.yaml")
    mirror.rescan()
    os.rename(tmp_path, away(tmp_path))
    assert walk(str(tmp_path), wanted()).root_is_gone
    assert mirror.rescan() == ([], [])
    assert (set(mirror.files), mirror.folders) == ({"a/x.yaml"}, {"", "a"})
    tmp_path.mkdir()
    assert not walk(str(tmp_path), wanted(), "a").root_is_gone
    assert mirror.rescan() == ([], ["a/x.yaml"])


def test_a_root_that_leads_out_of_the_workspace_has_nothing_below_it(tmp_path: Path) -> None:
    write(tmp_path, "outside/x.yaml")
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/root").symlink_to("../outside")
    assert set(walk(str(tmp_path / "ws/root"), wanted()).files) == {"x.yaml"}
    fence(str(tmp_path / "ws"))
    result = walk(str(tmp_path / "ws/root"), wanted())
    assert (result.files, result.folders, result.root_is_gone) == ({}, set(), False)


class Unsaid:
    """An entry of which the system does not say what it is."""

    name = "x.yaml"

    def __init__(self, number: int) -> None:
        self._number = number

    def stat(self, *, follow_symlinks: bool) -> os.stat_result:
        assert not follow_symlinks
        raise OSError(self._number, os.strerror(self._number))


class Listing(list[Any]):
    """Entries as `os.scandir` gives them."""

    def __enter__(self) -> Listing:
        return self

    def __exit__(self, *reason: object) -> None:
        pass


def test_a_name_of_which_the_system_does_not_say_what_it_is_is_not_gone(
    tmp_path: Path, watches: Watches, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "x.yaml")
    now = [100.0]
    clock = lambda: time.time_ns() + LATER_NS  # noqa: E731
    mirror = Mirror(str(tmp_path), wanted(), watches.watch, watches.forget, clock, lambda: now[0])
    mirror.rescan()
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda path: Listing([Unsaid(errno.EIO)]))
        result = walk(str(tmp_path), wanted())
        assert (result.files, result.unknown) == ({}, {"x.yaml"})
        assert mirror.rescan() == ([], [])
        assert mirror.unread.reasons() == {"x.yaml": "the system does not say what it is"}
        assert mirror.unread.since("x.yaml") == 100.0
        assert set(mirror.files) == {"x.yaml"}
    assert mirror.rescan() == (["x.yaml"], []), "what could not be looked at is read"
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda path: Listing([Unsaid(errno.ENOENT)]))
        assert mirror.rescan() == ([], ["x.yaml"])
    assert len(mirror.unread) == 0


def test_a_hinted_path_that_cannot_be_looked_at_is_not_gone(tmp_path: Path, watches: Watches, disk: Disk) -> None:
    write(tmp_path, "x.yaml")
    mirror = Mirror(str(tmp_path), wanted(), watches.watch, watches.forget, clock=lambda: 7.0)
    mirror.check("x.yaml")
    disk.failing["x.yaml"] = disk.failing["new.yaml"] = errno.EIO
    for path in ("x.yaml", "new.yaml"):
        assert not mirror.check(path)
        assert not mirror.is_gone(path)
        assert mirror.unread.since(path) == 7.0
    assert mirror.unread.reasons() == dict.fromkeys(["x.yaml", "new.yaml"], "Input/output error")
    assert set(mirror.files) == {"x.yaml"}
    disk.failing.clear()
    assert not mirror.check("new.yaml")
    assert mirror.is_gone("new.yaml")
    assert mirror.unread.paths() == ["x.yaml"]
    (tmp_path / "x.yaml").unlink()
    assert mirror.rescan() == ([], ["x.yaml"])
    assert mirror.unread.paths() == []


def test_a_folder_that_cannot_be_listed_keeps_its_files_and_is_listed_again(
    tmp_path: Path, watches: Watches, disk: Disk
) -> None:
    for path in ("a/x.yaml", "a/b/y.yaml", "c/z.yaml"):
        write(tmp_path, path)
    now = [100.0]
    clock = lambda: time.time_ns() + LATER_NS  # noqa: E731
    mirror = Mirror(str(tmp_path), wanted(), watches.watch, watches.forget, clock, lambda: now[0])
    mirror.rescan()
    disk.failing["a"] = errno.EIO
    (tmp_path / "c/z.yaml").unlink()
    (tmp_path / "c").rmdir()
    assert mirror.rescan() == ([], ["c/z.yaml"])
    assert mirror.refused == {"a": "Input/output error"}
    assert mirror.unlisted.reasons() == mirror.refused
    assert mirror.unlisted.since("a") == 100.0
    assert "a/b" in mirror.folders and "a/b" not in watches.forgotten
    assert "c" not in mirror.folders and "c" in watches.forgotten
    disk.failing.clear()
    assert mirror.rescan("a") == ([], [])
    assert (mirror.refused, len(mirror.unlisted)) == ({}, 0)


def test_reasons_of_folders_outside_of_the_one_that_is_scanned_stay(tmp_path: Path, mirror: Mirror, disk: Disk) -> None:
    for path in ("a/b/x.yaml", "ab/y.yaml", "c/z.yaml"):
        write(tmp_path, path)
    for path in ("a/b", "ab", "c"):
        disk.failing[path] = errno.EIO
    mirror.rescan()
    disk.failing.clear()
    mirror.rescan("a")
    assert set(mirror.refused) == {"ab", "c"} == set(mirror.unlisted.paths())
    mirror.rescan("c")
    assert set(mirror.refused) == {"ab"} == set(mirror.unlisted.paths())


# File systems that are not mounted any more


@pytest.fixture
def mounted(tmp_path: Path, mirror: Mirror, disk: Disk) -> Mirror:
    """A mirror of `m`, which is on another file system, and of `own`."""
    for path in ("m/x.yaml", "m/in/y.yaml", "own/z.yaml"):
        write(tmp_path, path)
    disk.devices.update({"m": 77, "m/in": 77})
    assert len(mirror.rescan()[0]) == 3
    return mirror


def unmount(root: Path, disk: Disk) -> None:
    """An empty folder of the file system around it in the place of the one that was mounted."""
    os.rename(root / "m", away(root))
    (root / "m").mkdir()
    disk.devices.clear()


@pytest.mark.parametrize("start", ["", "m", "m/in"])
def test_files_of_a_file_system_that_is_not_mounted_are_kept(
    tmp_path: Path, mounted: Mirror, disk: Disk, start: str
) -> None:
    unmount(tmp_path, disk)
    assert mounted.rescan(start) == ([], [])
    assert mounted.refused == {"m": "its file system is not mounted any more"}
    assert set(mounted.files) == {"m/x.yaml", "m/in/y.yaml", "own/z.yaml"}
    assert mounted.rescan(start) == ([], []), "and it stays so"
    assert mounted.refused == {"m": "its file system is not mounted any more"}
    (tmp_path / "m").rmdir()
    os.rename(away(tmp_path), tmp_path / "m")
    disk.devices.update({"m": 77, "m/in": 77})
    assert mounted.rescan() == ([], [])
    assert mounted.refused == {}


def test_a_scan_of_another_folder_does_not_forget_what_was_mounted(tmp_path: Path, mounted: Mirror, disk: Disk) -> None:
    mounted.rescan("own")
    unmount(tmp_path, disk)
    assert mounted.rescan() == ([], [])
    assert mounted.refused == {"m": "its file system is not mounted any more"}


def test_while_it_is_mounted_only_the_folder_that_is_asked_for_is_scanned(
    tmp_path: Path, mounted: Mirror, watches: Watches
) -> None:
    watches.watched.clear()
    write(tmp_path, "m/in/new.yaml")
    assert mounted.rescan("m/in") == (["m/in/new.yaml"], [])
    assert watches.watched == ["m/in"]


def test_a_folder_that_is_gone_with_the_one_above_it_has_no_files(tmp_path: Path, mounted: Mirror) -> None:
    os.rename(tmp_path / "m", away(tmp_path))
    assert mounted.rescan("m/in") == ([], ["m/in/y.yaml"])
    assert mounted.refused == {}


def test_another_file_system_with_files_counts_as_it_is(tmp_path: Path, mounted: Mirror, disk: Disk) -> None:
    unmount(tmp_path, disk)
    write(tmp_path, "m/new.yaml")
    assert mounted.rescan() == (["m/new.yaml"], ["m/in/y.yaml", "m/x.yaml"])
    assert mounted.refused == {}


def test_an_empty_folder_of_which_no_files_are_known_counts_as_it_is(
    tmp_path: Path, mounted: Mirror, disk: Disk
) -> None:
    for path in ("m/x.yaml", "m/in/y.yaml"):
        (tmp_path / path).unlink()
    assert mounted.rescan() == ([], ["m/in/y.yaml", "m/x.yaml"])
    unmount(tmp_path, disk)
    assert mounted.rescan() == ([], [])
    assert mounted.refused == {}


# What is left out


EXPECTED = Filter(
    folder=lambda path: path in ("", "lane", "other", "free"),
    file=lambda path: path.endswith(".yaml"),
    expected=lambda path: path == "lane",
    namesake=lambda path: "lane" if path.lower() == "lane" and path != "lane" else None,
)


def a_file(place: Path) -> None:
    place.write_text("")


def a_link(place: Path) -> None:
    place.symlink_to("nowhere")


def a_link_to_a_folder(place: Path) -> None:
    (place.parent / "target").mkdir()
    place.symlink_to("target")


LINK = "left out, as it is a link, and links are not followed"


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("lane", Path.mkdir, None),
        ("lane", a_file, "left out, as it is not a folder"),
        ("lane", a_link, LINK),
        ("lane", a_link_to_a_folder, LINK),
        ("other", a_file, None),
        ("other", a_link, None),
        ("other", a_link_to_a_folder, LINK),
        ("other", Path.mkdir, None),
        ("unwanted", a_link_to_a_folder, None),
        ("unwanted", a_file, None),
        ("LANE", Path.mkdir, "left out, as it is not named exactly “lane”"),
        ("Lane", a_link_to_a_folder, "left out, as it is not named exactly “lane”"),
        ("Lane", a_file, None),
        ("lane", lambda place: None, None),
    ],
)
def test_what_somebody_may_expect_is_left_out_with_a_reason(
    tmp_path: Path, name: str, make: Callable[[Path], None], reason: str | None
) -> None:
    make(tmp_path / name)
    assert why_left_out(str(tmp_path), name, EXPECTED) == reason
    found = {} if reason is None else {name: reason}
    assert walk(str(tmp_path), EXPECTED).skipped == found
    mirror = Mirror(str(tmp_path), EXPECTED)
    mirror.rescan()
    assert mirror.skipped == found


def test_what_is_left_out_is_checked_path_by_path_too(tmp_path: Path) -> None:
    mirror = Mirror(str(tmp_path), EXPECTED)
    mirror.check_left_out("lane")
    assert mirror.skipped == {}
    (tmp_path / "lane").symlink_to("nowhere")
    mirror.check_left_out("lane")
    assert mirror.skipped == {"lane": LINK}
    (tmp_path / "lane").unlink()
    mirror.check_left_out("lane")
    assert mirror.skipped == {}


def test_by_itself_a_filter_expects_nothing_and_no_other_names(tmp_path: Path) -> None:
    (tmp_path / "lane").write_text("")
    plain = Filter(folder=lambda path: True, file=lambda path: False)
    assert (plain.expected("lane"), plain.namesake("Lane")) == (False, None)
    assert walk(str(tmp_path), plain).skipped == {}
