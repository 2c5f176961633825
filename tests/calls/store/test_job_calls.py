"""The calls of a job: with its id or of its sessions, from a time on, in every way of reading calls, and their cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from llm_service.calendar_days import Calendar
from llm_service.calls.model import Call
from llm_service.calls.store.job_calls import JobCalls, job_cost_usd
from llm_service.calls.store.queries import CallFilter, CallQueries
from llm_service.calls.store.sorted_calls import Order
from llm_service.calls.store.store import CallStore
from llm_service.database.database import Database

T0_MS = 1_900_000_000_000
CALLS = {
    "before": {"job_id": "j", "at": -1},
    "named": {"job_id": "j"},
    "both": {"job_id": "j", "session_id": "s1"},
    "session": {"session_id": "s2"},
    "unpriced": {"session_id": "s2", "model_name": None},
    "other": {"job_id": "k", "session_id": "s3", "project": "p"},
}
OF_JOB = JobCalls("j", ("s1", "s2"), T0_MS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """With the calls, a dollar each; one has no price."""
    database = Database(str(tmp_path / "history.db"))
    database.start()
    assert database.wait_open(60)
    store = CallStore(
        database, lambda call: 10**9 if call.model_name else None, Calendar(ZoneInfo("UTC")), lambda batch: None
    )
    store.ingest([_call(name, **values) for name, values in CALLS.items()])
    yield database
    database.stop()


def _call(name: str, at: int = 0, model_name: str | None = "m", **values: str) -> Call:
    return Call(name, T0_MS + at, model_name=model_name, **values)


@pytest.mark.parametrize(
    "wanted, names",
    [
        (OF_JOB, {"named", "both", "session", "unpriced"}),
        (JobCalls("j"), {"before", "named", "both"}),
        (JobCalls("k", ("s1",), T0_MS), {"both", "other"}),
        (JobCalls("nobody", ("s2", "unheard-of")), {"session", "unpriced"}),
        (JobCalls("nobody"), set()),
    ],
)
def test_every_way_of_reading_gives_the_same_calls(database: Database, wanted: JobCalls, names: set[str]) -> None:
    queries, only = CallQueries(database), CallFilter(job=wanted)
    newest, _ = queries.page(only, 50, None)
    by_cost, _ = queries.page(only, 50, None, Order("cost", "desc"))
    for found in (newest, by_cost, [*queries.every(only)]):
        assert sorted(call["invocation_id"] for call in found) == sorted(names)
    priced = [call["cost_usd"] for call in newest if call["cost_usd"] is not None]
    assert job_cost_usd(database, wanted) == (sum(priced) if priced else None)


def test_it_is_one_filter_among_others(database: Database) -> None:
    only = CallFilter(job=OF_JOB, names=(("session", frozenset({"s2"})),), cost=frozenset({"priced"}))
    found, _ = CallQueries(database).page(only, 50, None)
    assert [call["invocation_id"] for call in found] == ["session"]
