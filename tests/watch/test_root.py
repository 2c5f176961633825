"""A watched root: when it is checked and scanned, what it says about itself, and how it is watched again."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.hints import CollectedHints

from llm_service.watch import root as root_module
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.limits import WatchesExhausted
from llm_service.watch.observer import RootObserver
from llm_service.watch.root import RootChange, WatchedRoot

MODE = "inotify" if sys.platform.startswith("linux") else "native"
Make = Callable[..., WatchedRoot]


def every_folder(path: str) -> bool:
    return True


class Observers:
    """Makes real observers; `problem` is raised instead, if set."""

    def __init__(self) -> None:
        self.made: list[RootObserver] = []
        self.shares: list[int | None] = []
        self.wants: list[Any] = []
        self.sinks: list[Any] = []
        self.problem: Exception | None = None

    def __call__(self, root: str, wants: Any, sink: Any, max_watches: int | None = None) -> RootObserver:
        self.shares.append(max_watches)
        self.wants.append(wants)
        self.sinks.append(sink)
        if self.problem is not None:
            raise self.problem
        self.made.append(RootObserver(root, wants, sink, max_watches))
        return self.made[-1]


@pytest.fixture
def observers() -> Observers:
    return Observers()


@pytest.fixture
def hints() -> CollectedHints:
    return CollectedHints()


@pytest.fixture
def changes() -> list[RootChange]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def make(folder: Path, observers: Observers, hints: CollectedHints, changes: list[RootChange]) -> Iterator[Make]:
    made: list[WatchedRoot] = []

    def make(**options: Any) -> WatchedRoot:
        given = {"make_observer": observers, "on_change": changes.append} | options
        made.append(WatchedRoot(str(folder), every_folder, hints, **given))
        return made[-1]

    yield make
    for root in made:
        root.stop()


def scanned(root: WatchedRoot, now: float, took_s: float = 0.0) -> None:
    root.scan_finished(now, took_s, {})


# When it is checked and scanned


def test_the_first_check_watches_it_and_asks_for_a_scan(make: Make, folder: Path, hints: CollectedHints) -> None:
    root = make()
    assert root.next_check() == float("-inf")
    assert root.check(10.0)
    assert root.mode == MODE
    (folder / "x").write_text("")
    hints.wait("x", HintKind.COMPLETE)


def test_a_scan_is_asked_for_until_there_was_one(make: Make) -> None:
    root = make()
    assert root.check(10.0)
    assert root.check(10.1)
    assert root.next_check() <= 10.1
    scanned(root, 10.2)
    assert not root.check(10.3)


def test_the_identity_is_compared_twice_a_second(make: Make, folder: Path, observers: Observers) -> None:
    root = make()
    root.check(10.0)
    scanned(root, 10.0)
    replace(folder)
    assert not root.check(10.49)
    assert root.next_check() == 10.5
    assert root.check(10.5)
    assert [observer.is_alive() for observer in observers.made] == [False, True]


def test_the_identity_is_compared_at_once_where_that_is_wanted(make: Make, folder: Path) -> None:
    root = make()
    root.check(10.0)
    scanned(root, 10.0)
    replace(folder)
    assert root.check(10.1, at_once=True)
    assert root.next_check() == 10.6 or root.next_check() == pytest.approx(10.6)


def replace(folder: Path) -> None:
    """Another folder in its place, with another inode."""
    (folder.parent / "new").mkdir()
    os.rename(folder, folder.parent / "old")
    os.rename(folder.parent / "new", folder)


def test_it_is_swept_at_the_interval(make: Make) -> None:
    root = make(sweep_interval_s=30)
    root.check(10.0)
    scanned(root, 10.0)
    assert not root.check(39.9)
    assert root.next_check() == 40.0
    assert root.check(40.0)


def test_without_settings_it_is_swept_every_thirty_seconds_and_polled_every_second(make: Make) -> None:
    for polled, seconds in ((False, 30.0), (True, 1.0)):
        root = make(force_polling=polled)
        root.check(0.0)
        scanned(root, 0.0)
        root.check(seconds - 0.125)
        assert root.next_check() == seconds


def test_a_root_that_takes_long_to_scan_is_swept_seldom(make: Make) -> None:
    root = make(sweep_interval_s=30)
    root.check(10.0)
    scanned(root, 10.0, took_s=1.0)
    assert not root.check(309.9)
    assert root.check(310.0)


def test_a_polled_root_is_scanned_at_its_own_interval(make: Make) -> None:
    root = make(sweep_interval_s=30, poll_interval_s=1.0, force_polling=True)
    root.check(10.0)
    scanned(root, 10.0, took_s=0.01)
    assert not root.check(10.9)
    assert root.check(11.0)
    scanned(root, 11.0, took_s=0.5)
    assert not root.check(15.9)
    assert root.check(16.0)


def test_while_a_scan_goes_on_no_other_one_is_due(make: Make) -> None:
    root = make(sweep_interval_s=5)
    root.check(10.0)
    scanned(root, 10.0)
    root.scan_started()
    assert not root.check(100.0)
    assert root.next_check() == 100.5
    scanned(root, 101.0)
    assert root.next_check() == 100.5
    assert not root.check(101.0)
    assert root.check(106.0)


# What it says


def test_a_root_that_is_watched_says_so_and_nothing_else(make: Make, folder: Path, changes: list[RootChange]) -> None:
    root = make()
    assert root.status() == {
        "root": str(folder), "mode": "missing", "last_scan_ms": None, "error": "not checked yet",
    }  # fmt: skip
    root.check(10.0)
    scanned(root, 10.0, took_s=0.012345)
    assert root.status() == {"root": str(folder), "mode": MODE, "last_scan_ms": 12.3}
    assert changes == []


def test_a_failure_of_the_follower_is_shown_and_taken_back(make: Make) -> None:
    root = make()
    root.check(10.0)
    root.fail("the follower met an internal error")
    assert root.status()["error"] == "the follower met an internal error"
    root.fail(None)
    assert "error" not in root.status()


def test_folders_that_cannot_be_listed_are_named_up_to_twenty(make: Make) -> None:
    root = make()
    root.check(10.0)
    root.scan_finished(10.0, 0.0, {f"{number:02}": "Permission denied" for number in range(21)})
    assert list(root.status()["unreadable"]) == [f"{number:02}" for number in range(20)]
    scanned(root, 11.0)
    assert "unreadable" not in root.status()


# Lost and found


def test_a_root_that_is_gone_is_missing_and_scanned_once(
    make: Make, folder: Path, observers: Observers, changes: list[RootChange], caplog: pytest.LogCaptureFixture
) -> None:
    root = make()
    root.check(10.0)
    scanned(root, 10.0)
    folder.rmdir()
    assert root.check(10.5), "what was in it has to go"
    assert not observers.made[0].is_alive()
    scanned(root, 10.5)
    assert not root.check(11.0)
    assert root.status()["error"] == "No such file or directory"
    assert changes == [RootChange(str(folder), "missing", "No such file or directory")]
    assert "is missing: No such file or directory" in caplog.text
    assert root.watch("") is False
    folder.mkdir()
    assert root.check(11.5)
    assert changes[1:] == [RootChange(str(folder), MODE, None)]
    assert "error" not in root.status()


def test_a_root_that_is_missing_from_the_start_is_reported_and_waited_for(
    make: Make, folder: Path, changes: list[RootChange]
) -> None:
    folder.rmdir()
    root = make()
    assert root.check(10.0)
    assert [change.mode for change in changes] == ["missing"]
    scanned(root, 10.0)
    folder.mkdir()
    assert root.check(10.5)
    assert [change.mode for change in changes] == ["missing", MODE]


def test_a_file_is_no_root(make: Make, folder: Path) -> None:
    folder.rmdir()
    folder.write_text("")
    root = make()
    root.check(10.0)
    assert (root.mode, root.reason) == ("missing", "it is not a folder")


def test_an_optional_root_may_be_missing(
    make: Make, folder: Path, changes: list[RootChange], caplog: pytest.LogCaptureFixture
) -> None:
    folder.rmdir()
    root = make(optional=True)
    assert root.status() == {"root": str(folder), "mode": "missing", "last_scan_ms": None}
    root.check(10.0)
    scanned(root, 10.0)
    assert root.status() == {"root": str(folder), "mode": "missing", "last_scan_ms": 0.0}
    folder.mkdir()
    root.check(10.5)
    folder.rmdir()
    root.check(11.0)
    assert (root.mode, changes, caplog.text) == ("missing", [], "")


def test_an_optional_root_that_is_polled_is_reported(make: Make, changes: list[RootChange]) -> None:
    root = make(optional=True, force_polling=True)
    root.check(10.0)
    assert [change.mode for change in changes] == ["polling"]


def test_a_root_may_be_in_another_place_and_the_first_one_that_is_there_counts(make: Make, folder: Path) -> None:
    (folder.parent / "second").mkdir()
    folder.rmdir()
    root = make(alternatives=(str(folder.parent / "none"), str(folder.parent / "second")))
    root.check(10.0)
    assert (root.root, root.mode) == (str(folder.parent / "second"), MODE)
    folder.mkdir()
    root.check(10.5)
    assert root.root == str(folder)
    folder.rmdir()
    (folder.parent / "second").rmdir()
    root.check(11.0)
    assert (root.root, root.reason) == (str(folder), "No such file or directory")


def test_a_root_made_again_with_the_inode_it_had_is_watched_anew(
    make: Make, folder: Path, observers: Observers, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make()
    root.check(10.0)
    scanned(root, 10.0)
    monkeypatch.setattr(observers.made[0], "watch", lambda folder: False)
    assert not root.watch("lane")
    assert not root.check(10.5)
    assert root.watch("") is False
    assert root.check(11.0)
    assert len(observers.made) == 2


def test_an_observer_that_has_ended_is_replaced_after_a_while_and_the_root_is_polled_meanwhile(
    make: Make, observers: Observers, changes: list[RootChange], caplog: pytest.LogCaptureFixture
) -> None:
    root = make(poll_interval_s=1.0)
    root.check(10.0)
    scanned(root, 10.0)
    observers.made[0].stop()
    assert root.check(10.5)
    assert (root.mode, root.status()["error"]) == ("polling", "its observer has ended; it will be started again")
    scanned(root, 10.5)
    assert not root.check(11.4)
    assert root.check(11.5), "polled"
    scanned(root, 40.0)
    assert len(observers.made) == 1
    assert root.check(40.5)
    assert (root.mode, len(observers.made)) == (MODE, 2)
    assert [change.mode for change in changes] == ["polling", MODE]
    text = f"the observer of {root.root} has ended; the folder is polled until it is started again"
    assert text in caplog.messages


def test_stopping_it_stops_the_observer(make: Make, observers: Observers) -> None:
    root = make()
    root.check(10.0)
    root.stop()
    root.stop()
    assert not observers.made[0].is_alive()
    assert root.watch("") is False
    root.forget([""])


# Where it cannot be watched


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (WatchesExhausted(errno.EMFILE, "no inotify queue"), "no more watches: no inotify queue"),
        (WatchesExhausted(), "no more watches: "),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be watched: Permission denied"),
    ],
)
def test_a_root_that_cannot_be_watched_is_polled_and_tried_again_later(
    make: Make, observers: Observers, changes: list[RootChange], problem: OSError, reason: str
) -> None:
    observers.problem = problem
    root = make()
    assert root.check(10.0)
    assert (root.mode, root.reason) == ("polling", reason)
    assert root.watch("") is False
    scanned(root, 10.0)
    observers.problem = None
    root.check(40.0)
    assert root.mode == "polling", "half a minute has not passed"
    assert root.check(40.5)
    assert (root.mode, root.reason) == (MODE, None)
    assert [change.mode for change in changes] == ["polling", MODE]


def test_a_root_that_still_cannot_be_watched_later_is_polled_on(make: Make, observers: Observers) -> None:
    observers.problem = WatchesExhausted(errno.ENOSPC, "none left")
    root = make(poll_interval_s=1e6)
    root.check(10.0)
    scanned(root, 10.0)
    assert not root.check(50.0)
    assert len(observers.shares) == 2
    assert not root.check(50.5)
    assert len(observers.shares) == 2, "the next try is half a minute after this one"


def test_a_root_set_to_be_polled_is_never_watched(make: Make, observers: Observers) -> None:
    root = make(force_polling=True)
    root.check(10.0)
    scanned(root, 10.0)
    root.check(100.0)
    assert (root.mode, root.reason, observers.shares) == ("polling", "polling is set", [])


def test_where_changes_may_not_be_reported_it_is_polled_as_well_as_watched(
    make: Make, folder: Path, hints: CollectedHints, changes: list[RootChange], monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str | None] = ["(fuse) is not reported"]
    asked: list[Any] = []
    monkeypatch.setattr(root_module, "unreported", lambda *arguments: asked.append(arguments) or reasons[0])  # type: ignore[func-returns-value]
    root = make(poll_interval_s=1.0)
    root.check(10.0)
    assert (root.mode, root.reason) == ("polling", "(fuse) is not reported"), "from the start"
    assert asked == [(str(folder), every_folder)]
    scanned(root, 10.0)
    assert (root.mode, root.reason) == ("polling", "(fuse) is not reported")
    assert root.next_check() == 10.5
    root.check(10.5)
    assert root.next_check() == 11.0
    assert root.check(11.0), "polled"
    (folder / "x").write_text("")
    hints.wait("x", HintKind.COMPLETE)
    reasons[0] = None
    scanned(root, 11.0)
    assert (root.mode, root.reason) == (MODE, None), "another file system is mounted there now"
    assert [change.mode for change in changes] == ["polling", MODE]


@pytest.mark.parametrize(("limit", "expected"), [(1000, 750), (None, None)])
def test_it_takes_its_share_of_the_systems_watches(
    make: Make, observers: Observers, monkeypatch: pytest.MonkeyPatch, limit: int | None, expected: int | None
) -> None:
    monkeypatch.setattr(root_module, "watch_limit", lambda: limit)
    make(watch_share=0.75).check(10.0)
    assert (observers.shares, observers.wants) == ([expected], [every_folder])


@pytest.mark.skipif(MODE != "inotify", reason="elsewhere there is no limit")
def test_where_watches_run_out_it_is_polled_until_every_folder_has_one_again(
    make: Make, folder: Path, changes: list[RootChange], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(root_module, "watch_limit", lambda: 2)
    for name in ("a", "b"):
        (folder / name).mkdir()
    root = make()
    root.check(10.0)
    assert root.watch("") and root.watch("a")
    assert root.watch("b") is False
    scanned(root, 10.0)
    text = "no more watches: our share of 2 inotify watches is used up; what is not watched is polled"
    assert (root.mode, root.status()["error"]) == ("polling", text)
    assert root.watch("b") is False
    scanned(root, 11.0)
    assert root.mode == "polling", "this scan met the limit too"
    root.forget(["a"])
    assert root.watch("b")
    scanned(root, 12.0)
    assert (root.mode, root.reason) == (MODE, None)
    assert [change.mode for change in changes] == ["polling", MODE]


def test_after_an_error_of_our_own_it_is_armed_again(make: Make, observers: Observers) -> None:
    observers.problem = RuntimeError("a bug of ours")
    root = make()
    with pytest.raises(RuntimeError):
        root.check(10.0)
    observers.problem = None
    assert root.check(10.5)
    assert root.mode == MODE


# What is not there, and what cannot be read


def test_a_root_is_lost_while_it_is_gone_though_it_should_be_there(make: Make, folder: Path) -> None:
    root, optional = make(), make(optional=True)
    assert (root.is_lost, optional.is_lost) == (False, False), "nothing is known before the first check"
    for one in (root, optional):
        one.check(10.0)
    folder.rmdir()
    assert (root.is_lost, root.is_there()) == (False, False), "it is asked this very moment"
    for one in (root, optional):
        one.check(10.5)
    assert (root.is_lost, optional.is_lost) == (True, False)
    folder.mkdir()
    assert (root.is_lost, root.is_there()) == (True, True)
    root.check(11.0)
    assert not root.is_lost


def test_an_optional_root_whose_file_system_is_not_mounted_is_lost(
    make: Make, folder: Path, changes: list[RootChange], monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = [str(folder)]
    monkeypatch.setattr("llm_service.watch.root_folder.is_mount_point", lambda path: path in mounted)
    root = make(optional=True)
    root.check(10.0)
    mounted.clear()
    replace(folder)
    root.check(10.5)
    assert (root.is_lost, root.mode) == (True, "missing")
    assert root.status()["error"] == "its file system is not mounted any more"
    assert changes == [RootChange(str(folder), "missing", "its file system is not mounted any more")]


def test_a_root_that_leads_out_of_the_workspace_is_refused_and_not_lost(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.watch.root_folder.way_out", lambda path: "/outside")
    root = make()
    root.check(10.0)
    assert (root.mode, root.is_lost, root.is_there()) == ("refused", False, True)
    text = "a link leads out of the workspace, to /outside, and is not followed"
    assert root.status()["error"] == text
    root.set_folders({"lane": "why"}, {})
    assert root.troubles() == [RootChange(str(folder), "refused", text)]


def test_files_and_folders_that_cannot_be_read_are_named(make: Make, folder: Path, changes: list[RootChange]) -> None:
    root = make()
    root.check(10.0)
    root.set_unread({"a.yaml": "Permission denied"})
    text = "files cannot be read now, among them a.yaml (Permission denied); it is tried again"
    assert root.status()["error"] == text
    assert root.troubles() == changes == [RootChange(str(folder), "unreadable", text)]
    root.set_unread({})
    assert root.troubles() == []
    root.set_folders({"lane": "Input/output error"}, {"inbox": "left out"})
    assert root.status()["unreadable"] == {"lane": "Input/output error"}
    assert root.status()["skipped"] == {"inbox": "left out"}
    assert [(change.root, change.mode) for change in root.troubles()] == [
        (f"{folder}/lane", "unreadable"),
        (f"{folder}/inbox", "skipped"),
    ]
    root.fail("an error of our own")
    assert root.troubles()[0] == RootChange(str(folder), MODE, "an error of our own")
    assert len(root.troubles()) == 3
    assert root.status()["error"] == "an error of our own"


def test_what_is_known_of_folders_stays_while_the_root_is_lost_and_goes_with_an_optional_one(
    make: Make, folder: Path
) -> None:
    root, optional = make(), make(optional=True)
    for one in (root, optional):
        one.check(10.0)
        one.scan_finished(10.0, 0.0, {"lane": "why"}, {"inbox": "left out"})
        assert (one.status()["unreadable"], one.status()["skipped"]) == ({"lane": "why"}, {"inbox": "left out"})
    folder.rmdir()
    for one in (root, optional):
        one.check(10.5)
        one.scan_finished(10.5, 0.0, {}, {})
        one.set_folders({"other": "why"}, {})
    assert root.status()["unreadable"] == {"lane": "why"}
    assert "unreadable" not in optional.status()


# A system that does not report what it should


class Silence:
    """A root that is swept every 5 s, with the time of hints set by hand."""

    def __init__(self, root: WatchedRoot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.now = 100.0
        monkeypatch.setattr(root_module.time, "monotonic", lambda: self.now)
        root.check(10.0)
        scanned(root, 10.0)

    def sweep(self, *found: str) -> None:
        assert self.root.check(15.0)
        self.root.scan_found(found)
        scanned(self.root, 15.0)
        self.now += 1.0
        self.root.check(15.5)


@pytest.fixture
def silence(make: Make, monkeypatch: pytest.MonkeyPatch) -> Silence:
    return Silence(make(sweep_interval_s=5.0), monkeypatch)


def test_a_change_that_a_sweep_finds_without_a_hint_makes_it_polled(silence: Silence) -> None:
    silence.sweep("lane/x\n")
    assert silence.root.mode == "polling"
    assert silence.root.reason == r"a change that the system did not report was found (lane/x\x0a)"
    silence.now += 601
    silence.root.check(16.0)
    assert silence.root.mode == MODE


@pytest.mark.parametrize(
    ("kind", "path", "is_reported"),
    [
        (HintKind.COMPLETE, "lane/x", True),
        (HintKind.DIRECTORY, "lane", True),
        (HintKind.COMPLETE, "lane/y", False),
        (HintKind.EVERYTHING, "", True),
    ],
)
def test_a_change_about_which_a_hint_came_is_reported(
    silence: Silence, observers: Observers, hints: CollectedHints, kind: HintKind, path: str, is_reported: bool
) -> None:
    observers.sinks[0](Hint(kind, path))
    hints.wait(path, kind)
    silence.sweep("lane/x")
    assert silence.root.mode == (MODE if is_reported else "polling")


def test_other_scans_than_sweeps_prove_nothing(silence: Silence) -> None:
    silence.root.scan_found(["x"])
    silence.now += 1.0
    silence.root.check(11.0)
    assert silence.root.mode == MODE


def test_where_watches_ran_out_or_nothing_is_watched_a_sweep_proves_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled = Silence(make(sweep_interval_s=5.0, poll_interval_s=5.0, force_polling=True), monkeypatch)
    polled.sweep("x")
    assert polled.root.reason == "polling is set"
    few = Silence(make(sweep_interval_s=5.0, poll_interval_s=5.0), monkeypatch)

    def exhausted(folder: str) -> bool:
        raise WatchesExhausted(errno.ENOSPC, "none left")

    monkeypatch.setattr(few.root._observer, "watch", exhausted)
    assert few.root.watch("lane") is False
    few.sweep("x")
    assert few.root.reason == "no more watches: none left; what is not watched is polled"
    scanned(few.root, 16.0)
    assert few.root.mode == MODE


@pytest.mark.parametrize(("answer", "mode"), [(False, "polling"), (True, MODE), (None, MODE)])
def test_a_system_that_did_not_report_a_change_of_ours_is_polled(
    make: Make, folder: Path, answer: bool | None, mode: str
) -> None:
    asked: list[str] = []
    root = make(probe=lambda path: asked.append(path) or answer)
    root.check(10.0)
    assert (root.mode, asked) == (mode, [str(folder)])
    reason = "a change that we made was not reported within a second" if answer is False else None
    assert root.reason == reason
