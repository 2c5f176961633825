"""What a job is, from its file, what was asked for, its runs and what they printed: `assemble`, pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..processes.model import Run, RunStatus
from ..times import seconds_between
from .model import Job, JobFile, JobStatus, PhaseTime, Request
from .progress import RunProgress

ACTIVE = frozenset((RunStatus.STARTING, RunStatus.RUNNING))
_LEAST_S = 10.0
"""A rate per hour of less than this would be a guess."""
_REASONS = {
    "timeout": "It ran longer than its profile allows.",
    "log too long": "Its log became longer than its profile allows.",
    "disk full": "It was stopped, as the disk is almost full.",
    "budget": "It was stopped, as a budget is used up.",
    "not found": "Its program was not found.",
    "refused": "The system did not start its program.",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a job: lines that its project grew by, dollars, whether others write there too."""

    lines: int | None = None
    cost_usd: float | None = None
    shared: bool = False
    is_settled: bool = False
    """Its last run has ended, and all that it wrote and printed is counted."""


NOTHING = Measured()


def is_active(run: Run) -> bool:
    """True while a run goes on."""
    return run.status in ACTIVE


def goes_on(run: Run) -> bool:
    """True while a run, or what is left of one whose shim was killed, may write."""
    return is_active(run) or run.survivors > 0


def status_of(file: JobFile, runs: Sequence[Run], request: Request | None) -> JobStatus:
    """By its runs, if it has any or waits for one; else what its file says."""
    last = runs[-1] if runs else None
    if last is not None and is_active(last):
        return JobStatus.IN_PROGRESS
    if request is not None and request.run is None:
        return JobStatus.PENDING
    return file.status if last is None else ended_as(last)


def ended_as(run: Run) -> JobStatus:
    """How a run ended, as the status of its job."""
    if run.exit is None:
        return JobStatus.UNKNOWN
    if run.exit.reason == "stopped":
        return JobStatus.CANCELLED
    return JobStatus.COMPLETED if (run.exit.reason, run.exit.code) == ("exited", 0) else JobStatus.FAILED


def assemble(
    file: JobFile,
    runs: Sequence[Run],
    progress: RunProgress | None,
    request: Request | None,
    reason: str | None,
    measured: Measured,
    now: str,
) -> Job:
    """The job. `progress` is that of its last run, `reason` why it waits."""
    status = status_of(file, runs, request)
    last = runs[-1] if runs else None
    is_over = last is not None and status is not JobStatus.IN_PROGRESS and status is not JobStatus.PENDING
    end = last.exit if last is not None and is_over else None
    started_at = last.started_at if last is not None else file.started_at
    # While a job waits to be run again, its figures are those of the run before, which has ended.
    finished_at = (end.finished_at if end else file.finished_at) if is_over else _ended_at(last)
    if last is None:
        finished_at = file.finished_at
    is_measured = measured.lines is not None or (last is not None and is_active(last))
    lines = measured.lines if is_measured else file.lines_written
    return Job(
        id=file.id,
        project=request.project if request else file.project,
        user=request.user if request else file.user,
        specification=request.specification if request else file.specification,
        profile=request.profile if request else file.profile or (last.profile if last else None),
        status=status,
        current_phase=_phase(file, last, progress),
        lines_written=lines,
        error_message=_error(last, file, progress) if status is not JobStatus.PENDING else None,
        output_ready=_is_ready(status, last, measured, file),
        queue_reason=(reason or file.queue_reason) if status is JobStatus.PENDING else None,
        created_at=file.created_at or (request.requested_at if request else None),
        started_at=started_at,
        finished_at=finished_at,
        phases=tuple(progress.phases) if progress else (),
        runs=tuple(run.run_id for run in runs),
        exit_code=end.code if end else None,
        exit_signal=end.signal if end else None,
        exit_reason=end.reason if end else None,
        survivors=last.survivors if last else 0,
        lines_per_hour=_rate(lines, started_at, finished_at or now),
        log_lines=progress.seq if progress else 0,
        cost_usd=measured.cost_usd if measured.cost_usd is not None else progress.cost_usd if progress else None,
        shared_lines=measured.shared,
        todos_done=progress.todos_done if progress else None,
        todos_total=progress.todos_total if progress else None,
        current_todo=progress.current_todo if progress else None,
        rate_limit=progress.rate_limit if progress else None,
        waiting_for_input=progress.waiting_for_input if progress and not is_over else None,
        last_output_at=progress.last_output_at if progress else None,
        file=file.file,
        problem=file.problem,
    )


def _ended_at(run: Run | None) -> str | None:
    return run.exit.finished_at if run is not None and run.exit is not None and not is_active(run) else None


def _phase(file: JobFile, last: Run | None, progress: RunProgress | None) -> str:
    if progress is not None and progress.phases:
        return progress.current_phase
    return "idle" if last is not None and is_active(last) else file.current_phase


def _is_ready(status: JobStatus, last: Run | None, measured: Measured, file: JobFile) -> bool:
    if last is None:
        return file.output_ready
    return status is JobStatus.COMPLETED and (measured.is_settled or file.output_ready)


def _error(last: Run | None, file: JobFile, progress: RunProgress | None) -> str | None:
    """Why it failed, as sentences: what is known of its end, and what its agent said."""
    if last is None:
        return file.error_message
    failure = None if is_active(last) else failure_of(last)
    if failure is None or progress is None or progress.work.failure is None or last.exit is None:
        return failure
    said = " ".join(progress.work.failure.split())
    return f"{failure} The agent said: {said}" if last.exit.reason == "exited" else failure


def failure_of(run: Run) -> str | None:
    """Why a run that has ended failed, as a sentence; None if it did not, or was stopped."""
    end = run.exit
    if end is None:
        return "What supervised it ended without a trace, so how it ended is not known."
    if end.reason == "stopped":
        return None
    if end.reason == "exited":
        return (
            None
            if end.code == 0
            else f"It ended with exit code {end.code}."
            if end.signal is None
            else _signal(end.signal)
        )
    sentence = _REASONS.get(end.reason, f"It ended: {end.reason}.")
    return f"{sentence} {end.message}" if end.message else sentence


def _signal(number: int) -> str:
    return f"It was killed by signal {number}."


def _rate(lines: int | None, started_at: str | None, until: str | None) -> int | None:
    """Lines an hour; None if that is not known, or after a few seconds."""
    if lines is None or started_at is None or until is None:
        return None
    seconds = seconds_between(started_at, until)
    return None if seconds is None or seconds < _LEAST_S else round(lines * 3600 / seconds)


def durations(phases: Sequence[PhaseTime], now: str) -> dict[str, float]:
    """Phase -> seconds in it, over all visits."""
    found: dict[str, float] = {}
    for phase in phases:
        seconds = seconds_between(phase.started_at, phase.finished_at or now)
        found[phase.phase] = found.get(phase.phase, 0.0) + max(0.0, seconds or 0.0)
    return found
