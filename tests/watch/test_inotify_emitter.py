"""Our emitter: what the kernel says becomes watchdog's events, as it comes, and not more of them than needed."""

from __future__ import annotations

import errno
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.descriptors import open_descriptors
from kit.hints import CollectedHints
from kit.live import eventually
from watchdog import events as watchdog_events
from watchdog.observers.api import EventQueue, ObservedWatch

from llm_service.watch import inotify, inotify_emitter
from llm_service.watch.events import EVENT_FILTER, EventsLost
from llm_service.watch.hints import HintKind
from llm_service.watch.inotify_emitter import InotifyEmitter
from llm_service.watch.observer import RootObserver
from llm_service.watch.scan import Filter, Mirror

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


@pytest.fixture
def hints() -> CollectedHints:
    return CollectedHints()


@pytest.fixture
def observe(tmp_path: Path, hints: CollectedHints) -> Iterator[Callable[[], RootObserver]]:
    (tmp_path / "root/lane").mkdir(parents=True)
    made: list[RootObserver] = []

    def observe() -> RootObserver:
        made.append(RootObserver(str(tmp_path / "root"), lambda path: True, hints))
        made[-1].watch("lane")
        return made[-1]

    yield observe
    for observer in made:
        observer.stop()


@pytest.fixture
def emitter(tmp_path: Path) -> Iterator[InotifyEmitter]:
    """An emitter whose thread does not run: the test says what the kernel said."""
    watch = ObservedWatch(str(tmp_path), recursive=True, event_filter=EVENT_FILTER)
    emitter = InotifyEmitter(EventQueue(), watch, event_filter=EVENT_FILTER, max_watches=7)
    yield emitter
    emitter.stop()


def queued(emitter: InotifyEmitter, *kernel_events: tuple[int, bytes], watch: int | None = None) -> list[Any]:
    """The events that these (mask, name) of one watch, that of the root by default, put into the queue."""
    number = emitter.table._watch_of[""] if watch is None else watch
    emitter.queue_all(iter([(number, mask, name) for mask, name in kernel_events]))
    found: list[Any] = []
    try:
        while True:
            found.append(emitter._events.get_nowait()[0])
    except queue.Empty:
        return found


FOLDER = inotify.ISDIR


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (inotify.CREATE, "FileCreatedEvent"),
        (inotify.MODIFY, "FileModifiedEvent"),
        (inotify.ATTRIB, "FileAttribEvent"),
        (inotify.CLOSE_WRITE, "FileClosedEvent"),
        (inotify.DELETE, "FileDeletedEvent"),
        (inotify.MOVED_FROM, "FileDeletedEvent"),
        (inotify.CREATE | FOLDER, "DirCreatedEvent"),
        (inotify.ATTRIB | FOLDER, "DirAttribEvent"),
        (inotify.DELETE | FOLDER, "DirDeletedEvent"),
        (inotify.MOVED_FROM | FOLDER, "DirDeletedEvent"),
        (inotify.MODIFY | inotify.ATTRIB, "FileModifiedEvent"),  # cut short, which takes its set-user-id bit away
        (inotify.MODIFY | FOLDER, "DirAttribEvent"),  # touch -m
        (inotify.MODIFY | inotify.ATTRIB | FOLDER, "DirAttribEvent"),
    ],
)
def test_each_event_of_the_kernel_is_the_event_of_watchdog_that_says_so(
    emitter: InotifyEmitter, tmp_path: Path, mask: int, expected: str
) -> None:
    assert queued(emitter, (mask, b"x")) == [getattr(watchdog_events, expected)(f"{tmp_path}/x")]


@pytest.mark.parametrize(("mask", "kind"), [(0, "FileMovedEvent"), (FOLDER, "DirMovedEvent")])
def test_what_is_moved_in_has_no_source(emitter: InotifyEmitter, tmp_path: Path, mask: int, kind: str) -> None:
    assert queued(emitter, (inotify.MOVED_TO | mask, b"x")) == [getattr(watchdog_events, kind)("", f"{tmp_path}/x")]


