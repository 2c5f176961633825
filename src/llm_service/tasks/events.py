"""The events about tasks.

A client keeps a copy of the board: for each `task.*` event it deletes `board[previous_key]` if there is one, then sets
`board[task.key] = task`; `task.removed` deletes `board[task.key]` instead. The key is the id of the task; further files
with the same id have one made of id and path. After an event about such a file comes one about the file that leads, so
that a client that goes by `task.id` alone has that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import TaskError, TaskSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """Base of the events about a task: its summary, lane, agent and path after the event.

    `previous_lane` and `previous_path` say where it was before it moved. `previous_key` is set if the task had another
    key before: a file came to lead those of its id or no longer does, or one that does not lead was moved.
    """

    topic: ClassVar[str] = "tasks"
    shared: ClassVar[bool] = True

    task: TaskSummary
    lane: str
    previous_lane: str | None = None
    previous_path: str | None = None
    previous_key: str | None = None
    agent: str | None
    path: str
    changed: tuple[str, ...] = ()

    def entries(self) -> Iterable[Change]:
        """The task, and that there is none any more by its previous key."""
        if self.previous_key is not None:
            yield "tasks", self.previous_key, None
        yield "tasks", self.task.key, self.task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated(TaskEvent):
    """A task appeared on the board. In `assigned/` or `done/`, `task.assigned` or `task.completed` follows, but not for
    a further file of an id that is on the board: nothing was assigned or completed by a copy."""

    type: ClassVar[str] = "task.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned(TaskEvent):
    """A task arrived in `assigned/` from another lane, or appeared there for the first time."""

    type: ClassVar[str] = "task.assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(TaskEvent):
    """A task arrived in `done/`."""

    type: ClassVar[str] = "task.completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMoved(TaskEvent):
    """A task changed its folder in another way: to another agent, or back to an earlier lane."""

    type: ClassVar[str] = "task.moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUpdated(TaskEvent):
    """The content of a task changed in place.

    `changed` has the top-level keys whose values changed; only `modified_at` if the file was written again with the
    same content; only `duplicates` if other files with the same id changed, came or went, or this one leads them now.
    """

    type: ClassVar[str] = "task.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRemoved(TaskEvent):
    """A task is gone from every lane: no file has its id any more, or a further file with the id. `task` is its last
    summary."""

    type: ClassVar[str] = "task.removed"

    def entries(self) -> Iterable[Change]:
        """The task is gone."""
        yield "tasks", self.task.key, None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInvalid(TaskEvent):
    """A task's file no longer parses, or fails with another error than before. The task stays on the board."""

    type: ClassVar[str] = "task.invalid"

    error: TaskError


EVENTS: tuple[type[Event], ...] = (
    TaskCreated,
    TaskAssigned,
    TaskCompleted,
    TaskMoved,
    TaskUpdated,
    TaskRemoved,
    TaskInvalid,
)
"""Every event of this feature."""
