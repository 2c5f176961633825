"""A body of OTLP is bounded in work, not only in bytes: spans, attributes and values are counted while it is read."""

from __future__ import annotations

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llm_service.calls.otlp.decode import decode
from llm_service.calls.otlp.messages import JSON_TYPE, MAX_BYTES, MAX_RECORDS, PROTOBUF_TYPE

ROOM = MAX_BYTES - 100


def field(number: int, payload: bytes) -> bytes:
    """A message in a field, as in protobuf's documentation of its wire format."""
    size, length = len(payload), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + payload


def spans(content: bytes) -> bytes:
    """A request with these fields of `ScopeSpans`."""
    return field(1, field(2, content))


def json_spans(count: int) -> bytes:
    """A request in JSON with so many empty spans."""
    return b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b",".join([b"{}"] * count) + b"]}]}]}"


TOO_MUCH = {
    "empty spans in JSON": (JSON_TYPE, json_spans(ROOM // 3)),
    "too many spans in JSON": (JSON_TYPE, json_spans(MAX_RECORDS + 1)),
    "lists in JSON": (JSON_TYPE, b'{"resourceSpans":[' + b",".join([b"[]"] * (ROOM // 3)) + b"]}"),
    "empty spans": (PROTOBUF_TYPE, spans(b"\x12\x00" * (ROOM // 2))),
    "too many spans": (PROTOBUF_TYPE, spans(b"\x12\x00" * (MAX_RECORDS + 1))),
    "empty attributes": (PROTOBUF_TYPE, spans(field(2, b"\x4a\x00" * (ROOM // 2)))),
    "empty resource spans": (PROTOBUF_TYPE, b"\x0a\x00" * (ROOM // 2)),
    "after a group": (PROTOBUF_TYPE, b"\x7b\x7c" + spans(b"\x12\x00" * (ROOM // 2))),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
@pytest.mark.timeout(60)  # Measured: up to 0.6 s; 17 s without the bounds.
def test_a_body_with_too_much_in_it_is_refused_at_once(kind: str) -> None:
    content_type, body = TOO_MUCH[kind]
    assert len(body) <= MAX_BYTES
    result = decode("traces", content_type, None, body, 0)
    assert (result.status, result.calls) == (413, [])
    assert b"let the exporter send smaller batches" in result.response_body


def test_a_large_body_of_an_ordinary_exporter_is_read_whole() -> None:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(4_000):
        span = scope.spans.add(trace_id=number.to_bytes(16, "big"), span_id=(number + 1).to_bytes(8, "big"))
        for name in range(20):
            span.attributes.add(key=f"attribute.{name}").value.string_value = "a text of a usual length, a prompt or so"
        span.attributes.add(key="gen_ai.request.model").value.string_value = "gpt-5"
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 1
    body = request.SerializeToString()
    assert 2_000_000 < len(body) < MAX_BYTES
    assert len(decode("traces", PROTOBUF_TYPE, None, body, 1_800_000_000_000).calls) == 4_000


@pytest.mark.parametrize("end", [1_200_001, 1_200_002, 1_300_000])
def test_a_large_body_that_is_cut_is_refused_as_no_message(end: int) -> None:
    body = spans(field(2, field(5, b"x" * 1_400_000)))[:end]
    assert decode("traces", PROTOBUF_TYPE, None, body, 0).status == 400
