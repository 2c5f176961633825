"""What both servers share: the dashboard they serve, the listening socket, the announcement and the exit."""

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
PORTS_TRIED = 20


class Dashboard(Protocol):
    """The application. Built and started in the process that serves, because it has threads."""

    @property
    def wsgi(self) -> Callable[..., Any]:
        """The outermost WSGI callable."""

    def start(self) -> None:
        """Begin to load and watch; returns at once."""

    def stop(self) -> None:
        """Disconnect every client and end every thread in less than 1 s; may be called twice."""


@dataclass(frozen=True)
class Listener:
    """A socket that listens. `port` differs from `wanted_port` if another program has that one."""

    socket: socket.socket
    host: str
    port: int
    wanted_port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        return url_of(self.host, self.port)

    @property
    def moved(self) -> bool:
        """True if another program has the wanted port and the next free one is used."""
        return self.wanted_port not in (0, self.port)


def listen(settings: Settings) -> Listener:
    """Listen on the first free port from `settings.port` upward; port 0 takes any. Raises StartFailed.

    The socket stays open until it is served on, so no other program can take the port in between.
    """
    wanted = settings.port
    last = min(wanted + PORTS_TRIED - 1, 65_535) if wanted else 0
    for port in range(wanted, last + 1):
        try:
            listening = _bind(settings.host, port)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                continue
            reason = problem.strerror or str(problem)
            raise StartFailed(f"Cannot listen on {settings.host} port {port}: {reason}.") from problem
        return Listener(listening, settings.host, listening.getsockname()[1], wanted)
    raise StartFailed(f"No free port from {wanted} to {last} on {settings.host}; choose another with --port.")


def announce(on_listening: Callable[[str], None], url: str) -> None:
    """Call `on_listening(url)` in a separate thread; an error in it is logged, not fatal."""

    def call() -> None:
        try:
            on_listening(url)
        except Exception:  # a closed terminal must not stop the service
            LOG.warning("The start-up message could not be shown", exc_info=True)

    threading.Thread(target=call, name="announce", daemon=True).start()


def exit_now(code: int) -> NoReturn:
    """End this process now, without waiting for threads that serve a client."""
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
