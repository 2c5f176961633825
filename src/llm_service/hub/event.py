"""The vocabulary: one frozen class per fact, past tense. The docstring of a class is its manual page.

Every event goes out as a flat JSON object `{seq, epoch, type, time, ...fields}` (see `hub`). Applying one
twice is harmless: it carries the whole object. To follow the board, set `board[task.id] = task` for every
`task.*` event but `task.removed`, which deletes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..artifacts.model import Artifact, Project
from ..tasks.model import TaskError, TaskSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all facts. `type` is the event's name on every outlet, `topic` the room it goes to."""

    type: ClassVar[str]
    topic: ClassVar[str]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProgress(Event):
    """The first reading of the board goes on: `done` of `total` files read."""

    type: ClassVar[str] = "service.progress"
    topic: ClassVar[str] = "service"

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReady(Event):
    """The board is complete: everything that lay on the disk at the start has been read."""

    type: ClassVar[str] = "service.ready"
    topic: ClassVar[str] = "service"

    tasks: int
    invalid: int
    load_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDegraded(Event):
    """A watched folder is not watched as it should be: polled instead (`mode` "polling"), or "missing"."""

    type: ClassVar[str] = "service.degraded"
    topic: ClassVar[str] = "service"

    root: str
    mode: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecovered(Event):
    """A folder that was degraded is watched again."""

    type: ClassVar[str] = "service.recovered"
    topic: ClassVar[str] = "service"

    root: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryUpdate(Event):
    """LLM calls were counted: `invocation` is the newest, `calls` how many since the update before."""

    type: ClassVar[str] = "telemetry.update"
    topic: ClassVar[str] = "telemetry"

    invocation: dict[str, Any]
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostUpdate(Event):
    """Costs changed, told at most every 500 ms: `costs` `{today, month, total, unpriced_calls, calls, timezone}` in
    US dollars over the calls with a known cost; `models` and `by_agent` for today; `by_task` since the beginning,
    only the tasks that changed; `calls`, `unpriced`, `tokens`, `coverage` and `forecast` as in `GET /api/telemetry`."""

    type: ClassVar[str] = "cost.update"
    topic: ClassVar[str] = "costs"

    costs: dict[str, Any]
    calls: dict[str, int]
    unpriced: dict[str, int]
    tokens: dict[str, Any]
    models: tuple[dict[str, Any], ...]
    by_agent: tuple[dict[str, Any], ...]
    by_task: dict[str, Any]
    coverage: dict[str, Any]
    forecast: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBudget(Event):
    """A budget came to another level: "warn" from 80 %, "alert" from 100 %, "ok" when its period began anew."""

    type: ClassVar[str] = "cost.budget"
    topic: ClassVar[str] = "costs"

    budget: dict[str, Any]
    previous_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUpdate(Event):
    """What was found of the artefacts that tasks name: `evidence` maps task ids to `{total, present, empty, missing,
    unchanged, refused}`, to null for a task that names none any more. `present` counts all that are there, the empty
    and those not changed since the task began among them; `refused` lie outside, are links or no files. This is no
    `task.*` fact: the task itself is as it was."""

    type: ClassVar[str] = "evidence.update"
    topic: ClassVar[str] = "tasks"

    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactEvent(Event):
    """Base of the facts about one file of a project."""

    topic: ClassVar[str] = "artifacts"

    artifact: Artifact
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactCreated(ArtifactEvent):
    """A file appeared in a project."""

    type: ClassVar[str] = "artifact.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactUpdated(ArtifactEvent):
    """A file of a project was written again."""

    type: ClassVar[str] = "artifact.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRemoved(ArtifactEvent):
    """A file of a project is gone. `artifact` is what it was."""

    type: ClassVar[str] = "artifact.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactBatch(Event):
    """What happened in a project since the batch before and was not told file by file, at most one per
    `batch_window_ms`. `listed` files were there already when the service looked for the first time. `folders` are the
    paths of folders in which something changed, the first 50, "" for the project's own; `more_folders` if there were
    others. `sample` are up to 5 of the files. `totals` is the project now, null if it is gone. All counts are 0 if only
    the totals changed: lines were counted, or files that were told one by one came or went."""

    type: ClassVar[str] = "artifact.batch"
    topic: ClassVar[str] = "artifacts"

    project: str
    listed: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0
    folders: tuple[str, ...] = ()
    more_folders: bool = False
    sample: tuple[Artifact, ...] = ()
    totals: Project | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactsReady(Event):
    """The first look at the projects is complete: every file that lay there at the start is in the tree."""

    type: ClassVar[str] = "artifact.ready"
    topic: ClassVar[str] = "artifacts"

    projects: int
    files: int
    load_ms: int


EVENT_CLASSES: tuple[type[Event], ...] = (
    TaskCreated,
    TaskAssigned,
    TaskCompleted,
    TaskMoved,
    TaskUpdated,
    TaskRemoved,
    TaskInvalid,
    ServiceProgress,
    ServiceReady,
    ServiceDegraded,
    ServiceRecovered,
    TelemetryUpdate,
    CostUpdate,
    CostBudget,
    EvidenceUpdate,
    ArtifactCreated,
    ArtifactUpdated,
    ArtifactRemoved,
    ArtifactBatch,
    ArtifactsReady,
)
"""Every fact the service can announce; adding a stream is adding a class here."""

TOPICS: tuple[str, ...] = (*dict.fromkeys(kind.topic for kind in EVENT_CLASSES), "all")
"""What a client may subscribe to. `service` facts reach every client, whatever it asked for."""
