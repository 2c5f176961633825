"""The status table: what a change of a job does to its step and its pipeline, and how a pipeline is finished (pure).

| what happens | what follows |
|---|---|
| job → running | its `started_at` if empty, `finished_at` cleared; its step runs; a pipeline that was created runs |
| job → success, failed, skipped, canceled | its `finished_at`; then the step, see `step_status` |
| a step fails | the pipeline has failed, at once |
| a retried job turns the step good | the pipeline runs again |
| `finish` | what is not done is skipped; the status given, or the worst of the steps |

Once it is finished, nothing changes the status of a pipeline, its steps and its jobs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .model import TERMINAL, Job, Pipeline, Step
from .tool_error import ToolError

_WAITING = frozenset(("created", "pending"))
_WORST_FIRST = ("failed", "canceled")


def step_status(jobs: Collection[str], current: str) -> str:
    """The status of a step after one of its jobs has ended, from those of its jobs.

    All ended: failed if one failed; canceled if one was canceled and the others skipped or canceled; else success. Not
    all ended: running if one runs, else what it was.
    """
    if jobs and all(status in TERMINAL for status in jobs):
        if "failed" in jobs:
            return "failed"
        if "canceled" in jobs and all(status in ("canceled", "skipped") for status in jobs):
            return "canceled"
        return "success"
    return "running" if "running" in jobs else current


def worst(steps: Collection[str]) -> str:
    """The status of a pipeline whose steps have all ended: the worst of them."""
    return next((status for status in _WORST_FIRST if status in steps), "success")


def add_job(pipeline: Pipeline, job: Job, status: str, now: str) -> Pipeline:
    """The pipeline with a new job, which gets this status. Raises ToolError if it is finished."""
    require_unfinished(pipeline, "get no more jobs", "Create another pipeline for further work.")
    return set_status(replace(pipeline, jobs=(*pipeline.jobs, job), updated_at=now), job.id, status, now)


def set_status(pipeline: Pipeline, job_id: str, status: str, now: str, attempt: int | None = None) -> Pipeline:
    """The pipeline after a job of it changed its status. Raises ToolError if it is finished.

    A job that ran and has ended begins a new attempt when it runs again, unless the attempt is given.
    """
    job = pipeline.job(job_id)
    if job is None:
        raise KeyError(job_id)
    if job.status != status:
        require_unfinished(
            pipeline,
            "keep their jobs as they are",
            "Update jobs before finish_pipeline; score and summary may come later.",
        )
    moved = _moved(job, status, now, attempt)
    pipeline = replace(
        pipeline, jobs=tuple(moved if one.id == job_id else one for one in pipeline.jobs), updated_at=now
    )
    if pipeline.finished_at is not None:
        return pipeline
    step = pipeline.step(job.step)
    if step is not None and status == "running":
        pipeline = _with_step(pipeline, step, "running", now)
    elif step is not None and status in TERMINAL:
        statuses = [one.status for one in pipeline.jobs_of(step.name)]
        pipeline = _with_step(pipeline, step, step_status(statuses, step.status), now)
    return _aggregated(pipeline, now)


def finish(pipeline: Pipeline, status: str | None, now: str) -> tuple[Pipeline, list[Step]]:
    """The finished pipeline, and its steps that were not done, as they were.

    Raises ToolError if it was finished before.

    Such a step is skipped, with its jobs that have not ended; but one of which a job failed has failed.
    """
    if pipeline.finished_at is not None:
        raise ToolError(
            "ALREADY_FINISHED",
            f"This pipeline was finished at {pipeline.finished_at} with the status {pipeline.status}.",
            "Nothing more is to be done; create another pipeline for further work.",
        )
    undone = [step for step in pipeline.steps if step.status not in TERMINAL]
    jobs = tuple(
        job if job.status in TERMINAL else replace(job, status="skipped", finished_at=now) for job in pipeline.jobs
    )
    steps = []
    for step in pipeline.steps:
        if step.status not in TERMINAL:
            has_failed = any(job.status == "failed" for job in jobs if job.step == step.name)
            step = replace(step, status="failed" if has_failed else "skipped", finished_at=now)
        steps.append(step)
    found = status or worst([step.status for step in steps])
    finished = replace(
        pipeline, status=found, started_at=pipeline.started_at, finished_at=now, updated_at=now,
        steps=tuple(steps), jobs=jobs,
    )  # fmt: skip
    return finished, undone


def require_unfinished(pipeline: Pipeline, what: str, what_to_do: str) -> None:
    """Raises ToolError if the pipeline was finished: those "`what`"."""
    if pipeline.finished_at is not None:
        raise ToolError(
            "ALREADY_FINISHED",
            f"This pipeline was finished at {pipeline.finished_at} with the status {pipeline.status}; "
            f"finished pipelines {what}.",
            what_to_do,
        )


def _moved(job: Job, status: str, now: str, attempt: int | None) -> Job:
    if attempt is None:
        runs_again = status == "running" and job.status in TERMINAL and job.started_at is not None
        attempt = job.attempt + 1 if runs_again else job.attempt
    if status == job.status:
        missing = now if status in TERMINAL and job.finished_at is None else job.finished_at
        return replace(job, attempt=attempt, finished_at=missing)
    if status == "running":
        return replace(job, status=status, attempt=attempt, started_at=job.started_at or now, finished_at=None)
    return replace(job, status=status, attempt=attempt, finished_at=now if status in TERMINAL else None)


def _with_step(pipeline: Pipeline, step: Step, status: str, now: str) -> Pipeline:
    if status == step.status:
        return pipeline
    if status == "running":
        moved = replace(step, status=status, started_at=step.started_at or now, finished_at=None)
    else:
        moved = replace(step, status=status, finished_at=now)
    return replace(pipeline, steps=tuple(moved if one.name == step.name else one for one in pipeline.steps))


def _aggregated(pipeline: Pipeline, now: str) -> Pipeline:
    """The pipeline with the status that its steps and jobs give it while it is not finished."""
    has_begun = any(job.status not in _WAITING for job in pipeline.jobs)
    if any(step.status == "failed" for step in pipeline.steps):
        status = "failed"
    elif pipeline.status == "failed" or (pipeline.status == "created" and has_begun):
        status = "running"
    else:
        status = pipeline.status
    started_at = pipeline.started_at if status == "created" else pipeline.started_at or now
    return replace(pipeline, status=status, started_at=started_at)
