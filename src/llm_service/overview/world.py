"""What other features know at one moment, as agents are made of it: `World`, and the part of it that one may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..calls.store.recent_calls import RecentCalls
from ..hooks.model import Session
from ..jobs.model import Job
from ..orchestrators.model import Orchestrator
from ..pipelines.model import RunningStep
from ..tasks.model import TaskSummary


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a project that changed: `change` is "created", "updated" or "removed", `at` a Unix time."""

    project: str
    path: str
    change: str
    at: float


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """The tasks of an agent: how many in each lane, the one at hand, and the last that happened to any of them, which
    is a change of a "file", or that one came to its "lane"."""

    counts: Mapping[str, int]
    current: TaskSummary | None = None
    last: float | None = None
    last_kind: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`calls` is None where they are not known. `plans` are the rows of plans by name, `files` the latest first.
    `claims_of(task)` are the files that a task says it makes, `task_of(id)` is a task of the board,
    `find_transcript(session, projects)` is the id of the session log, if who may see these `projects` may read it."""

    tasks: Mapping[str, TaskFacts] = field(default_factory=dict)
    sessions: Sequence[Session] = ()
    calls: Sequence[RecentCalls] | None = ()
    jobs: Sequence[Job] = ()
    steps: Sequence[RunningStep] = ()
    orchestrators: Sequence[Orchestrator] = ()
    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Sequence[ChangedFile] = ()
    stale_after_s: float = 0.0
    claims_of: Callable[[TaskSummary], Sequence[str]] = lambda task: ()
    task_of: Callable[[str], TaskSummary | None] = lambda task_id: None
    find_transcript: Callable[[str, Collection[str] | None], str | None] = lambda session, projects: None
    projects: Collection[str] | None = None

    def transcript_of(self, session: str | None) -> str | None:
        """The id of the log of a session that can be shown."""
        return None if session is None else self.find_transcript(session, self.projects)

    def seen_by(self, projects: Collection[str] | None) -> World:
        """What somebody may know of it who may see these projects only; None: all."""
        if projects is None:
            return self
        return replace(
            self,
            projects=projects,
            sessions=[one for one in self.sessions if one.project in projects],
            jobs=[one for one in self.jobs if one.project in projects],
            steps=[one for one in self.steps if one.project is None or one.project in projects],
            orchestrators=[one for one in self.orchestrators if one.project in projects],
            files=[one for one in self.files if one.project in projects],
        )
