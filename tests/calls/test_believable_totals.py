"""The totals of realistic logs equal sums that are computed here independently from the JSON.

The readers process a log line by line with a small state. Here all lines are collected first and then grouped: the
largest line of each message, each response once, counters by their totals. Dollars come from `genai_prices.calc_price`
for each message, not from our price book.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from kit.session_logs import SAMPLES, LogStore, open_log_store

CLAUDE_SETS = ("claude-streamed", "claude-resumed", "claude-2025")
CODEX_SETS = ("codex-counters", "codex-records")


@dataclass(frozen=True)
class Used:
    """Tokens of one call in the log; `fresh` input is neither read from nor written to a cache."""

    model: str | None
    at: str
    fresh: int
    read: int
    write_5m: int
    write_1h: int
    output: int
    reported_usd: Decimal | None = None

    def usd(self) -> Decimal | None:
        """The cost; None for a model without a price."""
        if self.reported_usd is not None:
            return self.reported_usd
        if self.model is None:
            return None
        provider = "aws" if self.model.startswith("us.anthropic.") else None
        written = self.write_5m + self.write_1h
        usage = Usage(
            input_tokens=self.fresh + self.read + written,
            cache_read_tokens=self.read,
            cache_write_tokens=written,
            cache_write_1h_tokens=self.write_1h,
            output_tokens=self.output,
        )
        moment = datetime.fromisoformat(self.at)
        try:
            price = calc_price(usage, self.model, provider_id=provider, genai_request_timestamp=moment)
        except LookupError:
            return None
        return price.total_price


def documents(folder: Path, pattern: str = "*.jsonl*") -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob(pattern)):
        for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
            try:
                value = json.loads(line.strip(b"\x00\r\n"))
            except ValueError:
                continue
            if isinstance(value, dict) and line.endswith(b"\n"):
                yield path, value


def in_claude(folder: Path) -> list[Used]:
    messages: dict[str, list[dict[str, Any]]] = {}
    for _, line in documents(folder):
        if line.get("type") == "assistant" and line["message"].get("model") != "<synthetic>":
            messages.setdefault(line["message"]["id"], []).append(line)
    found = []
    for lines in messages.values():
        fullest = max(lines, key=lambda line: line["message"]["usage"]["output_tokens"])
        usage, model = fullest["message"]["usage"], fullest["message"]["model"]
        at = min(line["timestamp"] for line in lines)
        cost = Decimal(str(fullest["costUSD"])) if "costUSD" in fullest else None
        for part, name in [(usage, model), *((p, p["model"]) for p in usage.get("iterations", []) if "model" in p)]:
            hour = part.get("cache_creation", {}).get("ephemeral_1h_input_tokens", 0)
            found.append(
                Used(
                    name, at, part["input_tokens"], part["cache_read_input_tokens"],
                    part["cache_creation_input_tokens"] - hour, hour, part["output_tokens"], cost,
                )
            )  # fmt: skip
    return found


FIELDS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
Numbers = tuple[int, ...]


def numbers(usage: dict[str, Any]) -> Numbers:
    return tuple(usage.get(name, 0) for name in FIELDS)


def in_codex(folder: Path) -> list[Used]:
    sessions: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.rglob("rollout-*.jsonl")):  # an archived log is the same session
        sessions[path.stem[-36:]] = [line for _, line in documents(path.parent, path.name)]
    counters = {session: counted_in(lines) for session, lines in sessions.items()}
    found: list[Used] = []
    for session, lines in sessions.items():
        responses: dict[str, tuple[str | None, str, Numbers]] = {}
        for model, line in with_models(lines):
            record = line["payload"] if line["type"] == "token_usage_record" else None
            if line["type"] == "compacted":
                record = line["payload"]["latest_token_usage_record"]
            if record is not None:
                responses.setdefault(record["response_id"], (model, line["timestamp"], numbers(record["usage"])))
        recorded = Counter(usage for _, _, usage in responses.values())
        parent = lines[0]["payload"].get("forked_from_id")
        inherited = Counter(usage for _, _, usage in counters.get(parent, []))
        for model, at, (total, last) in counters[session]:
            if inherited[total, last]:
                inherited[total, last] -= 1
            elif recorded[last]:
                recorded[last] -= 1
            else:
                found.append(in_numbers(model, at, last))
        found += [in_numbers(model, at, usage) for model, at, usage in responses.values()]
    return found


def with_models(lines: list[dict[str, Any]]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    model = None
    for line in lines:
        model = line["payload"].get("model", model) if line["type"] == "turn_context" else model
        yield model, line


def counted_in(lines: list[dict[str, Any]]) -> list[tuple[str | None, str, tuple[Numbers, Numbers]]]:
    """The counters of a log, each total once, without those that are no requests."""
    counters = [
        (model, line["timestamp"], line["payload"]["info"])
        for model, line in with_models(lines)
        if line["payload"].get("type") == "token_count" and line["payload"]["info"]
    ]
    whole = [each for each in counters if "total_token_usage" in each[2]]
    found = []
    for total, group in itertools.groupby(whole, key=lambda each: numbers(each[2]["total_token_usage"])):
        model, at, info = next(group)
        last = numbers(info["last_token_usage"])
        if last[0] or last[3]:
            found.append((model, at, (total, last)))
    return found


def in_numbers(model: str | None, at: str, usage: Numbers) -> Used:
    prompt, read, write, output = usage
    return Used(model, at, prompt - read - write, read, write, 0, output)


def in_lines(folder: Path) -> list[Used]:
    calls: dict[str, dict[str, Any]] = {}
    for _, line in documents(folder):
        wrong = line.get("prompt_tokens", 0) < 0 or line.get("prompt_tokens", 0) > 10**8
        if not wrong and ("timestamp" in line or "time" in line):
            calls.setdefault(line.get("invocation_id") or line.get("id") or json.dumps(line), line)
    found = []
    for call in calls.values():
        model = call.get("model_name") or call["model"]
        read = call.get("cache_read_tokens", 0) + call.get("cache_read_input_tokens", 0)
        write = call.get("cache_write_tokens", 0)
        fresh = call["input_tokens"] if "input_tokens" in call else call["prompt_tokens"] - read - write
        output = call.get("completion_tokens", 0) + call.get("output_tokens", 0)
        cost = Decimal(str(call["cost_usd"])) if "cost_usd" in call else None
        at = call.get("timestamp") or datetime.fromtimestamp(call["time"]).astimezone().isoformat()
        found.append(Used(model, at, fresh, read, write, 0, output, cost))
    return found


def tokens(used: list[Used]) -> dict[str, int]:
    return {
        "calls": len(used),
        "input": sum(each.fresh for each in used),
        "read": sum(each.read for each in used),
        "write": sum(each.write_5m + each.write_1h for each in used),
        "output": sum(each.output for each in used),
    }


def counted_tokens(store: LogStore) -> dict[str, int]:
    """The same for the calls in the store; errors without tokens are not in the totals of a log."""
    calls = [call for call in store.calls() if call["total_tokens"] or call["status"] == "success"]
    read = sum(call["cache_read_tokens"] for call in calls)
    write = sum(call["cache_write_tokens"] for call in calls)
    return {
        "calls": len(calls),
        "input": sum(call["prompt_tokens"] for call in calls) - read - write,
        "read": read,
        "write": write,
        "output": sum(call["completion_tokens"] for call in calls),
    }


SETS = [
    *((name, "claude", in_claude) for name in CLAUDE_SETS),
    *((name, "codex", in_codex) for name in CODEX_SETS),
    ("lines", "lines", in_lines),
]


@pytest.mark.parametrize(("name", "kind", "summed"), SETS)
def test_tokens_and_dollars_of_a_sample_set_equal_an_independent_sum(
    name: str, kind: Any, summed: Any, tmp_path: Path
) -> None:
    used = summed(SAMPLES / name)
    dollars = [each.usd() for each in used]
    with open_log_store(tmp_path) as store:
        store.read(kind, SAMPLES / name)
        assert counted_tokens(store) == tokens(used)
        costs = [call["cost_usd"] for call in store.calls() if call["total_tokens"] or call["status"] == "success"]
        assert costs.count(None) == dollars.count(None)
        total = sum((cost for cost in dollars if cost is not None), Decimal(0))
        ours = sum(Decimal(str(cost)) for cost in costs if cost is not None)
        assert total > 0
        assert round(ours, 2) == round(total, 2)
        assert abs(ours - total) < Decimal("0.000001")  # the cents do not hide errors that cancel out


@pytest.mark.parametrize(("name", "kind", "summed"), SETS)
def test_a_sample_set_read_again_from_the_start_counts_once(name: str, kind: Any, summed: Any, tmp_path: Path) -> None:
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
