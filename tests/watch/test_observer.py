"""Watching real folders: with our emitter and with watchdog's own, the same hints come for every kind of change."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.descriptors import open_descriptors
from kit.hints import CollectedHints
from kit.live import eventually
from kit.model_runs import WatchdogsOwnObserver
from watchdog.observers.api import BaseObserver, EventEmitter

from llm_service.watch import observer as observer_module
from llm_service.watch.events import EVENT_FILTER
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.inotify import CREATE, InotifyQueue
from llm_service.watch.inotify_emitter import InotifyEmitter
from llm_service.watch.limits import WatchesExhausted
from llm_service.watch.observer import RootObserver

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
Observe = Callable[..., RootObserver]


@pytest.fixture
def hints() -> CollectedHints:
    return CollectedHints()


@pytest.fixture(params=[RootObserver, WatchdogsOwnObserver], ids=["ours", "watchdog's own"])
def observe(request: pytest.FixtureRequest, tmp_path: Path, hints: CollectedHints) -> Iterator[Observe]:
    """Make an observer of `tmp_path/root`, where there is a folder `lane`."""
    (tmp_path / "root/lane").mkdir(parents=True)
    made: list[RootObserver] = []

    def observe(**options: int) -> RootObserver:
        made.append(request.param(str(tmp_path / "root"), lambda path: "ignored" not in path, hints, **options))
        made[-1].watch("lane")
        return made[-1]

    yield observe
    for observer in made:
        observer.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def test_a_file_written_and_closed_gives_a_complete_hint(observe: Observe, root: Path, hints: CollectedHints) -> None:
    observe()
    (root / "lane/x.yaml").write_text("a: 1")
    hints.wait("lane/x.yaml", HintKind.COMPLETE)


def test_a_file_renamed_into_place_gives_a_complete_hint(observe: Observe, root: Path, hints: CollectedHints) -> None:
    observe()
    (root / "lane/tmp").write_text("a: 1")
    os.rename(root / "lane/tmp", root / "lane/x.yaml")
    hints.wait("lane/x.yaml", HintKind.COMPLETE)
    hints.wait("lane/tmp", HintKind.GONE)


def test_a_deleted_file_gives_a_gone_hint(observe: Observe, root: Path, hints: CollectedHints) -> None:
    (root / "lane/x.yaml").write_text("a: 1")
    observe()
    (root / "lane/x.yaml").unlink()
    hints.wait("lane/x.yaml", HintKind.GONE)


def test_a_file_whose_rights_change_gives_a_hint(observe: Observe, root: Path, hints: CollectedHints) -> None:
    (root / "lane/x.yaml").write_text("a: 1")
    observe()
    (root / "lane/x.yaml").chmod(0o600)
    hints.wait("lane/x.yaml", HintKind.CHANGED)


def test_a_new_folder_gives_a_directory_hint_and_can_be_watched(
    observe: Observe, root: Path, hints: CollectedHints
) -> None:
    observer = observe()
    (root / "lane/new").mkdir()
    hints.wait("lane/new", HintKind.DIRECTORY)
    assert observer.watch("lane/new")
    (root / "lane/new/x.yaml").write_text("a: 1")
    hints.wait("lane/new/x.yaml")


def test_a_folder_renamed_gives_a_directory_hint_for_both_names(
    observe: Observe, root: Path, hints: CollectedHints
) -> None:
    observe()
    os.rename(root / "lane", root / "other")
    hints.wait("lane", HintKind.DIRECTORY)
    hints.wait("other", HintKind.DIRECTORY)


def test_a_folder_whose_rights_change_gives_a_directory_hint(
    observe: Observe, root: Path, hints: CollectedHints
) -> None:
    observe()
    (root / "lane").chmod(0o700)
    hints.wait("lane", HintKind.DIRECTORY)


def test_a_folder_that_is_not_wanted_is_a_path_like_another(
    observe: Observe, root: Path, hints: CollectedHints
) -> None:
    observe()
    (root / "ignored").mkdir()
    (root / "lane/after.yaml").write_text("a: 1")
    hints.wait("lane/after.yaml")
    assert ("ignored", HintKind.CHANGED) in hints.pairs()
    assert ("ignored", HintKind.DIRECTORY) not in hints.pairs()


def test_losing_the_root_asks_for_a_scan_of_everything(observe: Observe, tmp_path: Path, hints: CollectedHints) -> None:
    observe()
    (tmp_path / "root/lane").rmdir()
    (tmp_path / "root").rmdir()
    hints.wait("", HintKind.EVERYTHING)


def test_a_stopped_observer_gives_no_more_hints_and_leaves_no_thread_and_no_descriptor(
    observe: Observe, root: Path, hints: CollectedHints
) -> None:
    threads, handles = set(threading.enumerate()), open_descriptors()
    observer = observe()
    assert observer.is_alive()
    observer.stop()
    (root / "x.yaml").write_text("a: 1")
    eventually(lambda: set(threading.enumerate()) <= threads)
    assert open_descriptors() <= handles
    assert (hints.hints, observer.is_alive()) == ([], False)


def test_hints_that_wait_when_it_is_stopped_are_not_given(observe: Observe, hints: CollectedHints) -> None:
    observer = observe()
    observer.stop()
    observer._give(hints)  # type: ignore[arg-type]  # what the observer's thread would do a moment later
    assert hints.hints == []


@linux_only
def test_on_linux_our_emitter_runs_under_a_plain_observer_of_watchdog(root: Path, hints: CollectedHints) -> None:
    root.mkdir()
    observer = RootObserver(str(root), lambda path: True, hints)
    assert type(observer._observer) is BaseObserver
    assert [type(emitter) for emitter in observer._observer.emitters] == [InotifyEmitter]
    assert (observer.mode, observer.watched_folders) == ("inotify", 1)
    observer.stop()


def test_watchdogs_own_emitter_counts_no_folders(observe: Observe, root: Path) -> None:
    observer = observe()
    assert (observer.mode, observer.watched_folders) in (("inotify", 2), ("native", None))


def test_what_we_use_of_watchdog_is_there() -> None:
    """The guard of the seam: a new watchdog that changes one of these is noticed here before anywhere else."""
    emitter_options = EventEmitter.__init__.__kwdefaults__
    assert {"timeout", "event_filter"} == set(emitter_options)
    for name in ("queue_event", "queue_events", "on_thread_start", "on_thread_stop", "should_keep_running", "stop"):
        assert callable(getattr(EventEmitter, name)), name
    for name in ("schedule", "unschedule_all", "stop", "join", "is_alive"):
        assert callable(getattr(BaseObserver, name)), name
    for name in ("emitters", "event_queue"):
        assert isinstance(getattr(BaseObserver, name), property), name


@linux_only
@pytest.mark.parametrize("problem", [NotImplementedError, TypeError, AttributeError])
def test_where_our_emitter_cannot_be_used_watchdogs_own_is(
    root: Path,
    hints: CollectedHints,
    problem: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(self: InotifyQueue) -> None:
        raise problem("not here")

    monkeypatch.setattr(InotifyQueue, "__init__", failing)
    root.mkdir()
    observer = RootObserver(str(root), lambda path: True, hints)
    assert observer.mode == "native"
    (record,) = caplog.records
    assert record.getMessage() == "our inotify emitter cannot be used; watchdog's own is used instead"
    assert record.exc_info is not None and record.exc_info[0] is problem
    (root / "x.yaml").write_text("a: 1")
    hints.wait("x.yaml", HintKind.COMPLETE)
    assert observer.watch("anything")
    observer.forget(["anything"])
    observer.stop()


@linux_only
def test_without_any_queue_left_it_is_said_and_watchdog_is_not_tried(
    root: Path, hints: CollectedHints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(self: InotifyQueue) -> None:
        raise OSError(errno.EMFILE, "no inotify queue")

    monkeypatch.setattr(InotifyQueue, "__init__", exhausted)
    root.mkdir()
    with pytest.raises(WatchesExhausted, match="no inotify queue") as caught:
        RootObserver(str(root), lambda path: True, hints)
    assert caught.value.errno == errno.EMFILE


def test_without_any_thread_left_it_is_an_error_and_nothing_stays_open(
    observe: Observe, hints: CollectedHints, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe().stop()  # what is imported and opened once for all
    handles = open_descriptors()
    start = threading.Thread.start

    def failing(self: threading.Thread) -> None:
        if isinstance(self, BaseObserver):
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", failing)
    with pytest.raises(OSError, match="can't start new thread") as caught:
        observe()
    assert caught.value.errno == errno.EAGAIN
    eventually(lambda: len(open_descriptors() - handles) <= 3)  # watchdog's own keeps its shared descriptor


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_observer_one_of_whose_threads_has_died_says_so(observe: Observe, root: Path) -> None:
    observer = observe()

    def failing(hint: object) -> None:
        raise RuntimeError("a bug of ours")

    observer._sink = failing
    (root / "lane/x.yaml").write_text("a: 1")
    eventually(lambda: not observer.is_alive())
    assert not observer._observer.is_alive()


def test_watchdog_is_asked_for_the_events_of_which_hints_are_made(observe: Observe) -> None:
    (emitter,) = observe()._observer.emitters
    assert emitter.watch.event_filter == frozenset(EVENT_FILTER)


@linux_only
def test_an_observer_whose_emitter_has_ended_says_so(root: Path, hints: CollectedHints) -> None:
    root.mkdir()
    observer = RootObserver(str(root), lambda path: True, hints)
    (emitter,) = observer._observer.emitters
    emitter.stop()
    assert (observer._observer.is_alive(), observer.is_alive()) == (True, False)
    observer.stop()


ELSEWHERE = """
import ctypes, select, sys, threading, warnings
sys.platform = "win32"  # watchdog then finds no emitter that works here and polls
sys.modules["watchdog.observers.inotify"] = None
sys.modules["watchdog.observers.inotify_c"] = None
del select.poll
def refused(*arguments, **options): raise OSError("not on this system")
ctypes.CDLL = refused
warnings.simplefilter("ignore")
import llm_service.watch.follower, llm_service.watch.tail
from llm_service.watch.observer import RootObserver
from watchdog.observers.polling import PollingObserver
came = threading.Event()
observer = RootObserver(sys.argv[1], lambda path: True, lambda hint: hint.path == "x.yaml" and came.set())
assert isinstance(observer._observer, PollingObserver), observer._observer
open(sys.argv[1] + "/x.yaml", "w").close()
assert came.wait(60) and observer.mode == "native"
observer.stop()
"""


def test_where_there_is_no_inotify_nothing_of_it_is_needed(tmp_path: Path) -> None:
    source = str(Path(observer_module.__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


@linux_only
def test_an_observer_is_behind_until_its_last_hint_was_given(root: Path) -> None:
    root.mkdir()
    may_go_on, is_giving = threading.Event(), threading.Event()

    def give(hint: Hint) -> None:
        is_giving.set()
        may_go_on.wait(60)

    observer = RootObserver(str(root), lambda path: True, give)
    try:
        assert not observer.is_behind()
        (root / "a").write_text("a")
        assert is_giving.wait(60)
        assert observer.is_behind(), "this very hint is not given yet"
        may_go_on.set()
        eventually(lambda: not observer.is_behind())
    finally:
        may_go_on.set()
        observer.stop()


@linux_only
def test_what_waits_in_the_kernel_counts() -> None:
    queue = InotifyQueue()
    try:
        with tempfile.TemporaryDirectory() as folder:
            queue.add(os.fsencode(folder), CREATE)
            assert not queue.has_events()
            Path(folder, "a").touch()
            assert queue.has_events()
            queue.read()
            assert not queue.has_events()
    finally:
        queue.close()
    assert not queue.has_events()
