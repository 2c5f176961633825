"""OTLP/HTTP: `POST /v1/traces`, `/v1/logs`, `/v1/metrics`, as OpenTelemetry exporters send them.

Source: opentelemetry.io/docs/specs/otlp (OTLP/HTTP): 200 with partial_success, 503 for what may be sent again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ...errors import HistoryUnavailable
from ..model import Call
from .decode import OtlpResult, SpanMemory, decode
from .messages import encoding_of, failure

Signal = Literal["traces", "logs", "metrics"]
SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")
_RETRY_AFTER_S = "5"

Take = Callable[[list[Call], list[str]], object]
"""Counts calls, and notes why others were refused; on the disk on return. Raises HistoryUnavailable."""


def otlp_blueprint(take: Take | None) -> Blueprint:
    """The routes; without `take` telemetry is off, and every request is told so."""
    blueprint = Blueprint("otlp", __name__)
    memory, order = SpanMemory(), threading.Lock()

    def read(signal: Signal) -> OtlpResult:
        body = request.get_data()
        now_ms = time.time_ns() // 1_000_000
        with order:  # the memory of spans is for one thread at a time
            return decode(signal, request.content_type, request.headers.get("Content-Encoding"), body, now_ms, memory)

    def receive(signal: Signal) -> Response:
        if take is None:
            return _refusal(404, "Telemetry is off: the settings `telemetry` and `history` switch it on.")
        try:
            result = read(signal)
        except RequestEntityTooLarge:
            return _refusal(413, "The body is too large; let the exporter send smaller batches.")
        refused = [f"record {index}: {reason}" for index, reason in result.refused]
        if result.note:
            refused.append(result.note)
        try:
            if result.calls or refused:
                take(result.calls, refused)
        except HistoryUnavailable as problem:
            return _refusal(503, problem.message)
        return Response(result.response_body, result.status, content_type=result.response_type)

    for signal in SIGNALS:
        blueprint.add_url_rule(
            f"/v1/{signal}", f"otlp_{signal}", lambda signal=signal: receive(signal), methods=["POST"]
        )
    return blueprint


def _refusal(status: int, words: str) -> Response:
    encoding = encoding_of(request.content_type) or "application/json"
    headers = {"Retry-After": _RETRY_AFTER_S} if status == 503 else {}
    return Response(failure(encoding, status, words), status, content_type=encoding, headers=headers)
