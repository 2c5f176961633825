"""The only module with internals of python-engineio: `EngineioTransport`, and `missing_internals`, which checks them.

python-engineio's queue per client is unbounded: one client that did not read grew the process by 480 MB in 45 s. Here
an event is encoded once, every queue gets the same packet object, and a client whose queue is full is cut off; when it
comes back it resumes from its number.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import queue
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from engineio.async_drivers import _websocket_wsgi
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from engineio.packet import MESSAGE, NOOP, Packet
from engineio.socket import Socket

from .transport import Client

log = logging.getLogger(__name__)

_DONT_WAIT: int | None = getattr(socket, "MSG_DONTWAIT", None)


def missing_internals(server: Any) -> list[str]:
    """What EngineioTransport needs of a python-socketio server and its engineio, and does not find; [] if all is there.

    Written for python-engineio 4.13 to 4.15 and simple-websocket 1.1.
    """
    engine, missing = getattr(server, "eio", None), []

    def need(name: str, present: bool) -> None:
        if not present:
            missing.append(f"no {name}")

    websocket_class = getattr(_websocket_wsgi, "SimpleWebSocketWSGI", None)
    need("SimpleWebSocketWSGI(handler, server)", _takes(websocket_class, "handler", "server"))
    for name in ("__call__", "send", "close"):
        need(f"SimpleWebSocketWSGI.{name}", callable(getattr(websocket_class, name, None)))
    hooks = getattr(engine, "_async", None)
    hook = hooks.get("websocket") if isinstance(hooks, dict) else None
    need("Server._async['websocket']", isinstance(hook, type) and issubclass(hook, SimpleWebSocketWSGI))
    need("Server.sockets", isinstance(getattr(engine, "sockets", None), dict))
    need("Server.send_packet(sid, pkt)", _takes(getattr(engine, "send_packet", None), "sid", "pkt"))
    manager = getattr(server, "manager", None)
    need("Manager.eio_sid_from_sid", _takes(getattr(manager, "eio_sid_from_sid", None), "sid", "namespace"))
    need("Socket._websocket_handler(ws)", _takes(getattr(Socket, "_websocket_handler", None), "ws"))
    need("Socket.close(wait, abort, reason)", _takes(getattr(Socket, "close", None), "wait", "abort", "reason"))
    if not missing:
        try:
            probe = Socket(engine, "probe")
        except Exception as problem:  # noqa: BLE001 - of another release it may raise anything
            missing.append(f"Socket(server, sid) raises {type(problem).__name__}")
        else:
            need("Socket.queue of type queue.Queue", isinstance(getattr(probe, "queue", None), queue.Queue))
            for name in ("closed", "connected", "last_ping"):
                need(f"Socket.{name}", hasattr(probe, name))
            with contextlib.suppress(AttributeError):
                probe.tracked = None
            need("Socket that takes an attribute", hasattr(probe, "tracked"))
    need("Packet.encode() as text", _encodes())
    return missing


def _takes(function: Any, *parameters: str) -> bool:
    """True if it can be called with these parameters."""
    try:
        return set(parameters) <= set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False


def _encodes() -> bool:
    try:
        return bool(Packet(MESSAGE, "2").encode() == "42" and Packet(NOOP).encode() == "6")
    except Exception:  # noqa: BLE001 - of another release it may raise anything
        return False


class TrackedWebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]
    """engineio's WebSocket, with a write that does not wait and a way to shut the connection.

    engineio hands every packet to a thread per client; waking 100 of them for one event takes 30-60 ms. `offer`
    writes a complete frame straight to the socket as long as nothing is queued before it and the socket takes it
    without waiting; otherwise the packet goes the usual way, and so do all after it until the queue is empty.
    """

    def __init__(self, handler: Any, server: Any, **kwargs: Any) -> None:
        super().__init__(handler, server, **kwargs)
        self._connection = handler.__self__
        # A connection that was upgraded from polling may have packets under way that we did not count.
        self._may_offer = _DONT_WAIT is not None and not self._connection.connected
        self._write_lock = threading.Lock()
        self._count_lock = threading.Lock()
        self._queued = 0
        self._leftover = b""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the connection until it closes."""
        self._connection.tracked = self
        return super().__call__(environ, start_response)

    def count_queued(self) -> None:
        """One of our packets is in engineio's queue."""
        with self._count_lock:
            self._queued += 1

    def send(self, message: str | bytes) -> None:
        """Called by engineio's thread; waits as long as the client does not read."""
        with self._write_lock:
            if self._leftover:
                self.ws.sock.sendall(self._leftover)
                self._leftover = b""
            super().send(message)
        if isinstance(message, str) and message.startswith("42"):
            with self._count_lock:
                self._queued -= 1

    def close(self) -> None:
        """Called by engineio's thread at its end; on a connection that was cut the closing frame cannot be sent."""
        with contextlib.suppress(OSError):
            super().close()

    def offer(self, frame: bytes) -> bool:
        """Write a frame now if that needs no waiting and overtakes nothing; False if it has to be queued."""
        if not self._may_offer or self._queued or not self._write_lock.acquire(blocking=False):
            return False
        try:
            if self._leftover or self._queued or not self.ws.connected:
                return False
            sent = self.ws.sock.send(frame, _DONT_WAIT)
            if sent < len(frame):
                self._leftover = frame[sent:]
                self._connection.queue.put(Packet(NOOP))  # wakes the thread, which writes the remaining bytes first
            return True
        except OSError:  # the socket is full or closed: engineio's thread waits, or finds out
            return False
        except AttributeError:  # a release of simple-websocket without `sock` or `connected`
            self._may_offer = False
            return False
        finally:
            self._write_lock.release()

    def shut(self) -> None:
        """Shut the TCP connection: the only thing that ends a thread blocked on a peer that never reads."""
        with contextlib.suppress(OSError, AttributeError):
            self.ws.sock.shutdown(socket.SHUT_RDWR)


