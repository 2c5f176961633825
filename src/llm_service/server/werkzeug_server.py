"""Serve with werkzeug's threaded server: `serve_with_werkzeug`, where gunicorn cannot be used.

A thread for each connection, at most so many; a further one is closed, and so is one that is idle for too long.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .listener import Listener, Servable, report_listening

_IDLE_S = 30.0


class _QuietHandler(WSGIRequestHandler):
    timeout = _IDLE_S
    """How long a read or a write may wait for the client."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No access log."""


class _BoundedServer(ThreadedWSGIServer):
    daemon_threads = True
    _free: threading.BoundedSemaphore

    def limit(self, threads: int) -> None:
        """Serve at most so many connections at once; call it before the first."""
        self._free = threading.BoundedSemaphore(threads)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a new thread, or close it if there are too many or the system gives none."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            self._free.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In the thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


def serve_with_werkzeug(
    make_dashboard: Callable[[], Servable], on_listening: Callable[[str], None], listener: Listener, threads: int
) -> None:
    """Serve with werkzeug's threaded server in this process until SIGINT or SIGTERM."""
    stop_requested = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop_requested.set())
    dashboard = make_dashboard()
    dashboard.start()
    server = _BoundedServer(listener.host, listener.port, dashboard.wsgi, _QuietHandler, fd=listener.socket.fileno())
    server.limit(threads)
    listener.socket.close()
    threading.Thread(target=server.serve_forever, args=(0.1,), name="http", daemon=True).start()
    report_listening(on_listening, listener.url)
    # On Windows, Ctrl-C does not interrupt a wait without a timeout.
    while not stop_requested.wait(0.5):
        pass
    server.shutdown()
    server.server_close()
    dashboard.stop()
