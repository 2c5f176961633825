"""Bodies of OTLP/HTTP: `read_body` reads records of either encoding, `success_body` and `error_body` write responses.

A record has what JSON and protobuf have in common: attributes as plain values, times in nanoseconds, ids in hex.
Unknown fields are ignored, as the protocol demands.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .json_records import json_logs, json_spans, read_json
from .protobuf_records import message_classes, protobuf_logs, protobuf_spans, read_protobuf
from .records import BadBody, OtlpRecord, Signal, too_many

JSON_TYPE = "application/json"
PROTOBUF_TYPE = "application/x-protobuf"
MAX_BYTES = 8_388_608
"""Limit of a decompressed body. Exporters send batches of some hundred records, far below a megabyte."""
MAX_RECORDS = 50_000
"""What is done with a record takes 6 µs or more; exporters send some hundred at once, collectors some thousand."""
_REJECTED_COUNT: dict[Signal, tuple[str, str]] = {
    "traces": ("rejectedSpans", "rejected_spans"),
    "logs": ("rejectedLogRecords", "rejected_log_records"),
    "metrics": ("rejectedDataPoints", "rejected_data_points"),
}
"""The field of a partial success that counts rejected records, in JSON and in protobuf."""
_MAX_MESSAGE = 1_000


def encoding_of(content_type: str | None) -> str | None:
    """`application/json` or `application/x-protobuf`; None for every other type."""
    media_type = (content_type or "").split(";")[0].strip().lower()
    return {JSON_TYPE: JSON_TYPE, PROTOBUF_TYPE: PROTOBUF_TYPE, "application/protobuf": PROTOBUF_TYPE}.get(media_type)


def read_body(signal: Signal, encoding: str, content_encoding: str | None, body: bytes) -> list[OtlpRecord]:
    """The records of a request. Of metrics only the syntax is checked, and there are no records. Raises BadBody."""
    data = _decompress(content_encoding, body)
    if encoding == JSON_TYPE:
        found = _JSON_RECORDS[signal](read_json(data))
    else:
        found = _PROTOBUF_RECORDS[signal](read_protobuf(signal, data))
    records = list(islice(found, MAX_RECORDS + 1))
    if len(records) > MAX_RECORDS:
        raise too_many(MAX_RECORDS, "spans or log records")
    return records


def success_body(signal: Signal, encoding: str, rejected_count: int, message: str) -> bytes:
    """The body of a 200 response: empty, or a partial success if records were rejected or there is something to say.

    The protocol has messages without rejections for that: opentelemetry.io/docs/specs/otlp, "Partial Success".
    """
    message = message[:_MAX_MESSAGE]
    json_field, protobuf_field = _REJECTED_COUNT[signal]
    if encoding == JSON_TYPE:
        partial = {"partialSuccess": {json_field: str(rejected_count), "errorMessage": message}} if message else {}
        return json.dumps(partial).encode()
    response = message_classes()[signal][1]()
    if message:
        setattr(response.partial_success, protobuf_field, rejected_count)
        response.partial_success.error_message = message
    return bytes(response.SerializeToString())


def error_body(encoding: str, status: int, message: str) -> bytes:
    """The body of an error response: a `google.rpc.Status`."""
    code = {400: 3, 404: 5, 413: 8, 415: 3, 503: 14}.get(status, 2)
    if encoding == JSON_TYPE:
        return json.dumps({"code": code, "message": message[:_MAX_MESSAGE]}).encode()
    text = message[:_MAX_MESSAGE].encode()
    return bytes([0x08, code, 0x12]) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _decompress(content_encoding: str | None, body: bytes) -> bytes:
    """The body without its compression; never more than MAX_BYTES in memory."""
    name = (content_encoding or "identity").strip().lower()
    if name == "gzip":
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = decompressor.decompress(body, MAX_BYTES + 1)
        except zlib.error as problem:
            raise BadBody(400, f"The body is not gzip: {problem}.") from None
        if len(body) <= MAX_BYTES and not decompressor.eof:
            raise BadBody(400, "The body is truncated gzip.")
    elif name != "identity":
        raise BadBody(415, f"Content-Encoding has to be gzip or identity, not “{name[:50]}”.")
    if len(body) > MAX_BYTES:
        raise BadBody(413, f"A body may have at most {MAX_BYTES:,} bytes when decompressed.")
    return body


def _no_records(_: Any) -> Iterator[OtlpRecord]:
    return iter(())


_JSON_RECORDS: dict[Signal, Callable[[dict[str, Any]], Iterator[OtlpRecord]]] = {
    "traces": json_spans,
    "logs": json_logs,
    "metrics": _no_records,
}
_PROTOBUF_RECORDS: dict[Signal, Callable[[Any], Iterator[OtlpRecord]]] = {
    "traces": protobuf_spans,
    "logs": protobuf_logs,
    "metrics": _no_records,
}
