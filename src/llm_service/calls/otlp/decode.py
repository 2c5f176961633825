"""LLM calls in OTLP/HTTP requests: `decode(signal, content_type, content_encoding, body, now_ms)`.

What counts, so that no token counts twice, and none is lost:

- A log record of Claude Code, Codex, Gemini CLI or Qwen Code about one call (`attributes.LOG_EVENTS`). Spans and
  metrics of these programs report the same calls again and are ignored; so are metrics of all others, which are sums.
- A span with token counts of any other program, unless a span below it has counts: then it is their sum (an agent, a
  workflow), or the same call (a framework and the client library under it are both instrumented). Some frameworks have
  counts nowhere but on the span of the agent: then that counts. If calls below it come later, it is withdrawn.
- A log record with the details of an inference (GenAI conventions): the same call as its span, whose id it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import Call, CallRefused, read_call
from ..store.duplicate_ids import claude_request, codex_response
from .attributes import CODEX, GENERIC, LANGFUSE_USAGE, LOG_EVENTS, LOGGING_PROGRAMS, RecordType, is_around_calls
from .documents import first, make_document, number, tokens
from .messages import JSON_TYPE, encoding_of, error_body, read_body, success_body
from .records import BadBody, OtlpRecord, Signal
from .span_memory import SpanKey, SpanMemory

_CODEX_COUNTS = ("input_token_count", "cached_token_count", "output_token_count")
_COUNTS = (
    *GENERIC.fields["prompt_tokens"], *GENERIC.fields["completion_tokens"], *GENERIC.fields["total_tokens"],
    LANGFUSE_USAGE, "input_tokens",
)  # fmt: skip


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
    withdrawn: frozenset[str] = frozenset()
    """Ids under which spans around these calls may have been counted, which they must not be any more."""
    sum_count: int = 0
    """How many spans with tokens are left out, because calls below them count."""


def decode(
    signal: Signal,
    content_type: str | None,
    content_encoding: str | None,
    body: bytes,
    now_ms: int,
    memory: SpanMemory | None = None,
) -> OtlpResult:
    """The calls in the body of `/v1/<signal>`, and the response in the request's own encoding. Raises nothing.

    `memory` lasts from one request to the next; without it only spans in the same request are known.
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
    memory = memory or SpanMemory()
    batch = _Batch()
    if signal == "traces":
        _add_spans(batch, records, now_ms, memory)
    elif signal == "logs":
        _add_logs(batch, records, now_ms, memory)
    message = " ".join(f"Record {index}: {reason}" for index, reason in batch.rejections[:3])
    response = success_body(signal, encoding, len(batch.rejections), " ".join([message, *batch.hints]).strip())
    ignored_count = len(records) - len(batch.calls) - len(batch.rejections)
    return OtlpResult(
        200, batch.calls, batch.rejections, ignored_count, batch.note, response, encoding,
        frozenset(_span_id(*key) for key in batch.withdrawn), batch.sum_count,
    )  # fmt: skip


@dataclass(slots=True)
class _Batch:
    calls: list[Call] = field(default_factory=list)
    rejections: list[tuple[int, str]] = field(default_factory=list)
    note: str | None = None
    withdrawn: set[SpanKey] = field(default_factory=set)
    sum_count: int = 0
    hints: list[str] = field(default_factory=list)
    """For the exporter, though nothing was rejected."""


def _add_spans(batch: _Batch, records: Sequence[OtlpRecord], now_ms: int, memory: SpanMemory) -> None:
    ignored_programs, candidates = set(), []
    for index, record in enumerate(records):
        program = _logging_program(record)
        if program is not None:
            if _has_counts(record):
                ignored_programs.add(program)
        elif _may_count(record):
            document = make_document(record, GENERIC, _record_id(record), now_ms)
            if _uses_tokens(document) or not is_around_calls(record.attributes):
                candidates.append((index, record, document))
    batch.note = _note(ignored_programs)
    used = [_uses_tokens(document) for _, _, document in candidates]
    with_tokens = [record for (_, record, _), uses in zip(candidates, used, strict=True) if uses]
    without = [record for (_, record, _), uses in zip(candidates, used, strict=True) if not uses]
    leaves, batch.withdrawn = memory.select(with_tokens, without, records)
    for (index, record, document), uses in zip(candidates, used, strict=True):
        if (record.trace, record.span) in leaves:
            _add(batch, index, document, now_ms)
        elif uses:
            batch.sum_count += 1
            name = str(record.resource.get("service.name") or record.scope or "a program")[:100]
            if memory.is_new_program(name):
                batch.hints.append(f"Spans of {name} with the sum of calls below them are not counted: the calls are.")


def _add_logs(batch: _Batch, records: Sequence[OtlpRecord], now_ms: int, memory: SpanMemory) -> None:
    counted = []
    for index, record in enumerate(records):
        record_type = _log_type(record)
        if record_type is not None:
            document = make_document(record, record_type, _log_id(record, record_type), now_ms)
            if record_type is GENERIC and record.span and _uses_tokens(document):
                counted.append((record.trace, record.span))
            _add(batch, index, document, now_ms)
    batch.withdrawn = memory.add_logged(counted)


def _add(batch: _Batch, index: int, document: dict[str, Any], now_ms: int) -> None:
    try:
        batch.calls.append(read_call(document, now_ms))
    except CallRefused as problem:
        batch.rejections.append((index, str(problem)))


def _may_count(record: OtlpRecord) -> bool:
    """True for a span of a call to a model, or one around calls that has tokens, as far as its attributes show."""
    if is_around_calls(record.attributes):
        return _has_counts(record)
    failed = record.failed or "error.type" in record.attributes
    return _has_counts(record) or (failed and first(record.attributes, GENERIC.fields["model_name"]) is not None)


def _has_counts(record: OtlpRecord) -> bool:
    return any(name in record.attributes for name in _COUNTS)


def _uses_tokens(document: Mapping[str, Any]) -> bool:
    return tokens(document.get("prompt_tokens")) > 0 or tokens(document.get("completion_tokens")) > 0


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
    if record_type is GENERIC and (
        _logging_program(record) or is_around_calls(record.attributes) or not _may_count(record)
    ):
        return None
    return record_type


def _record_id(record: OtlpRecord) -> str | None:
    return _span_id(record.trace, record.span) if record.span else None


def _span_id(trace: str, span: str) -> str:
    return f"otel:{trace}:{span}"


def _log_id(record: OtlpRecord, record_type: RecordType) -> str | None:
    """An id that is equal if the record comes again, or twice under two names; None: made from its content."""
    attributes = record.attributes
    if record_type is GENERIC:
        return _record_id(record)
    if record_type is CODEX:
        # Codex writes each event twice, with and without personal data. Session logs have the id of the response.
        if response := attributes.get("response.id"):
            return f"codex:{response}"
        session = first(attributes, ("conversation.id", "event.timestamp"))
        return codex_response(str(session), *(tokens(number(attributes.get(name, 0))) for name in _CODEX_COUNTS))
    request = attributes.get("request_id")
    return claude_request(str(request)) if request and record_type.cached_tokens_separate else None


def _note(programs: set[str]) -> str | None:
    if not programs:
        return None
    return f"Spans of {' and '.join(sorted(programs))} are not counted: their log records are."