def test_what_happens_in_a_folder_below_has_its_whole_path(emitter: InotifyEmitter, tmp_path: Path) -> None:
    (tmp_path / "lane").mkdir()
    emitter.table.add("lane")
    found = queued(emitter, (inotify.CREATE, b"caf\xe9"), watch=emitter.table._watch_of["lane"])
    assert found == [watchdog_events.FileCreatedEvent(f"{tmp_path}/lane/caf\udce9")]


def test_a_lost_root_and_an_overflow_are_events_about_the_root(emitter: InotifyEmitter, tmp_path: Path) -> None:
    lost = EventsLost(str(tmp_path))
    for mask in (inotify.DELETE_SELF, inotify.MOVE_SELF, inotify.UNMOUNT, inotify.ATTRIB | FOLDER):
        assert queued(emitter, (mask, b"")) == [lost]
    assert queued(emitter, (inotify.OVERFLOW, b""), watch=-1) == [lost]
    assert queued(emitter, (inotify.MODIFY, b"")) == []


def test_of_a_folder_below_its_parent_tells_but_not_of_a_file_system_that_is_unmounted(
    emitter: InotifyEmitter, tmp_path: Path
) -> None:
    (tmp_path / "lane").mkdir()
    emitter.table.add("lane")
    lane = emitter.table._watch_of["lane"]
    for mask in (inotify.DELETE_SELF, inotify.MOVE_SELF, inotify.ATTRIB | FOLDER):
        assert queued(emitter, (mask, b""), watch=lane) == []
    assert queued(emitter, (inotify.UNMOUNT, b""), watch=lane) == [watchdog_events.DirDeletedEvent(f"{tmp_path}/lane")]


def test_a_watch_that_ended_leaves_the_table_and_its_late_events_say_nothing(
    emitter: InotifyEmitter, tmp_path: Path
) -> None:
    (tmp_path / "lane").mkdir()
    emitter.table.add("lane")
    lane = emitter.table._watch_of["lane"]
    assert queued(emitter, (inotify.IGNORED, b""), watch=lane) == []
    assert len(emitter.table) == 1
    assert queued(emitter, (inotify.CREATE, b"x"), watch=lane) == []


def test_of_events_about_one_file_in_a_row_the_last_one_is_queued(emitter: InotifyEmitter, tmp_path: Path) -> None:
    written = [(mask, b"a") for mask in (inotify.CREATE, inotify.ATTRIB, inotify.MODIFY, inotify.CLOSE_WRITE)]
    found = queued(emitter, *written, (inotify.CREATE, b"b"), (inotify.DELETE, b"a"))
    assert found == [
        watchdog_events.FileClosedEvent(f"{tmp_path}/a"),
        watchdog_events.FileCreatedEvent(f"{tmp_path}/b"),
        watchdog_events.FileDeletedEvent(f"{tmp_path}/a"),
    ]


def test_what_says_nothing_does_not_come_between(emitter: InotifyEmitter, tmp_path: Path) -> None:
    found = queued(emitter, (inotify.CREATE, b"a"), (inotify.MODIFY, b""), (inotify.CLOSE_WRITE, b"a"))
    assert found == [watchdog_events.FileClosedEvent(f"{tmp_path}/a")]


def test_what_says_more_than_a_change_is_queued_whatever_follows(emitter: InotifyEmitter, tmp_path: Path) -> None:
    masks = (inotify.DELETE, inotify.CREATE | FOLDER, inotify.CLOSE_WRITE, inotify.MOVED_TO, inotify.MOVED_FROM)
    assert len(queued(emitter, *((mask, b"a") for mask in masks))) == 5
    assert queued(emitter, (inotify.MODIFY, b"a"), (inotify.MOVED_TO, b"a")) == [
        watchdog_events.FileMovedEvent("", f"{tmp_path}/a")
    ]


def test_it_watches_the_root_and_no_more_folders_than_its_share(emitter: InotifyEmitter) -> None:
    assert (len(emitter.table), emitter.table.max_watches) == (1, 7)


