"""The events about jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUpdated(Event):
    """A job is new, or something about it changed other than what `job.progress` says."""

    type: ClassVar[str] = "job.updated"
    topic: ClassVar[str] = "jobs"
    shared: ClassVar[bool] = True

    job: Job

    @property
    def project(self) -> str:
        """Whose people get the event."""
        return self.job.project

    def entries(self) -> Iterable[Change]:
        """The job."""
        yield "jobs", self.job.id, self.job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRemoved(Event):
    """The file of a job is gone."""

    type: ClassVar[str] = "job.removed"
    topic: ClassVar[str] = "jobs"
    shared: ClassVar[bool] = True

    id: str
    project: str

    def entries(self) -> Iterable[Change]:
        """The job is gone."""
        yield "jobs", self.id, None
        yield "job_progress", self.id, None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPhase(Event):
    """A job came to another phase; published at once, before the `job.updated` that says the same."""

    type: ClassVar[str] = "job.phase"
    topic: ClassVar[str] = "jobs"

    job: str
    project: str
    phase: str
    previous: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress(Event):
    """How far a running job is, once a second at most, and at its end."""

    type: ClassVar[str] = "job.progress"
    topic: ClassVar[str] = "jobs"
    shared: ClassVar[bool] = True

    job: str
    project: str
    lines_written: int | None
    lines_per_hour: int | None
    log_lines: int
    current_phase: str
    last_output_at: str | None

    def entries(self) -> Iterable[Change]:
        """How far the job is."""
        yield "job_progress", self.job, self


EVENTS: tuple[type[Event], ...] = (JobUpdated, JobRemoved, JobPhase, JobProgress)
"""Every event of this feature."""
