"""The stages that files alone answer, `stages_of_files`: also without a dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...files import printable
from .job_files import JobFacts, RunFacts, runs_of
from .log_stage import logs_stage
from .model import Remark, Stage, stage
from .project_files import ProjectFiles, files_of
from .stages import files_stage, phase_remark


@dataclass(frozen=True, slots=True)
class FileStages:
    """The first two stages, and the files of the project and the latest run, which the third one needs."""

    files: ProjectFiles
    run: RunFacts | None
    stages: tuple[Stage, Stage]
    remarks: tuple[Remark, ...]


def stages_of_files(workspace: str, folders: Sequence[str], job: JobFacts | None, now: float) -> FileStages:
    """The first two stages of a job, off the disk."""
    runs = runs_of(workspace, job.id) if job is not None else []
    run = runs[-1] if runs else None
    since = 0.0
    if job is not None:
        since = job.started_at or (run.started_at if run is not None else None) or 0.0
    files = files_of(folders, job.project if job is not None else "", since)
    remark = phase_remark(job, runs)
    return FileStages(
        files=files,
        run=run,
        stages=(
            files_stage(job, run, files, now),
            logs_stage(job, run, now, files.newest_at if files.since else None),
        ),
        remarks=() if remark is None else (remark,),
    )


def unknown_job(job_id: str) -> Stage:
    """The first stage of a job that is not there."""
    reason = f"There is no job “{printable(job_id)[:200]}” in work/jobs."
    return stage(1, "problem", reason, "See: llm-service jobs list")
