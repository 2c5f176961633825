"""Which calls the page shows for a job: those that its cost is the sum of."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.jobs import run_of

from llm_service.assembly.job_costs import calls_of_job
from llm_service.calls.store.job_calls import JobCalls
from llm_service.jobs.ledger import Ledger
from llm_service.jobs.progress import RunProgress
from llm_service.jobs.store import JobStore

STARTED = "2026-11-20T09:00:00.000Z"
A_MINUTE_BEFORE_MS = 1_795_165_140_000


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(Ledger(str(tmp_path / "own"), str(tmp_path)), lambda event: None)


def test_they_are_those_of_the_last_run_and_its_sessions(store: JobStore) -> None:
    for run_id, started, sessions in (("r1", "2026-11-20T08:00:00Z", {"old"}), ("r2", STARTED, {"b", "a"})):
        run = run_of("j", run_id, started_at=started)
        store.apply_run(run)
        store.apply_progress(run, RunProgress(run_id, started, sessions=sessions))
    assert calls_of_job(store, "j") == JobCalls("j", ("a", "b"), A_MINUTE_BEFORE_MS)


def test_a_job_that_has_not_run_has_those_with_its_id(store: JobStore) -> None:
    assert calls_of_job(store, "j") == JobCalls("j")


def test_a_start_that_is_no_time_is_none(store: JobStore) -> None:
    store.apply_run(run_of("j", "r1", started_at="yesterday"))
    assert calls_of_job(store, "j") == JobCalls("j")
