"""The fast way to Socket.IO clients: `EngineioTransport`, over internals of python-engineio.

python-engineio's queue per client is unbounded: one client that did not read grew the process by 480 MB in 45 s. It
takes four threads for a WebSocket and one for each handshake. Here an event is encoded once, every queue gets the same
packet object, a client whose queue is full is cut off (when it comes back it resumes from its number), one thread sends
the pings of all, and `SessionLimits` bounds what a session may cost before and after it has been accepted.
"""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

from engineio.packet import MESSAGE, Packet

from ..errors import Busy
from .client_presence import ClientPresence
from .engineio_internals import missing_internals
from .engineio_websocket import PacketWriter, SessionWebSocket, refuse
from .held_threads import TooManyStreams, hold_thread
from .io_loop import IoLoop
from .packet_queue import PacketQueue
from .session_limits import SessionLimits
from .transport import Client, TransportLimits
from .websocket_connection import DEFLATED_BYTES
from .websocket_frames import SharedText, text_frame

__all__ = ["EngineioTransport", "missing_internals"]

log = logging.getLogger(__name__)

_CHECK_S = 1.0
_THREADS = 16
"""For what clients say; most of them say nothing for minutes."""


class EventPacket(Packet):  # type: ignore[misc]
    """One event, encoded once for all clients: as engineio's packet, and as a complete WebSocket frame.

    A long one, a snapshot, is `shared` by all who wait for it; it is compressed for those who can read that.
    """

    def __init__(self, namespace: str, name: str, text: str) -> None:
        super().__init__(MESSAGE, f'2{namespace},["{name}",{text}]')
        self.text = text
        is_long = len(text) >= DEFLATED_BYTES
        self.frame = None if is_long else text_frame(self.encode().encode())
        self.shared = SharedText(self.encode()) if is_long else None


