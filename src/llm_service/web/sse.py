"""The SSE outlet: `GET /streams/<topic>` (and under `/api`). Pulls from the ring, so a slow reader costs nothing.

`id: <epoch>.<seq>`, `event: <type>`, `data: <envelope>`; resumes by `Last-Event-ID` or `?since=`. Where
resuming would leave a gap the first event is `snapshot`. A comment every 15 s keeps the line open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from ..errors import NotFound
from ..hub.ring import encode
from .service import Service

HEARTBEAT_S = 15.0
_READY_POLL_S = 0.2


def stream_blueprint(service: Service, heartbeat_s: float = HEARTBEAT_S) -> Blueprint:
    """The routes of the SSE outlet."""
    blueprint = Blueprint("stream", __name__)

    def stream(topic: str) -> Response:
        if topic not in service.topics:
            raise NotFound(f"There is no stream “{topic}”.", known=list(service.topics))
        since, epoch = resume_point(request.headers.get("Last-Event-ID"), request.args.get("since"))
        body = _events(service, topic, since, epoch, heartbeat_s)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(body, mimetype="text/event-stream", headers=headers)

    for prefix in ("", "/api"):
        blueprint.add_url_rule(f"{prefix}/streams/<topic>", f"stream{prefix}", stream, methods=["GET"])
    return blueprint


def resume_point(last_event_id: str | None, since: str | None) -> tuple[int | None, str | None]:
    """(number, epoch) from `<epoch>.<seq>` or a bare number; (None, None) if neither is usable."""
    for text in (last_event_id, since):
        if text:
            epoch, _, number = text.rpartition(".")
            if number.isascii() and number.isdigit() and len(number) < 19:
                return int(number), epoch or None
    return None, None


def _events(service: Service, topic: str, since: int | None, epoch: str | None, heartbeat_s: float) -> Iterator[str]:
    hub = service.hub
    yield "retry: 1000\n\n"
    if since is None or hub.since(since, epoch) is None:
        while not hub.progress.ready and not hub.closed:
            yield ": loading\n\n"
            hub.wait(hub.seq, _READY_POLL_S)
        seq = hub.seq
        yield _message(hub.epoch, seq, "snapshot", _snapshot(service, topic, seq))
    else:
        seq = since
    while not hub.closed:
        news = hub.since(seq)
        if news is None:  # fell out of the ring while we were blocked on this reader
            seq = hub.seq
            yield _message(hub.epoch, seq, "snapshot", _snapshot(service, topic, seq))
            continue
        if news:
            seq = news[-1].seq
            text = "".join(_message(hub.epoch, e.seq, e.type, e.text) for e in news if e.concerns((topic,)))
            if text:
                yield text
        elif not hub.wait(seq, heartbeat_s) and not hub.closed:
            yield ": heartbeat\n\n"


def _snapshot(service: Service, topic: str, seq: int) -> str:
    body: dict[str, Any] = {"epoch": service.hub.epoch, "seq": seq, **service.snapshot((topic,))}
    return encode(body)


def _message(epoch: str, seq: int, name: str, text: str) -> str:
    return f"id: {epoch}.{seq}\nevent: {name}\ndata: {text}\n\n"
