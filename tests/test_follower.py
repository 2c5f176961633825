"""What the follower does when something in it fails: the others are still followed, and nothing is untold."""

from __future__ import annotations

from typing import Any

import pytest
from support import Live, differences, eventually, fresh

from llm_service.domain import tasks as domain


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

    monkeypatch.setattr("llm_service.sources.tasks.summarize", failing)
    listener = live.listen()
    live.write("inbox/a.yaml", title="poison")
    live.write("inbox/b.yaml", title="fine")
    listener.first("task.created", id="b")
    live.sync()
    assert board_of(live)["a"]["error"]["code"] == "INTERNAL"
    live.write("inbox/a.yaml", title="healed")
    assert listener.first("task.updated", id="a")["task"]["error"] is None


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
    monkeypatch.setattr(live.dashboard.followers[0], "_answer_barriers", lambda: None)
    answer = live.get("/api/sync?timeout_ms=50")
    assert (answer.status_code, answer.json()["code"]) == (504, "NOT_IN_SYNC")
    assert live.dashboard.followers[0]._barriers == []
