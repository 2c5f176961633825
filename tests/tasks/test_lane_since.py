"""Since when a task is in its lane: what was seen counts, what was not seen is not guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.live import Live, running
from kit.task_files import task

from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.model import key_of_other
from llm_service.tasks.reader import document_of

INBOX, ADA, BOB, DONE = "inbox/t.yaml", "assigned/ada/t.yaml", "assigned/bob/t.yaml", "done/bob/t.yaml"
TIMES = [f"2026-03-10T12:0{minute}:00.000Z" for minute in range(10)]
FIRST = 1_773_144_000.0  # 2026-03-10 12:00 UTC


class Clocked:
    """A board whose clock is at a minute."""

    def __init__(self) -> None:
        self.minute = 0
        self.board = TaskBoard(document_of, 0.0, 0.0, clock=lambda: FIRST + 60 * self.minute)

    def put(self, minute: int, path: str, gone: str | None = None, **fields: str) -> str | None:
        self.minute = minute
        changes = [TaskChange(path, task(path, "t", **fields))]
        if gone is not None:
            changes.append(TaskChange(gone, None))
        self.board.apply(changes, float(minute))
        self.board.expire(float(minute) + 1)
        return self.since()

    def since(self, key: str = "t") -> str | None:
        card = self.board.get(key)
        assert card is not None
        return card.lane_since


def test_a_lane_counts_from_the_arrival_that_was_seen() -> None:
    seen = Clocked()
    assert seen.put(0, INBOX) == TIMES[0]
    assert seen.put(1, INBOX, title="changed") == TIMES[0]
    assert seen.put(2, ADA, gone=INBOX) == TIMES[2]
    assert seen.put(3, BOB, gone=ADA) == TIMES[2]  # another agent, the same lane
    assert seen.put(4, DONE, gone=BOB) == TIMES[4]


def test_what_was_there_at_the_start_came_nobody_knows_when() -> None:
    seen = Clocked()
    seen.board.load({ADA: task(ADA, "t")})
    assert seen.since() is None
    assert seen.put(1, ADA, title="changed") is None
    assert seen.put(2, BOB, gone=ADA) is None
    assert seen.put(3, DONE, gone=BOB) == TIMES[3]


def test_a_record_says_it_if_it_is_about_this_lane() -> None:
    seen = Clocked()
    seen.board.load({ADA: task(ADA, "t")})
    seen.board.recall_lanes({("t", ADA): ("inbox", TIMES[0]), ("t", DONE): ("assigned", TIMES[0])})
    assert seen.since() is None
    seen.board.recall_lanes({("t", ADA): ("assigned", TIMES[1])})
    assert seen.since() == TIMES[1]
    seen.board.recall_lanes({("t", ADA): ("assigned", TIMES[5])})
    assert seen.since() == TIMES[1]


def test_each_file_of_an_id_has_its_own() -> None:
    seen = Clocked()
    seen.put(0, INBOX)
    seen.put(3, DONE)
    assert (seen.since(), seen.since(key_of_other("t", DONE))) == (TIMES[0], TIMES[3])


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Live]:
    """A dashboard that saw a task come and move, and ended."""
    live = running(tmp_path)
    live.write("inbox/t1.yaml")
    live.write("assigned/ada/t2.yaml")
    live.sync()
    (live.root / "assigned/bob").mkdir()
    (live.root / "assigned/ada/t2.yaml").rename(live.root / "assigned/bob/t2.yaml")
    live.sync()
    live.since = {task["id"]: task["lane_since"] for task in live.json("/api/tasks")["tasks"]}  # type: ignore[attr-defined]
    live.stop()
    yield live


def test_it_is_known_after_a_restart(ran: Live) -> None:
    before = ran.since  # type: ignore[attr-defined]
    assert all(before.values())
    again = running(ran.workspace)
    after = {task["id"]: task["lane_since"] for task in again.json("/api/tasks")["tasks"]}
    again.stop()
    # The record is written a moment after the board shows it.
    assert after.keys() == before.keys()
    for name, since in before.items():
        assert abs(_seconds(after[name]) - _seconds(since)) < 5, name


def test_a_move_that_nobody_saw_is_not_dated(ran: Live) -> None:
    (ran.root / "done/bob").mkdir(parents=True)
    (ran.root / "inbox/t1.yaml").rename(ran.root / "done/bob/t1.yaml")
    again = running(ran.workspace)
    known = {task["id"]: task["lane_since"] for task in again.json("/api/tasks")["tasks"]}
    again.stop()
    assert known["t1"] is None
    assert known["t2"] is not None


def _seconds(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
