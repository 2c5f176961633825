"""What is said of an agent: its state, what that rests on and until when, from what is known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from llm_service.hooks.model import Certainty, Session
from llm_service.jobs.model import Job, JobStatus
from llm_service.orchestrators.model import Orchestrator
from llm_service.overview.model import SOURCES, STATES, AtHand, Known, Verdict, state_of, worst_of
from llm_service.pipelines.model import RunningStep
from llm_service.times import iso_time

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
MINUTE, HOUR = 60.0, 3600.0
LIMIT = 20 * MINUTE


def at(ago_s: float) -> str:
    return iso_time(NOW - ago_s)


def session(state: str, ago_s: float = MINUTE, certainty: str = Certainty.CONFIRMED) -> Session:
    return Session(
        id="s1", client="claude-code", agent=None, model=None, project="", folder=None, state=state, since=at(ago_s),
        certainty=certainty, rests_on="the hook X said so", tool=None, text=None, waits=0, started_at=at(HOUR),
        last_at=at(ago_s), lines=3, file="work/hooks/s1.jsonl",
    )  # fmt: skip


def job(status: str = JobStatus.IN_PROGRESS, asks: str | None = None) -> Job:
    return Job(
        id="j1", project="shop", status=JobStatus(status), started_at=at(HOUR), finished_at=None,
        waiting_for_input=asks, last_output_at=at(5 * MINUTE),
    )  # fmt: skip


def orchestrator(status: str, alive: bool, stale: bool = False) -> Orchestrator:
    return Orchestrator(
        id="o1", plan="tide", status=status, said="running", pid=7, mode="batch", started_at=at(HOUR),
        last_heartbeat=at(3 * MINUTE), is_stale=stale, is_alive=alive, can_stop=False, why_not=None, run_id=None,
        worktree_path=None, log_file=None,
    )  # fmt: skip


STEP = RunningStep(
    pipeline="p1", title="ticket T-1", step="test", job="j", name="tests", agent="tester", session=None, project=None,
    started_at=at(HOUR), active_at=at(MINUTE),
)  # fmt: skip


def task(status: str | None, quiet_s: float = MINUTE, **more: object) -> Known:
    known = Known(task=AtHand(status=status, changed=NOW - quiet_s, since=NOW - HOUR), last_sign=NOW - quiet_s)
    return replace(known, **more)  # type: ignore[arg-type]


def seen(ago_s: float, **more: object) -> Known:
    return replace(Known(last_sign=NOW - ago_s), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "state", "source", "until"),
    [
        # Hooks speak first.
        (seen(MINUTE, session=session("permission")), "waiting", "hook", None),
        (seen(MINUTE, session=session("question")), "waiting", "hook", None),
        (seen(MINUTE, session=session("failed")), "waiting", "hook", None),
        (seen(9 * HOUR, session=session("permission", 9 * HOUR)), "waiting", "hook", None),  # nobody answers for it
        (seen(MINUTE, session=session("working")), "working", "hook", 19 * MINUTE),
        (seen(20 * MINUTE, session=session("working", 20 * MINUTE)), "stuck", "hook", None),
        (seen(MINUTE, session=session("working", 20 * MINUTE), last_call=NOW - MINUTE), "working", "hook", 19 * MINUTE),
        (seen(MINUTE, session=session("idle")), "idle", "hook", None),
        (seen(MINUTE, session=session("idle", HOUR), last_call=NOW - MINUTE), "working", "session log", 9 * MINUTE),
        (seen(MINUTE, session=session("idle"), last_call=NOW - 59), "idle", "hook", None),  # the end of its turn
        (seen(HOUR, session=session("working", HOUR, Certainty.UNKNOWN)), "unknown", "hook", None),
        (
            seen(MINUTE, session=session("working", HOUR, Certainty.UNKNOWN), last_call=NOW - MINUTE),
            "working", "session log", 9 * MINUTE,
        ),
        (seen(MINUTE, session=session("ended")), "finished", "hook", None),
        (replace(task("in_progress"), session=session("idle")), "idle", "hook", None),  # whatever its task says
        (replace(task("in_progress"), session=session("ended")), "working", "task file", 19 * MINUTE),
        # Then runs that were seen, what is registered, and what agents report.
        (seen(5 * MINUTE, job=job()), "working", "run", 15 * MINUTE),
        (seen(30 * MINUTE, job=job()), "stuck", "run", None),
        (seen(30 * MINUTE, job=job(asks="Which one?")), "waiting", "run", None),
        (seen(MINUTE, job=job("unknown")), "unknown", "run", None),
        (seen(MINUTE, job=job("completed")), "idle", "task file", None),
        (seen(3 * MINUTE, orchestrator=orchestrator("running", True)), "working", "registry", 17 * MINUTE),
        (seen(3 * MINUTE, orchestrator=orchestrator("running", True, True)), "stuck", "registry", None),
        (seen(3 * MINUTE, orchestrator=orchestrator("crashed", False)), "stuck", "registry", None),
        (seen(MINUTE, step=STEP), "working", "report", 19 * MINUTE),
        (seen(HOUR, step=STEP), "stuck", "report", None),
        # Then calls.
        (seen(MINUTE, last_call=NOW - MINUTE), "working", "session log", 9 * MINUTE),
        (seen(11 * MINUTE, last_call=NOW - 11 * MINUTE), "unknown", "session log", None),
        (seen(11 * MINUTE, last_call=NOW - 11 * MINUTE, outlived=True), "finished", "session log", None),
        (seen(-5 * MINUTE, last_call=NOW + 5 * MINUTE), "working", "session log", 15 * MINUTE),  # another clock
        # And last the file of a task.
        (task("in_progress"), "working", "task file", 19 * MINUTE),
        (task("WIP", 20 * MINUTE), "stuck", "task file", None),
        (task("in_progress", 3 * HOUR, last_call=NOW - 2 * MINUTE), "working", "session log", 8 * MINUTE),
        (task("awaiting_input"), "waiting", "task file", None),
        (task("failed"), "waiting", "task file", None),
        (task("blocked"), "stuck", "task file", None),
        (task("assigned", stale_after_s=48 * HOUR), "idle", "task file", 48 * HOUR - MINUTE),
        (task(None), "idle", "task file", None),
        (task("assigned", 48 * HOUR, stale_after_s=48 * HOUR), "stuck", "task file", None),
        (Known(done=2), "finished", "task file", None),
        (Known(), "idle", "task file", None),
    ],
)  # fmt: skip
def test_the_state_and_what_it_rests_on(known: Known, state: str, source: str, until: float | None) -> None:
    found = state_of(known, NOW, LIMIT)
    assert (found.state, found.source) == (state, source), found
    assert found.until == (None if until is None else NOW + until)
    assert found.state in STATES
    assert found.source in SOURCES
    assert found.reason.endswith(".")


def test_what_the_sentence_says() -> None:
    assert state_of(task("in_progress", HOUR), NOW, LIMIT).reason == (
        "Its task says “in_progress”, and there was no sign of life for 20 minutes."
    )
    assert state_of(Known(session=session("working")), NOW, LIMIT).reason == "The hook X said so."
    stuck = state_of(seen(HOUR, job=job()), NOW, LIMIT)
    assert (stuck.since, stuck.certainty) == (NOW - HOUR, "derived")


def test_without_a_limit_nobody_is_stuck_by_time() -> None:
    assert state_of(task("in_progress", 900 * HOUR), NOW, 0).state == "working"
    assert state_of(seen(900 * HOUR, job=job()), NOW, 0) == Verdict(
        "working", "Its program runs.", "run", Certainty.CONFIRMED, NOW - HOUR
    )


def test_of_several_things_the_one_that_concerns_a_person_most_counts() -> None:
    working = Verdict("working", "It works.", "run", since=NOW - HOUR, until=NOW + HOUR)
    later = replace(working, reason="It works too.", since=NOW - MINUTE, until=NOW + MINUTE)
    stuck = Verdict("stuck", "It does not.", "run", since=NOW)
    assert worst_of([working, stuck, later]) == replace(
        stuck, reason="Of 3 things at once: It does not.", until=NOW + MINUTE
    )
    assert worst_of([working, later]).since == NOW - MINUTE
    assert worst_of([working]) == working
