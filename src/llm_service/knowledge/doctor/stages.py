"""The first and the third stage, from facts (pure): did files come, and did the dashboard see them."""

from __future__ import annotations

from collections.abc import Sequence

from .job_files import JobFacts, RunFacts
from .model import Remark, Stage, ago, stage
from .project_files import ProjectFiles

_PATIENCE_S = 60.0
_START_ONE = "Start one: llm-service jobs start PROJECT SPEC.md (with `control: true` and an approved profile)"
_LEAST_LOG = 20_000
"""Bytes of a log in which a phase should have begun."""


def files_stage(job: JobFacts | None, run: RunFacts | None, files: ProjectFiles, now: float) -> Stage:
    """(1) Did the script generate files?"""
    if job is None:
        return stage(1, "note", "There is no job yet.", _START_ONE)
    if job.problem is not None:
        return stage(1, "problem", f"The file of the job cannot be read: {job.problem}", "Correct the file.")
    if job.status == "pending":
        why = f": {job.reason.rstrip('.')}" if job.reason else ""
        return stage(1, "note", f"The job has not started{why}.", "It starts by itself when that is over.")
    started_at = _started_at(job, run)
    figures = {"project": job.project, "files": files.count, "changed": files.since, "newest": files.newest}
    if files.since and files.newest_at is not None:
        reason = f"{files.since:,} files of {job.project} were written, the last one {ago(now - files.newest_at)}"
        return stage(1, "ok", f"{reason}: {files.newest}.", figures=figures)
    if job.status == "failed" and job.reason:
        return stage(
            1, "problem", f"The job failed before it wrote a file: {job.reason}", "See the log.", figures=figures
        )
    if job.status == "in_progress" and started_at is not None and now - started_at < _PATIENCE_S:
        return stage(1, "note", f"Nothing was written yet; the job started {ago(now - started_at)}.", figures=figures)
    where = f" It works in {run.cwd}." if run is not None and run.cwd else ""
    there = "has no folder" if files.folder is None else f"has {files.count:,} files, all older than the job"
    return stage(
        1,
        "problem",
        f"No file was written since the job started: the project {job.project or '(none)'} {there}.{where}",
        f"Let the program write below generated_projects/{job.project or '<project>'}/: check `cwd` and arguments of "
        "its profile.",
        figures=figures,
    )


def artifacts_stage(job: JobFacts | None, files: ProjectFiles, seen: int | None, is_watched: bool) -> Stage:
    """(3) Did the dashboard see the files? `seen`: how many files of the project it knows, None: not the project."""
    if job is None or files.count == 0:
        return stage(3, "note", "There are no files to see.")
    figures = {"files": files.count, "seen": seen}
    if not is_watched:
        return stage(
            3,
            "problem",
            "The dashboard does not watch artifacts.",
            "Set `artifacts: true` in its settings.",
            figures=figures,
        )
    if not seen:
        return stage(
            3,
            "problem",
            f"The dashboard knows {'no file of' if seen == 0 else 'nothing of'} {job.project}, which has "
            f"{files.count:,} files on the disk.",
            "See `/health`: is the folder watched? Check `artifacts_dir`, `ignore` and a .gitignore that covers it.",
            figures=figures,
        )
    if seen < files.count:
        return stage(
            3,
            "note",
            f"The dashboard knows {seen:,} of the {files.count:,} files of {job.project} on the disk.",
            "If that does not change: are the others covered by `ignore` or a .gitignore? See `/health` too.",
            figures=figures,
        )
    return stage(3, "ok", f"The dashboard knows {seen:,} files of {job.project}.", figures=figures)


def phase_remark(job: JobFacts | None, runs: Sequence[RunFacts]) -> Remark | None:
    """That no phase began in a long log."""
    size = runs[-1].log_bytes or 0 if runs else 0
    if job is None or job.phase != "idle" or size < _LEAST_LOG:
        return None
    return Remark(
        "note",
        "phases",
        f"no pattern of a phase matched in {size:,} bytes of the log of {job.id}: set `phases` in its profile",
    )


def _started_at(job: JobFacts, run: RunFacts | None) -> float | None:
    return job.started_at if job.started_at is not None else run.started_at if run is not None else None
