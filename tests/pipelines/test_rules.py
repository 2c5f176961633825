"""The status table: what a job's change does to its step and its pipeline, with every edge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.pipelines import refused

from llm_service.pipelines import rules
from llm_service.pipelines.model import JOB_STATUSES, TERMINAL, Job, Pipeline, Step

T = [f"2026-11-30T10:00:{second:02}.000Z" for second in range(30)]


def pipeline(*steps: str) -> Pipeline:
    names = steps or ("research", "coding", "wrap-up")
    return Pipeline(
        id="p", project=None, pipeline_type="ticket_work", ticket_id="T", sprint_id=None, branch=None,
        triggered_by=None, meta={}, status="created", created_at=T[0], started_at=None, finished_at=None,
        updated_at=T[0], steps=tuple(Step(name, number) for number, name in enumerate(names, 1)),
    )  # fmt: skip


def told(*said: tuple[str, str], start: Pipeline | None = None) -> Pipeline:
    """The pipeline after these (job, status), a second apart. A job's name begins with that of its step."""
    found = start or pipeline()
    for second, (name, status) in enumerate(said, 1):
        if found.job(name) is None:
            step = name.rpartition("/")[0]
            job = Job(id=name, step=step, name=name, agent_type="a", created_at=T[second])
            found = rules.add_job(found, job, status, T[second])
        else:
            found = rules.set_status(found, name, status, T[second])
    return found


def step_of(found: Pipeline, name: str = "research") -> Step:
    step = found.step(name)
    assert step is not None
    return step


def job_of(found: Pipeline, name: str = "research/a") -> Job:
    job = found.job(name)
    assert job is not None
    return job


A, B = "research/a", "research/b"

STEPS = [
    # what was said of the jobs of one step -> the step, the pipeline
    pytest.param([(A, "created")], "pending", "created", id="a created job changes nothing"),
    pytest.param([(A, "pending")], "pending", "created", id="a pending job changes nothing"),
    pytest.param([(A, "running")], "running", "running", id="running"),
    pytest.param([(A, "created"), (A, "running")], "running", "running", id="created, then running"),
    pytest.param([(A, "running"), (A, "success")], "success", "running", id="success"),
    pytest.param([(A, "running"), (A, "failed")], "failed", "failed", id="failed, at once"),
    pytest.param([(A, "failed")], "failed", "failed", id="reported only after it failed"),
    pytest.param([(A, "success")], "success", "running", id="reported only after it succeeded"),
    pytest.param([(A, "skipped")], "success", "running", id="only skipped"),
    pytest.param([(A, "skipped"), (B, "skipped")], "success", "running", id="two, only skipped"),
    pytest.param([(A, "canceled")], "canceled", "running", id="only canceled"),
    pytest.param([(A, "canceled"), (B, "skipped")], "canceled", "running", id="canceled and skipped"),
    pytest.param([(A, "success"), (B, "canceled")], "success", "running", id="success and canceled"),
    pytest.param([(A, "success"), (B, "skipped")], "success", "running", id="success and skipped"),
    pytest.param([(A, "canceled"), (B, "failed")], "failed", "failed", id="canceled and failed"),
    pytest.param([(A, "failed"), (B, "success")], "failed", "failed", id="failed and success"),
    pytest.param(
        [(A, "running"), (B, "running"), (A, "failed")], "running", "running", id="failed while another one runs"
    ),
    pytest.param(
        [(A, "running"), (B, "running"), (A, "failed"), (B, "success")], "failed", "failed", id="until that ends too"
    ),
    pytest.param([(A, "running"), (B, "created"), (A, "success")], "running", "running", id="one still waits"),
    pytest.param([(B, "created"), (A, "success")], "pending", "running", id="one waits, and none has run"),
    pytest.param([(A, "failed"), (B, "created")], "failed", "failed", id="a new job does not take a failure back"),
    pytest.param([(A, "failed"), (B, "running")], "running", "running", id="it does while it runs"),
    pytest.param([(A, "failed"), (B, "running"), (B, "success")], "failed", "failed", id="the failed one still counts"),
    pytest.param([(A, "success"), (B, "running")], "running", "running", id="a step is opened again"),
    pytest.param([(A, "failed"), (A, "running")], "running", "running", id="a retry"),
    pytest.param([(A, "failed"), (A, "running"), (A, "success")], "success", "running", id="a retry that succeeds"),
    pytest.param([(A, "failed"), (A, "success")], "success", "running", id="a failure that is taken back"),
    pytest.param([(A, "failed"), (A, "running"), (A, "failed")], "failed", "failed", id="a retry that fails"),
    pytest.param([(A, "failed"), (A, "pending")], "failed", "failed", id="a retry that waits"),
]


