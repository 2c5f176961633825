"""What a job is, from its file, its runs and what they printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit.jobs import T0, ended, run_of

from llm_service.jobs.assemble import NOTHING, Measured, assemble, durations
from llm_service.jobs.model import Job, JobFile, JobStatus, PhaseTime, Request
from llm_service.jobs.progress import RunProgress
from llm_service.logs.model import Fact, ParsedLine
from llm_service.processes.model import Run, RunExit, RunStatus

FILE = JobFile(id="one", file="work/jobs/one.yaml", project="quay", specification="Do it.", current_phase="plan")
REQUEST = Request(job="one", project="quay", specification="Do it.", profile="script", user="ada", requested_at=T0)
RUN = run_of("one", "run-1")
LATER = "2026-11-20T10:00:00.000Z"


def progress_of(*facts: Fact) -> RunProgress:
    progress = RunProgress("run-1", T0)
    progress.add(1, ParsedLine("line", facts=facts), T0)
    return progress


def made(
    file: JobFile = FILE,
    runs: tuple[Run, ...] = (),
    request: Request | None = None,
    measured: Measured = NOTHING,
    progress: RunProgress | None = None,
) -> Job:
    return assemble(file, runs, progress, request, "why it waits", measured, LATER)


def test_without_runs_it_is_what_its_file_says() -> None:
    for status in JobStatus:
        file = replace(FILE, status=status, error_message="as written", finished_at=LATER)
        job = made(file)
        assert (job.status, job.current_phase, job.finished_at) == (status, "plan", LATER)
        assert job.queue_reason == ("why it waits" if status is JobStatus.PENDING else None)


@pytest.mark.parametrize(
    ("code", "signal", "reason", "status", "message"),
    [
        (0, None, "exited", JobStatus.COMPLETED, None),
        (2, None, "exited", JobStatus.FAILED, "It ended with exit code 2."),
        (None, 9, "exited", JobStatus.FAILED, "It was killed by signal 9."),
        (None, 15, "stopped", JobStatus.CANCELLED, None),
        (0, None, "stopped", JobStatus.CANCELLED, None),
        (None, None, "not found", JobStatus.FAILED, "Its program was not found. No such file: script"),
        (None, 9, "timeout", JobStatus.FAILED, "It ran longer than its profile allows. No such file: script"),
        (None, None, "eaten", JobStatus.FAILED, "It ended: eaten. No such file: script"),
    ],
)
def test_how_a_run_ended(
    code: int | None, signal: int | None, reason: str, status: JobStatus, message: str | None
) -> None:
    end = RunExit(code=code, signal=signal, finished_at=LATER, reason=reason, message="No such file: script")
    job = made(runs=(replace(RUN, status=RunStatus.FINISHED, exit=end),))
    assert (job.status, job.error_message) == (status, message)
    assert (job.exit_code, job.exit_signal, job.exit_reason, job.finished_at) == (code, signal, reason, LATER)


def test_a_run_counts_more_than_the_file() -> None:
    file = replace(FILE, status=JobStatus.COMPLETED, output_ready=True, finished_at=LATER)
    job = made(file, (RUN,))
    assert (job.status, job.current_phase, job.finished_at) == (JobStatus.IN_PROGRESS, "idle", None)
    assert not job.output_ready
    assert made(replace(FILE, status=JobStatus.IN_PROGRESS), (ended(RUN),)).status is JobStatus.COMPLETED


def test_one_that_is_tried_again_waits() -> None:
    job = made(runs=(ended(RUN, 1),), request=REQUEST)
    assert (job.status, job.queue_reason, job.error_message) == (JobStatus.PENDING, "why it waits", None)
    assert made(runs=(ended(RUN, 1),), request=replace(REQUEST, run="run-1")).status is JobStatus.FAILED


def test_a_run_whose_supervisor_died_is_unknown_and_not_failed() -> None:
    job = made(runs=(replace(RUN, status=RunStatus.UNKNOWN),))
    assert job.status is JobStatus.UNKNOWN
    assert job.error_message is not None


def test_who_asked_and_for_what_is_in_the_request_not_in_the_file() -> None:
    job = made(replace(FILE, project="other", user="root", profile="sh", specification="x"), request=REQUEST)
    assert (job.project, job.user, job.profile, job.specification) == ("quay", "ada", "script", "Do it.")


def test_lines_per_hour() -> None:
    assert made(runs=(RUN,), measured=Measured(lines=100)).lines_per_hour == 100  # an hour from T0 to LATER
    assert made(runs=(ended(RUN),), measured=Measured(lines=100)).lines_per_hour == 6_000  # a minute
    short = ended(RUN, at="2026-11-20T09:00:05.000Z")
    assert made(runs=(short,), measured=Measured(lines=100)).lines_per_hour is None
    assert made(runs=(RUN,)).lines_per_hour is None


@pytest.mark.parametrize("text", ["", "soon", "2026-99-99", "2026-11-20", None])
def test_times_that_are_none_are_no_reason_to_fail(text: str | None) -> None:
    job = made(replace(FILE, started_at=text, finished_at=text, lines_written=7, status=JobStatus.COMPLETED))
    assert job.lines_per_hour is None
    assert durations([PhaseTime(phase="plan", started_at=text or "")], LATER) == {"plan": 0.0}


def test_the_cost_that_the_agent_reports_counts_where_its_calls_are_not_known() -> None:
    progress = RunProgress("run-1", T0, cost_usd=0.5)
    assert made(runs=(RUN,), progress=progress).cost_usd == 0.5
    assert made(runs=(RUN,), progress=progress, measured=Measured(cost_usd=0.4)).cost_usd == 0.4


@pytest.mark.parametrize(
    ("fact", "code", "message"),
    [
        (
            Fact("result", {"is_error": True, "text": "You've hit\nyour limit"}),
            1,
            " The agent said: You've hit your limit",
        ),
        (
            Fact("result", {"is_error": True, "subtype": "error_max_turns", "text": ""}),
            1,
            " The agent said: error_max_turns",
        ),
        (Fact("turn", {"status": "failed", "error": "No credit"}), 1, " The agent said: No credit"),
        (Fact("turn", {"status": "failed"}), 1, ""),
        (Fact("result", {"is_error": False, "text": "Done."}), 1, ""),
        (Fact("result", {"is_error": True, "text": "limit"}), 0, None),
    ],
)
def test_why_its_agent_gave_up(fact: Fact, code: int, message: str | None) -> None:
    job = made(runs=(ended(RUN, code),), progress=progress_of(fact))
    assert job.error_message == (None if message is None else f"It ended with exit code 1.{message}")


def test_the_agent_is_not_quoted_where_it_was_not_the_reason() -> None:
    said = progress_of(Fact("result", {"is_error": True, "text": "limit"}))
    assert made(runs=(RUN,), progress=said).error_message is None
    assert (
        made(runs=(ended(RUN, None, "timeout"),), progress=said).error_message
        == "It ran longer than its profile allows."
    )


def test_a_job_that_waits_to_be_run_again_has_the_end_of_the_run_before() -> None:
    before = ended(RUN, None, "stopped", at="2026-11-20T09:01:00.000Z")
    job = made(FILE, (before,), REQUEST, Measured(lines=8))
    assert (job.status, job.started_at, job.finished_at) == (JobStatus.PENDING, T0, "2026-11-20T09:01:00.000Z")
    assert job.lines_per_hour == made(FILE, (before,), None, Measured(lines=8)).lines_per_hour == 480
    assert (job.exit_code, job.exit_signal, job.exit_reason) == (None, None, None)
