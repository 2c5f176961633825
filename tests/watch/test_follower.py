"""What the follower does when something in it fails: the others are still followed, and nothing is untold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, differences, eventually, fresh, said_by_files

from llm_service.errors import NotInSync
from llm_service.tasks import summary
from llm_service.watch.follower import Follower, wait_until_synced
from llm_service.watch.hints import Hint, HintInbox, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.watch.sync import SyncRequest, SyncRequests


def board_of(live: Live) -> dict[str, Any]:
    return {task["id"]: task for task in live.json("/api/snapshot")["tasks"]}


def followed(live: Live) -> Any:
    return live.dashboard.followers[0]._tracker


def test_a_file_at_which_our_own_code_fails_is_a_card_and_the_others_go_on(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = summary.summarize

    def failing(place: Any, document: Any, *more: Any) -> Any:
        if document.get("title") == "poison":
            raise RuntimeError("a bug of ours")
        return whole(place, document, *more)

    monkeypatch.setattr("llm_service.tasks.reader.summarize", failing)
    listener = live.listen()
    live.write("inbox/a.yaml", title="poison")
    live.write("inbox/b.yaml", title="fine")
    listener.first("task.created", id="b")
    live.sync()
    assert board_of(live)["a"]["error"]["code"] == "INTERNAL"
    live.write("inbox/a.yaml", title="healed")
    listener.first("task.updated", id="a", error=None)


def test_after_a_turn_that_failed_everything_is_looked_at_again(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([RuntimeError("a bug of ours")])
    settler = followed(live)._settler
    whole = settler.due

    def failing(now: float, limit: int = 64) -> Any:
        due = whole(now, limit)
        if due:
            for failure in failures:
                raise failure
        return due

    monkeypatch.setattr(settler, "due", failing)
    live.write("inbox/a.yaml")
    eventually(lambda: "a" in board_of(live))
    live.sync()
    assert differences(said_by_files(board_of(live)), fresh(live.root)) == {}
    eventually(lambda: live.json("/health")["status"] == "healthy")


def test_sync_says_when_it_cannot_be_reached_in_time(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.dashboard.followers[0]._sync_requests, "answer", lambda oldest_pending: None)
    answer = live.get("/api/sync?timeout_ms=50")
    assert (answer.status_code, answer.json()["code"]) == (504, "NOT_IN_SYNC")
    assert len(live.dashboard.followers[0]._sync_requests) == 0


class Recorded:
    """Follows nothing, and notes what the follower asked for; what it says can be set."""

    name = "nothing"

    def __init__(self, root: WatchedRoot | None = None) -> None:
        self.calls: list[str] = []
        self.hinted: list[str] = []
        self.turns: list[int] = []
        self.hinted_at: list[float] = []
        self.turned_at: list[float] = []
        self.due: float | None = None
        self.open: float | None = None
        self.failures: list[Exception] = []
        self.may_load_again = threading.Event()
        self.may_load_again.set()
        self.is_busy = False
        self.root = root
        self._hints = 0

    def load(self) -> None:
        if "load" in self.calls:
            assert self.may_load_again.wait(60)
        if self.root is not None:
            self.root.check(time.monotonic())
            self.root.scan_finished(time.monotonic(), 0.0, {})
        self.calls.append("load")
        if self.failures:
            raise self.failures.pop()

    def interrupt(self) -> None:
        self.calls.append("interrupt")

    def hint(self, hint: Hint, now: float) -> None:
        self.hinted.append(hint.path)
        self.hinted_at.append(now)
        self._hints += 1

    def rescan(self, folder: str) -> None:
        self.calls.append(f"scan {folder!r}")

    def turn(self, now: float) -> bool:
        is_busy = self.is_busy
        if self._hints:
            self.turned_at.append(now)
            self.turns.append(self._hints)
        self._hints = 0
        if self.due is not None and self.due <= now:
            self.calls.append("due")
            self.due = None
        return is_busy

    def next_due(self) -> float | None:
        return self.due

    def oldest_pending(self) -> float | None:
        return self.open


@dataclass
class Running:
    """A follower that runs, of a root that nothing but a test sweeps."""

    followed: Recorded
    root: WatchedRoot
    inbox: HintInbox
    follower: Follower


Run = Callable[..., Running]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made: list[Follower] = []

    def run(gather_s: float = 0.0, failures: Sequence[Exception] = (), may_load_again: bool = True) -> Running:
        inbox = HintInbox()
        root = WatchedRoot(str(tmp_path), lambda folder: True, lambda hint: None, sweep_interval_s=3_600)
        followed = Recorded(root)
        followed.failures = list(failures)
        if not may_load_again:
            followed.may_load_again.clear()
        made.append(Follower(followed, root, inbox, gather_s=gather_s))
        made[-1].start()
        eventually(lambda: "load" in followed.calls)
        return Running(followed, root, inbox, made[-1])

    yield run
    for follower in made:
        follower.stop()


def test_it_loads_once_and_hands_on_hints_in_order(run: Run) -> None:
    running = run()
    for path in ("b", "a"):
        running.inbox.put(Hint(HintKind.COMPLETE, path))
    eventually(lambda: len(running.followed.hinted) == 2)
    assert running.followed.hinted == ["b", "a"]
    eventually(lambda: sum(running.followed.turns) == 2)
    assert set(running.followed.hinted_at) == set(running.followed.turned_at), "a turn has one time"
    assert running.followed.calls == ["load"]
    assert running.follower.root == running.root.root


def test_a_hint_at_everything_is_a_scan_of_everything_once(run: Run) -> None:
    running = run()
    running.inbox.put(Hint(HintKind.EVERYTHING))
    eventually(lambda: "scan ''" in running.followed.calls)
    running.inbox.put(Hint(HintKind.COMPLETE, "after"))
    eventually(lambda: running.followed.hinted)
    assert (running.followed.calls, running.followed.hinted) == (["load", "scan ''"], ["after"])


def test_what_is_due_without_a_hint_is_done_in_time(run: Run) -> None:
    running = run()
    running.followed.due = time.monotonic() + 0.05
    running.inbox.wake()
    eventually(lambda: "due" in running.followed.calls)


def test_loading_that_failed_is_tried_again_and_said_meanwhile(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    running = run(failures=[RuntimeError("a bug of ours")], may_load_again=False)
    eventually(lambda: "error" in running.follower.status())
    reason = "the follower met an internal error; see the log"
    assert running.follower.status()["error"] == reason
    assert [trouble.reason for trouble in running.follower.troubles()] == [reason]
    running.followed.may_load_again.set()
    eventually(lambda: running.followed.calls.count("load") == 2)
    eventually(lambda: "error" not in running.follower.status())
    eventually(lambda: "scan ''" in running.followed.calls)
    assert caplog.messages == ["a turn of the nothing follower failed; everything is scanned again"]
    assert "RuntimeError: a bug of ours" in caplog.text


def test_a_request_to_be_in_sync_scans_and_waits_for_what_is_pending(run: Run) -> None:
    running = run()
    running.followed.open = 0.0
    request = running.follower.request_sync()
    eventually(lambda: "scan ''" in running.followed.calls)
    running.inbox.wake()
    assert not request.reached.wait(0.05)
    running.followed.open = None
    running.inbox.wake()
    assert request.reached.wait(60)
    assert running.followed.calls.count("scan ''") == 1


def test_a_request_to_be_in_sync_checks_the_root_itself_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    running = run()
    checks: list[bool] = []
    monkeypatch.setattr(running.root, "check", lambda now, at_once: checks.append(at_once))
    request = running.follower.request_sync()
    assert request.reached.wait(60)
    assert checks.count(True) == 1


def test_what_is_checked_without_a_hint_has_no_lag(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    running = run()
    running.followed.is_busy = True
    running.followed.due = 0.0
    running.inbox.wake()
    eventually(lambda: "due" in running.followed.calls)
    running.followed.is_busy = False
    running.inbox.put(Hint(HintKind.COMPLETE, "after"))
    eventually(lambda: running.followed.hinted)
    assert running.follower.status()["lag_ms"] is None  # none that could be measured
    assert caplog.messages == []


def test_a_request_that_is_cancelled_is_no_longer_waited_for(run: Run) -> None:
    running = run()
    running.followed.open = 0.0
    request = running.follower.request_sync()
    running.follower.cancel(request)
    assert len(running.follower._sync_requests) == 0


@pytest.mark.parametrize(("due", "timeout_s"), [(99.0, 0.0), (100.25, 0.25), (None, 0.5), (200.0, 0.5)])
def test_it_waits_for_hints_until_something_is_due_or_the_root_is_to_be_checked(
    tmp_path: Path, due: float | None, timeout_s: float
) -> None:
    root = WatchedRoot(str(tmp_path), lambda folder: True, lambda hint: None, force_polling=True)
    root.check(100.0)
    root.scan_finished(100.0, 0.0, {})
    followed = Recorded(root)
    followed.due = due
    assert Follower(followed, root, HintInbox(), clock=lambda: 100.0)._timeout() == timeout_s


def test_in_a_flood_it_does_not_wait_for_further_hints_after_the_pause(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = run(gather_s=0.001)
    monkeypatch.setattr(running.follower._flood, "is_flooded", lambda count, now: True)
    waits: list[float] = []
    take = running.inbox.take
    monkeypatch.setattr(running.inbox, "take", lambda timeout_s: waits.append(timeout_s) or take(timeout_s))  # type: ignore[func-returns-value]
    for path in ("a", "b", "c"):
        running.inbox.put(Hint(HintKind.COMPLETE, path))
        eventually(lambda path=path: path in running.followed.hinted)
    assert waits.count(0) >= 2
    assert None not in waits


def test_a_request_and_the_end_are_noticed_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    running = run()
    wakes: list[bool] = []
    monkeypatch.setattr(running.inbox, "wake", lambda: wakes.append(True))
    running.follower.request_sync()
    assert len(wakes) == 1
    running.follower.stop()
    assert len(wakes) == 2


def test_the_lag_is_that_of_the_oldest_hint_of_a_turn_in_which_something_was_checked(run: Run) -> None:
    running = run()
    turn, is_busy = running.followed.turn, [False]

    def busy_with_hints(now: float) -> bool:
        busy = is_busy[0] and running.followed._hints > 0
        turn(now)
        return busy

    running.followed.turn = busy_with_hints  # type: ignore[method-assign]
    running.inbox.put(Hint(HintKind.COMPLETE, "idle", at=time.monotonic() - 7_000))
    eventually(lambda: running.followed.turns)
    assert (running.follower.status()["lag_ms"], running.follower.lags.sum_ms) == (None, 0)
    is_busy[0] = True
    now = time.monotonic()
    running.inbox.put(Hint(HintKind.COMPLETE, "a", at=now - 3))
    eventually(lambda: running.follower.lags.sum_ms)
    assert 3_000 <= running.follower.last_lag_ms < 6_900_000
    assert running.follower.status()["lag_ms"] == round(running.follower.last_lag_ms, 1)
    assert running.follower.lags.sum_ms >= running.follower.last_lag_ms


def test_stopping_interrupts_what_goes_on_and_frees_the_watches(run: Run) -> None:
    running = run()
    observer = running.root._observer
    assert observer is not None and observer.is_alive()
    running.follower.stop()
    assert running.followed.calls == ["load", "interrupt"]
    assert not observer.is_alive()
    assert not running.follower._thread.is_alive()


def test_a_follower_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    inbox = HintInbox()
    Follower(Recorded(), WatchedRoot(str(tmp_path), lambda folder: True, inbox.put), inbox).stop()


def test_hints_that_pour_in_are_gathered_and_single_ones_are_not(run: Run) -> None:
    running = run(gather_s=0.5)
    turns, inbox = running.followed.turns, running.inbox
    for number in range(3):
        inbox.put(Hint(HintKind.COMPLETE, f"single {number}"))
        eventually(lambda expected=number + 1: sum(turns) == expected)
    assert turns == [1, 1, 1]
    for number in range(2_000):
        inbox.put(Hint(HintKind.COMPLETE, str(number)))
        if number % 20 == 0:
            time.sleep(0.001)
    eventually(lambda: sum(turns) == 2_003)
    assert max(turns) > 100


def test_its_thread_is_named_after_what_it_follows_and_ends_with_the_process(run: Run) -> None:
    thread = run().follower._thread
    assert (thread.name, thread.daemon) == ("nothing follower", True)


# Waiting for several followers


class Asked:
    """Stands for a follower that answers at once, or when it is told to."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.requests = SyncRequests()

    def request_sync(self) -> SyncRequest:
        request = self.requests.add()
        if self.answers:
            request.reached.set()
        return request

    def cancel(self, request: SyncRequest) -> None:
        self.requests.remove(request)


