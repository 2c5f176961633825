"""Calls sorted by any column, over all that are selected and not only over a page; the expected order is Python's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.calendar_days import Calendar
from llm_service.calls.model import Call
from llm_service.calls.store import sorted_calls
from llm_service.calls.store.queries import CallFilter, CallQueries
from llm_service.calls.store.sorted_calls import ORDERS, SORTS, Order
from llm_service.calls.store.store import CallStore
from llm_service.database.database import Database
from llm_service.errors import BadRequest

NOON = int(datetime(2026, 3, 8, 12, tzinfo=UTC).timestamp())
KEYS: dict[str, Any] = {
    "time": lambda row: row["timestamp"],
    "model": lambda row: _folded(row["model_name"]),
    "agent": lambda row: _folded(row["agent_name"]),
    "task": lambda row: _folded(row["task_id"]),
    "project": lambda row: _folded(row["project"]),
    "input": lambda row: row["prompt_tokens"] - row["cache_read_tokens"] - row["cache_write_tokens"],
    "output": lambda row: row["completion_tokens"],
    "cache": lambda row: row["cache_read_tokens"] + row["cache_write_tokens"],
    "latency": lambda row: row["latency_ms"],
    "cost": lambda row: row["cost_usd"],
    "status": lambda row: ["success", "error", "timeout"].index(row["status"]),
}


def _folded(text: str | None) -> str | None:
    return None if text is None else text.lower()


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallQueries]:
    """61 calls with many equal values, and unknown ones in every column that may be unknown."""
    path: Path = tmp_path_factory.mktemp("calls")
    database = Database(str(path / "history.db"))
    database.start()
    assert database.wait_open(60)
    store = CallStore(database, lambda call: None if call.model_name is None else 7 * call.prompt_tokens, _utc())
    names = [None, "ann", "Bob", "ann-2", "zoë"]
    store.ingest(
        [
            Call(
                f"id-{number}",
                (NOON + number * 137 % 41 * 1800) * 1000,
                agent_name=names[number % 5],
                model_name=names[number % 4],
                task_id=names[number % 3],
                project=names[number % 2],
                prompt_tokens=100 + number % 7,
                completion_tokens=number % 6,
                cache_read_tokens=number % 3,
                cache_write_tokens=number % 2,
                latency_ms=None if number % 4 == 0 else 100 * (number % 9),
                status=["success", "error", "timeout"][number % 3],
            )
            for number in range(61)
        ]
    )
    yield CallQueries(database)
    database.stop()


def _utc() -> Calendar:
    return Calendar(ZoneInfo("UTC"))


def pages(queries: CallQueries, filters: CallFilter, limit: int, order: Order) -> list[dict[str, Any]]:
    rows, cursor = queries.page(filters, limit, None, order)
    while cursor is not None:
        page, cursor = queries.page(filters, limit, cursor, order)
        rows += page
    return rows


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(SORTS),
    st.sampled_from(ORDERS),
    st.sampled_from([1, 2, 7, 60, 61, 500]),
    st.sampled_from([(), (("agent", frozenset({"ann", ""})),), (("task", frozenset({"Bob"})),)]),
    st.sampled_from([None, NOON, NOON + 9 * 1800]),
)
def test_all_pages_together_are_all_selected_calls_in_order(
    queries: CallQueries, sort: str, order: str, limit: int, names: Any, first: int | None
) -> None:
    filters = CallFilter(names, first=first)
    found = pages(queries, filters, limit, Order(sort, order))
    everything, _ = queries.page(filters, 500, None)
    assert sorted(row["invocation_id"] for row in found) == sorted(row["invocation_id"] for row in everything)
    values = [KEYS[sort](row) for row in found]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=order == "desc")
    assert values == known + [None] * (len(values) - len(known))


def test_a_cursor_belongs_to_its_order(queries: CallQueries) -> None:
    _, cursor = queries.page(CallFilter(), 5, None, Order("cost", "desc"))
    assert cursor is not None
    for other in (Order("cost", "asc"), Order("output", "desc"), Order("model", "desc"), Order("time", "asc")):
        with pytest.raises(BadRequest):
            queries.page(CallFilter(), 5, cursor, other)
    _, newest = queries.page(CallFilter(), 5, None)
    for text in (newest, "x", "WzFd", cursor[:-4], "é", "W10"):
        with pytest.raises(BadRequest):
            queries.page(CallFilter(), 5, text, Order("cost", "desc"))


def test_too_many_calls_are_refused_and_a_filter_or_a_range_helps(
    queries: CallQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorted_calls, "MOST_SORTED", 40)
    with pytest.raises(BadRequest, match="About 61 calls are selected, and at most 40 can be sorted by cost"):
        queries.page(CallFilter(), 5, None, Order("cost", "desc"))
    assert queries.page(CallFilter((("agent", frozenset({"ann"})),)), 5, None, Order("cost", "desc"))[0]
    assert queries.page(CallFilter(first=NOON + 30 * 1800), 5, None, Order("cost", "desc"))[0]
    assert len(pages(queries, CallFilter(), 7, Order("time", "asc"))) == 61
