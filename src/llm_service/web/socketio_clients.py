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
from engineio.packet import MESSAGE, NOOP, Packet

from ..hub.ring import Envelope, encode

log = logging.getLogger(__name__)


_DONT_WAIT: int | None = getattr(socket, "MSG_DONTWAIT", None)


class TrackedWebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]
    """engineio's WebSocket, on which an event can be written at once, and which can be cut.

    engineio hands every packet to a thread per client; waking 100 of them for one event takes 30-60 ms. `offer`
    writes a ready frame straight to the socket as long as nothing is queued before it and the socket takes it
    without waiting; otherwise the packet goes the usual way, and so do all after it until the queue is empty.
    """

    def __init__(self, handler: Any, server: Any, **kwargs: Any) -> None:
        super().__init__(handler, server, **kwargs)
        self._connection = handler.__self__
        # A connection that was upgraded from polling may have packets under way that we did not count.
        self._may_offer = _DONT_WAIT is not None and not self._connection.connected
        self._writing = threading.Lock()
        self._counting = threading.Lock()
        self._queued = 0
        self._leftover = b""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the connection until it closes."""
        self._connection.tracked = self
        return super().__call__(environ, start_response)

    def note_queued(self) -> None:
        """One of our packets was given to engineio's queue."""
        with self._counting:
            self._queued += 1

    def send(self, message: str | bytes) -> None:
        """What engineio's thread writes; waits as long as the client does not read."""
        with self._writing:
            if self._leftover:
                self.ws.sock.sendall(self._leftover)
                self._leftover = b""
            super().send(message)
        if isinstance(message, str) and message.startswith("42"):
            with self._counting:
                self._queued -= 1

    def close(self) -> None:
        """What engineio's thread does last; on a connection that was cut there is nobody left to say goodbye to."""
        with contextlib.suppress(OSError):
            super().close()

    def offer(self, frame: bytes) -> bool:
        """Write a frame now if that needs no waiting and overtakes nothing; False if it has to be queued."""
        if not self._may_offer or self._queued or not self._writing.acquire(blocking=False):
            return False
        try:
            if self._leftover or self._queued or not self.ws.connected:
                return False
            sent = self.ws.sock.send(frame, _DONT_WAIT)
            if sent < len(frame):
                self._leftover = frame[sent:]
                self._connection.queue.put(Packet(NOOP))  # wakes the thread, which writes the rest first
            return True
        except OSError:  # the socket is full, or gone: the usual way waits, or finds out
            return False
        finally:
            self._writing.release()

    def cut(self) -> None:
        """Shut the TCP connection: the only thing that ends a thread blocked on a peer that never reads."""
        with contextlib.suppress(OSError, AttributeError):
            self.ws.sock.shutdown(socket.SHUT_RDWR)


class Message:
    """One event, encoded once for all clients: as engineio's packet and as a finished WebSocket frame."""

    __slots__ = ("frame", "packet")

    def __init__(self, namespace: str, name: str, text: str) -> None:
        self.packet = Packet(MESSAGE, f'2{namespace},["{name}",{text}]')
        self.frame = text_frame(self.packet.encode().encode())


def text_frame(payload: bytes) -> bytes:
    """An unmasked, final text frame (RFC 6455, section 5.2), as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


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
        message = Message(self._namespace, envelope.type, envelope.text)
        for client in list(self._clients.values()):
            if envelope.concerns(client.topics):
                self._put(client, message)

    def send(self, client: Client, name: str, body: Any) -> None:
        """Send one message to one client."""
        self._put(client, Message(self._namespace, name, encode(body)), at_once=False)

    def send_all(self, client: Client, envelopes: Iterable[Envelope]) -> None:
        """Send the events it has missed to one client."""
        for envelope in envelopes:
            if envelope.concerns(client.topics):
                self._put(client, Message(self._namespace, envelope.type, envelope.text), at_once=False)

    def close(self) -> None:
        """Disconnect everyone, at once."""
        for connection in list(self._engine.sockets.values()):
            with contextlib.suppress(Exception):
                connection.close(wait=False, abort=True)
            _shut(connection)

    def _put(self, client: Client, message: Message, at_once: bool = True) -> None:
        connection = self._engine.sockets.get(client.eio_sid)
        if connection is None or connection.closed:
            return
        tracked: TrackedWebSocket | None = getattr(connection, "tracked", None)
        if at_once and tracked is not None and connection.queue.empty() and tracked.offer(message.frame):
            return
        if connection.queue.qsize() >= self._queue_limit:
            self._cut(client, connection)
            return
        if tracked is not None:
            tracked.note_queued()
        self._engine.send_packet(client.eio_sid, message.packet)

    def _cut(self, client: Client, connection: Any) -> None:
        log.info("client %s is %d events behind: cut off", client.sid, self._queue_limit)
        self.cut_off += 1
        connection.close(wait=False, abort=True, reason="too slow")
        with connection.queue.mutex:
            connection.queue.queue.clear()
        connection.queue.put(None)
        _shut(connection)


def _shut(connection: Any) -> None:
    tracked: TrackedWebSocket | None = getattr(connection, "tracked", None)
    if tracked is not None:
        tracked.cut()
