"""The board: every task file on the disk, seen as tasks by id. In memory, rebuilt from files at each start.

What a task looks like is a pure function of the files that carry its id (`_view`). History decides only how
a change is *named* (created, assigned, ...), and lets two things rest for a moment before they are believed:
a vanished file (it may turn up in the next lane) and a second file with the same id (the first may be about
to be deleted: a move made of two steps).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from .events import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskEvent,
    TaskInvalid,
    TaskMoved,
    TaskRemoved,
    TaskUpdated,
)
from .model import Place, TaskFile, TaskSummary, changed_keys, lane_rank, passed_lanes

_CHANGES_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class TaskChange:
    """A look at one path: `file` is what lies there now, None if nothing does."""

    path: str
    file: TaskFile | None
    trail: Sequence[Place] = ()


class TaskBoard:
    """Tasks by id, kept true by `apply` and `expire`; every reader gets finished values.

    Only the follower's thread writes. `version` rises with each visible change, for caches and ETags.
    """

    def __init__(
        self,
        read_document: Callable[[bytes], Mapping[str, Any]],
        removal_grace_s: float = 0.1,
        duplicate_grace_s: float = 0.5,
    ) -> None:
        self._read_document = read_document
        self._removal_grace_s = removal_grace_s
        self._duplicate_grace_s = duplicate_grace_s
        self._lock = threading.RLock()
        self._files: dict[str, TaskFile] = {}
        self._paths_of: dict[str, set[str]] = {}
        self._tasks: dict[str, TaskSummary] = {}
        self._leaving: dict[str, float] = {}
        self._coexisting: dict[str, float] = {}
        self._changed_ids: deque[str] = deque(maxlen=_CHANGES_KEPT)
        self.version = 0

    # Reading: any thread.

    def __len__(self) -> int:
        """How many tasks there are."""
        return len(self._tasks)

    def tasks(self) -> list[TaskSummary]:
        """All tasks, in no particular order."""
        with self._lock:
            return list(self._tasks.values())

    def ids(self) -> list[str]:
        """The ids of all tasks."""
        with self._lock:
            return list(self._tasks)

    def get(self, task_id: str) -> TaskSummary | None:
        """The task of that id."""
        return self._tasks.get(task_id)

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the version now, what the ids that changed after `version` show now); None if that is too long ago."""
        with self._lock:
            behind = self.version - version
            if behind > len(self._changed_ids):
                return self.version, None
            ids = islice(reversed(self._changed_ids), behind)
            return self.version, {task_id: self._tasks.get(task_id) for task_id in ids}

    def files_of(self, task_id: str) -> list[TaskFile]:
        """The files that carry the id, the one that stands for the task first."""
        with self._lock:
            return [self._files[path] for path in self._ranked(task_id)]

    def file_at(self, path: str) -> TaskFile | None:
        """The file as last read at a relative path (as the disk names it)."""
        return self._files.get(path)

    # Writing: the follower's thread.

    def load(self, files: Mapping[str, TaskFile]) -> None:
        """Take files without announcing them: the first reading, before there is anyone to tell."""
        with self._lock:
            for path, file in files.items():
                self._put(path, file)
            for task_id in {file.summary.id for file in files.values()}:
                self._show(task_id, self._view(task_id))

    def apply(self, changes: Iterable[TaskChange], now: float) -> list[TaskEvent]:
        """Take what was seen at some paths; returns the facts that follow, in order."""
        events: list[TaskEvent] = []
        with self._lock:
            for change in changes:
                events += self._apply_one(change, now)
        return events

    def expire(self, now: float) -> list[TaskEvent]:
        """Believe what has rested long enough: vanished files are removed, second files are duplicates."""
        events: list[TaskEvent] = []
        with self._lock:
            for path in [path for path, since in self._leaving.items() if now >= since + self._removal_grace_s]:
                events += self._drop(path)
            ripe = [key for key, since in self._coexisting.items() if now >= since + self._duplicate_grace_s]
            for task_id in ripe:
                del self._coexisting[task_id]
                events += self._announce(task_id, ())
        return events

    def next_expiry(self) -> float | None:
        """When `expire` has something to do; None if nothing rests."""
        times = [since + self._removal_grace_s for since in self._leaving.values()]
        times += [since + self._duplicate_grace_s for since in self._coexisting.values()]
        return min(times, default=None)

    def resting_since(self) -> float | None:
        """Since when the oldest unfinished matter rests; None if the board is exactly what the looks showed."""
        return min([*self._leaving.values(), *self._coexisting.values()], default=None)

    def _apply_one(self, change: TaskChange, now: float) -> list[TaskEvent]:
        path, file, known = change.path, change.file, self._files.get(change.path)
        if file is None:
            if known is not None and path not in self._leaving:
                if any(other != path and other not in self._leaving for other in self._paths_of[known.summary.id]):
                    return self._drop(path)
                self._leaving[path] = now
            return []
        returned = self._leaving.pop(path, None) is not None
        if known is file and not returned:
            return []
        events: list[TaskEvent] = []
        task_id = file.summary.id
        before = self._tasks.get(task_id)
        if known is not None and known.summary.id != task_id:
            events += self._drop(path)
            known = None
        previous = self._lead(task_id)
        self._put(path, file)
        for left in [other for other in self._paths_of[task_id] if other in self._leaving]:
            self._take_away(left)
        if before is not None and len(self._paths_of[task_id]) > 1 and not before.duplicates:
            self._coexisting.setdefault(task_id, now)
        return events + self._announce(task_id, change.trail, previous)

    def _drop(self, path: str) -> list[TaskEvent]:
        previous = self._lead(self._files[path].summary.id)
        task_id = self._take_away(path)
        return self._announce(task_id, (), previous)

    def _put(self, path: str, file: TaskFile) -> None:
        self._files[path] = file
        self._paths_of.setdefault(file.summary.id, set()).add(path)

    def _take_away(self, path: str) -> str:
        task_id = self._files.pop(path).summary.id
        self._leaving.pop(path, None)
        paths = self._paths_of[task_id]
        paths.discard(path)
        if not paths:
            del self._paths_of[task_id]
        if len(paths) < 2:
            self._coexisting.pop(task_id, None)
        return task_id

    def _ranked(self, task_id: str) -> list[str]:
        paths = self._paths_of.get(task_id, ())
        return sorted(paths, key=lambda path: (-lane_rank(self._files[path].summary.lane), path))

    def _lead(self, task_id: str) -> TaskFile | None:
        ranked = self._ranked(task_id)
        return self._files[ranked[0]] if ranked else None

    def _view(self, task_id: str) -> TaskSummary | None:
        """What the files with this id show: the furthest lane leads, the others are its duplicates."""
        ranked = self._ranked(task_id)
        if not ranked:
            return None
        lead = self._files[ranked[0]].summary
        if len(ranked) == 1 or task_id in self._coexisting:
            return lead
        others = tuple(self._files[path].place for path in ranked[1:])
        return replace(lead, duplicates=others, flags=(*lead.flags, "duplicate_id"))

    def _show(self, task_id: str, view: TaskSummary | None) -> None:
        if view is None:
            self._tasks.pop(task_id, None)
        else:
            self._tasks[task_id] = view
        self._changed_ids.append(task_id)
        self.version += 1

    def _announce(self, task_id: str, trail: Sequence[Place], previous: TaskFile | None = None) -> list[TaskEvent]:
        old, new = self._tasks.get(task_id), self._view(task_id)
        if old == new and (previous is None or previous is self._lead(task_id)):
            return []
        self._show(task_id, new)
        if new is None:
            return [] if old is None else [_fact(TaskRemoved, old, previous_lane=old.lane)]
        changed = self._changed(old, new, previous, self._lead(task_id))
        return list(_facts(old, new, trail, changed))

    def _changed(
        self, old: TaskSummary | None, new: TaskSummary, before: TaskFile | None, after: TaskFile | None
    ) -> tuple[str, ...]:
        if old is None:
            return ()
        keys: tuple[str, ...] = ()
        if before and after and before.digest != after.digest and before.good and after.good:
            keys = changed_keys(self._read_document(before.good), self._read_document(after.good))
        if old.duplicates != new.duplicates:
            keys = (*keys, "duplicates")
        if old.error != new.error:
            keys = (*keys, "error")
        return keys or (("modified_at",) if old.modified_at != new.modified_at else ())


