"""Events over Socket.IO, namespace `/dashboard`. A client connects with `{since, epoch, topics, token}`.

It gets `connection_ack`, then either all events after its number or a `snapshot`, then all further events in order. An
event may be repeated after the snapshot, but none is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import request
from flask_socketio import SocketIO

from ..errors import BadRequest, ServiceError, Unauthorized
from ..hub.event import ServiceReady
from ..hub.ring import Envelope
from ..times import iso_time
from .service import Service
from .socketio_clients import Client, Clients

NAMESPACE = "/dashboard"


class DashboardNamespace:
    """Sends the events of the hub to the Socket.IO clients of `/dashboard`, and handles their messages."""

    def __init__(
        self,
        socketio: SocketIO,
        service: Service,
        may_connect: Callable[[Mapping[str, Any], str | None], bool],
        version: str,
        queue_limit: int,
    ) -> None:
        self._service = service
        self._hub = service.hub
        self._may_connect = may_connect
        self._version = version
        self.clients = Clients(socketio.server, NAMESPACE, queue_limit)
        handlers: dict[str, Callable[..., Any]] = {
            "connect": self._on_connect,
            "disconnect": self._on_disconnect,
            "subscribe": self._on_subscribe,
            "unsubscribe": self._on_unsubscribe,
            "ping": self._on_ping,
            "*": self._on_unknown,
        }
        for name, handler in handlers.items():
            socketio.on_event(name, handler, namespace=NAMESPACE)
        self._hub.subscribe(self._on_event)

    def _on_connect(self, auth: Any = None) -> bool:
        auth = auth if isinstance(auth, dict) else {}
        sid: str = request.sid  # type: ignore[attr-defined]
        topics, unknown = known_topics(auth.get("topics"), self._service.topics)
        client = self.clients.connect(sid, request.environ, topics)
        if not self._may_connect(request.environ, _text(auth.get("token"))):
            self.clients.send(client, "error", Unauthorized("A valid token is needed.").as_json())
            return False
        since, epoch = auth.get("since"), _text(auth.get("epoch"))
        with self.clients.lock:
            missed = self._hub.since(since, epoch) if type(since) is int else None
            self.clients.send(client, "connection_ack", self._ack(topics, unknown))
            if missed is not None:
                self.clients.send_all(client, missed)
            elif self._hub.progress.ready:
                client.held = []
            else:
                client.awaits_snapshot = True
            self.clients.add(client)
        if client.held is not None:
            self._begin_with_snapshot(client)
        return True

    def _begin_with_snapshot(self, client: Client) -> None:
        """Send the snapshot, then what was published while it was made: the ring may have lost that by then."""
        snapshot = self._snapshot(client.topics)  # without the lock: it takes a while, and nobody else has to wait
        with self.clients.lock:
            held, client.held = client.held or [], None
            self.clients.send(client, "snapshot", snapshot)
            self.clients.send_all(client, [envelope for envelope in held if envelope.seq > snapshot["seq"]])

    def _on_disconnect(self, *reason: Any) -> None:
        with self.clients.lock:
            self.clients.remove(request.sid)  # type: ignore[attr-defined]

    def _on_subscribe(self, body: Any = None) -> dict[str, Any]:
        return self._change_topics(body, lambda current, requested: current | requested)

    def _on_unsubscribe(self, body: Any = None) -> dict[str, Any]:
        return self._change_topics(body, lambda current, requested: current - requested)

    def _on_ping(self, *body: Any) -> dict[str, Any]:
        pong = {"time": iso_time(time.time())}
        client = self.clients.get(request.sid)  # type: ignore[attr-defined]
        if client is not None:
            self.clients.send(client, "pong", pong)
        return pong

    def _on_unknown(self, name: str, *body: Any) -> dict[str, Any]:
        known = ["subscribe", "unsubscribe", "ping"]
        return BadRequest(f"There is no event “{name}” to send here.", known=known).as_json()

    def _change_topics(
        self, body: Any, change: Callable[[frozenset[str], frozenset[str]], frozenset[str]]
    ) -> dict[str, Any]:
        names = body.get("topics") if isinstance(body, dict) else None
        known = list(self._service.topics)
        try:
            if not isinstance(names, list):
                raise BadRequest("`topics` has to be a list of topic names.", known=known)
            requested, unknown = known_topics(names, known)
            if unknown:
                raise BadRequest(f"There is no topic “{unknown[0]}”.", known=known)
        except ServiceError as error:
            return error.as_json()
        with self.clients.lock:
            client = self.clients.get(request.sid)  # type: ignore[attr-defined]
            if client is None:
                return {"success": True, "topics": []}
            client.topics = change(client.topics, requested)
            return {"success": True, "topics": sorted(client.topics)}

    def _on_event(self, envelope: Envelope) -> None:
        """Called by the hub for each event, in order, in the publishing thread."""
        with self.clients.lock:
            self.clients.broadcast(envelope)
            if envelope.type == ServiceReady.type:
                for client in self.clients.waiting():
                    self.clients.send(client, "snapshot", self._snapshot(client.topics))
                    client.awaits_snapshot = False

    def _snapshot(self, topics: frozenset[str]) -> dict[str, Any]:
        seq = self._hub.seq  # before the state: an event may then repeat, but none is missed
        return {"epoch": self._hub.epoch, "seq": seq, **self._service.snapshot(topics)}

    def _ack(self, topics: frozenset[str], unknown: list[str]) -> dict[str, Any]:
        ack = {
            "epoch": self._hub.epoch,
            "seq": self._hub.seq,
            "server_version": self._version,
            "topics": sorted(topics),
            "degraded": self._service.degraded(),
            "loading": self._hub.progress.as_json(),
        }
        return ack | ({"unknown_topics": unknown} if unknown else {})


def known_topics(requested: Any, topics: Sequence[str]) -> tuple[frozenset[str], list[str]]:
    """(the topics in `requested` that exist, the others); all topics if none are requested."""
    if not isinstance(requested, list) or not requested:
        return frozenset({"all"}), []
    names = [name for name in requested if isinstance(name, str)]
    unknown = [str(name) for name in requested if name not in topics]
    return frozenset(name for name in names if name in topics), unknown


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
