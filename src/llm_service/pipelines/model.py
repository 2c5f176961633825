"""Pipelines, their steps and their jobs: values, and what is computed of them when they are read (pure).

A pipeline is the content of `work/pipelines/<id>/pipeline.yaml`. Times are ISO-8601 text in UTC with `Z`; durations and
whether a pipeline is stale are never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

PIPELINE_STATUSES = ("created", "running", "success", "failed", "canceled")
STEP_STATUSES = ("pending", "running", "success", "failed", "skipped", "canceled")
JOB_STATUSES = ("created", *STEP_STATUSES)
TERMINAL = frozenset(("success", "failed", "skipped", "canceled"))
"""Of a step or a job that has ended; those of a pipeline are among them."""
BROKEN = "broken"
"""The status of a pipeline whose file cannot be read; no file says it."""
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Job:
    """What one agent did, or does, in a step. `score` is 0 to 100; `log_path` is relative to the workspace, None as
    long as nothing was appended; `session_id` is that of the agent's program, by which its calls are found."""

    id: str
    step: str
    name: str
    agent_type: str
    description: str = ""
    status: str = "created"
    attempt: int = 1
    score: int | None = None
    summary: str | None = None
    log_path: str | None = None
    session_id: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else its entry in the file has; it is written back as it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a pipeline. `position` counts from 1."""

    name: str
    position: int
    status: str = "pending"
    started_at: str | None = None
    finished_at: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """An answer that is given again to who repeats the call: `key` is the hash of its idempotency key, `call` that of
    what was asked."""

    key: str
    call: str
    at: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline as its file says. `finished_at` is set by finishing it: one of which a step failed has failed at once,
    and is not finished, as the job may be retried."""

    id: str
    project: str | None
    pipeline_type: str
    ticket_id: str | None
    sprint_id: str | None
    branch: str | None
    triggered_by: str | None
    meta: Mapping[str, Any]
    status: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    updated_at: str
    steps: tuple[Step, ...]
    jobs: tuple[Job, ...] = ()
    requests: tuple[Request, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def job(self, job_id: str) -> Job | None:
        """The job with an id."""
        return next((job for job in self.jobs if job.id == job_id), None)

    def step(self, name: str) -> Step | None:
        """The step with a name."""
        return next((step for step in self.steps if step.name == name), None)

    def jobs_of(self, step: str) -> tuple[Job, ...]:
        """The jobs of a step, in the order in which they were created."""
        return tuple(job for job in self.jobs if job.step == step)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a `pipeline.yaml` cannot be used, and where (1-based; None if unknown)."""

    message: str
    line: int | None
    column: int | None
    code: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}, column {self.column or 1}: "
        return f"{where}{self.message}"


@dataclass(frozen=True, slots=True)
class PipelineFile:
    """What is in the folder of a pipeline: either the pipeline, or the problem of its file."""

    id: str
    path: str
    """That of `pipeline.yaml`, relative to the workspace."""
    pipeline: Pipeline | None
    problem: FileProblem | None
    modified_at: str
    digest: bytes = b""
    """Of the content; b"" if it could not be read."""
    said_project: str | None = None
    """With a problem: the project as far as a line of the file says it, so that not everybody sees it."""

    @property
    def project(self) -> str | None:
        """Whose people may see it."""
        return self.pipeline.project if self.pipeline is not None else self.said_project


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A pipeline in lists, events and the snapshot.

    `step_statuses` is step -> status, in the order of the steps. `active_at` is the last sign of life: the last change
    of the pipeline, or the last entry in one of its logs. `is_stale` and `duration_s` are as of the moment when the row
    was made: a page computes them from `active_at`, `started_at` and `finished_at`. One whose file cannot be read has
    the status "broken", a `problem`, and else only what is known of the folder.
    """

    id: str
    project: str | None
    pipeline_type: str | None
    ticket_id: str | None
    sprint_id: str | None
    branch: str | None
    triggered_by: str | None
    status: str
    is_stale: bool
    created_at: str
    started_at: str | None
    finished_at: str | None
    updated_at: str
    active_at: str
    duration_s: float | None
    step_statuses: dict[str, str]
    jobs: int
    path: str
    problem: FileProblem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStep:
    """A job of a step of a pipeline that an agent has reported as running. `active_at`: its pipeline's last sign."""

    pipeline: str
    title: str
    step: str
    job: str
    name: str
    agent: str
    session: str | None
    project: str | None
    started_at: str | None
    active_at: str | None

    def at(self, active_at: str) -> RunningStep:
        """The same, with another last sign."""
        return self if active_at == self.active_at else replace(self, active_at=active_at)


def seconds_of(text: str | None) -> float | None:
    """A time as Unix seconds; None if it is none. Without a zone it is taken for UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def duration_s(started_at: str | None, finished_at: str | None, now: float) -> float | None:
    """How long something took, or has taken until `now`, in seconds; None if it has not started."""
    started = seconds_of(started_at)
    if started is None:
        return None
    finished = seconds_of(finished_at)
    return round(max(0.0, (now if finished is None else finished) - started), 3)


def is_stale(status: str, active_at: str | None, now: float, stale_after_s: float) -> bool:
    """True for a running pipeline without a sign of life for more than `stale_after_s`."""
    at = seconds_of(active_at)
    return status == "running" and at is not None and now - at > stale_after_s