def test_a_root_that_is_not_there_is_an_error_and_nothing_stays_open(tmp_path: Path) -> None:
    before = open_descriptors()
    with pytest.raises(FileNotFoundError) as caught:
        InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path / "none"), recursive=True))
    assert caught.value.args == (errno.ENOENT, "the folder is not there")
    assert caught.value.filename == str(tmp_path / "none")
    assert open_descriptors() <= before


def test_a_root_behind_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path / "link"), recursive=True))
    assert queued(emitter, (inotify.CREATE, b"x")) == [watchdog_events.FileCreatedEvent(f"{tmp_path}/real/x")]
    emitter.stop()


def test_only_events_of_the_filter_are_queued(tmp_path: Path) -> None:
    kinds = [watchdog_events.FileCreatedEvent]
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path), recursive=True), event_filter=kinds)
    made = watchdog_events.FileCreatedEvent(f"{tmp_path}/x")
    assert queued(emitter, (inotify.CREATE, b"x"), (inotify.DELETE, b"y")) == [made]
    emitter.stop()


def test_a_read_that_a_signal_interrupts_is_repeated(emitter: InotifyEmitter, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> bytes:
        raise InterruptedError

    monkeypatch.setattr(emitter._queue, "read", interrupted)
    emitter.queue_events(1)
    assert emitter._events.qsize() == 0


def test_an_emitter_that_never_started_can_be_stopped_and_twice(tmp_path: Path) -> None:
    before = open_descriptors()
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path), recursive=True))
    emitter.stop()
    emitter.stop()
    assert open_descriptors() <= before


def test_while_the_observer_does_not_follow_events_wait_in_the_kernels_queue_which_has_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inotify_emitter, "_MAX_QUEUED", 10)
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path), recursive=True))
    reads: list[int] = []
    whole = emitter._queue.read

    def read() -> bytes:
        reads.append(emitter._events.qsize())
        return whole()

    monkeypatch.setattr(emitter._queue, "read", read)
    emitter.start()
    for least in [*range(1, 12), *[11] * 19]:
        (tmp_path / f"{len(list(tmp_path.iterdir()))}").mkdir()
        eventually(lambda least=least: emitter._events.qsize() >= least)
    assert max(reads) <= 10
    held = emitter._events.qsize()
    assert held < 30
    for _ in range(held):  # those behind them come as soon as there is room
        emitter._events.get()
    eventually(lambda: emitter._events.qsize())
    emitter.stop()
    assert not emitter.is_alive()


def test_an_emitter_that_waits_for_the_observer_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inotify_emitter, "_MAX_QUEUED", 0)
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path), recursive=True))
    emitter.start()
    (tmp_path / "x").mkdir()
    eventually(lambda: emitter._events.qsize())
    stopping = threading.Thread(target=emitter.stop)
    stopping.start()
    stopping.join(60)
    assert not emitter.is_alive()


def test_the_queue_is_closed_when_nobody_reads_it_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emitter = InotifyEmitter(EventQueue(), ObservedWatch(str(tmp_path), recursive=True))
    order: list[str] = []
    read, close, began = emitter._queue.read, emitter._queue.close, threading.Event()

    def slow() -> bytes:
        began.set()
        data = read()
        threading.Event().wait(0.1)  # as if the machine were busy just now
        order.append("read")
        return data

    def closing() -> None:
        order.append("closed")
        close()

    monkeypatch.setattr(emitter._queue, "read", slow)
    monkeypatch.setattr(emitter._queue, "close", closing)
    emitter.start()
    assert began.wait(60)
    emitter.stop()
    assert order == ["read", "closed"]


