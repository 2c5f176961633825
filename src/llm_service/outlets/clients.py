"""Socket.IO clients and the bound on what each may cost.

python-engineio's queue per client is unbounded: one sleeping tab grew the process by 480 MB in 45 s. Here an
event is encoded once, the same packet object goes into every queue, and a client whose queue is full is cut
off; when it comes back it resumes from its number.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from engineio.packet import MESSAGE, Packet

from ..hub import Envelope, encode

log = logging.getLogger(__name__)


class TrackedWebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]
    """engineio's WebSocket, which leaves its TCP socket with the engineio client, so that it can be cut.

    Shutting the socket down is the only thing that ends a writer thread blocked on a peer that never reads.
    """

    def __init__(self, handler: Any, server: Any, **kwargs: Any) -> None:
        super().__init__(handler, server, **kwargs)
        self._client = handler.__self__

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the connection until it closes."""
        self._client.tcp_socket = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        return super().__call__(environ, start_response)


@dataclass(slots=True)
class Client:
    """One connected client: its engineio id, what it asked for, and whether it still waits for a snapshot."""

    sid: str
    eio_sid: str
    topics: frozenset[str]
    awaits_snapshot: bool = False


class Clients:
    """Who is connected to one namespace, and the only way to send to them. Guard uses with `lock`."""

    def __init__(self, engine: Any, namespace: str, queue_limit: int) -> None:
        self.lock = threading.RLock()
        self.cut_off = 0
        self._engine = engine
        self._namespace = namespace
        self._queue_limit = queue_limit
        self._clients: dict[str, Client] = {}
        engine._async = {**engine._async, "websocket": TrackedWebSocket}

    def __len__(self) -> int:
        return len(self._clients)

    def add(self, client: Client) -> None:
        """From now on the client gets what is broadcast."""
        self._clients[client.sid] = client

    def get(self, sid: str) -> Client | None:
        """The client of that Socket.IO id."""
        return self._clients.get(sid)

    def waiting(self) -> list[Client]:
        """Those who connected while the board was loading and wait for their snapshot."""
        return [client for client in self._clients.values() if client.awaits_snapshot]

    def remove(self, sid: str) -> None:
        """The client is gone; if it left without a word, its socket is shut so that no thread hangs on it."""
        client = self._clients.pop(sid, None)
        if client is not None:
            connection = self._engine.sockets.get(client.eio_sid)
            if connection is not None and connection.queue.qsize() > 0 and connection.last_ping:
                _shut(connection)

    def broadcast(self, envelope: Envelope) -> None:
        """Send one event to every client whom it concerns; never blocks."""
        packet = self._packet(envelope.type, envelope.text)
        for client in list(self._clients.values()):
            if envelope.concerns(client.topics):
                self._put(client, packet)

    def send(self, client: Client, name: str, body: Any) -> None:
        """Send one message to one client."""
        self._put(client, self._packet(name, encode(body)))

    def send_all(self, client: Client, envelopes: Iterable[Envelope]) -> None:
        """Send the events it has missed to one client."""
        for envelope in envelopes:
            if envelope.concerns(client.topics):
                self._put(client, self._packet(envelope.type, envelope.text))

    def close(self) -> None:
        """Disconnect everyone, at once."""
        for connection in list(self._engine.sockets.values()):
            with contextlib.suppress(Exception):
                connection.close(wait=False, abort=True)
            _shut(connection)

    def _packet(self, name: str, text: str) -> Packet:
        return Packet(MESSAGE, f'2{self._namespace},["{name}",{text}]')

    def _put(self, client: Client, packet: Packet) -> None:
        connection = self._engine.sockets.get(client.eio_sid)
        if connection is None or connection.closed:
            return
        if connection.queue.qsize() >= self._queue_limit:
            self._cut(client, connection)
        else:
            self._engine.send_packet(client.eio_sid, packet)

    def _cut(self, client: Client, connection: Any) -> None:
        log.info("client %s is %d events behind: cut off", client.sid, self._queue_limit)
        self.cut_off += 1
        connection.close(wait=False, abort=True, reason="too slow")
        with connection.queue.mutex:
            connection.queue.queue.clear()
        connection.queue.put(None)
        _shut(connection)


def _shut(connection: Any) -> None:
    tcp_socket = getattr(connection, "tcp_socket", None)
    if tcp_socket is not None:
        with contextlib.suppress(OSError):
            tcp_socket.shutdown(socket.SHUT_RDWR)
