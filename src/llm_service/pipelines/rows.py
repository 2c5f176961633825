"""Pipelines as clients get them: `row_of` for lists, `tree_of` for one with its steps and jobs (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..json_values import as_json
from .model import BROKEN, Job, Pipeline, PipelineFile, PipelineRow, Step, duration_s, is_stale, seconds_of

_JUST_AFTER_S = 0.001
"""It is stale after that time, not at it; times of pipelines have milliseconds."""
LogTimes = Mapping[str, tuple[int, str]]
"""Job -> (bytes, time of the last change) of its log page."""


def row_of(file: PipelineFile) -> PipelineRow:
    """The row of a pipeline, as of no moment: see `as_of`."""
    pipeline = file.pipeline
    return PipelineRow(
        id=file.id,
        project=file.project,
        pipeline_type=pipeline.pipeline_type if pipeline else None,
        ticket_id=pipeline.ticket_id if pipeline else None,
        sprint_id=pipeline.sprint_id if pipeline else None,
        branch=pipeline.branch if pipeline else None,
        triggered_by=pipeline.triggered_by if pipeline else None,
        status=pipeline.status if pipeline else BROKEN,
        is_stale=False,
        created_at=pipeline.created_at if pipeline else file.modified_at,
        started_at=pipeline.started_at if pipeline else None,
        finished_at=pipeline.finished_at if pipeline else None,
        updated_at=pipeline.updated_at if pipeline else file.modified_at,
        active_at=pipeline.updated_at if pipeline else file.modified_at,
        duration_s=None,
        step_statuses={step.name: step.status for step in pipeline.steps} if pipeline else {},
        jobs=len(pipeline.jobs) if pipeline else 0,
        path=file.path,
        problem=file.problem,
    )


def as_of(row: PipelineRow, now: float, stale_after_s: float, logs: LogTimes) -> PipelineRow:
    """The row at a moment, with its duration, and whether it is stale."""
    active_at = last_activity(row.updated_at, now, logs)
    return replace(
        row,
        active_at=active_at,
        is_stale=is_stale(row.status, active_at, now, stale_after_s),
        duration_s=duration_s(row.started_at, row.finished_at, now),
    )


def last_activity(updated_at: str, now: float, logs: LogTimes) -> str:
    """The last sign of life: the last change, or that of a log. A log from the future proves nothing."""
    times = [changed_at for _, changed_at in logs.values() if (seconds_of(changed_at) or 0) <= now]
    return max([updated_at, *times], key=lambda text: seconds_of(text) or 0)


def next_activity(now: float, logs: LogTimes) -> float | None:
    """When (Unix time) a log from the future begins to count; None if there is none."""
    times = (seconds_of(changed_at) or 0.0 for _, changed_at in logs.values())
    return min((at for at in times if at > now), default=None)


def next_change(updated_at: str, now: float, stale_after_s: float, logs: LogTimes) -> float | None:
    """When (Unix time) time alone makes a running pipeline stale, or changes its last sign of life; None: never."""
    at = seconds_of(last_activity(updated_at, now, logs))
    stale_at = None if at is None else at + stale_after_s + _JUST_AFTER_S
    times = (stale_at if stale_at is not None and stale_at > now else None, next_activity(now, logs))
    return min((time for time in times if time is not None), default=None)


def tree_of(
    row: PipelineRow, pipeline: Pipeline | None, now: float, logs: LogTimes, log_url: str | None = None
) -> dict[str, Any]:
    """The row with `meta` and `steps`, and in each step its `jobs`; `log_url` has `{job}` where the id belongs."""
    tree: dict[str, Any] = as_json(row)
    if pipeline is None:
        return tree | {"meta": None, "steps": None}
    jobs = {
        step.name: [_job(job, now, logs, log_url) for job in pipeline.jobs_of(step.name)] for step in pipeline.steps
    }
    return tree | {
        "meta": as_json(dict(pipeline.meta)),
        "steps": [_step(step, now) | {"jobs": jobs[step.name]} for step in pipeline.steps],
    }


def _step(step: Step, now: float) -> dict[str, Any]:
    return {
        "name": step.name,
        "position": step.position,
        "status": step.status,
        "started_at": step.started_at,
        "finished_at": step.finished_at,
        "duration_s": duration_s(step.started_at, step.finished_at, now),
    }


def _job(job: Job, now: float, logs: LogTimes, log_url: str | None) -> dict[str, Any]:
    log = logs.get(job.id)
    shown = {name: getattr(job, name) for name in _JOB_FIELDS}
    url = {} if log_url is None else {"url": log_url.replace("{job}", job.id)}
    found = None if log is None else {**url, "path": job.log_path, "size_bytes": log[0], "changed_at": log[1]}
    return shown | {"duration_s": duration_s(job.started_at, job.finished_at, now), "log": found}


_JOB_FIELDS = (
    "id", "step", "name", "description", "agent_type", "status", "attempt", "score", "summary", "log_path",
    "session_id", "created_at", "started_at", "finished_at",
)  # fmt: skip