def test_waiting_for_all_asks_all_and_leaves_no_request_behind() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=True)]
    wait_until_synced(followers, 5)
    assert [len(follower.requests) for follower in followers] == [0, 0]


def test_waiting_ends_with_an_error_when_the_time_is_over() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=False)]
    with pytest.raises(NotInSync, match=r"^Not everything written before the call was applied within 0\.05 s\.$"):
        wait_until_synced(followers, 0.05)
    assert [len(follower.requests) for follower in followers] == [0, 0]


def test_the_time_is_one_for_all_of_them() -> None:
    waits: list[float] = []

    class Counted(threading.Event):
        """Says how long it was waited for."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            now[0] += 0.75
            return True

    now = [100.0]
    followers: list[Any] = [Asked(answers=True) for _ in range(3)]
    for follower in followers:
        follower.request_sync = lambda: SyncRequest(reached=Counted())
    wait_until_synced(followers, 1.0, clock=lambda: now[0])
    assert waits == [1.0, 0.25, 0.0]


def test_the_scan_for_a_request_waits_for_hints_on_their_way(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.watch.follower._HINTS_FIRST_S", 60.0)
    running = run()
    is_behind = [True]
    monkeypatch.setattr(running.root, "is_behind", lambda: is_behind[0])
    waits: list[float] = []
    take = running.inbox.take
    monkeypatch.setattr(running.inbox, "take", lambda timeout_s: waits.append(timeout_s) or take(timeout_s))  # type: ignore[func-returns-value]
    request = running.follower.request_sync()
    asked = len(waits)  # one more may have been worked out before
    eventually(lambda: len(waits) >= asked + 3)
    assert max(waits[asked + 1 :]) <= 0.005
    assert "scan ''" not in running.followed.calls
    running.inbox.put(Hint(HintKind.COMPLETE, "late"))
    eventually(lambda: running.followed.hinted)
    assert running.followed.calls == ["load"]
    is_behind[0] = False
    assert request.reached.wait(60)
    assert running.followed.calls.count("scan ''") == 1


def test_hints_in_the_inbox_are_on_their_way_and_a_request_asks_for_them_soon(tmp_path: Path) -> None:
    root = WatchedRoot(str(tmp_path), lambda folder: True, lambda hint: None, force_polling=True)
    root.check(100.0)
    root.scan_finished(100.0, 0.0, {})
    inbox = HintInbox()
    follower = Follower(Recorded(root), root, inbox, clock=lambda: 100.0)
    assert (follower._is_behind(), follower._timeout()) == (False, 0.5)
    inbox.put(Hint(HintKind.COMPLETE, "a"))
    assert follower._is_behind()
    request = follower.request_sync()
    assert request.scan_by == 101.0
    assert follower._timeout() == pytest.approx(0.005)
