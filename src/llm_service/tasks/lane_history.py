"""Records lane changes in the journal, because files do not contain them.

They are in a file of their own beside the events, since they are kept as long as their tasks exist, and not for some
days (`lane_records.kept`). Earlier releases recorded them in the database: those rows are taken over once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice

from ..database.database import Database
from ..errors import FileRefused, HistoryUnavailable
from ..hub.journal import Journal
from ..times import iso_time
from .events import TaskAssigned, TaskCompleted, TaskCreated, TaskEvent, TaskMoved, TaskRemoved
from .lane_index import LaneIndex
from .lane_records import CARRIED, MOST_OF_ID, LaneChange, Places, follow, kept

__all__ = ["LANE_EVENTS", "LaneChange", "LaneHistory"]

_NAME = "lanes.jsonl"
_MAX_BYTES = 64_000_000
"""About 300,000 changes; more only if that many are of tasks that exist."""
_OPEN_S = 1.0
"""So long the board waits for the database when all else is loaded, if it may have rows to take over."""

_FLUSH_S = 0.1
"""So long a reader waits for what was recorded a moment ago: it takes a millisecond, unless the disk is busy."""

LANE_EVENTS = (TaskCreated, TaskAssigned, TaskCompleted, TaskMoved, TaskRemoved)
"""The events that change a lane."""


class LaneHistory:
    """Lane changes in the journal. `on_event` and `record` are called by the publishing thread, the others by any."""

    def __init__(self, journal: Journal, database: Database | None = None) -> None:
        """`database` may have the changes that an earlier release recorded."""
        self._database = database
        self._file = journal.record_file(_NAME, partial(kept, max_bytes=_MAX_BYTES), _MAX_BYTES)
        self._index = LaneIndex(self._file.file)
        self._lock = threading.Lock()

    def on_event(self, event: TaskEvent) -> None:
        """Record the lane change of one of the `LANE_EVENTS`."""
        lane = None if isinstance(event, TaskRemoved) else event.lane
        now = iso_time(time.time())
        change = LaneChange(event.task.id, now, event.previous_lane, lane, event.agent, event.path, event.previous_path)
        self.record([change])

    def record(self, changes: Sequence[LaneChange]) -> None:
        """Queue lane changes for writing; those that cannot be written are counted in the journal's `dropped`."""
        for change in changes:
            self._file.append(change)

    def arrivals(self) -> Places:
        """(id, path) -> (lane, time): when each file that is still somewhere came to its lane, as far as recorded; {}
        if that cannot be read."""
        places: Places = {}
        with suppress(HistoryUnavailable, FileRefused, OSError), self._lock:
            with suppress(HistoryUnavailable):
                self._carry_over()
            self._index = LaneIndex(self._file.file)
            self._index.update(partial(follow, places))
        return places

    def changes_of(self, task_id: str, path: str | None, limit: int = 100) -> list[LaneChange]:
        """The last lane changes of the file of a task that was last seen at `path`, oldest first; of the file with the
        last one if the path is None. Raises HistoryUnavailable."""
        self._file.flush(_FLUSH_S)
        try:
            with self._lock:
                changes = islice(self._index.changes_of(task_id), MOST_OF_ID)
                found = list(islice(_of_file(changes, path), limit))
        except (FileRefused, OSError) as problem:
            raise HistoryUnavailable(f"The journal cannot be read: {problem}") from problem
        return found[::-1]

    def _carry_over(self) -> None:
        """Take over the rows of the database, before all that was recorded since; once. Raises HistoryUnavailable."""
        if self._database is None or self._index.first_line().startswith(CARRIED):
            return
        if not self._database.wait_open(_OPEN_S):
            raise HistoryUnavailable("The history database is not open.")
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT id, task_id, time, previous_lane, lane, agent, path, previous_path FROM lane_changes"
                " ORDER BY id"
            ).fetchall()
        last = rows[-1][0] if rows else 0
        lines = [CARRIED + b"%d}\n" % last, *(_line(LaneChange(*row[1:])) for row in rows)]
        self._file.rewrite(partial(_after, lines))
        if rows:
            self._database.write_later(lambda connection: _forget(connection, last))


def _after(first: Sequence[bytes], lines: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    yield from first
    yield from lines()


def _line(change: LaneChange) -> bytes:
    names = ("task_id", "time", "previous_lane", "lane", "agent", "path", "previous_path")
    return json.dumps({name: getattr(change, name) for name in names}).encode() + b"\n"


def _forget(connection: object, last: int) -> None:
    connection.execute("DELETE FROM lane_changes WHERE id <= ?", (last,))  # type: ignore[attr-defined]


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
