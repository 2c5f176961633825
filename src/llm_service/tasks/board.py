"""The board: all task files as cards, in memory, rebuilt from the files at each start.

Each file is a card, whose summary is that of the file. Files that share an id are in order (`FileGroups`): the first
leads, has the id as its key and names the others; the others have keys of their own. The order of changes decides only
which *events* are published, and who leads among files whose names do not say it. Two changes are applied after a grace
time: a file that vanished (it may appear in the next lane), and a new file with an id that is on the board (the other
may be about to be deleted, as in a move by copying) or with the name of a temporary file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .claims import Claims
from .copies import looks_temporary
from .events import TaskEvent
from .groups import found_at_start
from .model import Location, TaskFile, TaskSummary, key_of_other
from .pending import Pending, PendingFiles
from .summary import stem
from .table import CardTable, has_its_name

_TEMPORARY_S = 2.0
"""A file with the name of a temporary one is shown so long after its last change,"""
_TEMPORARY_AT_MOST_S = 4.0
"""and so long after it came at the latest."""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What is at a path now: its file, None if there is none. `trail` has the locations where hints reported it
    before."""

    path: str
    file: TaskFile | None
    trail: Sequence[Location] = ()


class TaskBoard:
    """Cards by key, updated by `apply` and `expire`; readers get immutable values.

    Only the follower's thread writes.
    """

    def __init__(
        self,
        read_document: Callable[[bytes], Mapping[str, Any]],
        removal_grace_s: float,
        duplicate_grace_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._removal_grace_s = removal_grace_s
        self._duplicate_grace_s = duplicate_grace_s
        self._table = CardTable(read_document, clock)
        self._lock = self._table.cards.lock
        self._vanished = PendingFiles()
        self._waiting = PendingFiles()

    # Reading: any thread.

    @property
    def version(self) -> int:
        """A number that rises with each visible change, for caches."""
        return self._table.cards.version

    def __len__(self) -> int:
        """The number of cards."""
        return len(self._table.cards)

    def tasks(self) -> list[TaskSummary]:
        """All cards; those that lead come after the others, so that the last one with an id is the one that leads."""
        return self._table.cards.all()

    def ids(self) -> list[str]:
        """The ids of all tasks."""
        return self._table.cards.ids()

    def get(self, key: str) -> TaskSummary | None:
        """The card with that key, None if there is none. The key of the file that leads is the id."""
        return self._table.cards.get(key)

    def file_of(self, key: str) -> TaskFile | None:
        """The file of a card, with the summary of the card; None if there is none."""
        with self._lock:
            card = self._table.cards.get(key)
            return None if card is None else replace(self._table.files[self._table.cards.path_of(key)], summary=card)

    def claims_of(self, key: str) -> Claims:
        """The claims of the file of a card; none if there is no such card."""
        with self._lock:
            return Claims() if self.get(key) is None else self._table.files[self._table.cards.path_of(key)].claims

    def file_at_path(self, task_id: str, path: str | None) -> TaskFile | None:
        """The file with that id at a path as it is shown; the one that leads if the path is None."""
        lead = self.get(task_id)
        if lead is None or path in (None, lead.path):
            return self.file_of(task_id)
        return self.file_of(key_of_other(task_id, str(path)))

    def path_of(self, key: str) -> str | None:
        """The path of the file of a card as on the disk (not made printable); None if there is none."""
        with self._lock:
            return None if self._table.cards.get(key) is None else self._table.cards.path_of(key)

    def cards_of(self, task_id: str, limit: int | None = None) -> list[TaskSummary]:
        """The cards of the files with that id, at most `limit`; the first leads."""
        with self._lock:
            return [self._table.card(path) for path in self._table.groups.paths(task_id, limit)]

    def paths_of(self, task_id: str, limit: int) -> list[str]:
        """The paths of the files with that id, at most `limit`, those that are not shown yet left out."""
        with self._lock:
            return list(self._table.groups.paths(task_id, limit))

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the current version, key -> card for the keys that changed after `version`). The card is None if it is
        gone; the dict is None if `version` is too old."""
        return self._table.cards.changed_since(version)

    def file_at(self, path: str) -> TaskFile | None:
        """The file as last read at a relative path (as on the disk, not made printable)."""
        if path in self._waiting:
            return self._waiting[path].file
        return self._table.files.get(path)

    # Writing: the follower's thread.

    def load(self, files: Mapping[str, TaskFile]) -> None:
        """Add files without making events, for loading at the start."""
        with self._lock:
            for path, file in files.items():
                arrival = found_at_start(file.summary.copied_by is not None, file.summary.modified_at)
                self._table.replace(None, path, file, arrival=arrival)
            self._table.refresh_leads()

    def recall_lanes(self, arrivals: Mapping[tuple[str, str], tuple[str, str]]) -> None:
        """After loading: take from a record when files came to their lanes, (id, path) -> (lane, time)."""
        with self._lock:
            self._table.recall_lanes(arrivals)

    def apply(self, changes: Iterable[TaskChange], now: float) -> list[TaskEvent]:
        """Apply changes of some paths; returns the events that follow, in order."""
        events: list[TaskEvent] = []
        with self._lock:
            for change in changes:
                if change.file is None:
                    events += self._vanish(change.path, now)
                else:
                    events += self._apply_file(change.path, change.file, tuple(change.trail), now)
            return events + self._table.refresh_leads()

    def expire(self, now: float) -> list[TaskEvent]:
        """Apply what has been pending for its grace time: remove vanished files, show new ones. Returns the events."""
        events: list[TaskEvent] = []
        with self._lock:
            for path in self._vanished.pop_due(now):
                if path in self._vanished:
                    successor = self._successor(path)
                    events += self._remove(path) if successor is None else self._move(path, successor)
            for path in self._waiting.pop_due(now):
                if path in self._waiting:
                    waiting = self._waiting[path]
                    events += self._replace(None, path, waiting.file, waiting.trail)
            return events + self._table.refresh_leads()

    def next_expiry(self) -> float | None:
        """When `expire` has something to do; None if nothing is pending."""
        with self._lock:
            return _earlier(self._vanished.next_due(), self._waiting.next_due())

    def oldest_pending(self) -> float | None:
        """Since when the oldest change has been pending; None if all changes are applied."""
        with self._lock:
            return _earlier(self._vanished.oldest(), self._waiting.oldest())

    # Internals: what happens at a path.

    def _apply_file(self, path: str, file: TaskFile, trail: tuple[Location, ...], now: float) -> list[TaskEvent]:
        waiting = self._waiting.discard(path)
        if waiting is not None:
            return self._arrive(path, file, (*waiting.trail, *trail), now, waiting.since)
        known = self._table.files.get(path)
        self._vanished.discard(path)
        if known is file:
            return []
        if known is not None and known.summary.id != file.summary.id:
            return [*self._remove(path), *self._replace(None, path, file, trail)]
        if known is not None:
            return self._replace(path, path, file)
        return self._arrive(path, file, trail, now, now)

    def _arrive(
        self, path: str, file: TaskFile, trail: tuple[Location, ...], now: float, since: float
    ) -> list[TaskEvent]:
        """A file that is not shown yet: it continues one that vanished, is shown, or waits."""
        task_id, is_temporary = file.summary.id, looks_temporary(stem(file.summary.path), file.summary.id)
        if not is_temporary:
            predecessor = self._vanished.match(path, file, not self._present(task_id))
            if predecessor is not None and not self._loses_name(predecessor, file):
                return self._replace(predecessor, path, file, trail)
            if not self._table.groups.size(task_id):
                return self._replace(None, path, file, trail)
        due = since + self._duplicate_grace_s
        if is_temporary:
            due = min(now + _TEMPORARY_S, since + _TEMPORARY_AT_MOST_S)
        self._waiting.add(path, Pending(file, since, due, trail, may_match=not is_temporary))
        return []

    def _vanish(self, path: str, now: float) -> list[TaskEvent]:
        waiting = self._waiting.discard(path)
        if waiting is not None:
            self._pass_on(path, waiting)
        elif path in self._table.groups and path not in self._vanished:
            self._vanished.add(path, Pending(self._table.files[path], now, now + self._removal_grace_s))
            successor = self._successor(path)
            if successor is not None and not self._loses_name(path, self._waiting[successor].file):
                return self._move(path, successor)
        return []

    def _pass_on(self, path: str, gone: Pending) -> None:
        """A file that went on before it was shown: the one that waits in the next lane has come this way."""
        successor = self._waiting.match(path, gone.file, False)
        if successor is not None:
            waiting = self._waiting[successor]
            self._waiting.add(successor, replace(waiting, trail=(*gone.trail, gone.file.location, *waiting.trail)))

    def _present(self, task_id: str) -> int:
        """How many shown files with that id have not vanished."""
        return self._table.groups.size(task_id) - self._vanished.count(task_id)

    def _successor(self, path: str) -> str | None:
        """The waiting file to which a file that vanished was moved, None if there is none."""
        file = self._table.files[path]
        return self._waiting.match(path, file, not self._present(file.summary.id))

    def _loses_name(self, path: str, file: TaskFile) -> bool:
        """True if the stem of a file was the id and, moved to be `file`, is not any more: then it may come back, as
        sync programs rename the old version and write the new one."""
        task_id = file.summary.id
        return has_its_name(self._table.files[path]) and stem(file.summary.path) != task_id

    def _move(self, path: str, successor: str) -> list[TaskEvent]:
        waiting = self._waiting[successor]
        return self._replace(path, successor, waiting.file, waiting.trail)

    def _remove(self, path: str) -> list[TaskEvent]:
        return self._replace(path, path, None)

    def _replace(
        self, old_path: str | None, path: str, file: TaskFile | None, trail: Sequence[Location] = ()
    ) -> list[TaskEvent]:
        """The file of one card, at `old_path` (None: a new card), is now `file` at `path`; None: the card is gone."""
        if old_path is not None:
            self._vanished.discard(old_path)
        self._waiting.discard(path)
        return self._table.replace(old_path, path, file, trail)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)
