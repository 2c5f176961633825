"""What the store shows of jobs: in which order, in which event, and what is a change (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..processes.model import Run
from .events import JobProgress
from .model import VOLATILE, Job, JobFile

_NOTHING: dict[str, Any] = dict.fromkeys(VOLATILE)


def run_order(run: Run) -> tuple[bool, str, int, str]:
    """What an agent may have written there comes first: the last one is shown, and counts."""
    return run.is_proven, run.started_at, run.attempt, run.run_id


def progress_event(job: Job) -> JobProgress:
    """How far a job is."""
    return JobProgress(
        job=job.id,
        project=job.project,
        lines_written=job.lines_written,
        lines_per_hour=job.lines_per_hour,
        log_lines=job.log_lines,
        current_phase=job.current_phase,
        last_output_at=job.last_output_at,
    )


def steady(job: Job) -> Job:
    """The job without what changes all the time: where only that differs, `job.updated` is not published."""
    return replace(job, **_NOTHING)


def without_file(job_id: str, before: Job | None) -> JobFile:
    """Of a job that runs though its file is gone: so that it can be seen and stopped."""
    return JobFile(
        id=job_id,
        file=before.file if before else "",
        project=before.project if before else "",
        user=before.user if before else None,
        specification=before.specification if before else "",
        problem="Its file was removed while it runs.",
    )
