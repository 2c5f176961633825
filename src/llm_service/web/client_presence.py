"""Is the client of a waiting request still there? `ClientPresence(environ)` knows it without writing to it.

A server learns that a client has left only when it writes or reads. A request that waits for an event looks here each
second, so that its thread is free soon.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Mapping
from typing import Any

_LEFT = getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0) | getattr(select, "POLLNVAL", 0)
_CLOSED_ITS_SIDE = getattr(select, "POLLRDHUP", 0)


class ClientPresence:
    """The connection of a request. `environ` is that of gunicorn or werkzeug; of others nothing is known."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        self._socket: socket.socket | None = found if isinstance(found, socket.socket) else None

    def has_left(self) -> bool:
        """True if the connection is broken, or the client has closed its side of it."""
        return self.is_broken() or self.closed_its_side()

    def is_broken(self) -> bool:
        """True if nothing that we write can arrive."""
        return bool(self._events(0) & _LEFT)

    def closed_its_side(self) -> bool:
        """True if the client sends no more. It may still read: only a write shows whether it does."""
        if self._socket is None:
            return False
        if _CLOSED_ITS_SIDE:
            return bool(self._events(_CLOSED_ITS_SIDE) & _CLOSED_ITS_SIDE)
        try:  # elsewhere the end is seen if nothing that was sent before it waits
            ready = select.select([self._socket], [], [], 0)[0]
            return bool(ready) and not socket.socket.recv(self._socket, 1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def _events(self, wanted: int) -> int:
        if self._socket is None or not hasattr(select, "poll"):
            return 0
        poll = select.poll()
        try:
            poll.register(self._socket, wanted)
            return sum(events for _, events in poll.poll(0))
        except (OSError, ValueError):
            return _LEFT
