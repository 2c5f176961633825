"""`PipelineBoard`: the rows of all pipelines, in memory, the newest first."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Protocol

from ..hub.changed_keys import ChangedKeys
from .model import PipelineFile, PipelineRow, seconds_of
from .rows import row_of


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pipeline. `logged` are its jobs with a log page; `meta_sprint` is what its meta says."""

    row: PipelineRow
    sort_key: tuple[float, str]
    logged: tuple[str, ...]
    meta_sprint: str | None
    ticket_id: str | None

    @property
    def sprint(self) -> str | None:
        """The sprint that its file says."""
        return self.row.sprint_id or self.meta_sprint


OfSprint = Callable[[str | None], list[Known]]
"""Gives the pipelines whose files say a sprint; None: those that say none."""
_KEY = attrgetter("sort_key")
_FEW = 100


class Rows(Protocol):
    """All pipelines as of a moment."""

    def rows(self) -> Sequence[PipelineRow]:
        """All rows, the newest first; the same object as long as they are the same."""

    def of_sprint(self, sprint: str | None) -> list[Known]:
        """Those whose files say this sprint, None: no sprint; the newest first."""


class PipelineBoard:
    """Thread-safe; readers get immutable values."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}
        self._oldest_first: list[Known] = []
        self._newest_first: tuple[Known, ...] | None = ()
        self._rows: tuple[tuple[Known, ...] | None, tuple[PipelineRow, ...]] = None, ()
        self._changed = ChangedKeys()
        self._by_sprint: dict[str | None, dict[str, Known]] | None = None
        """Made when it is asked for."""

    def __len__(self) -> int:
        return len(self._known)

    def get(self, pipeline_id: str) -> PipelineRow | None:
        """The row of a pipeline."""
        known = self._known.get(pipeline_id)
        return None if known is None else known.row

    def sort_key(self, pipeline_id: str) -> tuple[float, str]:
        """Its place among all: the highest key is that of the newest. Of one that is gone, the lowest."""
        known = self._known.get(pipeline_id)
        return (0.0, "") if known is None else known.sort_key

    def newest_first(self) -> tuple[Known, ...]:
        """All of them."""
        with self._lock:
            if self._newest_first is None:
                self._newest_first = tuple(reversed(self._oldest_first))
            return self._newest_first

    def rows(self) -> Sequence[PipelineRow]:
        """All rows, the newest first."""
        known = self.newest_first()
        cached = self._rows
        if cached[0] is not known:
            cached = self._rows = known, tuple(map(attrgetter("row"), known))
        return cached[1]

    def of_sprint(self, sprint: str | None) -> list[Known]:
        """Those whose files say this sprint, None: no sprint; the newest first."""
        with self._lock:
            if self._by_sprint is None:
                self._by_sprint = {}
                for known in self._known.values():
                    self._by_sprint.setdefault(known.sprint, {})[known.row.id] = known
            found = list(self._by_sprint.get(sprint, {}).values())
        return sorted(found, key=_KEY, reverse=True)

    def changed_since(self, version: int) -> tuple[int, dict[str, PipelineRow | None] | None]:
        """(the current version, id -> row of those that changed after `version`, 0 being before any). The row is None
        if the pipeline is gone; the dict is None if `version` is too old."""
        with self._lock:
            keys = self._changed.since(version)
            return self._changed.version, None if keys is None else {key: self.get(key) for key in keys}

    def touch(self, pipeline_id: str) -> None:
        """Something beside the file of a pipeline changed: one of its logs."""
        with self._lock:
            self._changed.add(pipeline_id)

    def apply(self, files: Mapping[str, PipelineFile | None]) -> list[tuple[PipelineRow | None, PipelineRow | None]]:
        """Take what is in these files now (None: they are gone); (row before, row after) of those there were or are."""
        changes = []
        with self._lock:
            is_much = len(files) > _FEW
            for pipeline_id, file in files.items():
                before = self._known.pop(pipeline_id, None)
                after = None if file is None else _known(file, before)
                if after is not None:
                    self._known[pipeline_id] = after
                if not is_much:
                    self._move(before, after)
                if self._by_sprint is not None:
                    self._move_sprint(self._by_sprint, before, after)
                if before is not None or after is not None:
                    self._changed.add(pipeline_id)
                    changes.append((before.row if before else None, after.row if after else None))
            if is_much:
                self._sort()
            self._newest_first = None
        return changes

    def load(self, known: Mapping[str, Known]) -> None:
        """Take what was known before."""
        with self._lock:
            self._known = dict(known)
            self._by_sprint = None
            self._sort()
            self._newest_first = None
            self._changed.forget()

    def with_files(self, files: Mapping[str, PipelineFile | None]) -> PipelineBoard:
        """Another board, with what is in these files."""
        other = PipelineBoard()
        with self._lock:
            other._known, other._oldest_first = dict(self._known), list(self._oldest_first)
        other.apply(files)
        return other

    @staticmethod
    def _move_sprint(groups: dict[str | None, dict[str, Known]], before: Known | None, after: Known | None) -> None:
        if before is not None:
            del groups[before.sprint][before.row.id]
            if not groups[before.sprint]:
                del groups[before.sprint]
        if after is not None:
            groups.setdefault(after.sprint, {})[after.row.id] = after

    def _sort(self) -> None:
        self._oldest_first = sorted(self._known.values(), key=_KEY)

    def _move(self, before: Known | None, after: Known | None) -> None:
        """Keep the order: to sort 5,000 takes as long as all else that a list needs."""
        known = self._oldest_first
        if before is not None:
            del known[bisect_left(known, before.sort_key, key=_KEY)]
        if after is not None:
            insort(known, after, key=_KEY)


def _known(file: PipelineFile, before: Known | None) -> Known:
    row, pipeline = row_of(file), file.pipeline
    if pipeline is None and before is not None:
        # Whose people may see it, and where it is in the list, does not change because of a slip in its file.
        row = replace(row, project=row.project or before.row.project, created_at=before.row.created_at)
    meta_sprint = pipeline.meta.get("sprint_id") if pipeline else None
    return Known(
        row=row,
        sort_key=(seconds_of(row.created_at) or 0.0, row.id),
        logged=tuple(job.id for job in pipeline.jobs if job.log_path) if pipeline else (),
        meta_sprint=str(meta_sprint) if isinstance(meta_sprint, str | int) and meta_sprint != "" else None,
        ticket_id=row.ticket_id,
    )
