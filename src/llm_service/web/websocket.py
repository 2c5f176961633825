"""The plain WebSocket outlet: `/ws/<topic>` sends each envelope as one text message; resumes by `?since=`.

The first message is `{type: "snapshot", ...}` unless the number given can be resumed. `{type: "heartbeat"}`
every 30 s. Pulls from the ring, like the SSE outlet.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import simple_websocket
from flask import Blueprint, Response, request

from ..errors import BadRequest, NotFound
from ..hub.ring import encode
from .service import Service

HEARTBEAT_S = 30.0
_CLOSED_CHECK_S = 1.0


class WebSocketResponse(Response):
    """What a view returns after its WebSocket ended: tells the WSGI server that the connection is spent."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """End the request in the way that each server understands (as engineio's WebSocket does)."""
        if self._mode == "gunicorn":
            raise StopIteration
        raise ConnectionError("the WebSocket has ended")


def websocket_blueprint(service: Service, heartbeat_s: float = HEARTBEAT_S) -> Blueprint:
    """The routes of the plain WebSocket outlet."""
    blueprint = Blueprint("websocket", __name__)

    def check(topic: str) -> None:
        if topic not in service.topics:
            raise NotFound(f"There is no topic “{topic}”.", known=list(service.topics))

    @blueprint.get("/ws/<topic>")
    def explain(topic: str) -> Response:
        check(topic)
        raise BadRequest("This address speaks WebSocket; ask with `Upgrade: websocket`.")

    @blueprint.get("/ws/<topic>", websocket=True)
    def follow(topic: str) -> Response:
        check(topic)
        since = request.args.get("since", type=int)
        epoch = request.args.get("epoch")
        connection = simple_websocket.Server(request.environ, ping_interval=25)
        with contextlib.suppress(simple_websocket.ConnectionClosed, OSError):
            _send_events(connection, service, topic, since, epoch, heartbeat_s)
        with contextlib.suppress(simple_websocket.ConnectionClosed, OSError):
            connection.close()
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
        return WebSocketResponse(connection.mode)

    return blueprint


def _send_events(
    connection: Any,
    service: Service,
    topic: str,
    since: int | None,
    epoch: str | None,
    heartbeat_s: float,
) -> None:
    hub = service.hub
    seq = since if since is not None and hub.since(since, epoch) is not None else None
    idle_s = 0.0
    while not hub.closed and connection.connected:
        news = hub.since(seq) if seq is not None else None
        if news is None:
            while not hub.progress.ready and not hub.closed:
                hub.wait(hub.seq, _CLOSED_CHECK_S)
            seq = hub.seq
            head = {"type": "snapshot", "epoch": hub.epoch, "seq": seq}
            connection.send(encode(head | service.snapshot((topic,))))
            continue
        for envelope in news:
            seq = envelope.seq
            if envelope.concerns((topic,)):
                connection.send(envelope.text)
        if hub.wait(seq or 0, _CLOSED_CHECK_S):
            idle_s = 0.0
            continue
        idle_s += _CLOSED_CHECK_S
        if idle_s >= heartbeat_s:
            idle_s = 0.0
            connection.send(encode({"type": "heartbeat"}))
