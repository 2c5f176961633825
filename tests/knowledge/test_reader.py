"""Lines of streams and what is cleaned of them, whatever bytes they are."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.hub.ring import encode
from llm_service.knowledge.clean import Cleaner
from llm_service.knowledge.reader import BadLine, read_line, severity_of

NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
TEXTS = st.text("ab=\x00\ud800é😀\n token", max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def hide(data: bytes) -> bytes:
    return data.replace(b"token=abc", b"token=[redacted]").replace(b"SECRET", b"[redacted]")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 5_000, "it is no JSON"),
        (b"9" * 5_000, "it is no JSON"),
        (b"[]", "it is no JSON object"),
        (b"{}", "it has no `text`"),
        (b'{"text": 1}', "it has no `text`"),
        (b'{"text": " \\n"}', "it has no `text`"),
        (b'{"text": "x", "data": []}', "its `data` is no object"),
    ],
)
def test_what_is_no_message(line: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        read_line(line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(line: bytes) -> None:
    with contextlib.suppress(BadLine):
        assert read_line(line).text.strip()


@pytest.mark.parametrize(
    ("given_time", "read"),
    [
        ("2026-11-30T04:00:00Z", "2026-11-30T04:00:00.000Z"),
        ("2026-11-30T05:00:00+01:00", "2026-11-30T04:00:00.000Z"),
        ("2026-11-30 04:00:00.5", "2026-11-30T04:00:00.500Z"),
        ("2026-11-30T05:00:30Z", "2026-11-30T05:00:00.000Z"),
        ("2026-11-30T06:00:00Z", None),
        ("2024-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("today", None),
        (1_790_000_000, None),
        ("2026" * 20, None),
    ],
)
def test_a_time_that_can_be_true_is_taken(given_time: object, read: str | None) -> None:
    assert read_line(json.dumps({"text": "x", "created_at": given_time}).encode(), NOW).time == read
    assert read_line(json.dumps({"text": "x", "time": given_time}).encode(), NOW).time == read


@pytest.mark.parametrize(
    ("word", "severity"),
    [("ERROR", "error"), (" warn ", "warning"), ("critical", "error"), ("loud", None), (3, None), (None, None)],
)
def test_severities(word: object, severity: str | None) -> None:
    assert severity_of(word) == severity


@given(JSON)
def test_any_data_can_be_sent(value: Any) -> None:
    cleaned = Cleaner(hide).data({"value": value})
    assert json.loads(encode(cleaned)) == cleaned
    assert len(encode(cleaned)) < 5_000_000


def test_large_data_is_cut() -> None:
    cleaner = Cleaner(hide)
    many = cleaner.data({str(number): {str(inner): inner for inner in range(200)} for number in range(200)})
    assert len(encode(many)) < 20_000
    long = cleaner.data({"x": ["y" * 10_000] * 50})
    assert {len(one) for one in long["x"]} == {4_000}
    assert cleaner.data(["x"]) == {}
    assert cleaner.data({"k" * 500: 1}) == {f"{'k' * 192} … (cut)": 1}


def test_secrets_are_found_by_their_key_too() -> None:
    cleaned = Cleaner(hide).data({"token": "abc", "SECRET": "a SECRET", "in": {"list": ["SECRET"]}, "other key": "abc"})
    assert cleaned == {
        "token": "[redacted]", "[redacted]": "a [redacted]", "in": {"list": ["[redacted]"]}, "other key": "abc",
    }  # fmt: skip


def test_a_redaction_that_also_takes_the_key_leaves_no_secret() -> None:
    cleaned = Cleaner(lambda data: b"[redacted]" if b"token=" in data else data).data({"token": "abc"})
    assert "abc" not in str(cleaned)


@pytest.mark.parametrize("value", [None, 3, "", " ", ["x"]])
def test_names_are_texts(value: object) -> None:
    assert Cleaner(hide).name(value) is None
