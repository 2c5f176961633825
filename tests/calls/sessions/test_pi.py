"""What identifies a response in pi's logs, and what is no call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kit.session_logs import merge_calls, numbered

from llm_service.calls.model import Call
from llm_service.calls.sessions.log_kind import ReadScope
from llm_service.calls.sessions.pi import PiReader
from llm_service.calls.sessions.session_facts import TaskPaths
from llm_service.tasks.model import LANES

HEAD = {"type": "session", "id": "s1", "cwd": "/home/ada/quayside", "timestamp": "2026-11-20T10:00:00.000Z"}
SCOPE = ReadScope("/logs", TaskPaths(LANES), None, lambda: 1_795_500_000_000)


def response(
    entry: str | None = "a1", at_ms: int | None = 1_795_000_000_000, output: int = 7, **more: Any
) -> dict[str, Any]:
    usage = {"input": 10, "output": output, "cacheRead": 5, "cacheWrite": 2, "cost": {"total": 0.25}}
    message = {"role": "assistant", "model": "gpt-5", "provider": "openai", "usage": usage, "stopReason": "stop"}
    message |= ({"timestamp": at_ms} if at_ms is not None else {}) | more
    line = {"type": "message", "timestamp": "2026-11-20T10:00:05.000Z", "message": message}
    return line | ({"id": entry} if entry else {})


def read(*lines: dict[str, Any], state: Any = None) -> list[Call]:
    reader = PiReader(SCOPE, state)
    calls = reader.read(numbered(lines))
    assert reader.refused == []
    return calls


def test_input_includes_what_was_read_from_and_written_to_the_cache() -> None:
    (call,) = read(HEAD, response())
    assert (call.prompt_tokens, call.completion_tokens) == (17, 7)
    assert (call.cache_read_tokens, call.cache_write_tokens) == (5, 2)
    assert (call.cost_nanos, call.agent_name, call.project, call.session_id) == (250_000_000, "pi", "quayside", "s1")


def test_a_copy_in_another_session_is_the_same_call() -> None:
    copies = [response(), response("b2"), response(None), response() | {"timestamp": "2026-11-21T10:00:05.000Z"}]
    calls = [call for copy in copies for call in read(HEAD | {"id": "other"}, copy)]
    assert len(merge_calls(calls)) == 1


def test_a_copy_without_a_time_of_its_own_is_known_by_its_id() -> None:
    calls = read(HEAD, response(at_ms=None))
    calls += read(HEAD, response(at_ms=None) | {"timestamp": "2026-11-21T10:00:05.000Z"})
    assert len(merge_calls(calls)) == 1


def test_equal_responses_at_the_same_time_are_apart_if_their_ids_are_also_after_a_restart() -> None:
    lines = [HEAD, response("a1"), response("a1"), response("b2"), response("c3")]
    assert len(merge_calls(read(*lines))) == 3
    reader = PiReader(SCOPE)
    calls = reader.read(numbered(lines[:4]))
    calls += read(lines[4], state=json.loads(json.dumps(reader.state())))
    assert len(merge_calls(calls)) == 3


@pytest.mark.parametrize(
    ("reason", "error", "status"),
    [
        ("error", "529 overloaded", "error"),
        ("error", "Request timed out.", "timeout"),
        ("aborted", "Request was aborted", "error"),
        ("length", None, "success"),
    ],
)
def test_how_a_response_ended(reason: str, error: str | None, status: str) -> None:
    (call,) = read(HEAD, response(stopReason=reason, errorMessage=error))
    assert (call.status, call.error_message) == (status, error)


def test_what_has_no_tokens_is_a_call_only_if_it_failed() -> None:
    none = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "cost": {"total": 0}}
    ends = ("stop", "aborted", "error")
    calls = [call for end in ends for call in read(HEAD, response(usage=none, stopReason=end, errorMessage="no"))]
    assert [(call.status, call.cost_nanos) for call in calls] == [("error", 0)]


def test_the_model_is_the_one_that_was_chosen_last_where_a_message_names_none() -> None:
    change = {"type": "model_change", "provider": "anthropic", "modelId": "claude-opus-4-5"}
    first, second = read(HEAD, response(), change, response("b2", model=None, provider=None))
    assert (first.model_name, second.model_name, second.provider) == ("gpt-5", "claude-opus-4-5", "anthropic")
