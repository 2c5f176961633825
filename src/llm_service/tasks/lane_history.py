"""Records lane changes in the database, because files do not contain them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ..database.database import Database
from ..errors import HistoryUnavailable
from ..times import iso_time
from .events import TaskAssigned, TaskCompleted, TaskCreated, TaskEvent, TaskMoved, TaskRemoved

_MOST_ROWS = 20_000
"""How many changes of an id are searched for those of one of its files."""

_OPEN_S = 1.0
"""So long the board waits for the database when all else is loaded."""


@dataclass(frozen=True, slots=True)
class LaneChange:
    """A task moved from one lane (None: it was new) to another (None: it was removed).

    `previous_path` is where its file was before, None if it was nowhere or that was not recorded.
    """

    task_id: str
    time: str
    previous_lane: str | None
    lane: str | None
    agent: str | None
    path: str
    previous_path: str | None = None


LANE_EVENTS = (TaskCreated, TaskAssigned, TaskCompleted, TaskMoved, TaskRemoved)
"""The events that change a lane."""


class LaneHistory:
    """Lane changes in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_event(self, event: TaskEvent) -> None:
        """Record the lane change of one of the `LANE_EVENTS`."""
        lane = None if isinstance(event, TaskRemoved) else event.lane
        now = iso_time(time.time())
        change = LaneChange(event.task.id, now, event.previous_lane, lane, event.agent, event.path, event.previous_path)
        self.record([change])

    def record(self, changes: Sequence[LaneChange]) -> None:
        """Queue lane changes for writing; those that cannot be written are counted in the database's `dropped`."""
        if changes:
            rows = [(c.task_id, c.time, c.previous_lane, c.lane, c.agent, c.path, c.previous_path) for c in changes]
            self._database.write_later(lambda connection: _insert(connection, rows), loss=len(rows))

    def arrivals(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(id, path) -> (lane, time): when each file that is still somewhere came to its lane, as far as recorded; {}
        if the database cannot be read within a second."""
        if not self._database.wait_open(_OPEN_S):
            return {}
        found: dict[tuple[str, str], tuple[str, str]] = {}
        with suppress(HistoryUnavailable), self._database.read_transaction() as connection:
            for task_id, path, previous_path, lane, at in connection.execute(
                "SELECT task_id, path, previous_path, lane, time FROM lane_changes ORDER BY id"
            ):
                before = found.pop((task_id, previous_path or path), None)
                if lane is not None:
                    # From one agent to another it stays in its lane.
                    found[task_id, path] = before if before is not None and before[0] == lane else (lane, at)
        return found

    def changes_of(self, task_id: str, path: str | None, limit: int = 100) -> list[LaneChange]:
        """The last lane changes of the file of a task that was last seen at `path`, oldest first; of the file with the
        last one if the path is None. Raises HistoryUnavailable."""
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT task_id, time, previous_lane, lane, agent, path, previous_path FROM lane_changes"
                " WHERE task_id = ? ORDER BY id DESC LIMIT ?",
                (task_id, _MOST_ROWS),
            )
            found = list(islice(_of_file((LaneChange(*row) for row in rows), path), limit))
        return found[::-1]


def _of_file(changes: Iterable[LaneChange], at: str | None) -> Iterator[LaneChange]:
    """Of the changes of an id, newest first, those of the file that was last at a path: back from path to path, and
    past its creation those of the file that was removed before."""
    is_before_creation = False
    for change in changes:
        if is_before_creation and change.lane is None:
            at = change.path
        if at is not None and change.path != at:
            continue
        yield change
        is_before_creation = change.previous_lane is None
        if change.previous_path is not None:
            at = change.previous_path
        elif not is_before_creation and change.lane is not None:
            at = None  # recorded by a release that did not record where it came from; then an id was one card


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[str | None, ...]]) -> None:
    connection.executemany(
        "INSERT INTO lane_changes (task_id, time, previous_lane, lane, agent, path, previous_path)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
