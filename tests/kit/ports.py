"""Ports for servers that are started later, or again: held meanwhile, so that nobody else is given them."""

from __future__ import annotations

import socket


def held_port() -> socket.socket:
    """A socket that holds a port of the loopback until it is closed, also while no server listens on it.

    It is bound and does not listen: who connects is refused, a server with `SO_REUSEADDR` can listen there, and the
    system gives the port to nobody who asks for a free one.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def number_of(held: socket.socket) -> int:
    """The port that it holds."""
    return int(held.getsockname()[1])