class EngineioTransport:
    """Writes frames to the clients' sockets, or puts packets into their queues, up to the limits.

    The `connection` of a client is its engineio session.
    """

    def __init__(self, server: Any, namespace: str, limits: TransportLimits) -> None:
        self._server = server
        self._engine = server.eio
        self._namespace = namespace
        self._total_bytes = limits.total_bytes
        self._long: WeakValueDictionary[str, EventPacket] = WeakValueDictionary()
        """The long messages that wait for a client, by name."""
        self._loop = IoLoop()
        self._threads = ThreadPoolExecutor(_THREADS, "client messages")
        self._checks = self._closed = False
        self.sessions = SessionLimits(limits.pending, limits.accepted, self._end, per_address=limits.per_address)
        engine = self._engine
        engine._async = {
            **engine._async,
            "websocket": lambda handler, server: SessionWebSocket(
                handler.__self__, self._loop, self._threads, engine.max_http_buffer_size, lambda: self._closed
            ),
            "queue": lambda *args, **kwargs: PacketQueue(limits.packets, limits.bytes),
        }
        engine.start_service_task = False  # `_check` does it, each second
        self._start_task = engine.start_background_task
        engine.start_background_task = self._start
        engine.sleep = lambda seconds=0: None  # only used before a ping, which the loop sends in time
        self._handlers: dict[str, Callable[..., Any]] = dict(engine.handlers)
        engine.handlers |= {"connect": self._connect, "message": self._message, "disconnect": self._disconnect}
        self._handle_request = server.handle_request
        server.handle_request = self._serve

    def connect(self, sid: str, environ: Mapping[str, Any]) -> Any:
        """The session of a new client. Raises ConnectionRefusedError if it connects again and again, or has left."""
        eio_sid: str = self._server.manager.eio_sid_from_sid(sid, self._namespace)
        if not self.sessions.connect(eio_sid):
            raise ConnectionRefusedError("connected too often")
        session = self._engine.sockets.get(eio_sid)
        if session is None:
            raise ConnectionRefusedError("it has left")
        return session

    def accept(self, client: Client) -> bool:
        """The client may stay; False if it has left."""
        session = client.connection
        self.sessions.accept(session.sid)
        return not (session.closing or session.closed)

    def broadcast(self, clients: Sequence[Client], name: str, text: str) -> int:
        """Send one event to all these clients; how many were cut off."""
        return self._put(clients, EventPacket(self._namespace, name, text))

    def send(self, client: Client, name: str, text: str) -> int:
        """Send one message to one client; 1 if it was cut off."""
        if len(text) < DEFLATED_BYTES:
            return self._put((client,), EventPacket(self._namespace, name, text))
        self._make_room(client, len(text))
        packet = self._long.get(name)  # those who come at the same time get the same snapshot
        if packet is None or packet.text != text:
            packet = self._long[name] = EventPacket(self._namespace, name, text)
        return self._put((client,), packet)

    def disconnect(self, client: Client) -> None:
        """Shut the socket of a client that left without closing it."""
        session = client.connection
        if session.queue.qsize() > 0 and session.last_ping:
            _shut(session)

    def disconnect_all(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once; those too who have no client yet. They may come again."""
        for session in list(self._engine.sockets.values()):
            with contextlib.suppress(Exception):
                session.close(wait=False, abort=True)
            _shut(session)

    def close(self, clients: Sequence[Client]) -> None:
        """Disconnect everyone, at once. Nobody is let in any more."""
        self._closed = True
        self.disconnect_all(clients)
        self._loop.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _put(self, clients: Sequence[Client], packet: EventPacket) -> int:
        """Write the packet to all these clients, or have it wait for them; how many were cut off."""
        frame = packet.frame
        if frame is not None:
            clients = [one for one in clients if (writer := one.connection.writer) is None or not writer.offer(frame)]
        return sum([self._enqueue(client, packet) for client in clients])

    def _enqueue(self, client: Client, packet: EventPacket) -> int:
        session = client.connection
        if session.closed:
            return 0
        if session.queue.is_full:
            log.info("client %s is too far behind: cut off", client.sid)
            self._end(session.sid, "too slow")
            return 1
        self._engine.send_packet(session.sid, packet)
        return 0

    def _make_room(self, client: Client, size: int) -> None:
        """All clients together may have so many bytes waiting: those with the most give way."""
        waiting = {sid: _waiting_bytes(session) for sid, session in list(self._engine.sockets.items())}
        total = sum(waiting.values()) + size
        for sid in sorted(waiting, key=lambda one: -waiting[one]):
            if total <= self._total_bytes or not waiting[sid]:
                return
            if sid != client.connection.sid:
                total -= waiting[sid]
                log.info("%d bytes wait for a client, and too many for all: cut off", waiting[sid])
                self._end(sid, "too slow")

    def _end(self, sid: str, reason: str) -> None:
        """End a session, whatever its client does."""
        session = self._engine.sockets.get(sid)
        self.sessions.forget(sid)
        if session is None:
            return
        with contextlib.suppress(Exception):
            session.close(wait=False, abort=True, reason=reason)
        session.queue.discard()
        session.queue.put(None)
        _shut(session)
        self._engine.sockets.pop(sid, None)

    def _start(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In place of a thread for each ping: engineio starts one that sleeps first."""
        if getattr(target, "__name__", "") == "_send_ping":
            ping = weakref.WeakMethod(target)  # of a session that has ended nothing stays for so long
            self._loop.call_later(self._engine.ping_interval, lambda: (ping() or _nothing)())
            return None
        return self._start_task(target, *args, **kwargs)

    def _check(self) -> None:
        """Each second: end sessions that answer no ping, or are pending for too long."""
        try:
            for sid, session in list(self._engine.sockets.items()):
                if not session.closed and not session.closing:
                    with contextlib.suppress(Exception):
                        session.check_ping_timeout()
                if session.closed:
                    self._end(sid, "ended")
            self.sessions.check()
        finally:
            self._loop.call_later(_CHECK_S, self._check)

    def _connect(self, sid: str, environ: dict[str, Any]) -> Any:
        try:
            self._loop.start()
            if not self._checks:
                self._checks = True
                self._loop.call_later(_CHECK_S, self._check)
        except RuntimeError:  # no thread
            return "The service has no thread left."
        if not self.sessions.begin(sid, environ):
            return "Too many clients are connected."
        session = self._engine.sockets[sid]
        session.writer = None  # until it has a WebSocket
        session.queue.on_full = lambda: self._end(sid, "too slow")
        return self._handlers["connect"](sid, environ)

    def _message(self, sid: str, data: Any) -> Any:
        if self.sessions.message(sid, data):
            return self._handlers["message"](sid, data)
        return None

    def _disconnect(self, sid: str, reason: Any) -> Any:
        self.sessions.forget(sid)
        return self._handlers["disconnect"](sid, reason)

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """A request of engineio: one that waits for packets, or becomes a WebSocket, keeps its thread."""
        if self._closed:
            return refuse(start_response, Busy("The service is stopping."))
        query = f"&{environ.get('QUERY_STRING', '')}"
        is_websocket = str(environ.get("HTTP_UPGRADE", "")).lower() == "websocket"
        sid = query.partition("&sid=")[2].partition("&")[0]
        if environ.get("REQUEST_METHOD") == "GET" and (sid or is_websocket):
            try:
                hold_thread(environ)
            except TooManyStreams as problem:
                return refuse(start_response, problem)
            session = self._engine.sockets.get(sid)
            if session is not None and not is_websocket:
                session.queue.presence = ClientPresence(environ)
        answer: Iterable[bytes] = self._handle_request(environ, start_response)
        return answer


def _nothing() -> None:
    """A session that has ended gets no ping."""


def _waiting_bytes(session: Any) -> int:
    writer: PacketWriter | None = getattr(session, "writer", None)
    return int(session.queue.bytes) + (writer.unsent if writer is not None else 0)


def _shut(session: Any) -> None:
    writer: PacketWriter | None = getattr(session, "writer", None)
    if writer is not None:
        writer.shut()