@pytest.mark.parametrize(("said", "step", "whole"), STEPS)
def test_the_status_table(said: list[tuple[str, str]], step: str, whole: str) -> None:
    found = told(*said)
    assert (step_of(found).status, found.status) == (step, whole)
    assert [one.status for one in found.steps[1:]] == ["pending", "pending"], "the other steps are as they were"
    assert (step_of(found).finished_at is not None) == (step in TERMINAL)
    assert (found.started_at is not None) == (whole != "created")
    assert found.finished_at is None, "only finishing finishes a pipeline"
    assert found.updated_at == T[len(said)]


def test_times_are_those_of_the_changes() -> None:
    found = told((A, "created"), (A, "running"), (A, "success"))
    assert (found.started_at, step_of(found).started_at, job_of(found).started_at) == (T[2], T[2], T[2])
    assert (step_of(found).finished_at, job_of(found).finished_at) == (T[3], T[3])
    assert job_of(found).created_at == T[1]


def test_a_step_that_is_opened_again_began_when_it_began() -> None:
    found = told((A, "running"), (A, "success"), (B, "running"))
    assert (step_of(found).started_at, step_of(found).finished_at) == (T[1], None)


def test_a_retry_counts_an_attempt_and_keeps_the_first_start() -> None:
    found = told((A, "running"), (A, "failed"), (A, "running"))
    job = job_of(found)
    assert (job.attempt, job.started_at, job.finished_at) == (2, T[1], None)
    again = rules.set_status(found, A, "success", T[9])
    assert (job_of(again).attempt, job_of(again).finished_at) == (2, T[9])


def test_an_attempt_that_is_given_counts() -> None:
    found = rules.set_status(told((A, "running"), (A, "failed")), A, "running", T[5], attempt=7)
    assert job_of(found).attempt == 7
    assert job_of(rules.set_status(found, A, "running", T[6], attempt=8)).attempt == 8


@pytest.mark.parametrize("waiting", ["created", "pending", "skipped"])
def test_what_never_ran_begins_its_first_attempt(waiting: str) -> None:
    assert job_of(told((A, waiting), (A, "running"))).attempt == 1


@pytest.mark.parametrize("status", JOB_STATUSES)
def test_saying_the_same_again_changes_no_time(status: str) -> None:
    once = told((A, "running"), (A, status))
    again = rules.set_status(once, A, status, T[20])
    assert replace(again, updated_at="") == replace(once, updated_at="")
    assert again.updated_at == T[20]


def test_another_end_has_another_time() -> None:
    found = told((A, "running"), (A, "success"), (A, "failed"))
    assert (job_of(found).finished_at, step_of(found).finished_at) == (T[3], T[3])


def test_a_job_that_waits_again_has_not_ended() -> None:
    assert job_of(told((A, "running"), (A, "failed"), (A, "pending"))).finished_at is None


def test_one_failed_step_fails_the_pipeline_whatever_the_others_do() -> None:
    found = told((A, "failed"), ("coding/a", "running"), ("coding/a", "success"))
    assert (found.status, [step.status for step in found.steps]) == ("failed", ["failed", "success", "pending"])
    assert rules.set_status(found, A, "success", T[9]).status == "running"


def test_two_failed_steps_have_both_to_be_mended() -> None:
    found = told((A, "failed"), ("coding/a", "failed"), (A, "success"))
    assert found.status == "failed"
    assert rules.set_status(found, "coding/a", "success", T[9]).status == "running"


ALL_GOOD = [(A, "success"), ("coding/a", "success"), ("wrap-up/a", "success")]

