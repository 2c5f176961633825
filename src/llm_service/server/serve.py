"""Serve a dashboard over HTTP: `serve(make_dashboard, settings, on_listening)` returns after SIGINT or SIGTERM.

With gunicorn's gthread worker (`gunicorn_server.py`) if its release has the hooks that are needed, else with werkzeug's
threaded server (`werkzeug_server.py`; always on Windows). Both stop within two seconds, with any number of clients.
"""

from __future__ import annotations

import gc
import importlib.util
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from ..errors import StartFailed
from ..settings.load import Settings
from .allocator import limit_arenas
from .listener import Listener, Servable, listen

LOG = logging.getLogger(__name__)
MAX_OPEN_FILES = 65_536
"""Requested limit of open files: a client needs up to two, and the usual soft limit is 1,024."""
GC_THRESHOLD = 10_000
"""Allocations before the garbage collector checks the youngest generation. At Python's 700 it runs every hundred lines
of a log, and takes a tenth of the time."""
SWITCH_S = 0.0005
"""A thread that computes lets another go on after this time. A call of a tool passes through four threads, and at
Python's 5 ms waits for one that computes at each of them: a chain of four had p95 28.8 ms beside such a thread, and
3.5 ms with this; four threads that only compute take about 5 % more."""


def serve(
    make_dashboard: Callable[[], Servable],
    settings: Settings,
    on_listening: Callable[[str], None],
    listener: Listener | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Raises StartFailed if the dashboard cannot be built.

    `make_dashboard` and then, in a separate thread, `on_listening(url)` are called in the process that serves,
    which under gunicorn is a child of this one. If that child dies, a new one builds a new dashboard;
    `on_listening` is called only for the first.
    """
    # Until the server has set its own handlers, a signal must end the process as cleanly as later.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    _allow_many_files()
    limit_arenas()
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    sys.setswitchinterval(SWITCH_S)
    listener = listener or listen(settings)
    try:
        if _can_use_gunicorn():
            from .gunicorn_server import GunicornServer

            GunicornServer.serve(make_dashboard, settings, on_listening, listener)
        else:
            from .werkzeug_server import serve_with_werkzeug

            serve_with_werkzeug(make_dashboard, on_listening, listener, settings.threads)
    except SystemExit as problem:
        if problem.code:
            raise StartFailed(f"The server ended with code {problem.code}; see the log.") from problem


def _can_use_gunicorn() -> bool:
    """True if gunicorn is installed and has the hooks that are needed; logs what is missing."""
    if sys.platform == "win32" or importlib.util.find_spec("gunicorn") is None:
        return False
    try:
        from .gunicorn_server import GunicornServer

        missing = GunicornServer.missing_hooks()
    except ImportError as problem:
        missing = [str(problem).partition(" (")[0]]  # without the path
    if missing:
        LOG.warning(
            "This release of gunicorn is not supported (%s): using werkzeug's server in this process. It is not"
            " restarted if it dies, and every connection takes a thread",
            "; ".join(missing),
        )
    return not missing


def _allow_many_files() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