def _facts(
    old: TaskSummary | None, new: TaskSummary, trail: Sequence[Place], changed: tuple[str, ...]
) -> Iterable[TaskEvent]:
    """Name what happened between two views of a task, in the order of its lanes."""
    moved = old is None or (old.lane, old.path) != (new.lane, new.path)
    if moved:
        lane = old.lane if old else None
        start = Place(old.lane, old.agent, old.path) if old else None
        for index, place in enumerate(passed_lanes(start, _place(new), trail)):
            step = new
            if place.path != new.path:
                step = replace(new, lane=place.lane, agent=place.agent or new.agent, path=place.path)
            if old is None and index == 0:
                yield _fact(TaskCreated, step)
            if place.lane == lane or (place.lane not in _ARRIVALS and not (old is None and index == 0)):
                yield _fact(TaskMoved, step, lane, changed)
            elif place.lane in _ARRIVALS:
                yield _fact(_ARRIVALS[place.lane], step, lane, changed)
            lane = place.lane
    if new.error is not None and (old is None or old.error != new.error):
        yield _fact(TaskInvalid, new, changed=changed, error=new.error)
    elif not moved:
        yield _fact(TaskUpdated, new, changed=changed)


_ARRIVALS: dict[str, type[TaskEvent]] = {"assigned": TaskAssigned, "done": TaskCompleted}


def _place(task: TaskSummary) -> Place:
    return Place(task.lane, task.agent, task.path)


def _fact(
    kind: type[TaskEvent],
    task: TaskSummary,
    previous_lane: str | None = None,
    changed: tuple[str, ...] = (),
    **more: Any,
) -> TaskEvent:
    fields = {"lane": task.lane, "agent": task.agent, "path": task.path, **more}
    return kind(task=task, previous_lane=previous_lane, changed=changed, **fields)