FINISHED: list[Any] = [
    # what was said, the status given -> the pipeline, its steps, the steps that were not done
    pytest.param(ALL_GOOD, None, "success", "success success success", [], id="all good"),
    pytest.param(
        [], None, "success", "skipped skipped skipped",
        [("research", "pending"), ("coding", "pending"), ("wrap-up", "pending")], id="nothing was done",
    ),
    pytest.param(
        [(A, "success")], None, "success", "success skipped skipped",
        [("coding", "pending"), ("wrap-up", "pending")], id="pending steps",
    ),
    pytest.param(
        [(A, "running")], None, "success", "skipped skipped skipped",
        [("research", "running"), ("coding", "pending"), ("wrap-up", "pending")], id="a running step",
    ),
    pytest.param(
        [(A, "failed")], None, "failed", "failed skipped skipped",
        [("coding", "pending"), ("wrap-up", "pending")], id="a failed step",
    ),
    pytest.param(
        [(A, "canceled")], None, "canceled", "canceled skipped skipped",
        [("coding", "pending"), ("wrap-up", "pending")], id="a canceled step",
    ),
    pytest.param(
        [(A, "canceled"), ("coding/a", "failed")], None, "failed", "canceled failed skipped",
        [("wrap-up", "pending")], id="failed is worse than canceled",
    ),
    pytest.param(
        [(A, "running"), (B, "running"), (A, "failed")], None, "failed", "failed skipped skipped",
        [("research", "running"), ("coding", "pending"), ("wrap-up", "pending")], id="a failed job in a running step",
    ),
    pytest.param(
        [(A, "failed")], "success", "success", "failed skipped skipped",
        [("coding", "pending"), ("wrap-up", "pending")], id="the status that is given counts",
    ),
    pytest.param(ALL_GOOD, "canceled", "canceled", "success success success", [], id="canceled at the end"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "given", "whole", "steps", "undone"), FINISHED)
def test_finishing(
    said: list[tuple[str, str]], given: str | None, whole: str, steps: str, undone: list[tuple[str, str]]
) -> None:
    found, left = rules.finish(told(*said), given, T[25])
    assert (found.status, found.finished_at, found.updated_at) == (whole, T[25], T[25])
    assert [step.status for step in found.steps] == steps.split()
    assert [(step.name, step.status) for step in left] == undone
    assert all(job.status in TERMINAL and job.finished_at for job in found.jobs), "nothing goes on"
    assert all(step.finished_at for step in found.steps)


def test_finishing_twice_is_refused_with_what_it_was() -> None:
    found, _ = rules.finish(told((A, "failed")), None, T[25])
    error = refused(rules.finish, found, "success", T[26])
    assert error.code == "ALREADY_FINISHED"
    assert T[25] in error.sentence and "failed" in error.sentence


@pytest.mark.parametrize("status", [one for one in JOB_STATUSES if one != "success"])
def test_after_that_no_job_changes_its_status(status: str) -> None:
    found, _ = rules.finish(told(*ALL_GOOD), None, T[25])
    assert refused(rules.set_status, found, A, status, T[26]).code == "ALREADY_FINISHED"
    same = rules.set_status(found, A, "success", T[26])
    assert (same.status, same.steps) == (found.status, found.steps)


def test_after_that_there_are_no_new_jobs() -> None:
    found, _ = rules.finish(pipeline(), None, T[25])
    job = Job(id="x", step="coding", name="x", agent_type="a")
    assert refused(rules.add_job, found, job, "created", T[26]).code == "ALREADY_FINISHED"


def test_a_late_summary_does_not_change_a_finished_pipeline() -> None:
    found, _ = rules.finish(told((A, "failed")), "success", T[25])
    assert rules.set_status(found, A, "failed", T[26]).status == "success"


@pytest.mark.parametrize(
    ("jobs", "current", "expected"),
    [
        ([], "pending", "pending"),
        (["created"], "success", "success"),
        (["running", "success"], "pending", "running"),
        (["skipped", "canceled"], "running", "canceled"),
        (["skipped", "success"], "running", "success"),
    ],
)
def test_the_status_of_a_step(jobs: list[str], current: str, expected: str) -> None:
    assert rules.step_status(jobs, current) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["success", "skipped"], "success"),
        (["skipped"], "success"),
        (["success", "canceled"], "canceled"),
        (["canceled", "failed", "success"], "failed"),
    ],
)
def test_the_worst_of_the_steps(steps: list[str], expected: str) -> None:
    assert rules.worst(steps) == expected
