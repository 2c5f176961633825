"""The stages that files alone answer, `stages_of_files`: also without a dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...files import printable
from .job_files import JobFacts, job_in_question, read_jobs, runs_of
from .log_stage import logs_stage
from .model import Remark, Stage, stage
from .project_files import ProjectFiles, files_of
from .stages import files_stage, phase_remark


@dataclass(frozen=True, slots=True)
class FileStages:
    """The stages that files alone answer: the first two, and what the third one needs."""

    job: str | None
    project: str
    facts: JobFacts | None
    files: ProjectFiles
    stages: tuple[Stage, Stage]
    remarks: tuple[Remark, ...]


def stages_of_files(workspace: str, folders: Sequence[str], job_id: str | None, now: float) -> FileStages:
    """The first two stages of a job, off the disk: no dashboard is needed."""
    job = job_in_question(read_jobs(workspace), job_id)
    runs = runs_of(workspace, job.id) if job is not None else []
    run = runs[-1] if runs else None
    since = 0.0
    if job is not None:
        since = job.started_at or (run.started_at if run is not None else None) or 0.0
    project = job.project if job is not None else ""
    files = files_of(folders, project, since)
    remark = phase_remark(job, runs)
    if job is None and job_id is not None:
        first = stage(
            1, "problem", f"There is no job “{printable(job_id)[:200]}” in work/jobs.", "See: llm-service jobs list"
        )
    else:
        first = files_stage(job, run, files, now)
    return FileStages(
        job=job.id if job is not None else None,
        project=project,
        facts=job,
        files=files,
        stages=(first, logs_stage(job, run, now)),
        remarks=() if remark is None else (remark,),
    )