class Message:
    """One event, encoded once for all clients: as engineio's packet and as a complete WebSocket frame."""

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


class EngineioTransport:
    """Writes frames to the clients' sockets, or puts packets into engineio's queues up to `queue_limit`.

    The `connection` of a client is its engineio id.
    """

    def __init__(self, server: Any, namespace: str, queue_limit: int) -> None:
        self._server = server
        self._engine = server.eio
        self._namespace = namespace
        self._queue_limit = queue_limit
        self._engine._async = {**self._engine._async, "websocket": TrackedWebSocket}

    def connect(self, sid: str, environ: Mapping[str, Any]) -> str:
        """The engineio id of a new client."""
        eio_sid: str = self._server.manager.eio_sid_from_sid(sid, self._namespace)
        return eio_sid

    def broadcast(self, clients: Sequence[Client], name: str, text: str) -> int:
        """Send one event to all these clients; how many were cut off."""
        message = Message(self._namespace, name, text)
        return sum([self._put(client, message, at_once=True) for client in clients])

    def send(self, client: Client, name: str, text: str) -> int:
        """Send one message to one client; 1 if it was cut off."""
        return self._put(client, Message(self._namespace, name, text), at_once=False)

    def disconnect(self, client: Client) -> None:
        """Shut the socket of a client that left without closing it, so that no thread waits on it."""
        connection = self._engine.sockets.get(client.connection)
        if connection is not None and connection.queue.qsize() > 0 and connection.last_ping:
            _shut(connection)

    def close(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once; those too who have no client yet."""
        for connection in list(self._engine.sockets.values()):
            with contextlib.suppress(Exception):
                connection.close(wait=False, abort=True)
            _shut(connection)

    def _put(self, client: Client, message: Message, at_once: bool) -> int:
        connection = self._engine.sockets.get(client.connection)
        if connection is None or connection.closed:
            return 0
        tracked: TrackedWebSocket | None = getattr(connection, "tracked", None)
        if at_once and tracked is not None and connection.queue.empty() and tracked.offer(message.frame):
            return 0
        if connection.queue.qsize() >= self._queue_limit:
            self._cut(client, connection)
            return 1
        if tracked is not None:
            tracked.count_queued()
        self._engine.send_packet(client.connection, message.packet)
        return 0

    def _cut(self, client: Client, connection: Any) -> None:
        log.info("client %s is %d events behind: cut off", client.sid, self._queue_limit)
        connection.close(wait=False, abort=True, reason="too slow")
        with connection.queue.mutex:
            connection.queue.queue.clear()
        connection.queue.put(None)
        _shut(connection)


def _shut(connection: Any) -> None:
    tracked: TrackedWebSocket | None = getattr(connection, "tracked", None)
    if tracked is not None:
        tracked.shut()
