"""The generic JSON form of a call: what is accepted, what is refused and why, and that nothing else is raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.calls.model import FLAG_FUTURE, FLAG_SKEWED, Call, CallRefused, read_call, read_time

NOW_MS = 1_790_000_000_000
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    [*Call._fields, "timestamp", "time", "model", "input_tokens", "output_tokens", "cost_usd", "total_tokens", "id"]
)


def read(**document: Any) -> Call:
    return read_call({"invocation_id": "x", "timestamp": "2026-09-21T10:00:00Z"} | document, NOW_MS)


@given(st.dictionaries(fields, json_values | st.integers(10**300, 10**320)))
def test_any_document_is_a_call_within_limits_or_is_refused_with_a_sentence(document: dict[str, Any]) -> None:
    try:
        call = read_call(document, NOW_MS)
    except CallRefused as refusal:
        assert str(refusal).endswith((".", "…"))
        return
    assert min(call[11:16]) >= 0
    assert call.cache_read_tokens + call.cache_write_tokens <= call.prompt_tokens
    assert 0 < len(call.invocation_id) <= 512
    json.dumps(call._asdict()).encode()
    call.invocation_id.encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T12:00:00Z", 1772366400000),
        ("2026-03-01T12:00:00.123456+02:00", 1772359200123),
        ("2026-03-01 12:00", 1772366400000),
        ("2026-03-01", 1772323200000),
        (1772366400, 1772366400000),
        (1772366400.5, 1772366400500),
        (1772366400123, 1772366400123),
        (1772366400123456, 1772366400123),
        (1772366400123456789, 1772366400123),
    ],
)
def test_times_in_every_form_are_stored_in_utc(value: Any, expected: int) -> None:
    assert read_time(value) == expected


@pytest.mark.parametrize("value", ["now", "", "2026-02-30T00:00:00Z", None, True, [], float("nan"), 10**400])
def test_values_that_are_no_time_are_refused(value: Any) -> None:
    with pytest.raises(CallRefused):
        read_time(value)


def test_input_tokens_include_cached_ones_under_all_field_names() -> None:
    ours = read(prompt_tokens=1000, cache_read_tokens=600, cache_write_tokens=100, output_tokens=5)
    anthropic = read(input_tokens=300, cache_read_input_tokens=600, cache_creation_input_tokens=100, output_tokens=5)
    separate = read(
        prompt_tokens=300, cache_read_tokens=600, cache_write_tokens=100, completion_tokens=5, total_tokens=1005
    )
    assert ours[11:15] == anthropic[11:15] == separate[11:15] == (1000, 5, 600, 100)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"prompt_tokens": -1}, "A token count is negative."),
        ({"completion_tokens": 100_000_001}, "A token count is above 100,000,000."),
        ({"prompt_tokens": 5, "cache_read_tokens": 6}, "The cached tokens (6) are more than prompt_tokens (5)"),
        ({"prompt_tokens": "many"}, "prompt_tokens has to be a number, not 'many'."),
        ({"cost_usd": -0.01}, "A cost has to be between 0 and 100,000 dollars."),
        ({"cost_usd": 1e300}, "cost_usd is too large."),
        ({"latency_ms": -5}, "latency_ms has to be between 0 and seven days."),
        ({"status": "fine"}, "status has to be one of success, error, timeout, not “fine”."),
        ({"agent_name": {"a": 1}}, "agent_name has to be text, not {'a': 1}."),
        ({"invocation_id": "x" * 513}, "invocation_id has to have 1 to 512 characters."),
        ({"timestamp": "9999-12-31T23:59:59-14:00"}, "The time is outside the years 1970 to 9999."),
    ],
)
def test_a_call_that_cannot_be_counted_is_refused_with_the_reason(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(CallRefused) as refusal:
        read(**document)
    assert str(refusal.value).startswith(reason)


def test_calls_with_future_or_very_old_times_are_accepted_and_flagged() -> None:
    assert read(timestamp=NOW_MS + 4 * 60_000, prompt_tokens=1).flags == 0
    assert read(timestamp=NOW_MS + 6 * 60_000, prompt_tokens=1).flags == FLAG_FUTURE
    assert read(timestamp=1_000, prompt_tokens=1).flags == FLAG_SKEWED


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"display": "prompt 0", "pastedContents": {}, "project": "/home/u/proj", "sessionId": "s"},
        {"level": "error", "status": "error", "message": "hello"},
        {"model": "gpt-5", "latency_ms": 900},
        {"model": "gpt-5", "cost_usd": 0},
        {"model": "gpt-5", "total_tokens": 15},
        {"model": "gpt-5", "usage": {}},
        {"model": "gpt-5", "usage": {"cpu": 3, "input_tokens": None}},
        {"model": "gpt-5", "usage": "much"},
        {"model": "gpt-5", "message": {"usage": {"input_tokens": 5}}},
        {"cost_usd": 0.5},
    ],
)
def test_what_has_no_token_count_is_no_call(document: dict[str, Any]) -> None:
    with pytest.raises(CallRefused, match="There is no token count"):
        read(**document)


def test_a_failed_call_and_one_with_a_cost_need_no_tokens_if_they_name_their_model() -> None:
    failed = read(model="gpt-5", status="timeout")
    assert (failed.status, failed.prompt_tokens, failed.cost_nanos) == ("timeout", 0, None)
    assert read(model="an-image-model", cost_usd=0.04).cost_nanos == 40_000_000
    assert read(model="gpt-5", prompt_tokens=0).prompt_tokens == 0


def test_a_reported_cost_of_nothing_is_believed_only_where_nothing_was_used() -> None:
    assert read(prompt_tokens=5, cost_usd=0).cost_nanos is None
    assert read(completion_tokens=5, cost_usd=0.0).cost_nanos is None
    assert read(completion_tokens=5, cost_usd=1e-12).cost_nanos is None
    assert read(prompt_tokens=0, cost_usd=0).cost_nanos == 0
    assert read(prompt_tokens=5, cost_usd=0.25).cost_nanos == 250_000_000


ANTHROPIC = {
    "id": "msg_01",
    "type": "message",
    "model": "claude-opus-4-5",
    "usage": {
        "input_tokens": 300,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 100,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70},
        "output_tokens": 5,
    },
}
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_772_366_400,
    "model": "gpt-5",
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 5,
        "total_tokens": 1005,
        "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 3},
    },
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_772_366_400.0,
    "status": "completed",
    "model": "gpt-5",
    "usage": {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 600},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 1005,
    },
}
DEEPSEEK = {
    "model": "deepseek-chat",
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 5,
        "prompt_cache_hit_tokens": 600,
        "prompt_cache_miss_tokens": 400,
    },
}
OPENROUTER = {
    "model": "anthropic/claude-opus-4.5",
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 5,
        "total_tokens": 1005,
        "cost": 0.0125,
        "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 100},
    },
}


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (ANTHROPIC, (1000, 5, 600, 100, 70)),
        ({"usage": {"input_tokens": 10, "output_tokens": 5}}, (10, 5, 0, 0, 0)),
        ({"usage": {"input_tokens": 10, "cache_creation": {"ephemeral_1h_input_tokens": 7}}}, (17, 0, 0, 7, 7)),
        (CHAT, (1000, 5, 600, 0, 0)),
        (RESPONSE, (1000, 5, 600, 0, 0)),
        (DEEPSEEK, (1000, 5, 600, 0, 0)),
        (OPENROUTER, (1000, 5, 600, 100, 0)),
        (CHAT | {"prompt_tokens": 7}, (7, 0, 0, 0, 0)),  # counts of its own come first
    ],
)
def test_the_answer_of_an_api_is_a_call(answer: dict[str, Any], counts: tuple[int, ...]) -> None:
    assert read(**answer)[11:16] == counts


def test_the_time_id_status_and_cost_of_an_answer_are_read() -> None:
    response = read_call(RESPONSE, NOW_MS)
    assert (response.invocation_id, response.timestamp_ms, response.status) == ("resp_1", 1_772_366_400_000, "success")
    assert read_call(CHAT, NOW_MS).timestamp_ms == 1_772_366_400_000
    assert read_call(RESPONSE | {"status": "failed"}, NOW_MS).status == "error"
    assert read(**OPENROUTER).cost_nanos == 12_500_000
    with pytest.raises(CallRefused, match="timestamp is missing"):
        read_call(ANTHROPIC, NOW_MS)


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({"input_tokens": "many"}, "prompt_tokens has to be a number, not 'many'"),
        ({"input_tokens": 5, "cache_read_input_tokens": [1]}, r"cache_read_tokens has to be a number, not \[1\]"),
        ({"prompt_tokens": True}, "prompt_tokens has to be a number"),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 6}}, "cached tokens"),
        ({"input_tokens": -5}, "A token count is negative"),
    ],
)
def test_a_usage_that_cannot_be_counted_is_refused(usage: dict[str, Any], reason: str) -> None:
    with pytest.raises(CallRefused, match=reason):
        read(usage=usage)


def test_calls_without_an_id_and_with_the_same_content_are_one_call() -> None:
    one = {"timestamp": "2026-09-21T10:00:00Z", "prompt_tokens": 5, "model": "m"}
    other = {"model": "m", "prompt_tokens": 5, "timestamp": "2026-09-21T10:00:00Z"}
    assert read_call(one, NOW_MS).invocation_id == read_call(other, NOW_MS).invocation_id
    assert read_call(one | {"prompt_tokens": 6}, NOW_MS).invocation_id != read_call(one, NOW_MS).invocation_id


def test_a_live_call_without_a_time_happens_now_and_gets_its_own_id() -> None:
    one, other = (read_call({"prompt_tokens": 5}, NOW_MS, live=True) for _ in range(2))
    assert one.timestamp_ms == other.timestamp_ms == NOW_MS
    assert one.invocation_id != other.invocation_id
    with pytest.raises(CallRefused, match="timestamp is missing"):
        read_call({"prompt_tokens": 5}, NOW_MS)
