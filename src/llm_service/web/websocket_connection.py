"""The server's end of one WebSocket: `WebSocket(environ)` shakes hands; then `receive`, `write` and `close`.

Over wsproto, without a thread and without a queue: what a client sends waits in the kernel until it is received, and
what is received has a limit. simple_websocket has a thread for each connection, which reads on as long as the client
sends, and is never ended by a client that does not answer.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Message, Ping, Request, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from ..errors import BadRequest
from .websocket_frames import control_frame, deflated_frame, text_frame

MESSAGE_BYTES = 65_536
STALL_S = 20.0
"""A client that reads nothing for so long is gone."""
_READ_BYTES, _READ_PACKED_BYTES = 4_096, 256
"""Compressed input may become a thousand times as much."""
_UNPACKING = threading.Lock()
"""Held while input is taken apart, so that only one client's is unpacked in memory at a time."""
DEFLATED_BYTES = 4_096
"""A message of so many bytes is compressed, if the client can read that."""
_FRAME_COST = 100
"""Bytes that a frame counts for, however short it is: to take it apart costs as much as many bytes."""
POLLIN, POLLOUT = 1, 4
_SEND = socket.socket.send
"""Not the method of the server's own class of sockets, which waits; and for a thousand clients looked up once."""
_CLOSING = {"normal": 1000, "protocol": 1002, "too big": 1009, "policy": 1008}


class WebSocketEnded(Exception):
    """The connection has ended, or must end: `reason` is a key of the codes of RFC 6455."""

    def __init__(self, reason: str = "normal") -> None:
        super().__init__(reason)
        self.reason = reason


