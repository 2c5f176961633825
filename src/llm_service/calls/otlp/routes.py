"""OTLP/HTTP: `POST /v1/traces`, `/v1/logs`, `/v1/metrics`, as OpenTelemetry exporters send them.

Source: opentelemetry.io/docs/specs/otlp (OTLP/HTTP): 200 with a partial success; 503 asks the exporter to retry.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ...errors import HistoryUnavailable
from .decode import OtlpResult, decode
from .messages import JSON_TYPE, encoding_of, error_body
from .records import Signal
from .span_memory import SpanMemory

SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")
_RETRY_AFTER_S = "5"

StoreCalls = Callable[[OtlpResult, list[str]], object]
"""Stores the calls of a request and the reasons why records were rejected; on the disk on return. Raises
HistoryUnavailable."""


def otlp_blueprint(store_calls: StoreCalls | None) -> Blueprint:
    """The routes; without `store_calls` telemetry is off, and every request gets a 404 that says so."""
    blueprint = Blueprint("otlp", __name__)
    memory, lock = SpanMemory(), threading.Lock()

    def receive(signal: Signal) -> Response:
        if store_calls is None:
            return _error(404, "Telemetry is off: the settings `telemetry` and `history` switch it on.")
        try:
            body = request.get_data()
        except RequestEntityTooLarge:
            return _error(413, "The body is too large; let the exporter send smaller batches.")
        encoding, now_ms = request.headers.get("Content-Encoding"), time.time_ns() // 1_000_000
        try:
            # One batch at a time: what withdraws the span around calls must not be stored before that span.
            with lock:
                result = decode(signal, request.content_type, encoding, body, now_ms, memory)
                problems = [f"record {index}: {reason}" for index, reason in result.rejections]
                if result.note:
                    problems.append(result.note)
                if result.calls or result.withdrawn or result.sum_count or problems:
                    store_calls(result, problems)
        except HistoryUnavailable as problem:
            return _error(503, problem.message)
        return Response(result.response_body, result.status, content_type=result.response_type)

    for signal in SIGNALS:
        blueprint.add_url_rule(
            f"/v1/{signal}", f"otlp_{signal}", lambda signal=signal: receive(signal), methods=["POST"]
        )
    return blueprint


def _error(status: int, message: str) -> Response:
    encoding = encoding_of(request.content_type) or JSON_TYPE
    headers = {"Retry-After": _RETRY_AFTER_S} if status == 503 else {}
    return Response(error_body(encoding, status, message), status, content_type=encoding, headers=headers)
