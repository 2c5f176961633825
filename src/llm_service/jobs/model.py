"""What a job is (pure values). Its file, `work/jobs/<job_id>.yaml`, is the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobStatus(StrEnum):
    """`UNKNOWN`: its run's shim died, so how it ended is not known."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


ENDED = frozenset((JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTime:
    """A phase that a job went through, in order; `finished_at` is None while it is in it."""

    phase: str
    started_at: str
    finished_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFields:
    """The fields that the file of a job has. `file` is its place below the workspace, `problem` why it cannot be read
    as a job."""

    id: str
    file: str = ""
    project: str = ""
    user: str | None = None
    specification: str = ""
    """Text, or a path below the workspace that ends in `.md`."""
    profile: str | None = None
    status: JobStatus = JobStatus.PENDING
    current_phase: str = "idle"
    lines_written: int | None = None
    error_message: str | None = None
    output_ready: bool = False
    queue_reason: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(JobFields):
    """A job as all clients get it: the fields of its file, then what is derived from its runs, logs, files, calls."""

    phases: tuple[PhaseTime, ...] = ()
    runs: tuple[str, ...] = ()
    """Ids of its runs, the latest last."""
    exit_code: int | None = None
    exit_signal: int | None = None
    exit_reason: str | None = None
    survivors: int = 0
    """How many processes of its last run go on though its shim was killed: it can be stopped."""
    lines_per_hour: int | None = None
    log_lines: int = 0
    cost_usd: float | None = None
    shared_lines: bool = False
    """Another job writes into the same project: its lines are shared, not charged."""
    todos_done: int | None = None
    todos_total: int | None = None
    current_todo: str | None = None
    waiting_for_input: str | None = None
    """What it asks, if it waits for a person."""
    rate_limit: Mapping[str, Any] | None = None
    """`{status: allowed_warning|rejected, type, resets_at, utilization, at}`, as its agent said last."""
    last_output_at: str | None = None


VOLATILE = ("lines_written", "lines_per_hour", "log_lines", "last_output_at")
"""Fields that change all the time: `job.progress` has them, and they alone are no reason for `job.updated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile(JobFields):
    """What the file of a job says. `more`: keys that are not ours."""

    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """That a person, or a client in their name, asked for a job to be run: only that starts a program. It holds what
    was asked for, so that a file which is changed later changes nothing. `run`: the run that it started last; None
    while it waits, not before `not_before`, and `put_off` says why. `baseline`: the lines of its project just before
    that run, which is charged against them even if we ended before its charge was opened."""

    job: str
    project: str
    specification: str
    profile: str
    user: str | None
    requested_at: str
    retries_left: int = 0
    run: str | None = None
    not_before: str | None = None
    put_off: str | None = None
    baseline: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a run is charged for: the lines that its project's files had at its start, and have more at its end.
    `shared`: another job wrote into the same project, so that nobody is charged."""

    run: str
    job: str
    project: str
    user: str | None
    baseline: int | None
    shared: bool = False
