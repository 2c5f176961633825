"""The table of inotify watches: what is watched, under which name, and how many at most."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.descriptors import open_descriptors

from llm_service.watch import inotify
from llm_service.watch.inotify import InotifyQueue
from llm_service.watch.limits import WatchesExhausted
from llm_service.watch.watch_table import MASK, WatchTable

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


@pytest.fixture
def queue() -> Iterator[InotifyQueue]:
    queue = InotifyQueue()
    yield queue
    queue.close()


@pytest.fixture
def table(queue: InotifyQueue, tmp_path: Path) -> WatchTable:
    for name in ("lane", "kept"):
        (tmp_path / name).mkdir()
    table = WatchTable(queue, os.fsencode(tmp_path))
    assert table.add("")
    return table


def events(queue: InotifyQueue, table: WatchTable, last: Path) -> list[tuple[str | None, int, bytes]]:
    """(folder, mask, name) of all events up to one about a file that is written now."""
    last.write_text("")
    found: list[tuple[str | None, int, bytes]] = []
    while not any(name == last.name.encode() and mask & inotify.CLOSE_WRITE for _, mask, name in found):
        for watch, mask, name in inotify.parse(queue.read()):
            found.append((table.folder_of(watch), mask, name))
            if mask & inotify.IGNORED:
                table.drop(watch)
    return found


def test_a_folder_that_is_added_is_watched_and_counted(queue: InotifyQueue, table: WatchTable, tmp_path: Path) -> None:
    assert table.add("lane")
    assert len(table) == 2
    assert ("lane", inotify.CLOSE_WRITE, b"x") in events(queue, table, tmp_path / "lane/x")


def test_it_is_watched_for_every_way_of_changing_and_not_for_reading() -> None:
    changes = (
        "CREATE", "MODIFY", "ATTRIB", "CLOSE_WRITE", "MOVED_TO", "DELETE", "MOVED_FROM", "DELETE_SELF", "MOVE_SELF",
        "ONLYDIR", "DONT_FOLLOW",
    )  # fmt: skip
    assert sum(getattr(inotify, name) for name in changes) == MASK


def test_the_kernels_numbers_are_those_that_watchdog_has_too() -> None:
    from watchdog.observers.inotify_c import InotifyConstants as constants

    names = {name for name in vars(inotify) if name.isupper() and not name.startswith("_")}
    assert names
    for name in names:
        known_as = "IN_Q_OVERFLOW" if name == "OVERFLOW" else f"IN_{name}"
        assert getattr(inotify, name) == getattr(constants, known_as), name


def test_adding_a_folder_again_changes_nothing(table: WatchTable) -> None:
    assert table.add("lane") and table.add("lane")
    assert len(table) == 2


@pytest.mark.parametrize("what", ["nothing", "file", "link"])
def test_what_is_no_folder_is_not_watched(table: WatchTable, tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "lane")
    assert table.add(what) is False
    assert len(table) == 1


def test_a_renamed_folder_that_is_added_again_has_its_new_name(
    queue: InotifyQueue, table: WatchTable, tmp_path: Path
) -> None:
    table.add("lane")
    os.rename(tmp_path / "lane", tmp_path / "other")
    assert table.add("other")
    table.remove(["lane"])  # the scan of the old name finds it gone; that must not end the watch of the new one
    assert len(table) == 2
    assert ("other", inotify.CLOSE_WRITE, b"x") in events(queue, table, tmp_path / "other/x")


def test_a_folder_made_again_under_the_same_name_is_watched_anew(
    queue: InotifyQueue, table: WatchTable, tmp_path: Path
) -> None:
    table.add("lane")
    os.rename(tmp_path / "lane", tmp_path / "aside")
    (tmp_path / "lane").mkdir()
    assert table.add("lane")
    (tmp_path / "aside/unseen").write_text("")
    seen = events(queue, table, tmp_path / "lane/x")
    assert ("lane", inotify.CLOSE_WRITE, b"x") in seen
    assert b"unseen" not in [name for _, _, name in seen]
    assert len(table) == 2


def test_a_folder_swapped_with_another_keeps_no_wrong_name(
    queue: InotifyQueue, table: WatchTable, tmp_path: Path
) -> None:
    table.add("lane"), table.add("kept")
    os.rename(tmp_path / "lane", tmp_path / "between")
    os.rename(tmp_path / "kept", tmp_path / "lane")
    os.rename(tmp_path / "between", tmp_path / "kept")
    assert table.add("lane") and table.add("kept")
    seen = events(queue, table, tmp_path / "kept/x") + events(queue, table, tmp_path / "lane/y")
    assert ("kept", inotify.CLOSE_WRITE, b"x") in seen
    assert ("lane", inotify.CLOSE_WRITE, b"y") in seen


def test_a_removed_folder_gives_no_more_events(queue: InotifyQueue, table: WatchTable, tmp_path: Path) -> None:
    table.add("lane"), table.add("kept")
    table.remove(["lane", "never added"])
    (tmp_path / "lane/x").write_text("")
    seen = events(queue, table, tmp_path / "kept/after")
    assert b"x" not in [name for _, _, name in seen]
    assert len(table) == 2


def test_a_deleted_folder_leaves_the_table_when_the_kernel_says_so(
    queue: InotifyQueue, table: WatchTable, tmp_path: Path
) -> None:
    table.add("lane")
    (tmp_path / "lane").rmdir()
    events(queue, table, tmp_path / "after")
    assert len(table) == 1
    assert not table.add("lane")


def test_a_watch_that_ended_late_does_not_take_the_new_one_of_that_folder(table: WatchTable, tmp_path: Path) -> None:
    table.add("lane")
    old = table._watch_of["lane"]
    os.rename(tmp_path / "lane", tmp_path / "aside")
    (tmp_path / "lane").mkdir()
    table.add("lane")
    table.drop(old)
    table.drop(12_345)
    assert len(table) == 2
    assert table.folder_of(table._watch_of["lane"]) == "lane"


def test_more_folders_than_our_share_are_refused(table: WatchTable) -> None:
    table.max_watches = 2
    assert table.add("lane")
    with pytest.raises(WatchesExhausted, match="our share of 2 inotify watches is used up") as caught:
        table.add("kept")
    assert caught.value.errno == errno.ENOSPC
    assert table.add("lane"), "a folder that is watched may be added again"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.ENOMEM])
def test_the_systems_limit_is_an_error_of_its_own(
    table: WatchTable, queue: InotifyQueue, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(path: bytes, mask: int) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(queue, "add", refused)
    with pytest.raises(WatchesExhausted, match="inotify watch limit reached") as caught:
        table.add("lane")
    assert caught.value.errno == number


def test_a_queue_that_was_closed_watches_nothing_and_wakes_nobody(tmp_path: Path) -> None:
    queue = InotifyQueue()
    queue.close()
    queue.close()
    queue.wake()
    with open(tmp_path / "opened since", "w"), pytest.raises(OSError, match="Bad file descriptor"):
        queue.add(os.fsencode(tmp_path), inotify.CREATE)


def test_a_woken_queue_reads_nothing_from_then_on(queue: InotifyQueue, tmp_path: Path) -> None:
    queue.add(os.fsencode(tmp_path), inotify.CREATE)
    (tmp_path / "x").write_text("")
    assert queue.read()
    queue.wake()
    assert (queue.read(), queue.read()) == (b"", b"")


def test_a_queue_does_not_outlive_a_program_that_is_started(queue: InotifyQueue) -> None:
    assert not os.get_inheritable(queue._handle)


def test_without_more_descriptors_it_is_an_error_and_nothing_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> tuple[int, int]:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "pipe", refused)
    before = open_descriptors()
    with pytest.raises(OSError, match="Too many open files"):
        InotifyQueue()
    assert open_descriptors() <= before
