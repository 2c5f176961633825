"""The bodies of OTLP/HTTP: `read_body` gives plain records of either encoding, `success` and `failure` the answers.

Records are what is common to JSON and protobuf: attributes as plain values, times in nanoseconds, ids in hex.
Unknown fields are skipped, as the protocol wants it.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["traces", "logs", "metrics"]
Value = str | int | float | bool

JSON_TYPE = "application/json"
PROTOBUF_TYPE = "application/x-protobuf"
MAX_BYTES = 8_388_608
"""Of a body once it is unpacked. Exporters send batches of some hundred records, far below a megabyte."""
_ERROR = 2
_REJECTED = {"traces": "rejectedSpans", "logs": "rejectedLogRecords", "metrics": "rejectedDataPoints"}
_MOST_WORDS = 1_000


class BodyRefused(ValueError):
    """A body that cannot be taken as a whole: the sentence, and the HTTP status that says so."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Record:
    """A span or a log record."""

    resource: Mapping[str, Value]
    scope: str
    name: str
    """The span's name; of a log record the name of its event, if it has that field."""
    attributes: Mapping[str, Value]
    trace: str
    span: str
    parent: str
    start_ns: int
    """When the span began; when a log record says that it happened, else when it was observed. 0: not said."""
    end_ns: int
    failed: bool
    message: str
    """What the span's status says; of a log record its body, if that is a text."""


def encoding_of(content_type: str | None) -> str | None:
    """`application/json` or `application/x-protobuf`; None for every other type."""
    kind = (content_type or "").split(";")[0].strip().lower()
    return {JSON_TYPE: JSON_TYPE, PROTOBUF_TYPE: PROTOBUF_TYPE, "application/protobuf": PROTOBUF_TYPE}.get(kind)


def read_body(kind: Kind, encoding: str, packing: str | None, body: bytes) -> list[Record]:
    """The records of a request; of metrics none, only that the body is sound is checked. Raises BodyRefused."""
    data = _unpacked(packing, body)
    if encoding == JSON_TYPE:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as problem:
            words = str(problem)[:200] if isinstance(problem, ValueError) else "it is nested too deeply"
            raise BodyRefused(400, f"The body is not JSON: {words}.") from None
        if not isinstance(document, dict):
            raise BodyRefused(400, "The body has to be a JSON object.")
        return list(_JSON_RECORDS[kind](document))
    message = _messages()[kind][0]()
    try:
        message.ParseFromString(data)
    except Exception as problem:  # noqa: BLE001 - protobuf's DecodeError, whose class is not imported before it is needed
        raise BodyRefused(400, f"The body is not an OTLP message: {str(problem)[:200]}.") from None
    return list(_PB_RECORDS[kind](message))


def success(kind: Kind, encoding: str, refused: int, words: str) -> bytes:
    """The answer to a request that was taken, with what was not: the protocol's partial success."""
    words = words[:_MOST_WORDS]
    if encoding == JSON_TYPE:
        partial = {"partialSuccess": {_REJECTED[kind]: str(refused), "errorMessage": words}} if refused else {}
        return json.dumps(partial).encode()
    answer = _messages()[kind][1]()
    if refused:
        partial = answer.partial_success
        setattr(partial, {"traces": "rejected_spans", "logs": "rejected_log_records"}.get(kind, ""), refused)
        partial.error_message = words
    return bytes(answer.SerializeToString())


def failure(encoding: str, status: int, words: str) -> bytes:
    """The answer to a request that was not taken: a `google.rpc.Status`."""
    code = {400: 3, 404: 5, 413: 8, 415: 3, 503: 14}.get(status, 2)
    if encoding == JSON_TYPE:
        return json.dumps({"code": code, "message": words[:_MOST_WORDS]}).encode()
    text = words[:_MOST_WORDS].encode()
    return bytes([0x08, code, 0x12]) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _unpacked(packing: str | None, body: bytes) -> bytes:
    """The body without its compression; never more than MAX_BYTES in memory."""
    name = (packing or "identity").strip().lower()
    if name == "gzip":
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = unpacker.decompress(body, MAX_BYTES + 1)
        except zlib.error as problem:
            raise BodyRefused(400, f"The body is not gzip: {problem}.") from None
        if len(body) <= MAX_BYTES and not unpacker.eof:
            raise BodyRefused(400, "The body is gzip that breaks off.")
    elif name != "identity":
        raise BodyRefused(415, f"Content-Encoding has to be gzip or identity, not “{name[:50]}”.")
    if len(body) > MAX_BYTES:
        raise BodyRefused(413, f"A body may have at most {MAX_BYTES:,} bytes when unpacked.")
    return body


# JSON. Everything may be missing or of another type: what is not as it should be counts as not there.


