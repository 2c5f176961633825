"""Records of OTLP/JSON. Any field may be absent or of a wrong type; a field of a wrong type counts as absent.

protobuf's `json_format` (7.36) was measured against this module. It rejects a whole batch for one bad field, such as
times as `{low, high}` (opentelemetry-js issue 4216), and has base64 for hex ids. It takes 139 ms instead of 10 ms for
512 spans and 1.4 s instead of 0.2 s for 7.4 MB, with twice the memory. The tests use it as an oracle: for every valid
request both readers have to agree.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .records import MAX_OBJECTS, STATUS_ERROR, BadBody, OtlpRecord, Value, too_many


def read_json(data: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises BadBody."""
    # A bracket in a text counts too: texts of programs have some hundred in ten thousand characters, not thousands.
    if data.count(b"{") + data.count(b"[") > MAX_OBJECTS:
        raise too_many(MAX_OBJECTS, "objects and lists")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as problem:
        reason = str(problem)[:200] if isinstance(problem, ValueError) else "it is nested too deeply"
        raise BadBody(400, f"The body is not JSON: {reason}.") from None
    if not isinstance(document, dict):
        raise BadBody(400, "The body has to be a JSON object.")
    return document


def json_spans(document: dict[str, Any]) -> Iterator[OtlpRecord]:
    """The spans of a request."""
    for resource, scope, span in _records(document, "resourceSpans", "scopeSpans", "spans"):
        status = span.get("status")
        status = status if isinstance(status, dict) else {}
        yield OtlpRecord(
            resource,
            scope,
            _text(span.get("name")),
            _attributes(span.get("attributes")),
            _text(span.get("traceId")).lower(),
            _text(span.get("spanId")).lower(),
            _text(span.get("parentSpanId")).lower(),
            _integer(span.get("startTimeUnixNano")),
            _integer(span.get("endTimeUnixNano")),
            status.get("code") in (STATUS_ERROR, str(STATUS_ERROR), "STATUS_CODE_ERROR"),
            _text(status.get("message")),
        )


def json_logs(document: dict[str, Any]) -> Iterator[OtlpRecord]:
    """The log records of a request."""
    for resource, scope, log in _records(document, "resourceLogs", "scopeLogs", "logRecords"):
        time_ns = _integer(log.get("timeUnixNano")) or _integer(log.get("observedTimeUnixNano"))
        body = _value(log.get("body"))
        yield OtlpRecord(
            resource,
            scope,
            _text(log.get("eventName")),
            _attributes(log.get("attributes")),
            _text(log.get("traceId")).lower(),
            _text(log.get("spanId")).lower(),
            "",
            time_ns,
            0,
            False,
            _text(body),
        )


def _records(
    document: dict[str, Any], outer: str, middle: str, inner: str
) -> Iterator[tuple[Mapping[str, Value], str, dict[str, Any]]]:
    for group in _objects(document.get(outer)):
        resource = group.get("resource")
        attributes = _attributes(resource.get("attributes") if isinstance(resource, dict) else None)
        for part in _objects(group.get(middle)):
            scope = part.get("scope")
            scope_name = _text(scope.get("name")) if isinstance(scope, dict) else ""
            for item in _objects(part.get(inner)):
                yield attributes, scope_name, item


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _attributes(value: Any) -> dict[str, Value]:
    attributes = {}
    for pair in _objects(value):
        key, item = pair.get("key", ""), _value(pair.get("value"))
        if isinstance(key, str) and item is not None:
            attributes[key] = item
    return attributes


def _value(value: Any) -> Value | None:
    """Text, number or boolean; None for lists and maps, which no attribute that we read has."""
    if not isinstance(value, dict):
        return None
    if isinstance(text := value.get("stringValue"), str):
        return text
    if (number := value.get("intValue")) is not None:
        return _integer(number)
    if (number := value.get("doubleValue")) is not None:
        return _double(number)
    boolean = value.get("boolValue")
    return boolean if isinstance(boolean, bool) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: Any) -> int:
    """A number of 64 bits, which JSON has as text or as number; 0 for any other value."""
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


def _double(value: Any) -> float | None:
    """A finite number, as number or as text; else None."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        return None  # so not isfinite: it fails for long integers
    return value
