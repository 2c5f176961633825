"""`make_document(record)`: the call that a span or log record reports, in its generic JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..model import CallRefused, read_time
from .attributes import CONTEXT_FIELDS, GENERIC, VERCEL_PROVIDER, RecordType
from .records import OtlpRecord, Value
from .usage_json import add_langfuse, add_vercel

_TOKENS = (
    "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "total_tokens",
)  # fmt: skip
_NUMBERS = (*_TOKENS, "cost_usd", "latency_ms", "status_code")


def make_document(record: OtlpRecord, record_type: RecordType, call_id: str | None, now_ms: int) -> dict[str, Any]:
    """The record as a call in its generic JSON form (`calls.read_call`)."""
    attributes = record.attributes
    document: dict[str, Any] = {"invocation_id": call_id, "provider": record_type.provider}
    for field, names in record_type.fields.items():
        value = first(attributes, names)
        if value is not None:
            document[field] = number(value) if field in _NUMBERS else str(value)
    if VERCEL_PROVIDER in attributes:
        document["provider"] = str(attributes[VERCEL_PROVIDER]).partition(".")[0]
        add_vercel(document, attributes)
    if record_type is GENERIC:
        add_langfuse(document, attributes)
    for field, names in CONTEXT_FIELDS.items():
        value = first(attributes, names)
        value = value if value is not None else first(record.resource, names)
        if value is not None:
            document[field] = str(value)
    for field, names in record_type.extra_tokens.items():
        _add_tokens(document, field, sum(tokens(number(attributes.get(name, 0))) for name in names))
    write, write_1h = tokens(document.get("cache_write_tokens")), tokens(document.get("cache_write_1h_tokens"))
    if write_1h > write:  # the writes for an hour are besides the others, not among them
        document["cache_write_tokens"] = write + write_1h
    cached = tokens(document.get("cache_read_tokens")) + tokens(document.get("cache_write_tokens"))
    # The conventions include cached tokens in the input; exporters that pass on Anthropic's counts do not.
    if record_type.cached_tokens_separate or cached > tokens(document.get("prompt_tokens")):
        _add_tokens(document, "prompt_tokens", cached)
    document["timestamp_ms"], latency_ms = _times(record, now_ms)
    if latency_ms is not None:
        document.setdefault("latency_ms", latency_ms)
    _set_status(document, record, record_type)
    return document


def _set_status(document: dict[str, Any], record: OtlpRecord, record_type: RecordType) -> None:
    status_code, error_type = document.pop("status_code", None), str(record.attributes.get("error.type", ""))
    if not (record_type.is_error or record.failed or error_type):
        document.pop("error_message", None)
        return
    span_message = record.message if record_type is GENERIC else ""
    message = span_message or document.get("error_message") or ""
    timeout = any("timeout" in text.lower() or "timed out" in text.lower() for text in (message, error_type))
    document["status"] = "timeout" if timeout or status_code in (408, 504) else "error"
    document["error_message"] = message or (f"HTTP status {status_code}" if status_code else None)
    if not any(document.get(field) for field in _TOKENS):
        document["cost_usd"] = 0  # nothing was used, so nothing was paid


def _times(record: OtlpRecord, now_ms: int) -> tuple[int, int | None]:
    """(time of the call, its latency), in milliseconds. The event's own timestamp comes before the record's."""
    timestamp = record.attributes.get("event.timestamp")
    if isinstance(timestamp, str):
        try:
            return read_time(timestamp), None
        except CallRefused:
            pass
    start, end = record.start_ns, record.end_ns
    latency_ms = (end - start) // 1_000_000 if 0 < start <= end else None
    return (start // 1_000_000 if start > 0 else now_ms), latency_ms


def first(attributes: Mapping[str, Value], names: Sequence[str]) -> Value | None:
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)


def number(value: Value) -> Any:
    """Text that is a number becomes one; other text stays, and `read_call` rejects it with the name of its field."""
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        try:
            return float(value)
        except ValueError:
            return value


def tokens(value: Any) -> int:
    return round(value) if isinstance(value, (int, float)) and abs(value) < 1e300 else 0


def _add_tokens(document: dict[str, Any], field: str, tokens: int) -> None:
    """Add tokens to a count; a count that is no number stays, and `read_call` rejects it."""
    count = document.get(field, 0)
    if tokens and isinstance(count, (int, float)) and 0 <= count < math.inf:
        document[field] = round(count) + tokens
