"""Copilot CLI's spans: which of them are calls, what they cost, and that reading may stop anywhere."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import SAMPLES, numbered, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.copilot import CopilotReader, default_folders, is_copilot_log
from llm_service.calls.sessions.session_facts import TaskPaths
from llm_service.tasks.model import LANES

SAMPLE = SAMPLES / "copilot"
LINES = next(SAMPLE.rglob("*.jsonl")).read_text().splitlines()
TRACE = "369781cbe9cea6dfd2d908e548bc4f83"


def reader(**options: Any) -> CopilotReader:
    return CopilotReader(TaskPaths(LANES), now_ms=lambda: 1_795_500_000_000, **options)


def span(number: int, parent: int = 0, operation: str = "chat", **attributes: Any) -> dict[str, Any]:
    return {
        "type": "span",
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "startTime": [1_795_082_400, 500_000_000],
        "endTime": [1_795_082_402, 0],
        "attributes": {"gen_ai.operation.name": operation, **{f"gen_ai.{key}": one for key, one in attributes.items()}},
        "status": {"code": 0},
    }


USAGE = {"request.model": "m", "usage.input_tokens": 100, "usage.output_tokens": 5}


def read(*lines: Any) -> list[Call]:
    made = reader()
    calls = made.read(numbered(lines))
    assert made.refused == []
    return calls


def recount() -> Counter[str]:
    """Calls and nano-dollars, from all lines at once: the spans with tokens that have none with tokens below them."""
    spans = [line for line in map(json.loads, LINES) if line["type"] == "span"]
    by_id = {(one["traceId"], one["spanId"]): one for one in spans}
    with_tokens = {key for key, one in by_id.items() if one["attributes"].get("gen_ai.usage.input_tokens")}
    above: set[tuple[str, str]] = set()
    for trace, number in with_tokens:
        parent = by_id[trace, number].get("parentSpanId")
        while parent is not None:
            above.add((trace, parent))
            parent = by_id.get((trace, parent), {}).get("parentSpanId")
    found: Counter[str] = Counter(calls=len(with_tokens - above))
    for key in with_tokens - above:
        facts = by_id[key]["attributes"]
        usage = Usage(
            input_tokens=facts["gen_ai.usage.input_tokens"],
            cache_read_tokens=facts.get("gen_ai.usage.cache_read.input_tokens", 0),
            cache_write_tokens=facts.get("gen_ai.usage.cache_creation.input_tokens", 0),
            output_tokens=facts["gen_ai.usage.output_tokens"],
        )
        model = facts["gen_ai.response.model"]
        provider = "anthropic" if model.startswith("claude") else "openai"
        moment = datetime.fromtimestamp(by_id[key]["startTime"][0], UTC)
        price = calc_price(usage, model.replace(".", "-"), provider_id=provider, genai_request_timestamp=moment)
        found["nanos"] += round(price.total_price * Decimal(10**9))
        found["prompt"] += usage.input_tokens or 0
    return found


def test_the_sample_costs_what_an_independent_recount_says(tmp_path: Path) -> None:
    expected = recount()
    with open_log_store(tmp_path) as store:
        store.read("copilot", SAMPLE / "otel")
        calls = store.calls()
        succeeded = [call for call in calls if call["status"] == "success"]
        assert len(succeeded) == expected["calls"] == 7
        assert sum(call["prompt_tokens"] for call in succeeded) == expected["prompt"]
        assert sum(round(call["cost_usd"] * 1e9) for call in calls) == expected["nanos"]
        (failed,) = (call for call in calls if call["status"] == "error")
        assert (failed["error_message"], failed["cost_usd"]) == ("rate limited", 0)
        assert store.read("copilot", SAMPLE / "otel").status()["calls"] == 0


def test_session_agent_task_project_time_and_latency_of_a_call() -> None:
    calls = reader().read(numbered(map(json.loads, LINES)))
    assert [call.agent_name for call in calls] == ["copilot"] * 5 + ["GitHub Copilot Agent", "copilot", "copilot"]
    assert [call.task_id for call in calls[:3]] == [None, *["2026-11-18T0845-backend-ical-feed"] * 2]
    assert {call.session_id for call in calls[:5]} == {"27b5c011-c439-4454-939d-abe455f89969"}
    assert (calls[0].timestamp_ms, calls[0].latency_ms, calls[0].provider) == (1_795_082_400_533, 2_228, "github")
    assert calls[5].project == "quayside"
    assert calls[0].invocation_id.startswith("otel:")


@given(cuts=st.sets(st.integers(1, len(LINES) - 1)))
def test_reading_may_stop_and_continue_after_any_line(cuts: set[int]) -> None:
    lines, state, found = numbered(map(json.loads, LINES)), None, list[Call]()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(lines)], strict=True):
        part = reader(state=state)
        found += part.read(lines[begin:end])
        state = json.loads(json.dumps(part.state()))
    assert found == reader().read(lines)
    assert "open" not in state or len(state["open"]) == 1  # the root of the last trace has not ended


def test_an_agent_counts_only_if_nothing_below_it_did() -> None:
    agent = span(1, operation="invoke_agent", **USAGE)
    assert [call.invocation_id[-1] for call in read(span(2, 1, **USAGE), agent)] == ["2"]
    tool = span(2, 1, operation="execute_tool")
    assert [call.invocation_id[-1] for call in read(span(3, 2, **USAGE), tool, agent)] == ["3"]
    assert [call.invocation_id[-1] for call in read(tool, agent)] == ["1"]
    assert read(span(1, operation="invoke_agent")) == []


def test_a_whole_request_of_otlp_in_a_line_is_read() -> None:
    pairs = [
        {"key": key, "value": {"stringValue": str(value)}} for key, value in span(1, **USAGE)["attributes"].items()
    ]
    one = {"traceId": TRACE, "spanId": "01" * 8, "startTimeUnixNano": "1795082400500000000", "attributes": pairs}
    (call,) = read({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]})
    assert (call.prompt_tokens, call.timestamp_ms) == (100, 1_795_082_400_500)


def test_other_lines_are_no_calls_and_spans_that_cannot_be_read_are_refused() -> None:
    assert read({"type": "metric", "name": "span"}, {"type": "log", "body": "span"}, span(1)) == []
    made = reader()
    bad_time = span(1, **USAGE) | {"startTime": "today"}
    redacted = span(2, **USAGE | {"usage.input_tokens": "[REDACTED]"})
    assert [
        call.invocation_id[-1] for call in made.read(numbered([bad_time, b'{"span"', redacted, span(4, **USAGE)]))
    ] == ["4"]
    assert [number for number, _ in made.refused] == [1, 2, 3]
    assert "has to be a number, not '[REDACTED]'" in made.refused[2][1]


def test_what_must_be_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.copilot._MAX_OPEN", 10)
    made = reader()
    made.read(numbered([span(2 * number + 2, 2 * number + 1, **USAGE) for number in range(50)]))
    assert len(made.state()["open"]) == 10


def test_where_only_one_workspace_counts_spans_do_not_as_they_do_not_say_where_they_ran() -> None:
    assert reader(in_scope=False).read(numbered([span(1, **USAGE)])) == []


def test_where_the_spans_are_and_how_they_are_recognised() -> None:
    assert default_folders({}, "/home/ada") == ["/home/ada/.copilot/otel"]
    assert default_folders({"COPILOT_HOME": "/srv/copilot"}, "/home/ada") == ["/srv/copilot/otel"]
    assert is_copilot_log([LINES[0].encode()])
    assert not is_copilot_log([b'{"type":"span","name":"chat"}', b'{"timestamp":1}'])
