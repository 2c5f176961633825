"""LLM calls in OTLP/HTTP requests: `decode(kind, content_type, content_encoding, body, now_ms)`.

What counts, so that no call counts twice:

- A log record of Claude Code, Codex, Gemini CLI or Qwen Code about one call (`otlp_fields.EVENTS`). Spans and metrics
  of these programs tell of the same calls again and are left out; so are metrics of all others, which are sums.
- A span with token counts of any other program, unless it is around others: one of an agent, a workflow or a tool,
  or the ancestor of a span that counts, as when a framework and the client library under it are both instrumented.
- A log record with the details of an inference (GenAI conventions): as its span, whose id it has.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..model import Call, CallRefused, read_call, read_time
from ..store.duplicate_ids import claude_request, codex_response
from .attributes import AROUND_KINDS, CALL_KINDS, CODEX, EVENTS, GENERIC, NOT_CALLS, OWN_EVENTS, WHO, Shape
from .messages import JSON_TYPE, BodyRefused, Kind, Record, Value, encoding_of, failure, read_body, success

__all__ = ["OtlpResult", "SpanMemory", "decode"]

_REMEMBERED_SPANS = 50_000
_TOKENS = ("prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens")
_CODEX_COUNTS = ("input_token_count", "cached_token_count", "output_token_count")
_NUMBERS = (*_TOKENS, "cost_usd", "latency_ms", "status_code")


@dataclass(frozen=True, slots=True)
class OtlpResult:
    """What to count, and what to answer."""

    status: int
    calls: list[Call]
    refused: list[tuple[int, str]]
    """(position of the record in the request, why it cannot be counted)"""
    ignored: int
    """Records that are no calls, or tell again of calls that are counted otherwise."""
    note: str | None
    """Why calls that the request seems to tell of are not counted, in one sentence."""
    response_body: bytes
    response_type: str


class SpanMemory:
    """Which spans are around calls that were counted, from one request to the next. Bounded; thread-safe.

    A span ends, and so is sent, after those within it.
    """

    def __init__(self) -> None:
        self._around: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def leaves(self, calls: Sequence[Record], spans: Sequence[Record]) -> set[tuple[str, str]]:
        """The keys of those of `calls` that are around no other; `spans` are all that came with them."""
        parents = {(span.trace, span.span): (span.trace, span.parent) for span in spans}
        with self._lock:
            known = [span for span in spans if (span.trace, span.span) in self._around]
            climbed: set[tuple[str, str]] = set()
            for span in (*known, *calls):
                key: tuple[str, str] | None = (span.trace, span.parent)
                while key is not None and key[1] and key not in climbed:
                    climbed.add(key)
                    self._around[key] = None
                    key = parents.get(key)
            found = {key for call in calls if (key := (call.trace, call.span)) not in self._around}
            while len(self._around) > _REMEMBERED_SPANS:
                self._around.popitem(last=False)
        return found


def decode(
    kind: Kind,
    content_type: str | None,
    content_encoding: str | None,
    body: bytes,
    now_ms: int,
    memory: SpanMemory | None = None,
) -> OtlpResult:
    """The calls in the body of `/v1/<kind>`, and the answer in the request's own encoding. Raises nothing.

    `memory` is kept from one request for traces to the next; without it only ancestors in the same request are known.
    """
    encoding = encoding_of(content_type)
    try:
        if encoding is None:
            words = "Content-Type has to be application/json or application/x-protobuf."
            raise BodyRefused(415, words)
        records = read_body(kind, encoding, content_encoding, body)
    except BodyRefused as refusal:
        answer = failure(encoding or JSON_TYPE, refusal.status, str(refusal))
        return OtlpResult(refusal.status, [], [], 0, None, answer, encoding or JSON_TYPE)
    if kind == "metrics":
        found = _Found([], [], None)
    elif kind == "traces":
        found = _from_spans(records, now_ms, memory or SpanMemory())
    else:
        found = _from_logs(records, now_ms)
    words = " ".join(f"Record {index}: {reason}" for index, reason in found.refused[:3])
    answer = success(kind, encoding, len(found.refused), words)
    ignored = len(records) - len(found.calls) - len(found.refused)
    return OtlpResult(200, found.calls, found.refused, ignored, found.note, answer, encoding)


class _Found(NamedTuple):
    calls: list[Call]
    refused: list[tuple[int, str]]
    note: str | None


def _from_spans(records: Sequence[Record], now_ms: int, memory: SpanMemory) -> _Found:
    told, candidates = set(), []
    for index, record in enumerate(records):
        program = _own_events(record)
        if program is None and _is_call(record):
            candidates.append((index, record))
        elif program is not None and _says_tokens(record):
            told.add(program)
    leaves = memory.leaves([record for _, record in candidates], records)
    found = _Found([], [], _note(told))
    for index, record in candidates:
        if (record.trace, record.span) in leaves:
            _add(found, index, record, GENERIC, f"otel:{record.trace}:{record.span}" if record.span else None, now_ms)
    return found


def _from_logs(records: Sequence[Record], now_ms: int) -> _Found:
    found = _Found([], [], None)
    for index, record in enumerate(records):
        shape = _shape_of(record)
        if shape is not None:
            _add(found, index, record, shape, _log_id(record, shape), now_ms)
    return found


def _add(found: _Found, index: int, record: Record, shape: Shape, identity: str | None, now_ms: int) -> None:
    try:
        found.calls.append(read_call(_document(record, shape, identity, now_ms), now_ms))
    except CallRefused as refusal:
        found.refused.append((index, str(refusal)))


def _document(record: Record, shape: Shape, identity: str | None, now_ms: int) -> dict[str, Any]:
    """The record as a call in its generic JSON form (`calls.read_call`)."""
    attributes = record.attributes
    document: dict[str, Any] = {"invocation_id": identity, "provider": shape.provider}
    for name, sources in shape.fields.items():
        value = _first(attributes, sources)
        if value is not None:
            document[name] = _number(value) if name in _NUMBERS else str(value)
    for name, sources in WHO.items():
        value = _first(attributes, sources)
        value = value if value is not None else _first(record.resource, sources)
        if value is not None:
            document[name] = str(value)
    for name, sources in shape.added.items():
        _include(document, name, sum(_tokens(_number(attributes.get(source, 0))) for source in sources))
    cached = _tokens(document.get("cache_read_tokens")) + _tokens(document.get("cache_write_tokens"))
    # The conventions include cached tokens in the input; those who pass Anthropic's counts on do not.
    if shape.cached_apart or cached > _tokens(document.get("prompt_tokens")):
        _include(document, "prompt_tokens", cached)
    document["timestamp_ms"], latency_ms = _times(record, now_ms)
    if latency_ms is not None:
        document.setdefault("latency_ms", latency_ms)
    _tell_failure(document, record, shape)
    return document


def _tell_failure(document: dict[str, Any], record: Record, shape: Shape) -> None:
    code, kind = document.pop("status_code", None), str(record.attributes.get("error.type", ""))
    if not (shape.failed or record.failed or kind):
        document.pop("error_message", None)
        return
    said = record.message if shape is GENERIC else ""
    words = said or document.get("error_message") or ""
    late = any("timeout" in part.lower() or "timed out" in part.lower() for part in (words, kind))
    document["status"] = "timeout" if late or code in (408, 504) else "error"
    document["error_message"] = words or (f"HTTP status {code}" if code else None)
    if not any(document.get(name) for name in _TOKENS):
        document["cost_usd"] = 0  # nothing was used, so nothing was paid


def _times(record: Record, now_ms: int) -> tuple[int, int | None]:
    """(when, how long in milliseconds). A log record's own time is closer than that of its export."""
    said = record.attributes.get("event.timestamp")
    if isinstance(said, str):
        try:
            return read_time(said), None
        except CallRefused:
            pass
    start, end = record.start_ns, record.end_ns
    latency_ms = (end - start) // 1_000_000 if 0 < start <= end else None
    return (start // 1_000_000 if start > 0 else now_ms), latency_ms


def _is_call(record: Record) -> bool:
    """True for a span of one call to a model, as far as it says itself."""
    attributes = record.attributes
    if attributes.get("gen_ai.operation.name") in NOT_CALLS:
        return False
    if attributes.get("openinference.span.kind", "LLM") not in CALL_KINDS:
        return False
    if attributes.get("traceloop.span.kind") in AROUND_KINDS:
        return False
    failed = record.failed or "error.type" in attributes
    return _says_tokens(record) or (failed and _first(attributes, GENERIC.fields["model_name"]) is not None)


def _says_tokens(record: Record) -> bool:
    names = (*GENERIC.fields["prompt_tokens"], *GENERIC.fields["completion_tokens"], "input_tokens")
    return any(name in record.attributes for name in names)


def _own_events(record: Record) -> str | None:
    """The program whose calls are counted by its log records, if this record is of one."""
    service = str(record.resource.get("service.name", ""))
    for program, beginning in OWN_EVENTS.items():
        if beginning.match(service) or beginning.match(record.scope):
            return program
    return "Claude Code" if record.name.startswith("claude_code.") else None


def _shape_of(record: Record) -> Shape | None:
    """How a log record tells of a call; None if it tells of none, or of one that another record tells of."""
    attributes = record.attributes
    if attributes.get("event.kind") == "response.completed" and "input_token_count" in attributes:
        return CODEX
    names = [record.name, str(attributes.get("event.name", "")), record.message[:100]]
    if _own_events(record) == "Claude Code":
        names += [f"claude_code.{name}" for name in names]
    shape = next((EVENTS[name] for name in names if name in EVENTS), None)
    if shape is GENERIC and (_own_events(record) or not _is_call(record)):
        return None
    return shape


def _log_id(record: Record, shape: Shape) -> str | None:
    """What is the same when the record is sent again, or twice under two names; None: all that it says."""
    attributes = record.attributes
    if shape is GENERIC:
        return f"otel:{record.trace}:{record.span}" if record.span else None
    if shape is CODEX:
        # Codex writes each event twice, with and without personal data. Session logs have the id of the response.
        if response := attributes.get("response.id"):
            return f"codex:{response}"
        session = _first(attributes, ("conversation.id", "event.timestamp"))
        return codex_response(str(session), *(_tokens(_number(attributes.get(name, 0))) for name in _CODEX_COUNTS))
    request = attributes.get("request_id")
    return claude_request(str(request)) if request and shape.cached_apart else None


def _first(attributes: Mapping[str, Value], names: Sequence[str]) -> Value | None:
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)


def _number(value: Value) -> Any:
    """A number also where it was sent as a text; what is none stays as it is, and is refused with its name."""
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


def _include(document: dict[str, Any], name: str, tokens: int) -> None:
    """Add tokens to a count, unless it is none, which is for `read_call` to refuse."""
    count = document.get(name, 0)
    if tokens and isinstance(count, (int, float)) and 0 <= count < math.inf:
        document[name] = round(count) + tokens


def _note(programs: set[str]) -> str | None:
    if not programs:
        return None
    return f"Spans of {' and '.join(sorted(programs))} are not counted: their log records are."