class InputLimit:
    """How much a client may send: `burst` at once, and then `per_s`. Raises WebSocketEnded("policy")."""

    def __init__(self, burst: float, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = self._left = burst
        self._per_s = per_s
        self._clock = clock
        self._at = clock()

    def take(self, amount: float) -> None:
        """The client has sent so much."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s) - amount
        self._at = now
        if self._left < 0:
            raise WebSocketEnded("policy")


class WebSocket:
    """An open WebSocket. One thread receives; any thread may write. Raises BadRequest for a bad handshake."""

    def __init__(self, environ: Mapping[str, Any], input_limit: InputLimit, message_bytes: int = MESSAGE_BYTES) -> None:
        self.mode = "gunicorn" if "gunicorn.socket" in environ else "werkzeug"
        connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if connection is None:
            raise BadRequest("This server does not serve WebSockets.")
        self._socket: socket.socket = connection
        self._input_limit = input_limit
        self._message_bytes = message_bytes
        self._messages: deque[str | bytes] = deque()
        self._parts: list[str | bytes] = []
        self._size = 0
        self.lock = threading.Lock()
        """Held while something is written."""
        self.leftover: bytes | memoryview = b""
        """What `write` accepted and the socket did not take."""
        self._pong = b""
        self.last_input = time.monotonic()
        self._read_bytes = _READ_BYTES
        self.deflates = False
        """True if the client can read `deflated_frame`."""
        self._protocol = WSConnection(ConnectionType.SERVER)
        answer = self._handshake(environ)
        # Not the methods of the server's own class of sockets: waiting is done here.
        socket.socket.setblocking(self._socket, False)
        self._write_all(answer)

    @property
    def unsent(self) -> int:
        """Bytes that were accepted by `write`, but not by the socket."""
        return len(self.leftover)

    @property
    def has_message(self) -> bool:
        """True if a message was read that nobody has received: the socket says nothing of it any more."""
        return bool(self._messages)

    def fileno(self) -> int:
        """For selectors."""
        return self._socket.fileno()

    def receive(self, timeout_s: float) -> str | bytes | None:
        """The next message; None if `timeout_s` passed first. Raises WebSocketEnded."""
        deadline = time.monotonic() + timeout_s
        while not self._messages:
            remaining = deadline - time.monotonic()
            if not _wait(self._socket, POLLIN, max(0.0, remaining)):
                return None
            self._read()
            if remaining <= 0 and not self._messages:
                return None
        return self._messages.popleft()

    def drain(self) -> None:
        """Drop all that has arrived. Raises WebSocketEnded, also if that was too much."""
        while _wait(self._socket, POLLIN, 0.0):
            self._read()
            self._messages.clear()

    def write(self, text: str | bytes) -> bool:
        """Write a text message, or a finished frame, without waiting; False if bytes of an earlier one still wait.

        Of one that is accepted a part may wait too: see `unsent` and `flush`. Raises WebSocketEnded.
        """
        with self.lock:
            return self.write_locked(text)

    def write_locked(self, text: str | bytes) -> bool:
        """What `write` does, for who has the lock."""
        if (self.leftover or self._pong) and not self._flush():
            return False
        frame = text if isinstance(text, bytes) else self._frame(text)
        try:
            sent = _SEND(self._socket, frame)
        except BlockingIOError:
            sent = 0
        except OSError as problem:
            raise WebSocketEnded from problem
        if sent != len(frame):
            self.leftover = memoryview(frame)[sent:]
        return True

    def flush(self) -> bool:
        """Write what waits; True if nothing waits any more. Raises WebSocketEnded."""
        with self.lock:
            return self._flush()

    def send(self, text: str | bytes) -> None:
        """Write a text message, or a finished frame, and wait until the socket has it. Raises WebSocketEnded."""
        waiting_since = time.monotonic()
        accepted, unsent = self.write(text), self.unsent
        while not accepted or self.unsent:
            if not _wait(self._socket, POLLOUT, 1.0) and time.monotonic() - waiting_since > STALL_S:
                raise WebSocketEnded("policy")
            accepted = accepted or self.write(text)
            self.flush()
            if self.unsent != unsent:
                waiting_since, unsent = time.monotonic(), self.unsent

    def close(self, reason: str = "normal") -> None:
        """Say so to the client if that needs no waiting, and shut the connection."""
        frame = control_frame(0x8, _CLOSING.get(reason, 1000).to_bytes(2, "big"))
        with contextlib.suppress(WebSocketEnded):
            self.write(frame)
        self.shut()

    def shut(self) -> None:
        """Shut the TCP connection: the only thing that ends a thread that waits for its client."""
        with self.lock, contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def dispose(self) -> None:
        """Give the file descriptor back, of a connection that the server does not close."""
        with self.lock:  # while another thread writes, its number must not become that of another connection
            self._socket.close()

    def _handshake(self, environ: Mapping[str, Any]) -> bytes:
        headers = [
            (name[5:].replace("_", "-").lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ]
        try:
            self._protocol.initiate_upgrade_connection(headers, "/")
            request = next(iter(self._protocol.events()))
            if not isinstance(request, Request):
                raise ValueError
            self._read_bytes = _READ_PACKED_BYTES if request.extensions else _READ_BYTES
            deflate = PerMessageDeflate()
            answer = self._protocol.send(AcceptConnection(extensions=[deflate]))
            # A client may ask for a smaller window than ours (RFC 7692, section 7.1.2.1).
            self.deflates = deflate.enabled() and deflate.server_max_window_bits == zlib.MAX_WBITS
            return answer
        except (RemoteProtocolError, LocalProtocolError, ValueError, StopIteration, UnicodeError) as problem:
            reason = f": {problem}" if isinstance(problem, RemoteProtocolError) else ""
            raise BadRequest(f"This is not a WebSocket handshake{reason}.") from problem

    def _read(self) -> None:
        """Take what has arrived, at most a little. Raises WebSocketEnded."""
        try:
            data = socket.socket.recv(self._socket, self._read_bytes)
        except BlockingIOError:
            return
        except OSError as problem:
            raise WebSocketEnded from problem
        if not data:
            raise WebSocketEnded
        self.last_input = time.monotonic()
        try:
            with _UNPACKING:
                self._protocol.receive_data(data)
                cost = self._take(self._protocol.events())
        except (RemoteProtocolError, LocalProtocolError) as problem:
            raise WebSocketEnded("protocol") from problem
        self._input_limit.take(max(len(data), cost))

    def _take(self, events: Iterable[Any]) -> int:
        """What the frames have cost: the size of what they contain, which may have come compressed, and the work."""
        size = 0
        for event in events:
            size += _FRAME_COST
            if isinstance(event, Message):
                size += len(event.data)
                self._add(event)
            elif isinstance(event, Ping):
                self._pong = control_frame(0xA, bytes(event.payload))
                self.flush()
            elif isinstance(event, CloseConnection):
                raise WebSocketEnded
        return size

    def _add(self, event: Message[Any]) -> None:
        if not isinstance(event, TextMessage | BytesMessage):
            return
        self._size += len(event.data)
        if self._size > self._message_bytes or len(self._parts) > self._message_bytes // 64:
            raise WebSocketEnded("too big")
        if event.data:
            self._parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
        if event.message_finished:
            empty: str | bytes = "" if isinstance(event, TextMessage) else b""
            self._messages.append(empty.join(self._parts))  # type: ignore[arg-type]
            self._parts, self._size = [], 0

    def _frame(self, text: str) -> bytes:
        payload = text.encode()
        return (deflated_frame if self.deflates and len(payload) >= DEFLATED_BYTES else text_frame)(payload)

    def _flush(self) -> bool:
        try:
            while self.leftover or self._pong:
                if not self.leftover:
                    self.leftover, self._pong = memoryview(self._pong), b""
                self.leftover = self.leftover[_SEND(self._socket, self.leftover) :]
        except BlockingIOError:
            return False
        except OSError as problem:
            raise WebSocketEnded from problem
        return True

    def _write_all(self, data: bytes) -> None:
        self.leftover = memoryview(data)
        if not self.flush():
            raise WebSocketEnded  # a new connection takes more than this


def _wait(connection: socket.socket, event: int, timeout_s: float) -> bool:
    """Wait until the socket is ready or broken; False if `timeout_s` passed first."""
    if hasattr(select, "poll"):
        poll = select.poll()  # unlike select(), for any file descriptor
        poll.register(connection, event)  # POLLIN and POLLOUT have these values on every system
        return bool(poll.poll(timeout_s * 1000))
    reads, writes = ([connection], []) if event == POLLIN else ([], [connection])
    return any(select.select(reads, writes, [], timeout_s))
