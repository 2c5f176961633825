"""The totals of realistic logs equal sums that are computed independently from the JSON, to the cent.

The readers process a log line by line with a small state. The judges (`kit/*_recount.py`) are written from the agents'
and providers' manuals, collect all lines first and then group them, and price with the dollars on the price pages
(`kit/dollars.py`). They share no code and no list of fields with the product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kit import claude_recount, codex_recount, lines_recount
from kit.dollars import Response, tokens
from kit.log_documents import documents
from kit.session_logs import SAMPLES, LogStore, open_log_store

Recount = Callable[[Path], list[Response]]
SETS: list[tuple[str, Any, Recount]] = [
    *(
        (name, "claude", claude_recount.recount)
        for name in ("claude-streamed", "claude-resumed", "claude-2025", "claude-served")
    ),
    *((name, "codex", codex_recount.recount) for name in ("codex-counters", "codex-records", "codex-served")),
    ("lines", "lines", lines_recount.recount),
]


def counted(store: LogStore) -> list[dict[str, Any]]:
    """The calls in the store, without errors that used nothing: logs do not add those up."""
    used = ("total_tokens", "web_searches")
    return [call for call in store.calls() if any(call[name] for name in used) or call["status"] == "success"]


def counted_tokens(calls: list[dict[str, Any]]) -> dict[str, int]:
    """The same as `kit.dollars.tokens`, of calls in the store."""
    read = sum(call["cache_read_tokens"] for call in calls)
    write = sum(call["cache_write_tokens"] for call in calls)
    return {
        "calls": len(calls),
        "input": sum(call["prompt_tokens"] for call in calls) - read - write,
        "read": read,
        "write": write,
        "write_1h": sum(call["cache_write_1h_tokens"] for call in calls),
        "output": sum(call["completion_tokens"] for call in calls),
        "searches": sum(call["web_searches"] for call in calls),
    }


@pytest.mark.parametrize(("name", "kind", "recount"), SETS)
def test_tokens_and_dollars_of_a_sample_set_equal_an_independent_sum(
    name: str, kind: Any, recount: Recount, tmp_path: Path
) -> None:
    responses = recount(SAMPLES / name)
    dollars = [each.usd() for each in responses]
    with open_log_store(tmp_path) as store:
        store.read(kind, SAMPLES / name)
        calls = counted(store)
    assert counted_tokens(calls) == tokens(responses)
    costs = [call["cost_usd"] for call in calls]
    assert costs.count(None) == dollars.count(None)
    total = sum((cost for cost in dollars if cost is not None), Decimal(0))
    ours = sum(Decimal(str(cost)) for cost in costs if cost is not None)
    assert total > 0
    assert round(ours, 2) == round(total, 2)
    assert abs(ours - total) < Decimal("0.000001")  # the cents do not hide errors that cancel out


def test_the_judges_prices_matter() -> None:
    """Each tier, region and fee of the sample sets changes the total: a judge that missed one would say so."""
    for name, recount in (("claude-served", claude_recount.recount), ("codex-served", codex_recount.recount)):
        responses = recount(SAMPLES / name)
        plain = [replace(each, tier=None, in_us=False, searches=0).usd() or Decimal(0) for each in responses]
        full = [each.usd() or Decimal(0) for each in responses]
        pairs = zip(responses, plain, full, strict=True)
        different = {(each.model, each.tier, each.in_us) for each, one, other in pairs if one != other}
        assert len(different) >= 6
        assert abs(sum(full) - sum(plain)) > Decimal("0.3")


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kind, _ in SETS])
def test_a_sample_set_read_again_from_the_start_counts_once(name: str, kind: Any, tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        store.read(kind, SAMPLES / name)
        first = store.calls()
        with store.database.read_transaction() as connection:
            rows = connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0]
        assert rows
        store.database.write(lambda connection: connection.execute("DELETE FROM checkpoints"))
        store.read(kind, SAMPLES / name)
        assert store.calls() == first


def test_the_running_totals_of_codex_grow_by_what_is_counted(tmp_path: Path) -> None:
    """The calls of a fork add up to the difference between its last total and its first."""
    sessions = SAMPLES / "codex-counters/sessions"
    (fork,) = sessions.rglob("*aa02.jsonl")
    totals = [
        line["payload"]["info"]["total_token_usage"]
        for _, line in documents(fork.parent, fork.name)
        if line["payload"].get("type") == "token_count" and line["payload"]["info"]
    ]
    own = next(index for index, (_, line) in enumerate(documents(fork.parent, fork.name)) if "other way" in str(line))
    first = [
        line["payload"]["info"]["total_token_usage"]
        for index, (_, line) in enumerate(documents(fork.parent, fork.name))
        if index < own and line["payload"].get("type") == "token_count" and line["payload"]["info"]
    ][-1]
    with open_log_store(tmp_path) as store:
        store.read("codex", sessions)
        calls = [call for call in store.calls() if call["session_id"] == fork.stem[-36:]]
    assert len(calls) == 4
    assert sum(call["prompt_tokens"] for call in calls) == totals[-1]["input_tokens"] - first["input_tokens"]
    assert sum(call["completion_tokens"] for call in calls) == totals[-1]["output_tokens"] - first["output_tokens"]
