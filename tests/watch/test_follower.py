"""What the follower does when something in it fails: the others are still followed, and nothing is untold."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, differences, eventually, fresh

from llm_service.tasks import model as domain
from llm_service.watch.follower import Follower
from llm_service.watch.hints import Hint, HintInbox, HintKind
from llm_service.watch.root import WatchedRoot


def board_of(live: Live) -> dict[str, Any]:
    return {task["id"]: task for task in live.json("/api/snapshot")["tasks"]}


def followed(live: Live) -> Any:
    return live.dashboard.followers[0]._followed


def test_a_file_at_which_our_own_code_fails_is_a_card_and_the_others_go_on(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = domain.summarize

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
    assert differences(board_of(live), fresh(live.root)) == {}
    eventually(lambda: live.json("/health")["status"] == "healthy")


def test_sync_says_when_it_cannot_be_reached_in_time(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.dashboard.followers[0]._barriers, "answer", lambda oldest_pending: None)
    answer = live.get("/api/sync?timeout_ms=50")
    assert (answer.status_code, answer.json()["code"]) == (504, "NOT_IN_SYNC")
    assert len(live.dashboard.followers[0]._barriers) == 0


class Idle:
    """Follows nothing; `turns` are the numbers of hints that came since the turn before."""

    name = "nothing"

    def __init__(self) -> None:
        self.turns: list[int] = []
        self._hints = 0

    def interrupt(self) -> None: ...

    def load(self) -> None: ...

    def hint(self, hint: Hint, now: float) -> None:
        self._hints += 1

    def look_below(self, folder: str) -> None: ...

    def turn(self, now: float) -> bool:
        if self._hints:
            self.turns.append(self._hints)
        self._hints = 0
        return False

    def next_due(self) -> float | None:
        return None

    def open_since(self) -> float | None:
        return None


def test_hints_that_pour_in_are_gathered_and_single_ones_are_not(tmp_path: Path) -> None:
    inbox, idle = HintInbox(), Idle()
    root = WatchedRoot(str(tmp_path), lambda folder: True, inbox.put)
    follower = Follower(idle, root, inbox, gather_s=0.02)
    follower.start()
    for number in range(3):
        inbox.put(Hint(HintKind.COMPLETE, f"single {number}"))
        eventually(lambda expected=number + 1: sum(idle.turns) == expected)
    assert idle.turns == [1, 1, 1]
    for number in range(2_000):
        inbox.put(Hint(HintKind.COMPLETE, str(number)))
        if number % 20 == 0:
            time.sleep(0.001)
    eventually(lambda: sum(idle.turns) == 2_003)
    follower.stop()
    assert max(idle.turns) > 100
