"""Events over a plain WebSocket: `/ws/<topic>` sends each envelope as a text message; a client resumes by
`?since=`, and at another dashboard by `?cursor=` or the header `X-Cursor`.

The first message is `{type: "snapshot", ...}` unless the client can resume; a long one comes in parts
(`snapshot_parts.py`). `{type: "heartbeat"}` comes 30 s after the last write, whatever happens on other topics. Events
are pulled from the ring, as for SSE. What a client sends is read and dropped; one that sends more than a little is
disconnected, and so is one that answers no ping.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request

from ..errors import BadRequest, NotFound
from ..hub.event import is_topic
from ..hub.ring import Hub, encode
from .cursor import Seen, cursor_of_request, read_cursor, resume
from .held_threads import hold_thread
from .people import IS_WELCOME, person_of
from .service import Service
from .snapshots import PARTS, Snapshots
from .websocket_connection import InputLimit, WebSocket, WebSocketEnded
from .websocket_frames import control_frame

HEARTBEAT_S = 30.0
PING_S = 25.0
"""A client that has sent nothing for so long is asked; if it does not answer for as long again it is disconnected."""
INPUT_BYTES = 262_144
"""What a client may send at once; and a tenth of it each second after that."""
_MESSAGE_BYTES = 65_536
_LOOK_S = 0.5
_HEARTBEAT = encode({"type": "heartbeat"})


class Line:
    """One client of a WebSocket to which events of a hub are sent, with heartbeats in between."""

    def __init__(
        self,
        connection: WebSocket,
        hub: Hub,
        heartbeat_s: float = HEARTBEAT_S,
        is_welcome: Callable[[], bool] = lambda: True,
    ) -> None:
        """`is_welcome()`: false once the client's user was removed or changed."""
        self._connection = connection
        self._hub = hub
        self._is_welcome = is_welcome
        self._heartbeat_s = heartbeat_s
        self._written_at, self._asked_at = time.monotonic(), 0.0

    def send(self, text: str) -> None:
        """Send a message. Raises WebSocketEnded."""
        self._connection.send(text)
        self._written_at = time.monotonic()

    def wait(self, seq: int) -> None:
        """Wait half a second at most for an event after number `seq`. Raises WebSocketEnded if the client has left."""
        self.look()
        self._hub.wait(seq, min(_LOOK_S, max(0.0, self._written_at + self._heartbeat_s - time.monotonic())))
        if time.monotonic() - self._written_at >= self._heartbeat_s:
            self.send(_HEARTBEAT)

    def look(self) -> None:
        """Drop what the client has sent, and see whether it is there and welcome. Raises WebSocketEnded."""
        if not self._is_welcome():
            raise WebSocketEnded
        self._connection.drain()
        quiet_s = time.monotonic() - self._connection.last_input
        if quiet_s < PING_S:
            self._asked_at = 0.0
        elif not self._asked_at:
            self._asked_at = time.monotonic()
            self._connection.send(control_frame(0x9))
        elif time.monotonic() - self._asked_at > PING_S:
            raise WebSocketEnded("policy")


class WebSocketResponse(Response):
    """The result of a view whose WebSocket has ended: makes the WSGI server drop the connection."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """End the request in the way that the server expects (as engineio's WebSocket does)."""
        if self._mode == "gunicorn":
            raise StopIteration
        raise ConnectionError("the WebSocket has ended")


def serve_websocket(
    hub: Hub, topic: str, run: Callable[[Line], None], heartbeat_s: float = HEARTBEAT_S
) -> WebSocketResponse:
    """Serve the WebSocket of the current request: `run(line)` sends to it until the hub closes; who listens counts for
    `topic`. Raises TooManyStreams, BadRequest for a bad handshake."""
    hold_thread(request.environ)
    connection = WebSocket(request.environ, InputLimit(INPUT_BYTES, INPUT_BYTES / 10), _MESSAGE_BYTES)
    reason = "normal"
    try:
        with hub.audience.listening(topic):
            run(Line(connection, hub, heartbeat_s, request.environ.get(IS_WELCOME, lambda: True)))
    except WebSocketEnded as end:
        reason = end.reason
    with suppress(WebSocketEnded):
        connection.close(reason)
    return WebSocketResponse(connection.mode)


def websocket_blueprint(service: Service, snapshots: Snapshots, heartbeat_s: float = HEARTBEAT_S) -> Blueprint:
    """The routes of the WebSockets."""
    blueprint = Blueprint("websocket", __name__)

    def check_topic(topic: str) -> None:
        if not is_topic(topic, service.topics):
            raise NotFound(f"There is no topic “{topic}”.", known=list(service.topics))

    @blueprint.get("/ws/<topic>")
    def explain(topic: str) -> Response:
        check_topic(topic)
        raise BadRequest("This address expects a WebSocket: send `Upgrade: websocket`.")

    @blueprint.get("/ws/<topic>", websocket=True)
    def follow(topic: str) -> Response:
        check_topic(topic)
        since = request.args.get("since", type=int)
        epoch = request.args.get("epoch")
        projects = person_of(request.environ).projects
        cursor = read_cursor(cursor_of_request(request))
        sender = _Sender(service, snapshots, topic, projects)
        return serve_websocket(service.hub, topic, lambda line: sender.run(line, since, epoch, cursor), heartbeat_s)

    return blueprint


class _Sender:
    """Sends the events of a topic to one client."""

    def __init__(self, service: Service, snapshots: Snapshots, topic: str, projects: frozenset[str] | None) -> None:
        self._service = service
        self._snapshots = snapshots
        self._topic = topic
        self._projects = projects

    def run(self, line: Line, since: int | None, epoch: str | None, cursor: Mapping[str, str]) -> None:
        """Send until the service stops. Raises WebSocketEnded if the client ends first."""
        hub = self._service.hub
        seq = since if since is not None and hub.since(since, epoch, topics=(self._topic,)) is not None else None
        seen = Seen()
        if seq is None and (resumed := resume(hub, cursor)) is not None:
            seq, seen = resumed.seq, resumed.seen
            for envelope in resumed.missed:
                if envelope.concerns((self._topic,), self._projects):
                    line.send(envelope.text)
        while not hub.closed:
            envelopes = hub.since(seq, topics=(self._topic,)) if seq is not None else None
            if envelopes is None:
                seq = self._send_snapshot(line)
                continue
            for envelope in envelopes:
                seq = envelope.seq
                if envelope.concerns((self._topic,), self._projects) and not seen.has(envelope):
                    line.send(envelope.text)
            line.wait(seq or 0)

    def _send_snapshot(self, line: Line) -> int:
        hub = self._service.hub
        while not hub.progress.ready and not hub.closed:
            hub.wait(hub.seq, _LOOK_S)
            line.look()
        snapshot = self._snapshots.get((self._topic,), PARTS, self._projects)
        for text in snapshot.text().splitlines():
            line.send(text)
        return snapshot.seq
