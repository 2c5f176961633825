"""The lane changes that were seen, so that a task's history outlives a restart."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..database.database import History
from ..times import iso_time
from .events import TaskAssigned, TaskCompleted, TaskCreated, TaskEvent, TaskMoved, TaskRemoved


@dataclass(frozen=True, slots=True)
class LaneChange:
    """A task came from one lane (None: it was new) into another (None: it was removed)."""

    task_id: str
    time: str
    previous_lane: str | None
    lane: str | None
    agent: str | None
    path: str


RECORDED = (TaskCreated, TaskAssigned, TaskCompleted, TaskMoved, TaskRemoved)
"""The events that change a lane."""


class LaneHistory:
    """Lane changes in the history database."""

    def __init__(self, history: History) -> None:
        self._history = history

    def on_event(self, event: TaskEvent) -> None:
        """Record the lane change that one of the `RECORDED` events announces."""
        lane = None if isinstance(event, TaskRemoved) else event.lane
        now = iso_time(time.time())
        self.record([LaneChange(event.task.id, now, event.previous_lane, lane, event.agent, event.path)])

    def record(self, changes: Sequence[LaneChange]) -> None:
        """Queue lane changes for writing; what cannot be written is counted in the database's `dropped`."""
        if changes:
            rows = [(c.task_id, c.time, c.previous_lane, c.lane, c.agent, c.path) for c in changes]
            self._history.later(lambda connection: _insert(connection, rows), loss=len(rows))

    def of(self, task_id: str, limit: int = 100) -> list[LaneChange]:
        """The last lane changes of a task, oldest first. Raises HistoryUnavailable."""
        with self._history.reading() as connection:
            rows = connection.execute(
                "SELECT task_id, time, previous_lane, lane, agent, path FROM lane_changes"
                " WHERE task_id = ? ORDER BY id DESC LIMIT ?",
                (task_id, limit),
            ).fetchall()
        return [LaneChange(*row) for row in reversed(rows)]


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[str | None, ...]]) -> None:
    connection.executemany(
        "INSERT INTO lane_changes (task_id, time, previous_lane, lane, agent, path) VALUES (?, ?, ?, ?, ?, ?)", rows
    )
