"""Lists of pipelines, filtered and paged."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from .model import BROKEN, PAGE_SIZE, PIPELINE_STATUSES, PipelineRow

STATUSES = (*PIPELINE_STATUSES, BROKEN)
_MOST_CACHED = 100
_GROUP = attrgetter("project", "pipeline_type", "status")
_Groups = Counter[tuple[str | None, str | None, str]]
"""How many there are of a project, a type and a status: counted once, for all that is asked about the same rows."""


@dataclass(frozen=True, slots=True)
class PipelineQuery:
    """Which pipelines; empty sets select all. `page` counts from 1."""

    project: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    pipeline_type: frozenset[str] = frozenset()
    page: int = 1
    ticket: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PipelinePage:
    """A page of rows. `counts` by status are of all pages, whatever the status in the query; `projects` and `types` are
    those of all pipelines that the caller may see."""

    rows: tuple[PipelineRow, ...]
    total: int
    page: int
    total_pages: int
    counts: dict[str, int]
    projects: tuple[str, ...]
    types: tuple[str, ...]

    def with_rows(self, rows: tuple[PipelineRow, ...]) -> PipelinePage:
        """The page with other rows."""
        return replace(self, rows=rows)


class PipelineList:
    """Answers queries about one board; what was selected is cached until the board changes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Sequence[PipelineRow] = ()
        self._groups: _Groups = Counter()
        self._projects: frozenset[str | None] = frozenset()
        self._selections: dict[_Key, _Selection] = {}

    def select(
        self,
        rows: Sequence[PipelineRow],
        query: PipelineQuery,
        may_see: Callable[[str | None], bool] = lambda project: True,
    ) -> PipelinePage:
        """The page of those rows, which are in order, that the caller may see. The same object has the same rows."""
        with self._lock:
            if rows is not self._rows:
                self._rows, self._groups, self._selections = rows, Counter(map(_GROUP, rows)), {}
                self._projects = frozenset(project for project, _, _ in self._groups)
            groups, projects, selections = self._groups, self._projects, self._selections
        visible = frozenset(project for project in projects if may_see(project))
        key = (visible, query.project, query.status, query.pipeline_type, query.ticket)
        found = selections.get(key)
        if found is None:
            found = _selected(rows, groups, query, None if visible == projects else visible)
            if len(selections) < _MOST_CACHED and not query.ticket:
                selections[key] = found
        start = (query.page - 1) * PAGE_SIZE
        return PipelinePage(
            rows=tuple(found.rows[start : start + PAGE_SIZE]),
            total=len(found.rows),
            page=query.page,
            total_pages=-(-len(found.rows) // PAGE_SIZE),
            counts=dict(found.counts),
            projects=tuple(sorted(project for project in visible if project is not None)),
            types=found.types,
        )


@dataclass(frozen=True, slots=True)
class _Selection:
    rows: Sequence[PipelineRow]
    counts: dict[str, int]
    types: tuple[str, ...]


_Key = tuple[frozenset[str | None], frozenset[str], frozenset[str], frozenset[str], frozenset[str]]


def _selected(
    rows: Sequence[PipelineRow], groups: _Groups, query: PipelineQuery, visible: frozenset[str | None] | None
) -> _Selection:
    """All rows of a query; `visible` are the projects that the caller may see, None for all."""
    seen = {group: count for group, count in groups.items() if visible is None or group[0] in visible}
    types = {kind for _, kind, _ in seen if kind is not None}
    counts = dict.fromkeys(STATUSES, 0)
    for (project, kind, status), count in seen.items():
        if (not query.project or project in query.project) and (not query.pipeline_type or kind in query.pipeline_type):
            counts[status] += count
    found = rows if visible is None else [row for row in rows if row.project in visible]
    if query.project:
        found = [row for row in found if row.project in query.project]
    if query.ticket:
        found = [row for row in found if row.ticket_id in query.ticket]
    if query.pipeline_type:
        found = [row for row in found if row.pipeline_type in query.pipeline_type]
    if query.ticket:  # of few rows, which the groups do not know
        counts = dict.fromkeys(STATUSES, 0) | Counter(row.status for row in found)
    chosen = [row for row in found if row.status in query.status] if query.status else found
    return _Selection(chosen, counts, tuple(sorted(types)))
