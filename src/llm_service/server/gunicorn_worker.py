"""The process that serves: gunicorn's gthread worker over our own connections (`connections.py`) and threads."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from ..errors import ServiceError
from ..web.held_threads import HOLD_THREAD, TAKE_CONNECTION
from .bad_requests import answer_to
from .client_socket import ClientSocket, WaitLimit
from .connections import Connection, Connections
from .listener import Servable, exit_now, report_listening
from .request_pool import RequestPool

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 0.8
"""From the signal to the end of the worker. gunicorn has a resolution of 1 s and kills it after 1 s."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Builds the dashboard after the fork; ends the process as soon as all clients are disconnected."""

    alive: bool
    _app: Callable[..., Any]
    _pool: RequestPool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dashboard: Servable | None = None
        self._connections: Connections | None = None
        self._active_requests = 0
        self._stop_requested_at: float | None = None

    def init_process(self) -> NoReturn:
        """Serve, then end the process: it must not return into the code of the parent."""
        code = 0
        try:
            _die_with_parent()
            super().init_process()
        except SystemExit as problem:
            code = problem.code if isinstance(problem.code, int) else 1
        except BaseException as problem:
            code = 1 if self.booted else Arbiter.WORKER_BOOT_ERROR
            if isinstance(problem, ServiceError):
                self.app.report_failure(problem.message)
            else:
                LOG.critical("The serving process failed", exc_info=True)
                self.app.report_failure(f"The dashboard could not be started: {type(problem).__name__}: {problem}")
        exit_now(code)

    def init_signals(self) -> None:
        """Like gunicorn, but ignore Ctrl-C and SIGHUP, which the terminal sends to every process.

        The parent handles them; if the worker ended first, the parent could start another.
        """
        super().init_signals()
        for number in (signal.SIGINT, signal.SIGHUP):
            # Not SIG_IGN: a browser started by us would inherit it.
            signal.signal(number, lambda *_: None)

    def load_wsgi(self) -> None:
        """Build and start the dashboard."""
        self.dashboard = self.app.make_dashboard()
        self.dashboard.start()
        self._app = self.dashboard.wsgi
        self.wsgi = self._serve_wsgi

    def run(self) -> NoReturn:
        """Serve until a signal to stop, or until the parent has ended."""
        if self.age == 1 and self.alive:
            report_listening(self.app.on_listening, self.app.url)
        elif self.age > 1:
            LOG.warning("The serving process died and was restarted", extra={"pid": os.getpid()})
        self._pool = RequestPool(self.cfg.threads, self.app.settings.streams_per_address)
        reads = WaitLimit(max(4, self.cfg.threads // 4))
        connections = Connections(
            self.sockets, lambda one: self._submit(connections, one), lambda accepted: ClientSocket(accepted, reads)
        )
        self._connections = connections
        while self.alive and self.is_parent_alive():
            self.notify()
            connections.turn(timeout_s=0.5)
        self._stop()

    def _serve_wsgi(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ[HOLD_THREAD] = partial(self._pool.hold, environ.get("REMOTE_ADDR", ""))
        environ[TAKE_CONNECTION] = environ["gunicorn.socket"].take
        return self._app(environ, start_response)

    def _submit(self, connections: Connections, connection: Connection) -> bool:
        """Have the request that has arrived served in a thread; False if there is none."""
        if self._pool.submit(lambda: self._serve_request(connections, connection)):
            self._active_requests += 1
            return True
        return False

    def _serve_request(self, connections: Connections, connection: Connection) -> None:
        """In a thread of the pool: serve the request, then give the connection back."""
        keep, unread = False, b""
        client: Any = connection.socket
        try:
            client.begin_request()
            if connection.served is None:
                connection.served = TConn(self.cfg, client, connection.address, connection.local)
                connection.served.data_ready = True
                connection.served.init()
            unreader = connection.served.parser.unreader
            unreader.unread(bytes(connection.buffer))
            connection.buffer = bytearray()
            keep = self.handle(connection.served) is True and self.alive
            unread, unreader.buf = unreader.buf.getvalue(), io.BytesIO()
        finally:
            if client.is_taken:
                connections.call_soon(self._served)
            else:
                connections.call_soon(lambda: self._finished(connections, connection, keep, unread))

    def _finished(self, connections: Connections, connection: Connection, keep: bool, unread: bytes) -> None:
        self._served()
        connections.finished(connection, keep, unread)

    def _served(self) -> None:
        self._active_requests -= 1

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request; what of its body has not arrived by then is not waited for."""
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.end_request()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be read in JSON, as everything else is refused; all others as gunicorn does."""
        answer = answer_to(exc)
        if answer is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("A request cannot be read: %s", str(exc)[:200])
        with suppress(OSError):
            write_nonblock(client, answer)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the accepting loop."""
        # The interrupted code may hold a lock, so the loop does the work.
        if self.alive:
            self.alive = False
            self._stop_requested_at = time.monotonic()
            if self._connections is not None:
                self._connections.call_soon(lambda: None)  # wakes the loop

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Like SIGTERM: the parent sends SIGQUIT after Ctrl-C."""
        self.handle_exit(sig, frame)

    def _stop(self) -> NoReturn:
        """Refuse new clients, disconnect all others, let short requests finish, and end the process.

        gunicorn itself waits for keep-alive connections, and a normal exit of the interpreter joins the threads of
        clients that do not answer.
        """
        deadline = (self._stop_requested_at or time.monotonic()) + STOP_WITHIN_S
        if self._connections is not None:
            self._connections.stop_listening()
        for listening in self.sockets:
            listening.close()
        if self.dashboard is not None:
            self.dashboard.stop()
        while self._active_requests and self._connections is not None and time.monotonic() < deadline:
            self._connections.turn(timeout_s=0.01)
        exit_now(0)


def _die_with_parent() -> None:
    """On Linux the kernel ends the worker with its parent, so that the port is free after `kill -9`.

    On other systems the worker checks every second whether its parent runs.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
