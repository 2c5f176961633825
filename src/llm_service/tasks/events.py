"""What happens to tasks.

To follow the board, set `board[task.id] = task` for every `task.*` event but `task.removed`, which deletes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event
from .model import TaskError, TaskSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """Base of the facts about a task: its summary, lane, agent and path after the fact."""

    topic: ClassVar[str] = "tasks"

    task: TaskSummary
    lane: str
    previous_lane: str | None = None
    agent: str | None
    path: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated(TaskEvent):
    """A task id appeared on the board. In `assigned/` or `done/`, `task.assigned` or `task.completed` follows."""

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

    `changed` names the top-level keys whose values changed; `modified_at` alone means the file was written
    again with the same content; `duplicates` that another file took or gave up the same id.
    """

    type: ClassVar[str] = "task.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRemoved(TaskEvent):
    """A task id is gone from every lane. `task` is its last summary."""

    type: ClassVar[str] = "task.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInvalid(TaskEvent):
    """A task's file stopped parsing, or breaks in another place than before. It stays on the board as a card."""

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
