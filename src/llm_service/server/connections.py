"""The connections of clients, in one thread: `Connections` gives a request to a thread only when it has arrived.

The head of a request, and a body of up to BODY_BYTES, are collected here without a thread, within HEAD_S. So a client
that does not finish its request costs a socket and what it has sent, and no thread. Kept-alive connections wait here
too, and those whose answer has been sent are closed here, after what the client still sends has been dropped: else it
may lose the answer (RFC 9112, section 9.6).
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LOG = logging.getLogger(__name__)

HEAD_S = 10.0
"""From the first byte (of a new connection: from its beginning) until the request has arrived."""
KEEPALIVE_S = 5.0
HEAD_BYTES = 65_536
BODY_BYTES = 65_536
"""A longer body is read by the thread of its request."""
LINGER_S = 5.0
LINGER_BYTES = 16 * 1_048_576
_BUFFER_BYTES = 16 * 1_048_576
"""Of all unfinished requests together."""
_READ_BYTES = 65_536
_SPARE_FILES = 256
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_AT_ONCE = re.compile(rb"\r\n(?:expect|transfer-encoding):", re.IGNORECASE)
"""The client waits for a word before it sends the body, or the length of the body is not known."""


def _answer(status: str, text: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n"
    return f"{head}Retry-After: 2\r\n\r\n{text}".encode()


_TOO_LARGE = _answer("431 Request Header Fields Too Large", "The head of a request may have 64 KiB.\n")
_TOO_LATE = _answer("408 Request Timeout", "The request did not arrive within 10 seconds.\n")
_BUSY = _answer("503 Service Unavailable", "No thread is free for this request.\n")


@dataclass(slots=True, eq=False)
class Connection:
    """A connection that no thread serves at the moment."""

    socket: socket.socket
    address: Any
    """Of the client, as `accept` gave it."""
    local: Any
    """Ours."""
    deadline: float
    buffer: bytearray
    """What has arrived of the next request."""
    body_at: int = 0
    """Where its body begins; 0 until the head is complete."""
    lingers: bool = False
    dropped: int = 0
    served: Any = None
    """What the server keeps of it from request to request."""

    @property
    def host(self) -> str:
        """The address of the client, without the port."""
        return str(self.address[0]) if isinstance(self.address, tuple) and self.address else ""


class Connections:
    """Accepts and reads until `serve(connection)` can be called; when that is done, `finished(connection, keep)`."""

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        serve: Callable[[Connection], bool],
        wrap: Callable[[socket.socket], socket.socket],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._serve = serve
        self._wrap = wrap
        self._clock = clock
        self._calls: deque[Callable[[], object]] = deque()
        self._wake_reader, self._wake_writer = os.pipe()
        for end in (self._wake_reader, self._wake_writer):
            os.set_blocking(end, False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, self._run_calls)
        self._listeners = listeners
        for listening in listeners:
            listening.setblocking(False)
            self._selector.register(listening, selectors.EVENT_READ, lambda one=listening: self._accept(one))
        self._waiting: dict[str, dict[Connection, None]] = {}
        """By the address of the client, those that wait longest first."""
        self._count = self._bytes = 0
        self._limit = _most_waiting()
        self._no_file_logged = False
        self._checked_at = clock()

    @property
    def waiting(self) -> int:
        """How many connections no thread serves."""
        return self._count

    def call_soon(self, call: Callable[[], object]) -> None:
        """Have `call()` called in the thread of `turn`. May be used in other threads and in signal handlers."""
        self._calls.append(call)
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b"\0")

    def turn(self, timeout_s: float) -> None:
        """Wait for what happens next, at most so long, and handle it."""
        for key, _ in self._selector.select(timeout_s):
            key.data()
        now = self._clock()
        if now - self._checked_at >= 0.25:
            self._checked_at = now
            late = [one for group in self._waiting.values() for one in group if one.deadline <= now]
            for connection in late:
                if connection.buffer:
                    self._forget(connection)
                    self._refuse(connection, _TOO_LATE)
                else:
                    self._close(connection)

    def stop_listening(self) -> None:
        """Accept no more connections."""
        for listening in self._listeners:
            self._selector.unregister(listening)
        self._listeners = ()

    def finished(self, connection: Connection, keep: bool, unread: bytes = b"") -> None:
        """A request has been served. `keep`: wait for the next one, which begins with `unread`; else close."""
        connection.buffer, connection.body_at = bytearray(unread), 0
        if keep:
            connection.deadline = self._clock() + (HEAD_S if unread else KEEPALIVE_S)
            self._wait(connection)
            if unread:
                self._check(connection)
        else:
            self._linger(connection)

    def _run_calls(self) -> None:
        with contextlib.suppress(OSError):
            os.read(self._wake_reader, 4_096)
        for _ in range(len(self._calls)):
            self._calls.popleft()()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(64):
            try:
                accepted, address = listening.accept()
            except OSError as problem:
                if problem.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._make_room()
                elif problem.errno not in (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED, errno.EINTR):
                    raise
                return
            self._accepted(accepted, address)

    def _accepted(self, accepted: socket.socket, address: Any) -> None:
        while self._count >= self._limit:
            self._evict()
        try:
            local, wrapped = accepted.getsockname(), self._wrap(accepted)
        except OSError:  # it is gone already
            accepted.close()
            return
        self._wait(Connection(wrapped, address, local, self._clock() + HEAD_S, bytearray()))

    def _make_room(self) -> None:
        """There is no free file descriptor: the connection that waits longest gives its own."""
        if not self._no_file_logged:
            self._no_file_logged = True
            LOG.error("No free file descriptor for another client; raise the limit (ulimit -n)")
        if self._count:
            self._evict()
        else:
            time.sleep(0.1)

    def _evict(self) -> None:
        """Close the connection that waits longest, of the address that has the most."""
        group = max(self._waiting.values(), key=len)
        self._close(next(iter(group)))

    def _wait(self, connection: Connection) -> None:
        try:
            self._selector.register(connection.socket, selectors.EVENT_READ, lambda: self._readable(connection))
        except (OSError, ValueError, KeyError):
            connection.socket.close()
            return
        self._waiting.setdefault(connection.host, {})[connection] = None
        self._count += 1
        self._bytes += len(connection.buffer)

    def _forget(self, connection: Connection) -> bool:
        """It waits no more; False if it did not."""
        group = self._waiting.get(connection.host, {})
        if connection not in group:
            return False
        del group[connection]
        if not group:
            del self._waiting[connection.host]
        self._count -= 1
        self._bytes -= len(connection.buffer)
        with contextlib.suppress(OSError, ValueError, KeyError):
            self._selector.unregister(connection.socket)
        return True

    def _close(self, connection: Connection) -> None:
        self._forget(connection)
        connection.socket.close()

    def _readable(self, connection: Connection) -> None:
        try:
            # Not the method of the class: that one counts the bytes of a body.
            data = socket.socket.recv(connection.socket, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
        elif connection.lingers:
            connection.dropped += len(data)
            if connection.dropped > LINGER_BYTES:
                self._close(connection)
        else:
            if not connection.buffer:
                connection.deadline = self._clock() + HEAD_S
            connection.buffer += data
            self._bytes += len(data)
            self._check(connection)
            while self._bytes > _BUFFER_BYTES and self._count:
                self._evict()

    def _check(self, connection: Connection) -> None:
        """Serve the request if it has arrived."""
        buffer = connection.buffer
        if not connection.body_at:
            end = buffer.find(b"\r\n\r\n")
            if end < 0 or end > HEAD_BYTES:
                if len(buffer) > HEAD_BYTES:
                    self._forget(connection)
                    self._refuse(connection, _TOO_LARGE)
                return
            connection.body_at = end + 4
        head = buffer[: connection.body_at - 2]
        length = _LENGTH.search(head)
        missing = connection.body_at + int(length[1]) - len(buffer) if length else 0
        if missing <= 0 or int(length[1] if length else 0) > BODY_BYTES or _AT_ONCE.search(head):
            self._forget(connection)
            if not self._serve(connection):
                self._refuse(connection, _BUSY)

    def _refuse(self, connection: Connection, answer: bytes) -> None:
        with contextlib.suppress(OSError):
            socket.socket.send(connection.socket, answer)
        self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        """Close our side; what the client still sends is dropped until it closes its own."""
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:  # closed by the client already
            connection.socket.close()
            return
        connection.lingers, connection.buffer, connection.served = True, bytearray(), None
        connection.deadline = self._clock() + LINGER_S
        while self._count >= self._limit:
            self._evict()
        self._wait(connection)


def _most_waiting() -> int:
    """How many connections may wait: not all files that may be open."""
    try:
        import resource

        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    except (ImportError, OSError, ValueError):
        return 1_024
    return 8_192 if soft == resource.RLIM_INFINITY else max(32, min(8_192, (soft - _SPARE_FILES) // 2))
