"""The socket of a client, as request threads use it: `ClientSocket` waits for a client only within limits.

A thread that reads a body or writes an answer waits for the client. Without a limit, clients that do nothing hold all
threads. `WaitLimit` is shared by all sockets: so many threads may wait for bytes of a body at once.
"""

from __future__ import annotations

import errno
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

STALL_S = 20.0
"""A client that reads or sends nothing for so long is gone."""
LEAST_BODY_BYTES_PER_S = 16_384
"""After STALL_S a body must have come at this speed on average."""
LEAST_SENT_BYTES_PER_S = 2_048
"""After STALL_S what is written must have been read at this speed on average."""
_REST_BYTES = 1_048_576
"""So much of the body of a request that has been answered is read; more of it closes the connection."""
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 30_000))
"""Options that make the kernel notice a host that vanished without a word; each where the system has it."""


class ClientStalled(TimeoutError):
    """The client did not send or read in time. Servers treat it like a connection that was reset."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ECONNRESET, text)


class WaitLimit:
    """At most `limit` threads may wait at once; a further one does not wait at all."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)

    def __enter__(self) -> None:
        if not self._free.acquire(blocking=False):
            raise ClientStalled("too many clients send their bodies slowly")

    def __exit__(self, *exc_info: object) -> None:
        self._free.release()


class ClientSocket(socket.socket):
    """A socket that never blocks in the kernel: reads and writes wait here, within the limits above.

    What servers set with `setblocking` and `settimeout` has no effect.
    """

    def __init__(self, accepted: socket.socket, reads: WaitLimit, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        super().setblocking(False)
        self._reads = reads
        self._clock = clock
        self.is_taken = False
        """True if it belongs to the application: the server neither reads nor closes it any more."""
        self._may_wait = True
        self._body_began = clock()
        self._body_bytes = 0
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                self.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def take(self) -> None:
        """The socket belongs to the caller."""
        self.is_taken = True

    def begin_request(self) -> None:
        """A request starts: the time for its body counts from now."""
        self._may_wait, self._body_began, self._body_bytes = True, self._clock(), 0

    def end_request(self) -> None:
        """The request is answered: what remains of its body is read only as far as it has arrived."""
        self._may_wait, self._body_bytes = False, 0

    def setblocking(self, flag: bool) -> None:
        """No effect."""

    def settimeout(self, value: float | None) -> None:
        """No effect."""

    def gettimeout(self) -> float | None:
        """How long a write may make no progress; `sendfile` of the standard library asks."""
        return STALL_S

    def recv(self, size: int, flags: int = 0) -> bytes:
        """The next bytes, waiting for them within the limits. Raises ClientStalled."""
        try:
            data = super().recv(size, flags)
        except BlockingIOError:
            if flags:
                raise
            data = self._recv_later(size)
        self._body_bytes += len(data)
        if not self._may_wait and self._body_bytes > _REST_BYTES:
            raise ClientStalled("the request was answered and its body does not end")
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Like `recv`, into a buffer."""
        data = self.recv(nbytes or len(buffer), flags)
        buffer[: len(data)] = data
        return len(data)

    def _recv_later(self, size: int) -> bytes:
        if not self._may_wait:
            raise ClientStalled("the request was answered before its body had arrived")
        with self._reads:
            while True:
                allowed = STALL_S + self._body_bytes / LEAST_BODY_BYTES_PER_S
                remaining = min(self._body_began + allowed - self._clock(), STALL_S)
                if remaining <= 0 or not wait_for(self, select.POLLIN, remaining):
                    raise ClientStalled("the body did not arrive in time")
                try:
                    return super().recv(size)
                except BlockingIOError:
                    continue

    def send(self, data: Any, flags: int = 0) -> int:
        """Send some of the bytes, waiting within the limits. Raises ClientStalled."""
        while True:
            try:
                return super().send(data, flags)
            except BlockingIOError:
                if flags or not wait_for(self, select.POLLOUT, STALL_S):
                    raise (ClientStalled("the client does not read") if not flags else BlockingIOError()) from None
            except TimeoutError as problem:  # the kernel gave the connection up
                raise ClientStalled("the client is gone") from problem

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all bytes. Raises ClientStalled if the client reads too slowly."""
        view, began, sent = memoryview(data).cast("B"), self._clock(), 0
        while sent < len(view):
            sent += self.send(view[sent:], flags)
            if sent < len(view) and self._clock() - began > STALL_S + sent / LEAST_SENT_BYTES_PER_S:
                raise ClientStalled("the client reads too slowly")


def wait_for(sock: socket.socket, event: int, timeout_s: float) -> bool:
    """Wait until the socket is ready or broken; False if `timeout_s` passed first."""
    poll = select.poll()  # unlike select(), for any file descriptor
    poll.register(sock, event)
    return bool(poll.poll(timeout_s * 1000))
