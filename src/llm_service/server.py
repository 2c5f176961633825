"""Serves a dashboard over HTTP: `serve(make_dashboard, settings, on_listening)` returns when it was stopped.

gunicorn's gthread worker where there is gunicorn (`gunicorn_server.py`), werkzeug's threaded server elsewhere
(Windows). Both stop on SIGINT and SIGTERM within two seconds, whoever is connected.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from .config import Settings
from .errors import StartFailed
from .runtime import url_of

LOG = logging.getLogger(__name__)
PORTS_TRIED = 20
OPEN_FILES = 65_536
"""Wanted limit of open files: each client holds up to two, and the usual soft limit is 1,024."""


class Dashboard(Protocol):
    """What is served. Built and started in the process that serves, because it has threads."""

    @property
    def wsgi(self) -> Callable[..., Any]:
        """The outermost WSGI callable."""

    def start(self) -> None:
        """Begin to load and watch; returns at once."""

    def stop(self) -> None:
        """Close every client and end every thread in less than 1 s; may be called twice."""


@dataclass(frozen=True)
class Listener:
    """A socket that listens. `port` differs from `wanted_port` when that was taken."""

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
        """True if the wanted port was taken and the next free one is used."""
        return self.wanted_port not in (0, self.port)


def listen(settings: Settings) -> Listener:
    """Listen on the first free port from `settings.port` upward; port 0 takes any. Raises StartFailed.

    The socket is ours from here on: between finding the port and serving on it nobody else can take it.
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


def serve(
    make_dashboard: Callable[[], Dashboard],
    settings: Settings,
    on_listening: Callable[[str], None],
    listener: Listener | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Raises StartFailed if the dashboard cannot be built.

    `make_dashboard` and then, in a thread of its own, `on_listening(url)` are called in the process that
    serves, which under gunicorn is a child of this one. If that child dies, a new one builds a new dashboard;
    `on_listening` is called only for the first.
    """
    # Between here and the server's own handlers a signal must end us as cleanly as later.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    _allow_many_files()
    taken = listener or listen(settings)
    try:
        if _has_gunicorn():
            from .gunicorn_server import serve_with_gunicorn

            serve_with_gunicorn(make_dashboard, settings, on_listening, taken)
        else:
            serve_plainly(make_dashboard, on_listening, taken)
    except SystemExit as leaving:
        if leaving.code:
            raise StartFailed(f"The server ended with code {leaving.code}; see the log.") from leaving


def serve_plainly(
    make_dashboard: Callable[[], Dashboard], on_listening: Callable[[str], None], listener: Listener
) -> None:
    """Serve with werkzeug's threaded server in this process until SIGINT or SIGTERM."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class QuietHandler(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """No access log."""

    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    dashboard = make_dashboard()
    dashboard.start()
    server = make_server(
        listener.host,
        listener.port,
        dashboard.wsgi,
        threaded=True,
        request_handler=QuietHandler,
        fd=listener.socket.fileno(),
    )
    listener.socket.close()
    threading.Thread(target=server.serve_forever, args=(0.1,), name="http", daemon=True).start()
    announce(on_listening, listener.url)
    # On Windows a wait without a time limit would not be interrupted by Ctrl-C.
    while not asked_to_stop.wait(0.5):
        pass
    server.shutdown()
    server.server_close()
    dashboard.stop()


def announce(on_listening: Callable[[str], None], url: str) -> None:
    """Call `on_listening(url)` in a thread of its own; what goes wrong in it is logged, not fatal."""

    def say() -> None:
        try:
            on_listening(url)
        except Exception:  # a closed terminal must not stop the service
            LOG.warning("The start-up message could not be given", exc_info=True)

    threading.Thread(target=say, name="announce", daemon=True).start()


def leave(code: int) -> NoReturn:
    """End this process now, without waiting for threads that still serve somebody."""
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


def _has_gunicorn() -> bool:
    if sys.platform == "win32":
        return False
    try:
        import gunicorn.arbiter  # noqa: F401
    except ImportError:
        return False
    return True


def _allow_many_files() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
