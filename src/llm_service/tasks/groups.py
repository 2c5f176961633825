"""`FileGroups`: the files of each task id in the order in which they stand for it.

The file whose stem is the id leads; then those follow that were there first, never a newcomer because of its name. Each
step takes the logarithm of the number of files of an id (and moves a few bytes for each), because an id may be that of
thousands of files.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any

Arrival = tuple[Any, ...]
"""When a file came, as a sortable value."""


def found_at_start(is_copy: bool, modified_at: str) -> Arrival:
    """The arrival of a file that was there at the start: before all later ones, copies after the others, then by the
    time of its last change."""
    return (0, is_copy, modified_at)


class FileGroups:
    """The files of each id. A file is a path; `arrival` decides among those whose names say nothing."""

    def __init__(self) -> None:
        self._ranks_of: dict[str, list[tuple[Any, ...]]] = {}
        self._rank_at: dict[str, tuple[Any, ...]] = {}
        self._arrivals = 0

    def add(self, task_id: str, path: str, has_its_name: bool, arrival: Arrival | None = None) -> None:
        """Add a file; `has_its_name`: its stem is the id. Without an `arrival` it came just now."""
        if arrival is None:
            self._arrivals += 1
            arrival = (self._arrivals,)
        rank = (not has_its_name, *arrival, path)
        self._rank_at[path] = rank
        insort(self._ranks_of.setdefault(task_id, []), rank)

    def remove(self, task_id: str, path: str) -> Arrival:
        """Remove a file; returns its arrival."""
        rank = self._rank_at.pop(path)
        ranks = self._ranks_of[task_id]
        del ranks[bisect_left(ranks, rank)]
        if not ranks:
            del self._ranks_of[task_id]
        return rank[1:-1]

    def __contains__(self, path: str) -> bool:
        """True if a file at that path is in a group."""
        return path in self._rank_at

    def size(self, task_id: str) -> int:
        """The number of files with that id."""
        return len(self._ranks_of.get(task_id, ()))

    def lead(self, task_id: str) -> str | None:
        """The path of the file that leads, None if no file has that id."""
        ranks = self._ranks_of.get(task_id)
        return ranks[0][-1] if ranks else None

    def paths(self, task_id: str, limit: int | None = None) -> list[str]:
        """The first paths in their order, at most `limit`; the first of all leads."""
        return [rank[-1] for rank in self._ranks_of.get(task_id, ())[:limit]]
