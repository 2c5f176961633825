"""The sources with thousands of objects, tasks and pipelines: a look costs what changed since the last one.

Both say what changed since a version; what only time changes has a deadline. A look at all is made at the start, and if
more changed than is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from ..pipelines.model import PipelineRow
from ..tasks.model import TaskSummary
from .index import NeedIndex
from .model import Need
from .sources import is_silent, next_stale, pipeline_needs, task_needs

CALLS_CHECK_S = 30.0
"""Calls of tasks to which nothing else happens are asked for this often."""


class TaskCards(Protocol):
    """The board of tasks."""

    def tasks(self) -> Sequence[TaskSummary]:
        """All."""

    def get(self, key: str) -> TaskSummary | None:
        """One."""

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the version now, key -> task, None: it is gone), None: too much changed."""


class PipelineRows(Protocol):
    """The feature `Pipelines`."""

    stale_after_s: float

    def rows(self) -> Sequence[PipelineRow]:
        """All."""

    def row(self, pipeline_id: str) -> PipelineRow | None:
        """One."""

    def changed_since(self, version: int) -> tuple[int, dict[str, PipelineRow | None] | None]:
        """(the version now, id -> row, None: it is gone), None: too much changed."""

    def as_of_now(self, row: PipelineRow) -> PipelineRow:
        """The row as it is at this moment."""

    def next_change(self, row: PipelineRow) -> float | None:
        """When time alone changes it."""


class PipelineNeeds:
    """The needs of pipelines. Used by one thread."""

    def __init__(self, pipelines: PipelineRows, most: int) -> None:
        self._pipelines, self._index, self._version = pipelines, NeedIndex(most), -1

    def look(self, now: float) -> tuple[Sequence[Need], float | None]:
        """(the oldest needs, the same object as long as they are the same; when time alone changes them)."""
        version, changed = self._pipelines.changed_since(self._version)
        self._version = -1  # if this look fails, the next one is at all
        if changed is None:
            self._index.clear()
            changed = {row.id: row for row in self._pipelines.rows()}
        else:
            changed |= {key: self._pipelines.row(key) for key in self._index.pop_due(now)}
        for key, row in changed.items():
            if row is None:
                self._index.put(key, None)
                continue
            then = self._pipelines.as_of_now(row) if row.status == "running" else row
            need = next(pipeline_needs([then], self._pipelines.stale_after_s), None)
            self._index.put(key, need, self._pipelines.next_change(row))
        self._version = version
        return self._index.oldest(), self._index.next_at()


class TaskNeeds:
    """The needs of tasks. `last_calls(ids)` is when the last calls of tasks were, where there are any. Used by one
    thread."""

    def __init__(
        self,
        board: TaskCards,
        stale_after_s: float,
        last_calls: Callable[[list[str]], Mapping[str, str]],
        most: int,
    ) -> None:
        """`stale_after_s`: 0: never."""
        self._board, self._stale_after_s, self._last_calls = board, stale_after_s, last_calls
        self._index, self._version = NeedIndex(most), -1
        self._silent: set[str] = set()
        self._calls_at = 0.0

    def look(self, now: float) -> tuple[Sequence[Need], float | None]:
        """(the oldest needs, the same object as long as they are the same; when time alone changes them)."""
        version, changed = self._board.changed_since(self._version)
        self._version = -1  # if this look fails, the next one is at all
        if changed is None:
            self._index.clear()
            self._silent.clear()
            changed = {task.key: task for task in self._board.tasks()}
        else:
            again = set(self._index.pop_due(now))
            if now >= self._calls_at:
                again |= self._silent
            changed |= {key: self._board.get(key) for key in again}
        if now >= self._calls_at:
            self._calls_at = now + CALLS_CHECK_S
        self._put(changed, now)
        self._version = version
        times = (self._index.next_at(), self._calls_at if self._silent else None)
        return self._index.oldest(), min((at for at in times if at is not None), default=None)

    def _put(self, changed: Mapping[str, TaskSummary | None], now: float) -> None:
        silent = {
            key for key, task in changed.items() if task is not None and is_silent(task, now, self._stale_after_s)
        }
        called = self._last_calls(_ids(changed[key] for key in silent)) if silent else {}
        self._silent -= changed.keys() - silent
        self._silent |= silent
        for key, task in changed.items():
            found = [] if task is None else [task]
            need = next(task_needs(found, now, self._stale_after_s, lambda _ids: called), None)
            self._index.put(key, need, next_stale(found, now, self._stale_after_s))


def _ids(tasks: Iterable[TaskSummary | None]) -> list[str]:
    return [task.id for task in tasks if task is not None]
