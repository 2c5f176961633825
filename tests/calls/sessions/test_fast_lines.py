"""The fast reader of a line returns exactly what the full one returns, or leaves the line to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.calls.model import CallRefused, read_call
from llm_service.calls.sessions.fast_lines import read_call_fast
from llm_service.calls.sessions.line_reader import LINE_ERRORS, parse_line

NOW_MS = 1_795_000_000_000
USUAL: dict[str, Any] = {
    "invocation_id": "id-1",
    "timestamp": "2026-11-18T09:00:00Z",
    "agent_name": "ada",
    "tool_name": "claude-code",
    "model_name": "claude-opus-4-5",
    "provider": "anthropic",
    "task_id": "t1",
    "session_id": "s1",
    "project": "quay",
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "cache_read_tokens": 30,
    "cache_write_tokens": 10,
    "total_tokens": 120,
    "latency_ms": 900,
    "status": "success",
}
OTHERS = (
    "id", "time", "timestamp_ms", "agent", "tool", "model", "task", "session", "input_tokens", "output_tokens",
    "cache_read_input_tokens", "cached_tokens", "cache_creation_input_tokens", "cache_write_1h_tokens", "duration_ms",
    "cost_usd", "cost_source", "error_message", "privacy_level", "job_id", "run_id", "flags", "anything",
    "service_tier", "inference_geo", "web_searches", "web_search_requests", "unconfirmed",
)  # fmt: skip
values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 30, 130, 10**8, 10**8 + 1, 2**63, 2**64, 10**40, 1.5, 7.0, float("nan")]),
    st.sampled_from(["", "x", "ü", "\ud800", "a" * 512, "a" * 513, "a" * 2001, "error", "Success", "-", "0"]),
    st.sampled_from(
        ["2026-11-18T09:00:00.123456789Z", "2026-11-18", "1969-12-31T00:00:00Z", "2027-01-01T00:00:00+02:00"]
    ),
    st.sampled_from([[], {}, [1], {"a": 1}]),
)


def read_full(line: bytes) -> object:
    try:
        return read_call(parse_line(line), NOW_MS)
    except LINE_ERRORS:
        return None


def check(line: bytes) -> None:
    fast = read_call_fast(line, NOW_MS)
    assert fast is None or fast == read_full(line), line


def test_a_line_in_the_common_form_is_read_by_the_fast_reader() -> None:
    line = json.dumps(USUAL).encode()
    assert read_call_fast(line, NOW_MS) == read_full(line) is not None


@settings(max_examples=400)
@given(
    st.dictionaries(st.sampled_from([*USUAL, *OTHERS]), values, max_size=4),
    st.sets(st.sampled_from([*USUAL]), max_size=3),
    st.booleans(),
)
def test_both_readers_agree_on_any_fields(other: dict[str, Any], left_out: set[str], ascii_only: bool) -> None:
    document = {name: value for name, value in (USUAL | other).items() if name not in left_out or name in other}
    check(json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


@settings(max_examples=400)
@given(st.integers(0, 500), st.integers(0, 12), st.binary(max_size=6) | st.sampled_from(list(b'{}[]",:0-.eE\\u \t\n')))
def test_both_readers_agree_on_any_damaged_line(at: int, gone: int, instead: bytes | int) -> None:
    line = json.dumps(USUAL | {"more": {"a": [1, -2.5e-3, True, None, "q\\u00fc"]}}).encode()
    put = bytes([instead]) if isinstance(instead, int) else instead
    check(line[:at] + put + line[at + gone :])


@pytest.mark.parametrize(
    "changed",
    [
        {"prompt_tokens": -1},
        {"completion_tokens": 10**8 + 1},
        {"cache_read_tokens": 95},
        {"timestamp": "yesterday"},
        {"status": "fine"},
        {"latency_ms": -5},
    ],
)
def test_invalid_values_are_left_to_the_full_reader(changed: dict[str, Any]) -> None:
    line = json.dumps(USUAL | changed).encode()
    assert read_call_fast(line, NOW_MS) is None
    with pytest.raises(CallRefused):
        read_call(parse_line(line), NOW_MS)
