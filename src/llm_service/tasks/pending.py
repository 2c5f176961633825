"""`PendingFiles`: files whose change is applied after a grace time, found by what a move leaves equal.

The board has two of them: files that vanished (each may appear in the next lane), and new files that are not shown yet
(each may be the copy of a move whose original is about to be deleted, or a temporary file).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from .model import Location, TaskFile


@dataclass(frozen=True, slots=True)
class Pending:
    """One file, since when it waits, and when its time is over. `trail` has the locations where hints reported it
    before."""

    file: TaskFile
    since: float
    due: float
    trail: tuple[Location, ...] = ()
    may_match: bool = True


class PendingFiles:
    """Pending files by path."""

    def __init__(self) -> None:
        self._entries: dict[str, Pending] = {}
        self._paths_of: dict[Hashable, dict[str, None]] = {}
        self._by_due: list[tuple[float, str]] = []
        self._by_since: list[tuple[float, str]] = []

    def __contains__(self, path: str) -> bool:
        """True if the file at that path is pending."""
        return path in self._entries

    def __getitem__(self, path: str) -> Pending:
        """The pending file at that path."""
        return self._entries[path]

    def add(self, path: str, entry: Pending) -> None:
        """Add a file, in the place of one at that path."""
        self.discard(path)
        self._entries[path] = entry
        if entry.may_match:
            for value in _values(path, entry.file):
                self._paths_of.setdefault(value, {})[path] = None
        heappush(self._by_due, (entry.due, path))
        heappush(self._by_since, (entry.since, path))

    def discard(self, path: str) -> Pending | None:
        """Remove and return the file at that path, None if there is none."""
        entry = self._entries.pop(path, None)
        if entry is not None and entry.may_match:
            for value in _values(path, entry.file):
                paths = self._paths_of[value]
                del paths[path]
                if not paths:
                    del self._paths_of[value]
        return entry

    def count(self, task_id: str) -> int:
        """How many files with that id are pending and may match."""
        return len(self._paths_of.get(task_id, ()))

    def match(self, path: str, file: TaskFile, is_alone: bool) -> str | None:
        """The path of the other end of a move: same id, and same file name, else same content, else, if no other file
        has the id (`is_alone`), any. Of several the one that waits longest."""
        by_name, by_content, by_id = _values(path, file)
        for value in (by_name, by_content, by_id) if is_alone else (by_name, by_content):
            for found in self._paths_of.get(value, ()):
                return found
        return None

    def pop_due(self, now: float) -> list[str]:
        """The paths whose time is over, in that order. They stay until they are discarded."""
        found = []
        while self._by_due and self._by_due[0][0] <= now:
            due, path = heappop(self._by_due)
            entry = self._entries.get(path)
            if entry is not None and entry.due == due:
                found.append(path)
        return found

    def next_due(self) -> float | None:
        """When the next one is due, None if nothing is pending."""
        while self._by_due and not self._is_current(self._by_due[0], "due"):
            heappop(self._by_due)
        return self._by_due[0][0] if self._by_due else None

    def oldest(self) -> float | None:
        """Since when the oldest has been pending, None if nothing is."""
        while self._by_since and not self._is_current(self._by_since[0], "since"):
            heappop(self._by_since)
        return self._by_since[0][0] if self._by_since else None

    def _is_current(self, mark: tuple[float, str], name: str) -> bool:
        entry = self._entries.get(mark[1])
        return entry is not None and getattr(entry, name) == mark[0]


def _values(path: str, file: TaskFile) -> Sequence[Hashable]:
    task_id = file.summary.id
    content = file.digest if file.raw is not None else path  # what could not be read equals nothing
    return (task_id, "name", path.rsplit("/", 1)[-1]), (task_id, "content", content), task_id