def _json_spans(document: dict[str, Any]) -> Iterator[Record]:
    for resource, scope, span in _json_items(document, "resourceSpans", "scopeSpans", "spans"):
        status = span.get("status")
        status = status if isinstance(status, dict) else {}
        yield Record(
            resource,
            scope,
            _text(span.get("name")),
            _json_attributes(span.get("attributes")),
            _text(span.get("traceId")).lower(),
            _text(span.get("spanId")).lower(),
            _text(span.get("parentSpanId")).lower(),
            _whole(span.get("startTimeUnixNano")),
            _whole(span.get("endTimeUnixNano")),
            status.get("code") in (_ERROR, str(_ERROR), "STATUS_CODE_ERROR"),
            _text(status.get("message")),
        )


def _json_logs(document: dict[str, Any]) -> Iterator[Record]:
    for resource, scope, log in _json_items(document, "resourceLogs", "scopeLogs", "logRecords"):
        time = _whole(log.get("timeUnixNano")) or _whole(log.get("observedTimeUnixNano"))
        body = _json_value(log.get("body"))
        yield Record(
            resource,
            scope,
            _text(log.get("eventName")),
            _json_attributes(log.get("attributes")),
            _text(log.get("traceId")).lower(),
            _text(log.get("spanId")).lower(),
            "",
            time,
            0,
            False,
            _text(body),
        )


def _json_items(
    document: dict[str, Any], outer: str, middle: str, inner: str
) -> Iterator[tuple[Mapping[str, Value], str, dict[str, Any]]]:
    for group in _objects(document.get(outer)):
        resource = group.get("resource")
        attributes = _json_attributes(resource.get("attributes") if isinstance(resource, dict) else None)
        for part in _objects(group.get(middle)):
            scope = part.get("scope")
            scope_name = _text(scope.get("name")) if isinstance(scope, dict) else ""
            for item in _objects(part.get(inner)):
                yield attributes, scope_name, item


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _json_attributes(value: Any) -> dict[str, Value]:
    found = {}
    for pair in _objects(value):
        key, item = pair.get("key"), _json_value(pair.get("value"))
        if isinstance(key, str) and item is not None:
            found[key] = item
    return found


def _json_value(value: Any) -> Value | None:
    """A text, number or truth value; None for lists and mappings, of which nothing is read."""
    if not isinstance(value, dict):
        return None
    if isinstance(text := value.get("stringValue"), str):
        return text
    if (number := value.get("intValue")) is not None:
        return _whole(number)  # 64 bits: a text in JSON
    if isinstance(number := value.get("doubleValue"), (int, float)) and math.isfinite(number):
        return number
    truth = value.get("boolValue")
    return truth if isinstance(truth, bool) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 20:
        try:
            return int(value)
        except ValueError:
            return 0
    return int(value) if isinstance(value, float) and math.isfinite(value) else 0


# Protobuf.


def _messages() -> dict[Kind, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Request and answer of each kind. Importing them takes 60 ms and 5 MB, which JSON exporters need not cost."""
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

    return {
        "traces": (traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse),
        "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
        "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    }


def _pb_spans(message: Any) -> Iterator[Record]:
    for group in message.resource_spans:
        resource = _pb_attributes(group.resource.attributes)
        for part in group.scope_spans:
            for span in part.spans:
                yield Record(
                    resource,
                    part.scope.name,
                    span.name,
                    _pb_attributes(span.attributes),
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    span.status.code == _ERROR,
                    span.status.message,
                )


def _pb_logs(message: Any) -> Iterator[Record]:
    for group in message.resource_logs:
        resource = _pb_attributes(group.resource.attributes)
        for part in group.scope_logs:
            for log in part.log_records:
                yield Record(
                    resource,
                    part.scope.name,
                    log.event_name,
                    _pb_attributes(log.attributes),
                    log.trace_id.hex(),
                    log.span_id.hex(),
                    "",
                    log.time_unix_nano or log.observed_time_unix_nano,
                    0,
                    False,
                    log.body.string_value,
                )


def _pb_attributes(pairs: Any) -> dict[str, Value]:
    found = {}
    for pair in pairs:
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "bool_value", "double_value"):
            value = getattr(pair.value, kind)
            if not isinstance(value, float) or math.isfinite(value):
                found[pair.key] = value
    return found


def _none(_: Any) -> Iterator[Record]:
    return iter(())


_JSON_RECORDS: dict[Kind, Callable[[dict[str, Any]], Iterator[Record]]] = {
    "traces": _json_spans,
    "logs": _json_logs,
    "metrics": _none,
}
_PB_RECORDS: dict[Kind, Callable[[Any], Iterator[Record]]] = {"traces": _pb_spans, "logs": _pb_logs, "metrics": _none}
