"""Reads what the files of jobs and runs say, without the features that follow them.

So doctor works where those do not, and without a dashboard. The files are those of agents: whatever is in them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import FileRefused, FileVanished, Unparseable
from ...files import SafeRoot, parse_mapping, printable, read_file, scan_folder
from ...times import unix_time

JOBS, RUNS = "work/jobs", "work/runs"
_MAX_BYTES = 262_144
_MAX_JOBS, _MAX_RUNS = 2_000, 2_000
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """A job as its file says it; `problem` if that cannot be read. Times are Unix seconds."""

    id: str
    project: str = ""
    status: str = "unknown"
    phase: str = "idle"
    profile: str | None = None
    reason: str | None = None
    """Why it waits, or what went wrong."""
    created_at: float | None = None
    started_at: float | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run as its folder says it. `log_bytes` is None without a log, `is_alive` where that cannot be told."""

    id: str
    job: str
    cwd: str = ""
    started_at: float | None = None
    log_bytes: int | None = None
    log_changed_at: float | None = None
    log_problem: str | None = None
    exit: dict[str, Any] | None = None
    is_alive: bool | None = None


def read_jobs(workspace: str) -> list[JobFacts]:
    """All jobs, the newest first."""
    root = os.path.join(workspace, JOBS)
    found = [_job(root, name) for name in _names(root, _MAX_JOBS) if name.lower().endswith(_ENDINGS)]
    return sorted(found, key=lambda job: (job.created_at or 0.0, job.id), reverse=True)


def job_in_question(jobs: Sequence[JobFacts], job_id: str | None) -> JobFacts | None:
    """The job with that id; without one the newest that runs, else the newest of all."""
    if job_id is not None:
        return next((job for job in jobs if job.id == job_id), None)
    return next((job for job in jobs if job.status == "in_progress"), jobs[0] if jobs else None)


def runs_of(workspace: str, job_id: str) -> list[RunFacts]:
    """The runs of a job, the latest last."""
    root = os.path.join(workspace, RUNS)
    found = (_run(root, name) for name in _names(root, _MAX_RUNS))
    runs = [run for run in found if run is not None and run.job == job_id]
    return sorted(runs, key=lambda run: (run.started_at or 0.0, run.id))


def _names(root: str, limit: int) -> list[str]:
    """The entries of a folder, the last `limit` of them by name: the names of runs and jobs begin with a time."""
    try:
        with scan_folder(root, "") as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))[-limit:]
    except FileRefused:
        return []


def _job(root: str, name: str) -> JobFacts:
    job_id = printable(name.rpartition(".")[0])
    try:
        value = parse_mapping(read_file(root, name, _MAX_BYTES).data).value
    except Unparseable as problem:
        return JobFacts(id=job_id, problem=f"{printable(name)}: {problem.message}")
    except FileRefused as problem:
        return JobFacts(id=job_id, problem=problem.message)
    return JobFacts(
        id=job_id,
        project=_text(value, "project") or "",
        status=_text(value, "status") or "unknown",
        phase=_text(value, "current_phase") or "idle",
        profile=_text(value, "profile"),
        reason=_text(value, "error_message") or _text(value, "queue_reason"),
        created_at=seconds_of(value.get("created_at")),
        started_at=seconds_of(value.get("started_at")),
    )


def _run(root: str, name: str) -> RunFacts | None:
    facts = _json(root, f"{name}/run.json")
    if facts is None:
        return None
    owner = _text(facts, "owner") or f"job:{_text(facts, 'job') or ''}"
    size, changed_at, problem = _log(root, name)
    end = _json(root, f"{name}/exit.json")
    pid = facts.get("pid")
    return RunFacts(
        id=printable(name),
        job=owner.removeprefix("job:"),
        cwd=_text(facts, "cwd") or "",
        started_at=seconds_of(facts.get("started_at")),
        log_bytes=size,
        log_changed_at=changed_at,
        log_problem=problem,
        exit=end,
        is_alive=False if end is not None else _is_alive(pid),
    )


def _log(root: str, name: str) -> tuple[int | None, float | None, str | None]:
    try:
        with SafeRoot(root) as safe:
            status = safe.status(f"{name}/output.log")
            os.close(safe.open(f"{name}/output.log"))
    except FileVanished:
        return None, None, None
    except FileRefused as problem:
        return None, None, problem.message
    return status.st_size, status.st_mtime, None


def _json(root: str, path: str) -> dict[str, Any] | None:
    try:
        value = json.loads(read_file(root, path, _MAX_BYTES).data)
    except (FileRefused, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_alive(pid: object) -> bool | None:
    """Whether there is a process with that number; whose it is, the dashboard checks."""
    import psutil  # takes 15 ms

    return psutil.pid_exists(pid) if isinstance(pid, int) and not isinstance(pid, bool) and 0 < pid < 2**31 else None


def _text(value: dict[str, Any], name: str) -> str | None:
    found = value.get(name)
    return printable(found)[:500] if isinstance(found, str) and found.strip() else None


def seconds_of(value: object) -> float | None:
    """An ISO-8601 time as Unix seconds; None for anything else."""
    return unix_time(value) if isinstance(value, str) else None