def test_a_flood_is_gathered_and_single_events_are_not(
    emitter: InotifyEmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, pauses = [100.0], []
    monkeypatch.setattr(emitter._queue, "read", lambda: b"")
    monkeypatch.setattr(inotify_emitter.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(inotify_emitter.time, "sleep", pauses.append)
    for _ in range(200):  # one every 2.1 ms: 25 of them take longer than a slot
        now[0] += 0.0021
        emitter.queue_events(1)
    assert pauses == []
    for _ in range(60):
        now[0] += 0.0001
        emitter.queue_events(1)
    assert set(pauses) == {0.002}
    assert 30 <= len(pauses) <= 60


def test_a_flood_is_more_than_twenty_five_reads_in_a_twentieth_of_a_second(
    emitter: InotifyEmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, pauses = [100.0], []
    monkeypatch.setattr(emitter._queue, "read", lambda: b"")
    monkeypatch.setattr(inotify_emitter.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(inotify_emitter.time, "sleep", pauses.append)
    for _ in range(26):
        emitter.queue_events(1)  # from here on they are counted against the clock
    for _ in range(25):
        emitter.queue_events(1)
    assert pauses == []
    now[0] = 100.0499
    emitter.queue_events(1)
    assert len(pauses) == 1
    now[0] = 100.05
    emitter.queue_events(1)
    assert len(pauses) == 1, "a new slot"


# On a real disk, through the observer


def test_a_file_moved_out_of_the_tree_is_told_without_waiting_for_its_other_half(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observe()
    (tmp_path / "root/x.yaml").write_text("a: 1")
    os.rename(tmp_path / "root/x.yaml", tmp_path / "x.yaml")
    hints.wait("x.yaml", HintKind.GONE)


def test_a_folder_whose_time_alone_changes_is_told_and_the_emitter_lives(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observer = observe()
    subprocess.run(["touch", "-m", tmp_path / "root/lane"], check=True)
    hints.wait("lane", HintKind.DIRECTORY)
    assert observer.is_alive()


def test_a_file_cut_short_that_loses_its_set_user_id_bit_is_told_and_the_emitter_lives(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    (tmp_path / "root/x").write_text("x")
    (tmp_path / "root/x").chmod(0o4755)
    observer = observe()
    os.truncate(tmp_path / "root/x", 0)
    hints.wait("x", HintKind.CHANGED)
    assert observer.is_alive()


def test_a_renamed_folder_is_followed_under_its_new_name(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observer = observe()
    os.rename(tmp_path / "root/lane", tmp_path / "root/other")
    hints.wait("other", HintKind.DIRECTORY)
    observer.watch("other")
    observer.forget(["lane"])
    (tmp_path / "root/other/x.yaml").write_text("a: 1")
    hints.wait("other/x.yaml", HintKind.COMPLETE)


def test_a_forgotten_folder_gives_no_more_hints(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observer = observe()
    observer.forget(["lane"])
    (tmp_path / "root/lane/x.yaml").write_text("a: 1")
    (tmp_path / "root/after.yaml").write_text("a: 1")
    hints.wait("after.yaml", HintKind.COMPLETE)
    assert "lane/x.yaml" not in {path for path, _ in hints.pairs()}
    assert observer.watched_folders == 1


def test_a_deleted_folder_frees_its_watch(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observer = observe()
    (tmp_path / "root/lane").rmdir()
    hints.wait("lane", HintKind.DIRECTORY)
    eventually(lambda: observer.watched_folders == 1)
    assert not observer.watch("lane")


def test_a_folder_copied_with_its_content_is_watched_all_the_way_down(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    (tmp_path / "outside/a/b/c").mkdir(parents=True)
    observer = observe()
    everything = Filter(folder=lambda path: True, file=lambda path: path.endswith(".yaml"))
    mirror = Mirror(str(tmp_path / "root"), everything, observer.watch, observer.forget)
    shutil.copytree(tmp_path / "outside", tmp_path / "root/in")
    hints.wait("in", HintKind.DIRECTORY)
    mirror.rescan("in")
    (tmp_path / "root/in/a/b/c/x.yaml").write_text("a: 1")
    hints.wait("in/a/b/c/x.yaml")
    shutil.rmtree(tmp_path / "root/in")
    mirror.rescan("in")
    eventually(lambda: observer.watched_folders == 2)


def test_a_root_that_is_renamed_away_asks_for_a_scan_of_everything(
    observe: Callable[[], RootObserver], tmp_path: Path, hints: CollectedHints
) -> None:
    observe()
    os.rename(tmp_path / "root", tmp_path / "elsewhere")
    hints.wait("", HintKind.EVERYTHING)
