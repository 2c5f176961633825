"""The board: all task files as tasks by id, in memory, rebuilt from the files at each start.

The summary of a task is a pure function of the files that have its id (`_summary_of`). The order of changes decides
only which *events* are published (created, assigned, ...). Two changes are applied after a grace time: a file that
vanished (it may appear in the next lane) and a second file with the same id (the first may be about to be deleted, as
in a move by copying).
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
from .model import Location, TaskFile, TaskSummary, changed_keys, lane_rank, move_steps

_CHANGED_IDS = 1_000
"""How many changed ids are retained for `changed_since`."""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What is at a path now: its file, None if there is none. `trail` has the locations where hints reported it
    before."""

    path: str
    file: TaskFile | None
    trail: Sequence[Location] = ()


class TaskBoard:
    """Tasks by id, updated by `apply` and `expire`; readers get immutable values.

    Only the follower's thread writes. `version` rises with each visible change, for caches.
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
        self._vanished_at: dict[str, float] = {}
        self._shared_since: dict[str, float] = {}
        self._changed_ids: deque[str] = deque(maxlen=_CHANGED_IDS)
        self.version = 0

    # Reading: any thread.

    def __len__(self) -> int:
        """The number of tasks."""
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
        """The task with that id, None if there is none."""
        return self._tasks.get(task_id)

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the current version, id -> task for the ids that changed after `version`). The task is None if it is gone;
        the dict is None if `version` is too old."""
        with self._lock:
            behind = self.version - version
            if behind > len(self._changed_ids):
                return self.version, None
            ids = islice(reversed(self._changed_ids), behind)
            return self.version, {task_id: self._tasks.get(task_id) for task_id in ids}

    def files_of(self, task_id: str) -> list[TaskFile]:
        """The files with that id; the first is the one that the task shows."""
        with self._lock:
            return [self._files[path] for path in self._ranked(task_id)]

    def file_at(self, path: str) -> TaskFile | None:
        """The file as last read at a relative path (as on the disk, not made printable)."""
        return self._files.get(path)

    # Writing: the follower's thread.

    def load(self, files: Mapping[str, TaskFile]) -> None:
        """Add files without making events, for loading at the start."""
        with self._lock:
            for path, file in files.items():
                self._put(path, file)
            for task_id in {file.summary.id for file in files.values()}:
                self._set_summary(task_id, self._summary_of(task_id))

    def apply(self, changes: Iterable[TaskChange], now: float) -> list[TaskEvent]:
        """Apply changes of some paths; returns the events that follow, in order."""
        events: list[TaskEvent] = []
        with self._lock:
            for change in changes:
                events += self._apply_one(change, now)
        return events

    def expire(self, now: float) -> list[TaskEvent]:
        """Apply what has been pending for its grace time: remove vanished files, mark duplicates. Returns the
        events."""
        events: list[TaskEvent] = []
        with self._lock:
            for path in [path for path, since in self._vanished_at.items() if now >= since + self._removal_grace_s]:
                events += self._remove(path)
            due = [key for key, since in self._shared_since.items() if now >= since + self._duplicate_grace_s]
            for task_id in due:
                del self._shared_since[task_id]
                events += self._update(task_id, ())
        return events

    def next_expiry(self) -> float | None:
        """When `expire` has something to do; None if nothing is pending."""
        times = [since + self._removal_grace_s for since in self._vanished_at.values()]
        times += [since + self._duplicate_grace_s for since in self._shared_since.values()]
        return min(times, default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest change has been pending; None if all changes are applied."""
        return min([*self._vanished_at.values(), *self._shared_since.values()], default=None)

    def _apply_one(self, change: TaskChange, now: float) -> list[TaskEvent]:
        path, file, known = change.path, change.file, self._files.get(change.path)
        if file is None:
            if known is not None and path not in self._vanished_at:
                if any(other != path and other not in self._vanished_at for other in self._paths_of[known.summary.id]):
                    return self._remove(path)
                self._vanished_at[path] = now
            return []
        returned = self._vanished_at.pop(path, None) is not None
        if known is file and not returned:
            return []
        events: list[TaskEvent] = []
        task_id = file.summary.id
        before = self._tasks.get(task_id)
        if known is not None and known.summary.id != task_id:
            events += self._remove(path)
            known = None
        previous = self._primary_file(task_id)
        self._put(path, file)
        for vanished in [other for other in self._paths_of[task_id] if other in self._vanished_at]:
            self._delete(vanished)
        if before is not None and len(self._paths_of[task_id]) > 1 and not before.duplicates:
            self._shared_since.setdefault(task_id, now)
        return events + self._update(task_id, change.trail, previous)

    def _remove(self, path: str) -> list[TaskEvent]:
        previous = self._primary_file(self._files[path].summary.id)
        task_id = self._delete(path)
        return self._update(task_id, (), previous)

    def _put(self, path: str, file: TaskFile) -> None:
        self._files[path] = file
        self._paths_of.setdefault(file.summary.id, set()).add(path)

    def _delete(self, path: str) -> str:
        task_id = self._files.pop(path).summary.id
        self._vanished_at.pop(path, None)
        paths = self._paths_of[task_id]
        paths.discard(path)
        if not paths:
            del self._paths_of[task_id]
        if len(paths) < 2:
            self._shared_since.pop(task_id, None)
        return task_id

    def _ranked(self, task_id: str) -> list[str]:
        paths = self._paths_of.get(task_id, ())
        return sorted(paths, key=lambda path: (-lane_rank(self._files[path].summary.lane), path))

    def _primary_file(self, task_id: str) -> TaskFile | None:
        ranked = self._ranked(task_id)
        return self._files[ranked[0]] if ranked else None

    def _summary_of(self, task_id: str) -> TaskSummary | None:
        """The task of the files with this id: that of the file in the furthest lane, with the others as duplicates."""
        ranked = self._ranked(task_id)
        if not ranked:
            return None
        primary = self._files[ranked[0]].summary
        if len(ranked) == 1 or task_id in self._shared_since:
            return primary
        others = tuple(self._files[path].location for path in ranked[1:])
        return replace(primary, duplicates=others, flags=(*primary.flags, "duplicate_id"))

    def _set_summary(self, task_id: str, summary: TaskSummary | None) -> None:
        if summary is None:
            self._tasks.pop(task_id, None)
        else:
            self._tasks[task_id] = summary
        self._changed_ids.append(task_id)
        self.version += 1

    def _update(self, task_id: str, trail: Sequence[Location], previous: TaskFile | None = None) -> list[TaskEvent]:
        old, new = self._tasks.get(task_id), self._summary_of(task_id)
        if old == new and (previous is None or previous is self._primary_file(task_id)):
            return []
        self._set_summary(task_id, new)
        if new is None:
            return [] if old is None else [_event(TaskRemoved, old, previous_lane=old.lane)]
        changed = self._changed(old, new, previous, self._primary_file(task_id))
        return list(_events(old, new, trail, changed))

    def _changed(
        self, old: TaskSummary | None, new: TaskSummary, before: TaskFile | None, after: TaskFile | None
    ) -> tuple[str, ...]:
        if old is None:
            return ()
        keys: tuple[str, ...] = ()
        if before and after and before.digest != after.digest and before.last_good and after.last_good:
            keys = changed_keys(self._read_document(before.last_good), self._read_document(after.last_good))
        if old.duplicates != new.duplicates:
            keys = (*keys, "duplicates")
        if old.error != new.error:
            keys = (*keys, "error")
        return keys or (("modified_at",) if old.modified_at != new.modified_at else ())


def _events(
    old: TaskSummary | None, new: TaskSummary, trail: Sequence[Location], changed: tuple[str, ...]
) -> Iterable[TaskEvent]:
    """The events between two summaries of a task, in the order of its lanes."""
    moved = old is None or (old.lane, old.path) != (new.lane, new.path)
    if moved:
        lane = old.lane if old else None
        start = Location(old.lane, old.agent, old.path) if old else None
        for index, location in enumerate(move_steps(start, _location_of(new), trail)):
            step = new
            if location.path != new.path:
                step = replace(new, lane=location.lane, agent=location.agent or new.agent, path=location.path)
            if old is None and index == 0:
                yield _event(TaskCreated, step)
            if location.lane == lane or (location.lane not in _ARRIVAL_EVENTS and not (old is None and index == 0)):
                yield _event(TaskMoved, step, lane, changed)
            elif location.lane in _ARRIVAL_EVENTS:
                yield _event(_ARRIVAL_EVENTS[location.lane], step, lane, changed)
            lane = location.lane
    if new.error is not None and (old is None or old.error != new.error):
        yield _event(TaskInvalid, new, changed=changed, error=new.error)
    elif not moved:
        yield _event(TaskUpdated, new, changed=changed)


_ARRIVAL_EVENTS: dict[str, type[TaskEvent]] = {"assigned": TaskAssigned, "done": TaskCompleted}


def _location_of(task: TaskSummary) -> Location:
    return Location(task.lane, task.agent, task.path)


def _event(
    kind: type[TaskEvent],
    task: TaskSummary,
    previous_lane: str | None = None,
    changed: tuple[str, ...] = (),
    **more: Any,
) -> TaskEvent:
    fields = {"lane": task.lane, "agent": task.agent, "path": task.path, **more}
    return kind(task=task, previous_lane=previous_lane, changed=changed, **fields)
