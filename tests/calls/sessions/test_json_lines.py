"""JSON lines, and those of the sample workspace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kit.paths import ROOT
from kit.session_logs import SAMPLES, numbered

from llm_service.calls.model import FLAG_FUTURE
from llm_service.calls.sessions.json_lines import JsonLinesReader
from llm_service.watch.tail import Tail

NOW_MS = 1_795_000_000_000
WORK = ROOT / "work"


def reader() -> JsonLinesReader:
    return JsonLinesReader(lambda: NOW_MS)


def whole(**fields: Any) -> dict[str, Any]:
    return {"invocation_id": "a", "timestamp": "2026-11-17T09:00:00Z", "model_name": "m", "prompt_tokens": 7} | fields


def test_a_line_is_a_call() -> None:
    (call,) = reader().read(numbered([whole(agent_name="backend", task_id="t", completion_tokens=3)]))
    assert (call.invocation_id, call.agent_name, call.task_id) == ("a", "backend", "t")
    assert (call.prompt_tokens, call.completion_tokens) == (7, 3)


def test_a_repeated_line_without_an_id_is_the_same_call() -> None:
    line = whole()
    del line["invocation_id"]
    one, other = reader().read(numbered([line, line]))
    assert one == other


@pytest.mark.parametrize(
    ("line", "reason_part"),
    [
        (b"not json", "This line is not JSON"),
        (b'{"a": 1', "This line is not JSON"),
        (b"[1]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b'{"a": "\xff"}', "not UTF-8 (byte 8)"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"invocation_id":"a","prompt_tokens":1}', "The timestamp is missing."),
        (json.dumps(whole(prompt_tokens=-1)).encode(), "A token count is negative."),
        (json.dumps(whole(prompt_tokens=10**12)).encode(), "above 100,000,000"),
        (b'{"invocation_id":"a","timestamp":"2026-11-17T09:00:00Z","prompt_tokens":' + b"9" * 5000 + b"}", "JSON"),
        (json.dumps(whole(timestamp="yesterday")).encode(), "not a time"),
        (json.dumps(whole(cost_usd=float("nan"))).encode(), "cost_usd has to be a number"),
    ],
)
def test_a_line_that_is_no_call_is_refused_with_its_number_and_a_reason(line: bytes, reason_part: str) -> None:
    made = reader()
    calls = made.read(
        [(1, json.dumps(whole()).encode()), (2, line), (3, json.dumps(whole(invocation_id="b")).encode())]
    )
    assert [call.invocation_id for call in calls] == ["a", "b"]
    ((number, reason),) = made.refused
    assert number == 2
    assert reason_part in reason


def test_a_lone_surrogate_does_not_lose_a_line() -> None:
    (call,) = reader().read([(1, json.dumps(whole(agent_name="x\ud83d")).encode())])
    assert call.agent_name == "x?"


def test_a_call_far_in_the_future_is_accepted_and_flagged() -> None:
    (call,) = reader().read(numbered([whole(timestamp="2031-01-01T00:00:00Z")]))
    assert call.flags == FLAG_FUTURE


def test_the_calls_of_the_sample_workspace_are_read_and_name_its_own_tasks_and_agents() -> None:
    stems = {path.stem for path in (WORK / "collaboration").rglob("*.y*ml")}
    agents = {path.name for path in (WORK / "collaboration").glob("*/*") if path.is_dir()}
    calls = []
    for path in sorted((WORK / "telemetry").glob("*.jsonl")):
        made = JsonLinesReader()
        calls += made.read(Tail(str(path.parent), path.name).read(10_000).lines)
        assert made.refused == []
    assert len({call.invocation_id for call in calls}) == len(calls) >= 200
    assert {call.task_id for call in calls if call.task_id} <= stems
    assert {call.agent_name for call in calls} <= agents
    assert {"success", "error", "timeout"} == {call.status for call in calls}


def test_the_malformed_lines_of_the_sample_set_are_reported_one_by_one() -> None:
    made = reader()
    made.read(Tail(str(SAMPLES / "lines"), "agents.jsonl").read(10_000).lines)
    reasons = [reason for _, reason in made.refused]
    assert len(reasons) == 6
    assert [number for number, _ in made.refused] == sorted({number for number, _ in made.refused})
