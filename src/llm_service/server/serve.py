"""Serves a dashboard over HTTP: `serve(make_dashboard, settings, on_listening)` returns when it was stopped.

gunicorn's gthread worker where there is gunicorn (`gunicorn_server.py`), werkzeug's threaded server elsewhere
(Windows). Both stop on SIGINT and SIGTERM within two seconds, whoever is connected.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from ..errors import StartFailed
from ..settings.load import Settings
from .listener import Dashboard, Listener, announce, listen

OPEN_FILES = 65_536
"""Wanted limit of open files: each client holds up to two, and the usual soft limit is 1,024."""
COLLECT_AFTER = 10_000
"""Objects made and not freed before the youngest are looked through for cycles. At Python's 700 that happens for every
hundred lines of a log that are read, and takes a tenth of the time."""


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
    gc.set_threshold(COLLECT_AFTER, 10, 10)
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
