"""What the tools change in a pipeline (pure): each function gives what `Change` is, and raises `ToolError`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import rules
from .ids import MAX_JOBS, next_job_id
from .lookup import unknown_job
from .model import Job, Pipeline, Step
from .tool_error import ToolError

Change = Callable[[Pipeline, str], tuple[Pipeline, dict[str, Any]]]
"""Given a pipeline and the time: the pipeline after the change, and the answer of the tool."""
_JOB_ANSWER = ("status", "attempt", "score", "started_at", "finished_at")


def adding(job: Job, status: str) -> Change:
    """A new job, which gets its id."""

    def add(pipeline: Pipeline, now: str) -> tuple[Pipeline, dict[str, Any]]:
        if pipeline.step(job.step) is None:
            known = ", ".join(one.name for one in pipeline.steps)
            sentence = f"There is no step {job.step!r} in this pipeline; it has {known}."
            raise ToolError("UNKNOWN_STEP", sentence, "Give one of the steps that it has.")
        if len(pipeline.jobs) >= MAX_JOBS:
            raise ToolError("TOO_LARGE", f"The pipeline has {MAX_JOBS} jobs.", "Create another pipeline.")
        new = replace(job, id=next_job_id(pipeline.id, frozenset(one.id for one in pipeline.jobs)))
        changed = rules.add_job(pipeline, new, status, now)
        return changed, {"job_id": new.id, "status": status, "step": job.step}

    return add


def updating(job_id: str, status: str | None, score: int | None, attempt: int | None, summary: str | None) -> Change:
    """What is given of a job; None leaves it as it is."""

    def update(pipeline: Pipeline, now: str) -> tuple[Pipeline, dict[str, Any]]:
        before = pipeline.job(job_id)
        if before is None:
            raise unknown_job(job_id)
        told = replace(
            before,
            score=before.score if score is None else score,
            summary=before.summary if summary is None else summary,
        )
        pipeline = replace(pipeline, jobs=tuple(told if one.id == job_id else one for one in pipeline.jobs))
        changed = rules.set_status(pipeline, job_id, status or before.status, now, attempt)
        after = changed.job(job_id) or told
        return changed, {"job_id": job_id} | {name: getattr(after, name) for name in _JOB_ANSWER}

    return update


def finishing(status: str | None) -> Change:
    """The end of a pipeline, with a status or the one that follows from its steps."""

    def finish(pipeline: Pipeline, now: str) -> tuple[Pipeline, dict[str, Any]]:
        finished, undone = rules.finish(pipeline, status, now)
        return finished, _finished_answer(finished, undone)

    return finish


def _finished_answer(pipeline: Pipeline, undone: list[Step]) -> dict[str, Any]:
    names = ", ".join(f"{step.name} (was {step.status})" for step in undone)
    message = f"The pipeline is finished: {pipeline.status}."
    return {
        "pipeline_id": pipeline.id,
        "status": pipeline.status,
        "finished_at": pipeline.finished_at,
        "steps": {step.name: step.status for step in pipeline.steps},
        "skipped_steps": [{"name": step.name, "was": step.status} for step in undone],
        "message": f"{message} Not done: {names}." if undone else message,
    }
