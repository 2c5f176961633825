"""`Unfinished`: which pipelines are not finished, by project and type, so that a list finds those that concern it."""

from __future__ import annotations

from collections.abc import Iterator

from .model import BROKEN, PipelineRow
from .queries import PipelineQuery

_Group = tuple[str | None, str | None]


class Unfinished:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._group_of: dict[str, _Group | None] = {}
        self._groups: dict[_Group | None, set[str]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._group_of)

    def put(self, name: str, row: PipelineRow | None) -> None:
        """What is known of a pipeline now; None: nothing."""
        if name in self._group_of:
            group = self._group_of.pop(name)
            self._groups[group].discard(name)
            if not self._groups[group]:
                del self._groups[group]
        if row is not None and row.finished_at is None:
            # Of one whose file cannot be read it is not known.
            group = None if row.status == BROKEN else (row.project, row.pipeline_type)
            self._group_of[name] = group
            self._groups.setdefault(group, set()).add(name)

    def of(self, query: PipelineQuery) -> set[str]:
        """Those that the query selects in some state."""
        found = [names for group, names in self._groups.items() if group is None or _is_of(group, query)]
        return set().union(*found)


def _is_of(group: _Group, query: PipelineQuery) -> bool:
    project, kind = group
    return (not query.project or project in query.project) and (not query.pipeline_type or kind in query.pipeline_type)
