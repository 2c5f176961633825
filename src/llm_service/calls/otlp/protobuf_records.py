"""Records of OTLP in protobuf, and the classes of its messages.

The messages in a large body are counted before protobuf makes objects of them: four million empty spans are 8 MB on the
wire and 480 MB in memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from .records import MAX_OBJECTS, STATUS_ERROR, BadBody, OtlpRecord, Signal, Value, too_many

_NEEDS_COUNTING = 2 * MAX_OBJECTS
"""A smaller body cannot have too many messages: each takes two bytes or more."""
_MAX_DEPTH = 100
"""That of protobuf itself."""
_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 5: 4}
"""Wire type -> bytes. Groups (3 and 4) have no length: what is in them is read as if it were outside."""


def message_classes() -> dict[Signal, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Request and response class of each signal. Imported late: that takes 60 ms and 5 MB, which JSON does not need."""
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

    return {
        "traces": (traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse),
        "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
        "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    }


def read_protobuf(signal: Signal, data: bytes) -> Any:
    """The message of a body. Raises BadBody."""
    message = message_classes()[signal][0]()
    if len(data) > _NEEDS_COUNTING:
        _count_messages(data, message.DESCRIPTOR)
    try:
        message.ParseFromString(data)
    except Exception as problem:  # noqa: BLE001 - protobuf's DecodeError, whose class is not imported before it is needed
        raise BadBody(400, f"The body is not an OTLP message: {str(problem)[:200]}.") from None
    return message


def protobuf_spans(message: Any) -> Iterator[OtlpRecord]:
    """The spans of a request."""
    for resource, scope, span in _records(message, "resource_spans", "scope_spans", "spans"):
        yield OtlpRecord(
            resource,
            scope,
            span.name,
            _attributes(span.attributes),
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            span.status.code == STATUS_ERROR,
            span.status.message,
        )


def protobuf_logs(message: Any) -> Iterator[OtlpRecord]:
    """The log records of a request."""
    for resource, scope, log in _records(message, "resource_logs", "scope_logs", "log_records"):
        yield OtlpRecord(
            resource,
            scope,
            log.event_name,
            _attributes(log.attributes),
            log.trace_id.hex(),
            log.span_id.hex(),
            "",
            log.time_unix_nano or log.observed_time_unix_nano,
            0,
            False,
            log.body.string_value,
        )


def _records(message: Any, outer: str, middle: str, inner: str) -> Iterator[tuple[Mapping[str, Value], str, Any]]:
    for group in getattr(message, outer):
        attributes = _attributes(group.resource.attributes)
        for part in getattr(group, middle):
            for item in getattr(part, inner):
                yield attributes, part.scope.name, item


def _attributes(pairs: Any) -> dict[str, Value]:
    attributes = {}
    for pair in pairs:
        field = pair.value.WhichOneof("value")
        if field in ("string_value", "int_value", "bool_value", "double_value"):
            value = getattr(pair.value, field)
            if not isinstance(value, float) or math.isfinite(value):
                attributes[pair.key] = value
    return attributes


def _count_messages(data: bytes, descriptor: Any) -> None:
    """Raise BadBody if a body has more than MAX_OBJECTS messages; what is no protobuf is left to protobuf to refuse."""
    at, end, children = 0, len(data), _children(descriptor)
    outer: list[tuple[int, dict[int, Any]]] = []
    count = 0
    while at < len(data):
        if at >= end and outer:
            end, children = outer.pop()
            continue
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            _, at = _varint(data, at)
        elif kind in _FIXED:
            at += _FIXED[kind]
        elif kind == _LENGTH:
            length, at = _varint(data, at)
            child = children.get(tag >> 3)
            if child is None or len(outer) > _MAX_DEPTH:
                at += length
                continue
            count += 1
            if count > MAX_OBJECTS:
                raise too_many(MAX_OBJECTS, "spans, attributes and values")
            outer.append((end, children))
            end, children = at + length, _children(child)


@cache
def _children(descriptor: Any) -> dict[int, Any]:
    """Number of a field -> the descriptor of the messages in it."""
    return {field.number: field.message_type for field in descriptor.fields if field.message_type is not None}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(the number that begins there, where it ends); the end of the data ends it too."""
    number = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80 or shift > 63:
            break
        shift += 7
    return number, at
