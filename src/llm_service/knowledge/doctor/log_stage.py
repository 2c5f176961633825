"""The second stage (pure): was the output captured, or is the program buffering?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..buffers import looks_buffered
from ..insight import span
from .job_files import JobFacts, RunFacts
from .model import Stage, ago, stage

_SILENCE_S = 30.0
_NOT_STARTED = ("not found", "refused")
_QUIET_S = 60.0
_MEANWHILE_S = 10.0
"""So much later than the last output a file has to be, to show that the program works on."""
_UNREAD = 131_072
"""Bytes that are more than a line that has not ended: one may wait for its end."""
_FAR_BEHIND = 32_000_000
_READS_WITHIN_S = 5.0
_BUFFERING = (
    "Set `pty: true` in its profile, or let the program flush its output (`python -u`, `stdbuf -oL`): "
    "programs collect output that goes to a file."
)


def logs_stage(job: JobFacts | None, run: RunFacts | None, now: float, files_changed_at: float | None = None) -> Stage:
    """(2) Was its output captured, or is the program buffering? `files_changed_at`: the newest of its files."""
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
        step = f"Check what is at work/runs/{run.id}/output.log, and its rights; if it was replaced, try the job again."
        return stage(2, "problem", f"Its log cannot be read: {run.log_problem}", step, figures=figures)
    if run.log_bytes is None:
        return _without_log(run, figures)
    if run.exit is None and run.is_alive is False:
        return stage(
            2,
            "problem",
            "The process that captures its output is gone, and did not write how the run ended.",
            "Nothing is captured any more, and the status is unknown; try the job again.",
            figures=figures,
        )
    return _captured(run, run.log_bytes, now, files_changed_at, figures)


def reading_stage(run: RunFacts | None, read: int | None, now: float) -> Stage | None:
    """(3) That the dashboard does not get on with reading the log, of which it has read so many bytes; None if it
    does, or if that is not known."""
    if run is None or run.log_bytes is None or read is None:
        return None
    unread = run.log_bytes - read
    silence_s = now - run.log_changed_at if run.log_changed_at is not None else 0.0
    figures = {"run": run.id, "bytes": run.log_bytes, "read": read}
    if unread >= _FAR_BEHIND:
        reason = f"The log grows faster than it is read: {read:,} of {run.log_bytes:,} bytes are read"
        if run.exit is not None or silence_s >= _READS_WITHIN_S:
            reason = f"The log is still being read: {read:,} of {run.log_bytes:,} bytes"
        step = "The newest lines are shown; the others are there, when they are read. Let the program print less."
        return stage(3, "problem", f"{reason}.", step, figures=figures)
    if unread >= _UNREAD and silence_s >= _READS_WITHIN_S:
        reason = f"The dashboard has not read the last {unread:,} bytes of the log, written {ago(silence_s)}."
        step = "See `/health`: is work/runs watched? Restart the dashboard if that does not change."
        return stage(3, "problem", reason, step, figures=figures)
    return None


def _without_log(run: RunFacts, figures: Mapping[str, Any]) -> Stage:
    """The shim opens the log before it starts the program; so it was removed, or nothing was started."""
    if run.exit is not None and run.exit.get("reason") not in _NOT_STARTED:
        reason = f"Its log is gone; the program {_ended(run.exit)}."
        return stage(2, "note", reason, "Old logs are removed, as the settings `logs_…` say.", figures=figures)
    if run.exit is None and run.is_alive is not None:
        now = "goes on" if run.is_alive else "is not supervised any more"
        reason = f"The log of the run {run.id} was removed, and the run {now}: what it prints cannot be read."
        step = "Stop the job and try it again; let nothing clean up work/runs while jobs run."
        return stage(2, "problem", reason, step, figures=figures)
    reason = f"The run {run.id} has no output.log."
    return stage(2, "problem", reason, "It did not start; try the job again.", figures=figures)


def _captured(
    run: RunFacts, size: int, now: float, files_changed_at: float | None, figures: Mapping[str, Any]
) -> Stage:
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
    if size and silence_s >= _SILENCE_S and looks_buffered(size):
        reason = f"{size:,} bytes were captured, whole blocks of a buffer, and nothing for {span(silence_s)}"
        return stage(2, "problem", f"{reason}: buffering?", _BUFFERING, figures=figures)
    if size == 0:
        return stage(2, "note", "Nothing was printed yet.", figures=figures)
    if silence_s >= _QUIET_S:
        reason = f"{size:,} bytes were captured, and nothing for {span(silence_s)}"
        if files_changed_at is not None and files_changed_at >= now - silence_s + _MEANWHILE_S:
            reason = f"{reason}, while its files changed: buffering?"
            return stage(2, "problem", reason, _BUFFERING, figures=figures)
        step = f"It works silently, waits, or hangs. If it should have printed: {_BUFFERING[0].lower()}{_BUFFERING[1:]}"
        return stage(2, "note", f"{reason}.", step, figures=figures)
    return stage(2, "ok", f"{size:,} bytes were captured, the last ones {ago(silence_s)}.", figures=figures)


def _ended(end: dict[str, object]) -> str:
    code, number, reason = end.get("code"), end.get("signal"), end.get("reason")
    if isinstance(code, int):
        return f"ended with code {code}"
    return f"ended by signal {number}" if isinstance(number, int) else f"ended ({reason})"
