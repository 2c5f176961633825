"""The WebSocket of a Socket.IO session: `SessionWebSocket`, in place of engineio's, which takes three threads.

Packets are written where they are put into the queue, as long as the socket takes them without waiting; else the thread
of the `IoLoop` writes on when it does. What a client sends is received in one of a few threads when it is there
(`SessionReader`); by the thread of the request where the server cannot let go of the connection. So a client costs no
thread, whether it reads or not, and an event for many clients wakes none.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

from engineio.packet import NOOP, PING, PONG, UPGRADE, Packet

from ..errors import BadRequest
from .held_threads import take_connection
from .io_loop import IoLoop
from .packet_queue import PacketQueue
from .session_limits import INPUT_BYTES, PENDING_S
from .session_reader import BAD_PACKET, SessionReader, end_session, receive_all
from .websocket_connection import InputLimit, WebSocket, WebSocketEnded
from .websocket_frames import SharedText

_RECEIVE_S = 60.0


class PacketWriter:
    """Writes the packets of a queue to a WebSocket, in order, without waiting. Thread-safe."""

    def __init__(self, connection: WebSocket, packets: PacketQueue, loop: IoLoop) -> None:
        self._connection = connection
        self._packets = packets
        self._waiting = packets.queue
        """What `packets` has; asked for each of a thousand clients, so without its lock and without a call."""
        self._loop = loop
        self._writing = threading.Lock()
        self._is_writing = False
        self._waits = False
        """The loop will call: until then the socket takes nothing."""
        self._next: str | bytes = ""
        """A packet that was taken from the queue, and that the connection has not accepted."""
        self._has_ended = False

    @property
    def unsent(self) -> int:
        """Bytes of packets that were taken from the queue and are not in the socket yet."""
        return self._connection.unsent + len(self._next)

    def offer(self, frame: bytes) -> bool:
        """Write a finished frame if nothing waits before it; False if it has to be queued."""
        # A thousand times for an event: nothing is done here that need not be. One lock, and not that of `write`, which
        # says that whoever has it looks again: a packet put meanwhile is written by who put it.
        connection = self._connection
        try:
            with connection.lock:
                if self._is_writing or self._waits or self._next or self._waiting:
                    return False
                if not connection.write_locked(frame):
                    return False
            if connection.leftover:
                self._wait()
        except WebSocketEnded:
            self._has_ended = True
            connection.shut()
        return True

    def write(self) -> None:
        """Write what is in the queue, as far as the socket takes it."""
        # Asked again after each release: what another thread put, or the loop's word that the socket takes more, may
        # have come while this one was writing, and whoever brought it could not write then.
        while self._has_more() and self._writing.acquire(blocking=False):
            try:
                with self._connection.lock:  # no frame is offered any more, and the one before is written
                    self._is_writing = True
                self._write_all()
            except WebSocketEnded:
                self._has_ended = True
                self._connection.shut()
            finally:
                self._is_writing = False
                self._writing.release()

    def _has_more(self) -> bool:
        if self._waits or self._has_ended:
            return False
        return bool(self._waiting) or self.unsent > 0

    def shut(self) -> None:
        """Shut the TCP connection."""
        self._connection.shut()

    def _write_all(self) -> None:
        while self._connection.flush():
            if not self._next:
                try:
                    packet = self._packets.take()
                except queue.Empty:
                    return
                if packet is None:
                    self._has_ended = True
                    self._connection.close()
                    return
                shared: SharedText | None = getattr(packet, "shared", None)
                self._next = shared.frame(self._connection.deflates) if shared else packet.encode()
            # Not accepted where the answer to a ping, which the thread that receives writes, has filled the socket.
            if self._connection.write(self._next):
                self._next = ""
        self._wait()

    def _wait(self) -> None:
        self._waits = True
        try:
            self._loop.when_writable(self._connection, self._writable)
        except RuntimeError as problem:  # no thread for the loop
            raise WebSocketEnded from problem

    def _writable(self) -> None:
        self._waits = False
        self.write()


class SessionWebSocket:
    """What engineio calls for a WebSocket: with the handler of its session, then with the request."""

    def __init__(
        self, session: Any, loop: IoLoop, threads: Executor, message_bytes: int, is_closed: Callable[[], bool]
    ) -> None:
        """`is_closed`: true once all clients were disconnected; who comes then was missed by that."""
        self._is_closed = is_closed
        self._session = session
        self._loop = loop
        self._threads = threads
        self._message_bytes = message_bytes

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve the connection until it ends."""
        session = self._session
        is_upgrade = session.connected
        try:
            limit = InputLimit(INPUT_BYTES, INPUT_BYTES / 50)
            connection = WebSocket(environ, limit, self._message_bytes)
        except (BadRequest, WebSocketEnded) as problem:
            if not is_upgrade:
                end_session(session)
            return refuse(start_response, problem if isinstance(problem, BadRequest) else BadRequest("It has ended."))
        reason, reader = "normal", None
        try:
            if not is_upgrade or self._upgrade(connection):
                self._write_to(connection)
                if self._is_closed():
                    raise WebSocketEnded
                if take_connection(environ):
                    reader = SessionReader(session, connection, self._loop, self._threads)
                else:
                    receive_all(session, connection, _RECEIVE_S)
        except WebSocketEnded as end:
            reason = end.reason
        except BAD_PACKET:
            reason = "protocol"
        finally:
            if reader is None:
                if session.queue.on_put is not None or not is_upgrade:
                    end_session(session)
                connection.close(reason)
        if reader is not None:
            reader.start()
        if connection.mode == "gunicorn":
            raise StopIteration  # ends the request in the way that the server expects
        raise ConnectionError("the WebSocket has ended")

    def _upgrade(self, connection: WebSocket) -> bool:
        """Take over from polling (Engine.IO protocol, "Upgrade"); False if the client does not do its part."""
        session = self._session
        if session.upgrading or session.upgraded:
            return False
        session.upgrading = True
        try:
            if not self._expect(connection, PING, "probe"):
                return False
            connection.send(Packet(PONG, data="probe").encode())
            session.queue.put(Packet(NOOP))  # ends the poll that waits
            session.upgraded = self._expect(connection, UPGRADE, None)
            return bool(session.upgraded)
        finally:
            session.upgrading = False

    def _expect(self, connection: WebSocket, kind: int, data: str | None) -> bool:
        text = connection.receive(PENDING_S)
        packet = Packet(encoded_packet=text) if isinstance(text, str) and text else None
        return packet is not None and packet.packet_type == kind and (data is None or packet.data == data)

    def _write_to(self, connection: WebSocket) -> None:
        session = self._session
        session.connected = session.upgraded = True
        writer = PacketWriter(connection, session.queue, self._loop)
        session.writer = writer
        session.queue.on_put = writer.write
        writer.write()


def refuse(start_response: Callable[..., Any], problem: Any) -> Iterable[bytes]:
    """An answer with the error body of the protocol."""
    body = json.dumps(problem.as_json()).encode()
    status = {400: "400 Bad Request", 503: "503 Service Unavailable"}[problem.http_status]
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
    start_response(status, headers)
    return [body]
