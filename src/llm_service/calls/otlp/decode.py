"""LLM calls in OTLP/HTTP requests: `decode(signal, content_type, content_encoding, body, now_ms)`.

What counts, so that no call counts twice:

- A log record of Claude Code, Codex, Gemini CLI or Qwen Code about one call (`attributes.LOG_EVENTS`). Spans and
  metrics of these programs report the same calls again and are ignored; so are metrics of all others, which are sums.
- A span with token counts of any other program, unless it is a parent of calls: a span of an agent, a workflow or a
  tool, or an ancestor of a span that counts (a framework and the client library under it are both instrumented).
- A log record with the details of an inference (GenAI conventions): the same call as its span, whose id it has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..model import Call, CallRefused, read_call, read_time
from ..store.duplicate_ids import claude_request, codex_response
from .attributes import (
    CALL_KINDS,
    CODEX,
    CONTEXT_FIELDS,
    GENERIC,
    LOG_EVENTS,
    LOGGING_PROGRAMS,
    PARENT_KINDS,
    PARENT_OPERATIONS,
    RecordType,
)
from .messages import JSON_TYPE, encoding_of, error_body, read_body, success_body
from .records import BadBody, OtlpRecord, Signal, Value
from .span_memory import SpanMemory

_TOKENS = ("prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens")
_CODEX_COUNTS = ("input_token_count", "cached_token_count", "output_token_count")
_NUMBERS = (*_TOKENS, "cost_usd", "latency_ms", "status_code")


@dataclass(frozen=True, slots=True)
class OtlpResult:
    """The calls to count, and the response to send."""

    status: int
    calls: list[Call]
    rejections: list[tuple[int, str]]
    """(position of the record in the request, why it cannot be counted)"""
    ignored_count: int
    """Records that are no calls, or report a call that another record reports."""
    note: str | None
    """One sentence for the user if spans of a program are ignored because its log records count."""
    response_body: bytes
    response_type: str


def decode(
    signal: Signal,
    content_type: str | None,
    content_encoding: str | None,
    body: bytes,
    now_ms: int,
    memory: SpanMemory | None = None,
) -> OtlpResult:
    """The calls in the body of `/v1/<signal>`, and the response in the request's own encoding. Raises nothing.

    `memory` lasts from one request for traces to the next; without it only ancestors in the same request are known.
    """
    encoding = encoding_of(content_type)
    try:
        if encoding is None:
            raise BadBody(415, "Content-Type has to be application/json or application/x-protobuf.")
        records = read_body(signal, encoding, content_encoding, body)
    except BadBody as problem:
        response_type = encoding or JSON_TYPE
        response = error_body(response_type, problem.status, str(problem))
        return OtlpResult(problem.status, [], [], 0, None, response, response_type)
    if signal == "metrics":
        batch = _Batch([], [], None)
    elif signal == "traces":
        batch = _from_spans(records, now_ms, memory or SpanMemory())
    else:
        batch = _from_logs(records, now_ms)
    message = " ".join(f"Record {index}: {reason}" for index, reason in batch.rejections[:3])
    response = success_body(signal, encoding, len(batch.rejections), message)
    ignored_count = len(records) - len(batch.calls) - len(batch.rejections)
    return OtlpResult(200, batch.calls, batch.rejections, ignored_count, batch.note, response, encoding)


class _Batch(NamedTuple):
    calls: list[Call]
    rejections: list[tuple[int, str]]
    note: str | None


def _from_spans(records: Sequence[OtlpRecord], now_ms: int, memory: SpanMemory) -> _Batch:
    ignored_programs, candidates = set(), []
    for index, record in enumerate(records):
        program = _logging_program(record)
        if program is None and _is_call(record):
            candidates.append((index, record))
        elif program is not None and _has_tokens(record):
            ignored_programs.add(program)
    leaves = memory.leaves([record for _, record in candidates], records)
    batch = _Batch([], [], _note(ignored_programs))
    for index, record in candidates:
        if (record.trace, record.span) in leaves:
            call_id = f"otel:{record.trace}:{record.span}" if record.span else None
            _add(batch, index, record, GENERIC, call_id, now_ms)
    return batch


def _from_logs(records: Sequence[OtlpRecord], now_ms: int) -> _Batch:
    batch = _Batch([], [], None)
    for index, record in enumerate(records):
        record_type = _log_type(record)
        if record_type is not None:
            _add(batch, index, record, record_type, _log_id(record, record_type), now_ms)
    return batch


def _add(
    batch: _Batch, index: int, record: OtlpRecord, record_type: RecordType, call_id: str | None, now_ms: int
) -> None:
    try:
        batch.calls.append(read_call(_document(record, record_type, call_id, now_ms), now_ms))
    except CallRefused as problem:
        batch.rejections.append((index, str(problem)))


def _document(record: OtlpRecord, record_type: RecordType, call_id: str | None, now_ms: int) -> dict[str, Any]:
    """The record as a call in its generic JSON form (`calls.read_call`)."""
    attributes = record.attributes
    document: dict[str, Any] = {"invocation_id": call_id, "provider": record_type.provider}
    for field, names in record_type.fields.items():
        value = _first(attributes, names)
        if value is not None:
            document[field] = _number(value) if field in _NUMBERS else str(value)
    for field, names in CONTEXT_FIELDS.items():
        value = _first(attributes, names)
        value = value if value is not None else _first(record.resource, names)
        if value is not None:
            document[field] = str(value)
    for field, names in record_type.extra_tokens.items():
        _add_tokens(document, field, sum(_tokens(_number(attributes.get(name, 0))) for name in names))
    cached = _tokens(document.get("cache_read_tokens")) + _tokens(document.get("cache_write_tokens"))
    # The conventions include cached tokens in the input; exporters that pass on Anthropic's counts do not.
    if record_type.cached_tokens_separate or cached > _tokens(document.get("prompt_tokens")):
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


def _is_call(record: OtlpRecord) -> bool:
    """True for a span of one call to a model, as far as its own attributes show."""
    attributes = record.attributes
    if attributes.get("gen_ai.operation.name") in PARENT_OPERATIONS:
        return False
    if attributes.get("openinference.span.kind", "LLM") not in CALL_KINDS:
        return False
    if attributes.get("traceloop.span.kind") in PARENT_KINDS:
        return False
    failed = record.failed or "error.type" in attributes
    return _has_tokens(record) or (failed and _first(attributes, GENERIC.fields["model_name"]) is not None)


def _has_tokens(record: OtlpRecord) -> bool:
    names = (*GENERIC.fields["prompt_tokens"], *GENERIC.fields["completion_tokens"], "input_tokens")
    return any(name in record.attributes for name in names)


def _logging_program(record: OtlpRecord) -> str | None:
    """The program that sent this record, if it is one whose log records count."""
    service = str(record.resource.get("service.name", ""))
    for program, prefix in LOGGING_PROGRAMS.items():
        if prefix.match(service) or prefix.match(record.scope):
            return program
    return "Claude Code" if record.name.startswith("claude_code.") else None


def _log_type(record: OtlpRecord) -> RecordType | None:
    """How a log record reports a call; None if it reports none, or one that another record reports."""
    attributes = record.attributes
    if attributes.get("event.kind") == "response.completed" and "input_token_count" in attributes:
        return CODEX
    names = [record.name, str(attributes.get("event.name", "")), record.message[:100]]
    if _logging_program(record) == "Claude Code":
        names += [f"claude_code.{name}" for name in names]
    record_type = next((LOG_EVENTS[name] for name in names if name in LOG_EVENTS), None)
    if record_type is GENERIC and (_logging_program(record) or not _is_call(record)):
        return None
    return record_type


def _log_id(record: OtlpRecord, record_type: RecordType) -> str | None:
    """An id that is equal if the record comes again, or twice under two names; None: made from its content."""
    attributes = record.attributes
    if record_type is GENERIC:
        return f"otel:{record.trace}:{record.span}" if record.span else None
    if record_type is CODEX:
        # Codex writes each event twice, with and without personal data. Session logs have the id of the response.
        if response := attributes.get("response.id"):
            return f"codex:{response}"
        session = _first(attributes, ("conversation.id", "event.timestamp"))
        return codex_response(str(session), *(_tokens(_number(attributes.get(name, 0))) for name in _CODEX_COUNTS))
    request = attributes.get("request_id")
    return claude_request(str(request)) if request and record_type.cached_tokens_separate else None


def _first(attributes: Mapping[str, Value], names: Sequence[str]) -> Value | None:
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)


def _number(value: Value) -> Any:
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


def _tokens(value: Any) -> int:
    return round(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0


def _add_tokens(document: dict[str, Any], field: str, tokens: int) -> None:
    """Add tokens to a count; a count that is no number stays, and `read_call` rejects it."""
    count = document.get(field, 0)
    if tokens and isinstance(count, (int, float)) and 0 <= count < math.inf:
        document[field] = round(count) + tokens


def _note(programs: set[str]) -> str | None:
    if not programs:
        return None
    return f"Spans of {' and '.join(sorted(programs))} are not counted: their log records are."
