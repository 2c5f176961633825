"""How messages reach the Socket.IO clients: `select_transport` picks one of two implementations.

`EngineioTransport` (engineio_transport.py) is fast and exact, and uses internals of python-engineio. `PublicTransport`
serves in its place when a release of python-engineio has changed them; it uses python-socketio's public API only.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engineio.exceptions import EngineIOError

from ..hub.ring import Envelope
from .cursor import Seen

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Client:
    """One connected client and its topics."""

    sid: str
    connection: Any
    """What the transport needs to reach the client."""
    topics: frozenset[str]
    projects: frozenset[str] | None = None
    """The projects of which it gets events; None: all."""
    awaits_snapshot: bool = False
    """True if it connected while the board was loading and gets its snapshot when that is complete."""
    held: list[Envelope] | None = None
    """The events since it connected, while its snapshot is being made; None: they are sent at once."""
    seen: Seen = field(default_factory=Seen)
    """What it has of the events of each host."""


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """What clients may cost."""

    packets: int = 10_000
    """Waiting for one client; of one that is further behind nothing is kept."""
    bytes: int = 16_000_000
    """The same in bytes; a single packet may be longer."""
    total_bytes: int = 32_000_000
    """Waiting for all clients, when one more is sent a snapshot."""
    pending: int = 128
    """Sessions that have not been accepted yet."""
    accepted: int = 2_000
    per_address: int | None = None
    """Sessions of one address other than this machine's; None: as many as of all."""


class Transport(Protocol):
    """Sends to clients without blocking, and bounds what a client that does not read may cost."""

    def connect(self, sid: str, environ: Mapping[str, Any]) -> Any:
        """The `connection` of a client whose handshake came with this WSGI environ."""

    def accept(self, client: Client) -> bool:
        """The client may stay: its token is right. False if it has left."""

    def broadcast(self, clients: Sequence[Client], name: str, text: str) -> int:
        """Send one event, whose body is JSON text, to all these clients; how many were cut off."""

    def send(self, client: Client, name: str, text: str) -> int:
        """Send one message to one client; 1 if it was cut off."""

    def disconnect(self, client: Client) -> None:
        """Release what belongs to a client that has left."""

    def disconnect_all(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once. They may come again."""

    def close(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once. Nobody is let in any more."""


def select_transport(server: Any, namespace: str, limits: TransportLimits) -> Transport:
    """The transport for a python-socketio server."""
    try:
        from .engineio_transport import EngineioTransport, missing_internals

        missing = missing_internals(server)
    except ImportError as problem:
        missing = [str(problem).partition(" (")[0]]  # without the path
    if not missing:
        return EngineioTransport(server, namespace, limits)
    log.warning(
        "This release of python-engineio is not supported (%s): events reach many clients more slowly, clients that"
        " connect by polling stay there, and a client is cut off after %d events in %d s even if it reads them",
        "; ".join(missing),
        limits.packets,
        PublicTransport.WINDOW_S,
    )
    return PublicTransport(server, namespace, limits.packets)


@dataclass(slots=True)
class _PublicConnection:
    socket: socket.socket | None
    """The TCP connection of a WebSocket; None for polling."""
    since: float
    sent: int = 0
    """Events since `since`."""


class PublicTransport:
    """Sends with `emit` of python-socketio.

    The public API does not show how far a client is behind. engineio disconnects a client that has not answered a
    ping for WINDOW_S; until then a client gets at most `queue_limit` events in WINDOW_S, and so its queue has never
    more than twice as many.
    """

    WINDOW_S = 45.0
    """engineio's `ping_interval` and `ping_timeout` together."""

    def __init__(
        self, server: Any, namespace: str, queue_limit: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._server = server
        self._namespace = namespace
        self._queue_limit = queue_limit
        # After an upgrade the environ of the handshake does not have the socket that would have to be shut.
        server.eio.allow_upgrades = False

    def connect(self, sid: str, environ: Mapping[str, Any]) -> _PublicConnection:
        """The connection of a new client."""
        is_websocket = str(environ.get("HTTP_UPGRADE", "")).lower() == "websocket"
        connection = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
        tcp = connection if is_websocket and isinstance(connection, socket.socket) else None
        return _PublicConnection(tcp, self._clock())

    def accept(self, client: Client) -> bool:
        """True: the public API does not show who has left meanwhile."""
        return True

    def broadcast(self, clients: Sequence[Client], name: str, text: str) -> int:
        """Send one event to all these clients; how many were cut off."""
        body, now, cut_off = json.loads(text), self._clock(), 0
        for client in clients:
            connection: _PublicConnection = client.connection
            if now - connection.since >= self.WINDOW_S:
                connection.sent, connection.since = 0, now
            connection.sent += 1
            if connection.sent <= self._queue_limit:
                self._emit(client, name, body)
            elif connection.sent == self._queue_limit + 1:
                log.info("client %s got %d events in %d s: cut off", client.sid, self._queue_limit, self.WINDOW_S)
                self._cut(client)
                cut_off += 1
        return cut_off

    def send(self, client: Client, name: str, text: str) -> int:
        """Send one message to one client."""
        self._emit(client, name, json.loads(text))
        return 0

    def disconnect(self, client: Client) -> None:
        """Shut the socket, on which a thread of engineio may be blocked."""
        if client.connection.socket is not None:
            with contextlib.suppress(OSError):
                client.connection.socket.shutdown(socket.SHUT_RDWR)

    def disconnect_all(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once."""
        for client in clients:
            self._cut(client)

    def close(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once."""
        self.disconnect_all(clients)

    def _emit(self, client: Client, name: str, body: Any) -> None:
        with contextlib.suppress(EngineIOError):  # the client leaves at this moment
            # Not one call for all clients: if one of them leaves, the others would miss the event.
            self._server.emit(name, body, to=client.sid, namespace=self._namespace)

    def _cut(self, client: Client) -> None:
        self.disconnect(client)
        # In a thread: it calls our handler for `disconnect`, and the caller may hold a lock that the handler needs.
        with contextlib.suppress(RuntimeError):  # no thread: engineio notices that the socket is shut
            threading.Thread(target=self._leave, args=(client,), name="disconnect", daemon=True).start()

    def _leave(self, client: Client) -> None:
        with contextlib.suppress(EngineIOError):
            self._server.disconnect(client.sid, namespace=self._namespace)
