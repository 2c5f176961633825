"""Serve with gunicorn: `GunicornServer.serve`. This process becomes gunicorn's arbiter; one child serves.

What is used of gunicorn's internals is in `gunicorn_worker.py` and here; `gunicorn_hooks.py` checks that it is there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from ..errors import StartFailed
from ..log import RateLimit
from ..settings.load import Settings
from .bad_requests import MAX_ADDRESS, MAX_HEADER
from .gunicorn_hooks import missing_hooks
from .gunicorn_worker import Worker
from .listener import Listener, Servable

WORKER_TIMEOUT_S = 120
"""A worker whose accepting thread does not respond for so long is replaced."""
_ENDED_WITHIN_S = 6
"""More than the database and the journal take at most to write what is queued, less than `dashboard stop` waits."""
_LONG_PAUSE_S = 10
"""gunicorn checks its workers every second: after a longer pause this process itself was stopped."""


class GunicornServer:
    """Serves a dashboard with gunicorn."""

    @staticmethod
    def missing_hooks() -> list[str]:
        """The hooks that this release of gunicorn lacks; [] if it has all."""
        return missing_hooks(_config(0, 1))

    @staticmethod
    def serve(
        make_dashboard: Callable[[], Servable],
        settings: Settings,
        on_listening: Callable[[str], None],
        listener: Listener,
    ) -> None:
        """Serve until SIGINT or SIGTERM; see `serve.serve`. Raises StartFailed."""
        app = _Application(make_dashboard, settings, on_listening, listener)
        try:
            app.run()
        except SystemExit as problem:
            if problem.code:
                raise StartFailed(app.read_failure() or f"The server ended with code {problem.code}.") from problem


def _config(fd: int, threads: int) -> dict[str, Any]:
    """The settings of gunicorn."""
    values: dict[str, Any] = {
        "bind": f"fd://{fd}",
        "workers": 1,
        "worker_class": Worker,
        "threads": threads,
        # We count connections; gunicorn would close each after its answer where this is not above `threads`.
        "worker_connections": threads + 10_000,
        "limit_request_line": MAX_ADDRESS,
        "limit_request_field_size": MAX_HEADER,
        "timeout": WORKER_TIMEOUT_S,
        # The worker ends by itself; until its database has written all, it must not be killed.
        "graceful_timeout": _ENDED_WITHIN_S,
        # Built in the worker, as the threads of the dashboard do not survive a fork.
        "preload_app": False,
        "reload": False,
        "daemon": False,
        "pidfile": None,
        "accesslog": None,
        "logger_class": _Log,
        "proc_name": "llm-service",
        # Headers of proxies are not trusted.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "control_socket_disable": True,
    }
    if sys.platform == "linux" and os.access("/dev/shm", os.W_OK):  # noqa: S108
        values["worker_tmp_dir"] = "/dev/shm"  # noqa: S108 - a heartbeat that never waits for a disk
    return values


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Exactly one worker: no reload, no second worker, no re-execution by signal."""

    _checked_at = float("inf")

    def murder_workers(self) -> None:
        """Replace a worker that hangs, as gunicorn does every second, but not one that was stopped.

        A suspended machine or a debugger stops processes: that they did not respond meanwhile means nothing.
        """
        now = time.monotonic()
        was_stopped, self._checked_at = now - self._checked_at > _LONG_PAUSE_S, now
        for pid, worker in list(self.WORKERS.items()):
            if was_stopped or _is_stopped(pid):
                with contextlib.suppress(OSError, ValueError):
                    worker.tmp.notify()
        super().murder_workers()

    def init_signals(self) -> None:
        super().init_signals()
        if self.app.ignores_hangup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def handle_hup(self) -> None:
        """The terminal was closed."""
        self.handle_term()

    def _ignore(self) -> None:
        """A background job gets SIGTTIN and SIGTTOU from its terminal; gunicorn would change its workers."""

    handle_ttin = handle_ttou = handle_usr1 = handle_usr2 = handle_winch = _ignore


class _Log(glogging.Logger):  # type: ignore[misc]
    """gunicorn's log with the handlers of `log.setup`, and no access log."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._limit = RateLimit()
        self.error_log.propagate = True
        self._access_log_enabled = False

    def access(self, *args: Any, **kwargs: Any) -> None:
        """No access log."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Warnings, few of those that clients cause."""
        if self._limit.allows(msg[:20]):
            super().warning(str(msg)[:300], *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Errors with a traceback, few of each kind."""
        if self._limit.allows(str(msg)):
            super().exception(msg, *args, **kwargs)

    def error(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Errors, except of a failed start, which StartFailed reports with the reason."""
        if not msg.startswith(("Shutting down", "Reason:")) and args[1:] != (Arbiter.WORKER_BOOT_ERROR,):
            super().error(msg, *args, **kwargs)


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(
        self,
        make_dashboard: Callable[[], Servable],
        settings: Settings,
        on_listening: Callable[[str], None],
        listener: Listener,
    ) -> None:
        self.make_dashboard = make_dashboard
        self.on_listening = on_listening
        self.url = listener.url
        self.ignores_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self.settings = settings
        self._fd = listener.socket.detach()
        self._failure_reader, self._failure_writer = os.pipe()
        os.set_blocking(self._failure_reader, False)
        super().__init__()

    def load_config(self) -> None:
        """Set all values here; none comes from gunicorn's files or environment."""
        # Inherited from another gunicorn, these would make this process its successor, or use its sockets.
        for variable in ("GUNICORN_PID", "GUNICORN_FD", "LISTEN_PID", "LISTEN_FDS"):
            os.environ.pop(variable, None)
        for name, value in _config(self._fd, self.settings.threads).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> NoReturn:
        """Never called: the worker builds the dashboard itself."""
        raise NotImplementedError

    def run(self) -> None:
        """Run the arbiter until SystemExit."""
        _Arbiter(self).run()

    def report_failure(self, message: str) -> None:
        """In the worker: report the reason of a failed start to the parent."""
        with contextlib.suppress(OSError):
            os.write(self._failure_writer, message.encode(errors="replace")[:4_000])

    def read_failure(self) -> str:
        """In the parent: the reported reason, or an empty text."""
        try:
            return os.read(self._failure_reader, 4_000).decode(errors="ignore")
        except OSError:
            return ""


def _is_stopped(pid: int) -> bool:
    """True if the process was stopped by a signal or a debugger. Linux only; elsewhere False."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] in (b"T", b"t")
    except OSError:
        return False
