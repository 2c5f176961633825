"""Events over Socket.IO, namespace `/dashboard`. A client connects with `{since, epoch, topics, token}`.

It gets `connection_ack`, then either all events after its number or a `snapshot`, then all further events in order. An
event may be repeated after the snapshot, but none is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

from flask import request

from ..errors import BadRequest, ServiceError
from ..hub.event import ServiceReady, is_topic, without_rooms
from ..hub.ring import Envelope
from ..times import iso_time
from .cursor import cursor_text, read_cursor, resume
from .people import Person
from .service import Service
from .snapshots import Snapshots
from .socketio_clients import Client, Clients
from .socketio_library import SocketIO
from .socketio_packets import EVENTS, NAMESPACE, REFUSED
from .transport import TransportLimits

_MAX_QUOTED = 50
MAX_TOPICS = 1_000
"""That one client subscribes to; there are as many rooms as there are jobs."""
Change = Callable[[frozenset[str], frozenset[str]], frozenset[str]]


class DashboardNamespace:
    """Sends the events of the hub to the Socket.IO clients of `/dashboard`, and handles their messages."""

    def __init__(
        self,
        socketio: SocketIO,
        service: Service,
        snapshots: Snapshots,
        admit: Callable[[Mapping[str, Any], str | None], Person],
        version: str,
        limits: TransportLimits,
    ) -> None:
        self._service = service
        self._hub = service.hub
        self._snapshots = snapshots
        self._admit = admit
        self._version = version
        self.clients = Clients(socketio.server, NAMESPACE, limits)
        handlers: dict[str, Callable[..., Any]] = {
            "connect": self._on_connect,
            "disconnect": self._on_disconnect,
            "subscribe": self._on_subscribe,
            "unsubscribe": self._on_unsubscribe,
            "ping": self._on_ping,
            REFUSED: self._on_refused,
        }
        for name, handler in handlers.items():
            socketio.on_event(name, handler, namespace=NAMESPACE)
        self._hub.subscribe(self._on_event)
        self._hub.audience.include(self.clients.subscriptions)

    def _on_connect(self, auth: Any = None) -> bool:
        auth = auth if isinstance(auth, dict) else {}
        sid: str = request.sid  # type: ignore[attr-defined]
        requested = auth["topics"] if isinstance(auth.get("topics"), list) else []
        topics, unknown = known_topics(requested or ["all"], self._service.topics)
        client = self.clients.connect(sid, request.environ, topics)
        try:
            client.projects = self._admit(request.environ, _text(auth.get("token"))).projects
        except ServiceError as refusal:
            self.clients.send(client, "error", refusal.as_json())
            return False
        since, epoch, cursor = auth.get("since"), _text(auth.get("epoch")), read_cursor(auth.get("cursor"))
        with self.clients.lock:
            missed = self._hub.since(since, epoch, topics=topics) if type(since) is int else None
            positions = self._hub.positions()
            if missed is None and (resumed := resume(self._hub, cursor)) is not None:
                missed, positions, client.seen = resumed.missed, cursor, resumed.seen
            self.clients.send(client, "connection_ack", self._ack(topics, unknown, positions))
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
        # Without the lock: it takes a while, and nobody else has to wait.
        snapshot = self._snapshots.get(client.topics, projects=client.projects)
        text = snapshot.text()
        with self.clients.lock:
            held, client.held = client.held or [], None
            self.clients.send_text(client, "snapshot", text)
            self.clients.send_all(client, [envelope for envelope in held if envelope.seq > snapshot.seq])

    def _begin_all(self, clients: list[Client]) -> None:
        for client in clients:
            self._begin_with_snapshot(client)

    def _on_disconnect(self, *reason: Any) -> None:
        with self.clients.lock:
            self.clients.remove(request.sid)  # type: ignore[attr-defined]

    # Events of clients, as CheckedPacket lets them through. The result is the acknowledgement, if one was asked for.

    def _on_subscribe(self, acknowledged: bool, *arguments: Any) -> dict[str, Any]:
        def change(current: frozenset[str], requested: frozenset[str]) -> frozenset[str]:
            return frozenset({"all"}) if "all" in current | requested else current | requested

        return self._change_topics(acknowledged, arguments, change)

    def _on_unsubscribe(self, acknowledged: bool, *arguments: Any) -> dict[str, Any]:
        def change(current: frozenset[str], requested: frozenset[str]) -> frozenset[str]:
            if "all" in requested:
                return frozenset()
            if "all" in current and requested:
                current = without_rooms(self._service.topics)
            return current - requested

        return self._change_topics(acknowledged, arguments, change)

    def _on_ping(self, acknowledged: bool, *arguments: Any) -> dict[str, Any]:
        pong = {"time": iso_time(time.time())}
        self._send_to_caller("pong", pong)
        return pong

    def _on_refused(self, acknowledged: bool, reason: str) -> dict[str, Any]:
        return self._error(acknowledged, BadRequest(reason, known=list(EVENTS)))

    def _change_topics(self, acknowledged: bool, arguments: Sequence[Any], change: Change) -> dict[str, Any]:
        known = list(self._service.topics)
        body = arguments[0] if len(arguments) == 1 else None
        names = body.get("topics") if isinstance(body, dict) else None
        if not isinstance(names, list):
            reason = "This event has one argument, `{topics}`, and `topics` has to be a list of topic names."
            return self._error(acknowledged, BadRequest(reason, known=known))
        requested, unknown = known_topics(names, known)
        if unknown:
            return self._error(acknowledged, BadRequest(f"There is no topic “{unknown[0]}”.", known=known))
        with self.clients.lock:
            client = self.clients.get(request.sid)  # type: ignore[attr-defined]
            if client is None:
                return {"success": True, "topics": []}
            changed = change(client.topics, requested)
            if len(changed) > MAX_TOPICS:
                return self._error(acknowledged, BadRequest(f"A client has at most {MAX_TOPICS:,} topics."))
            client.topics = changed
            return {"success": True, "topics": sorted(client.topics)}

    def _error(self, acknowledged: bool, error: BadRequest) -> dict[str, Any]:
        """The acknowledgement; a client that asked for none gets it as the event `error`."""
        if not acknowledged:
            self._send_to_caller("error", error.as_json())
        return error.as_json()

    def _send_to_caller(self, name: str, body: dict[str, Any]) -> None:
        client = self.clients.get(request.sid)  # type: ignore[attr-defined]
        if client is not None:
            self.clients.send(client, name, body)

    def _on_event(self, envelope: Envelope) -> None:
        """Called by the hub for each event, in order, in the publishing thread."""
        with self.clients.lock:
            self.clients.broadcast(envelope)
            if envelope.type == ServiceReady.type:
                waiting = self.clients.waiting()
                for client in waiting:
                    client.awaits_snapshot, client.held = False, []
                if waiting:
                    # The one who publishes may have what another thread waits for while it makes a snapshot.
                    Thread(target=self._begin_all, args=(waiting,), name="first snapshots", daemon=True).start()

    def _ack(self, topics: frozenset[str], unknown: list[str], positions: Mapping[str, str]) -> dict[str, Any]:
        ack = {
            "epoch": self._hub.epoch,
            "seq": self._hub.seq,
            "server_version": self._version,
            "topics": sorted(topics),
            "degraded": self._service.degraded(),
            "loading": self._hub.progress.as_json(),
        }
        if self._service.observer is not None:
            ack |= {"observer": self._service.observer, "cursor": cursor_text(positions)}
        return ack | ({"unknown_topics": unknown} if unknown else {})


def known_topics(requested: Sequence[Any], topics: Sequence[str]) -> tuple[frozenset[str], list[str]]:
    """(the topics in `requested` that exist, the others as text)."""
    known = frozenset(name for name in requested if isinstance(name, str) and is_topic(name, topics))
    others = [name for name in requested if not (isinstance(name, str) and name in known)]
    unknown = [name[:_MAX_QUOTED] if isinstance(name, str) else "(not a text)" for name in others]
    return known, unknown


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
