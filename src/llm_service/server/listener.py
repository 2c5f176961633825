"""What both servers share: `listen(settings)` opens the socket, `Servable` is what they serve."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from ..errors import StartFailed
from ..settings.load import Settings
from .instance import url_of

LOG = logging.getLogger(__name__)
MAX_PORTS = 20


class Servable(Protocol):
    """The application that is served. Built and started in the serving process, as it has threads."""

    @property
    def wsgi(self) -> Callable[..., Any]:
        """The outermost WSGI callable."""

    def start(self) -> None:
        """Start loading and watching; returns immediately."""

    def stop(self) -> None:
        """Disconnect all clients and end all threads in less than 1 s. A second call does nothing."""


@dataclass(frozen=True)
class Listener:
    """A listening socket. `port` differs from `requested_port` if that one is in use."""

    socket: socket.socket
    host: str
    port: int
    requested_port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        return url_of(self.host, self.port)

    @property
    def is_other_port(self) -> bool:
        """True if the requested port is in use and the next free one was taken."""
        return self.requested_port not in (0, self.port)


def listen(settings: Settings) -> Listener:
    """Listen on the first free port from `settings.port` upward; port 0 takes any. Raises StartFailed.

    The server uses this same socket, so that no other program can take the port in between.
    """
    requested = settings.port
    last = min(requested + MAX_PORTS - 1, 65_535) if requested else 0
    for port in range(requested, last + 1):
        try:
            listening = _bind(settings.host, port)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                continue
            reason = problem.strerror or str(problem)
            raise StartFailed(f"Cannot listen on {settings.host} port {port}: {reason}.") from problem
        return Listener(listening, settings.host, listening.getsockname()[1], requested)
    raise StartFailed(f"No free port from {requested} to {last} on {settings.host}; choose another with --port.")


def report_listening(on_listening: Callable[[str], None], url: str) -> None:
    """Call `on_listening(url)` in a separate thread; an error in it is logged, not fatal."""

    def call() -> None:
        try:
            on_listening(url)
        except Exception:  # e.g. a closed terminal
            LOG.warning("The start-up message could not be shown", exc_info=True)

    threading.Thread(target=call, name="report-listening", daemon=True).start()


def exit_now(code: int) -> NoReturn:
    """End this process without waiting for threads that serve a client."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except BaseException:
        listening.close()
        raise
    return listening
