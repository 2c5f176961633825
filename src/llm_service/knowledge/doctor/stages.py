"""The first three stages, from facts (pure): did files come, was the output captured, did the dashboard see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..insight import span
from .job_files import JobFacts, ProjectFiles, RunFacts
from .model import Remark, Stage, ago, stage

_PATIENCE_S = 60.0
_SILENCE_S = 30.0
_BLOCKS = (4_096, 8_192, 65_536)
_LEAST_LOG = 20_000
"""Bytes of a log in which a phase should have begun."""
_BUFFERING = (
    "Set `pty: true` in its profile, or let the program flush its output (`python -u`, `stdbuf -oL`): "
    "programs collect output that goes to a file."
)


def files_stage(job: JobFacts | None, run: RunFacts | None, files: ProjectFiles, now: float) -> Stage:
    """(1) Did the script generate files?"""
    if job is None:
        return stage(1, "note", "There is no job yet.", "Start one: llm-service jobs start PROJECT SPEC.md")
    if job.problem is not None:
        return stage(1, "problem", f"The file of the job cannot be read: {job.problem}", "Correct the file.")
    if job.status == "pending":
        why = f": {job.reason}" if job.reason else ""
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


def logs_stage(job: JobFacts | None, run: RunFacts | None, now: float) -> Stage:
    """(2) Was its output captured, or is the program buffering?"""
    if job is None or job.status == "pending":
        return stage(2, "note", "There is no run yet.")
    if run is None:
        return stage(
            2,
            "problem",
            "The job has no run in work/runs: nothing that was started captures its output.",
            "Start it through the dashboard (`llm-service jobs start`, or the page), which captures what it prints.",
        )
    figures = {"run": run.id, "bytes": run.log_bytes, "exit": run.exit}
    if run.log_problem is not None:
        return stage(2, "problem", f"Its log cannot be read: {run.log_problem}", "Check its rights.", figures=figures)
    if run.log_bytes is None:
        return stage(
            2,
            "problem",
            f"The run {run.id} has no output.log.",
            "It did not start; try the job again.",
            figures=figures,
        )
    if run.exit is None and run.is_alive is False:
        return stage(
            2,
            "problem",
            "The process that captures its output is gone, and did not write how the run ended.",
            "Nothing is captured any more, and the status is unknown; try the job again.",
            figures=figures,
        )
    return _captured(run, run.log_bytes, now, figures)


def _captured(run: RunFacts, size: int, now: float, figures: Mapping[str, Any]) -> Stage:
    begun_at = run.started_at if run.started_at is not None else now
    silence_s = now - (run.log_changed_at if size and run.log_changed_at is not None else begun_at)
    if run.exit is not None:
        ended = _ended(run.exit)
        if size == 0:
            return stage(
                2, "note", f"The program printed nothing; it {ended}.", "See the job's message.", figures=figures
            )
        return stage(2, "ok", f"{size:,} bytes were captured; the program {ended}.", figures=figures)
    if size == 0 and silence_s >= _SILENCE_S:
        return stage(
            2, "problem", f"Nothing was printed for {span(silence_s)}: buffering?", _BUFFERING, figures=figures
        )
    if size and silence_s >= _SILENCE_S and any(size % block == 0 for block in _BLOCKS):
        reason = f"{size:,} bytes were captured, whole blocks of a buffer, and nothing for {span(silence_s)}"
        return stage(2, "problem", f"{reason}: buffering?", _BUFFERING, figures=figures)
    if size == 0:
        return stage(2, "note", "Nothing was printed yet.", figures=figures)
    return stage(2, "ok", f"{size:,} bytes were captured, the last ones {ago(silence_s)}.", figures=figures)


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


def _ended(end: dict[str, object]) -> str:
    code, number, reason = end.get("code"), end.get("signal"), end.get("reason")
    if isinstance(code, int):
        return f"ended with code {code}"
    return f"ended by signal {number}" if isinstance(number, int) else f"ended ({reason})"
