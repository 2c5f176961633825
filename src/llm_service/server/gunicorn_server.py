"""gunicorn inside our own process tree: this process becomes the arbiter, one gthread worker child serves.

Written for gunicorn 25 to 27. Used of it: the hooks of the worker class (`init_process`, `load_wsgi`, `run`,
`accept`, `handle_request`, `handle_exit`, `handle_quit`), `method_queue.defer`, and the arbiter's `handle_*`.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from ..errors import ServiceError, StartFailed
from ..settings.load import Settings
from .listener import Dashboard, Listener, announce, leave

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 0.8
"""From the signal to the end of the worker. gunicorn counts in whole seconds and kills it after 1 s."""
WORKER_SILENT_S = 120
"""A worker whose accepting thread says nothing for so long is replaced."""


def serve_with_gunicorn(
    make_dashboard: Callable[[], Dashboard],
    settings: Settings,
    on_listening: Callable[[str], None],
    listener: Listener,
) -> None:
    """Serve until SIGINT or SIGTERM; see `server.serve`."""
    app = _Application(make_dashboard, settings, on_listening, listener)
    try:
        app.run()
    except SystemExit as leaving:
        if leaving.code:
            raise StartFailed(app.failure() or f"The server ended with code {leaving.code}.") from leaving


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Builds the dashboard after the fork, and ends the process as soon as its clients are closed."""

    alive: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dashboard: Dashboard | None = None
        self._requests_in_work = 0
        self._counting = threading.Lock()
        self._asked_to_stop_at: float | None = None

    def init_process(self) -> NoReturn:
        """Serve; whatever happens, this process ends here and never unwinds into its parent's code."""
        code = 0
        try:
            _die_with_parent()
            super().init_process()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException as problem:
            code = 1 if self.booted else Arbiter.WORKER_BOOT_ERROR
            if isinstance(problem, ServiceError):
                self.app.fail(problem.message)
            else:
                LOG.critical("The serving process failed", exc_info=True)
                self.app.fail(f"The dashboard could not be started: {type(problem).__name__}: {problem}")
        leave(code)

    def init_signals(self) -> None:
        """As gunicorn, but Ctrl-C and a closed terminal, which reach every process, are the parent's to answer.

        If the worker left by itself, the parent could take it for dead and start another.
        """
        super().init_signals()
        for number in (signal.SIGINT, signal.SIGHUP):
            # Not SIG_IGN, which a browser that we start would inherit.
            signal.signal(number, lambda *_: None)

    def load_wsgi(self) -> None:
        """Build and start the dashboard."""
        self.dashboard = self.app.make_dashboard()
        self.dashboard.start()
        self.wsgi = self.dashboard.wsgi

    def run(self) -> NoReturn:
        """Serve until asked to stop, or until the parent is gone."""
        if self.age == 1 and self.alive:
            announce(self.app.on_listening, self.app.url)
        elif self.age > 1:
            LOG.warning("The serving process had died; a new one took over", extra={"pid": os.getpid()})
        super().run()
        self._leave()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; out of file descriptors, wait a moment instead of dying."""
        try:
            super().accept(listener)
        except OSError as problem:
            if problem.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            LOG.error("No file descriptor is left for another client; raise the limit (ulimit -n)")
            time.sleep(0.1)

    def handle_request(self, *args: Any) -> Any:
        """Serve a request; those in work are counted, so that a stop can wait for them."""
        with self._counting:
            self._requests_in_work += 1
        try:
            return super().handle_request(*args)
        finally:
            with self._counting:
                self._requests_in_work -= 1

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Every signal to stop: leave the accepting loop and go."""
        # Here anything may be half done, even a lock held by this very thread: the rest runs in the loop.
        if self.alive:
            self.alive = False
            self._asked_to_stop_at = time.monotonic()
            self.method_queue.defer(self._leave)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """The parent's order after Ctrl-C means the same to us as the one after SIGTERM."""
        self.handle_exit(sig, frame)

    def _leave(self) -> NoReturn:
        """Refuse new clients, close the ones there are, let short requests finish, and end the process.

        Not gunicorn's own wait, which sits out kept-alive connections; and not a normal exit of the
        interpreter, which joins the threads of clients that never answer.
        """
        leave_at = (self._asked_to_stop_at or time.monotonic()) + STOP_WITHIN_S
        for listening in self.sockets:
            listening.close()
        if self.dashboard is not None:
            self.dashboard.stop()
        while self._requests_in_work and time.monotonic() < leave_at:
            time.sleep(0.005)
        leave(0)


class _Arbiter(Arbiter):  # type: ignore[misc]
    """One worker, always: no reload, no second worker, no re-execution by signal."""

    def init_signals(self) -> None:
        super().init_signals()
        if self.app.ignores_hangup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def handle_hup(self) -> None:
        """The terminal was closed."""
        self.handle_term()

    def _ignore(self) -> None:
        """A job in the background gets SIGTTIN and SIGTTOU from its terminal: gunicorn would change workers."""

    handle_ttin = handle_ttou = handle_usr1 = handle_usr2 = handle_winch = _ignore


class _Log(glogging.Logger):  # type: ignore[misc]
    """gunicorn's log through our own handlers (`log.setup`), and no access log."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log.propagate = True
        self._access_log_enabled = False

    def access(self, *args: Any, **kwargs: Any) -> None:
        """No access log."""

    def error(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Errors, but not that a start failed: StartFailed says it, with the reason."""
        if not msg.startswith(("Shutting down", "Reason:")) and args[1:] != (Arbiter.WORKER_BOOT_ERROR,):
            super().error(msg, *args, **kwargs)


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(
        self,
        make_dashboard: Callable[[], Dashboard],
        settings: Settings,
        on_listening: Callable[[str], None],
        listener: Listener,
    ) -> None:
        self.make_dashboard = make_dashboard
        self.on_listening = on_listening
        self.url = listener.url
        self.ignores_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._settings = settings
        self._fd = listener.socket.detach()
        self._words_out, self._words_in = os.pipe()
        os.set_blocking(self._words_out, False)
        super().__init__()

    def load_config(self) -> None:
        """Every value that decides how we serve; none is taken from gunicorn's files or environment."""
        # Inherited from another gunicorn these would make us its successor, or take its sockets.
        for variable in ("GUNICORN_PID", "GUNICORN_FD", "LISTEN_PID", "LISTEN_FDS"):
            os.environ.pop(variable, None)
        values: dict[str, Any] = {
            "bind": f"fd://{self._fd}",
            "workers": 1,
            "worker_class": _Worker,
            "threads": self._settings.threads,
            # More connections than threads wait their turn; idle kept-alive ones need no thread.
            "worker_connections": self._settings.threads + 10_000,
            "keepalive": 5,
            # The most it takes: the path of an artifact stands in the query, escaped.
            "limit_request_line": 8_190,
            "timeout": WORKER_SILENT_S,
            "graceful_timeout": 1,
            # The dashboard has threads, which do not survive a fork: it is built in the worker.
            "preload_app": False,
            "reload": False,
            "daemon": False,
            "pidfile": None,
            "accesslog": None,
            "logger_class": _Log,
            "proc_name": "llm-service",
            # Nobody may tell us that a request came by another way than it did.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
        }
        if sys.platform == "linux" and os.access("/dev/shm", os.W_OK):  # noqa: S108
            values["worker_tmp_dir"] = "/dev/shm"  # noqa: S108 - a heartbeat that never waits for a disk
        for name, value in values.items():
            if name in self.cfg.settings:  # the control socket is new in 25.1
                self.cfg.set(name, value)

    def load(self) -> NoReturn:
        """Never called: the worker builds the dashboard itself."""
        raise NotImplementedError

    def run(self) -> None:
        """Be the arbiter; ends with SystemExit."""
        _Arbiter(self).run()

    def fail(self, message: str) -> None:
        """In the worker: hand the reason why it cannot start to the parent."""
        with contextlib.suppress(OSError):
            os.write(self._words_in, message.encode(errors="replace")[:4_000])

    def failure(self) -> str:
        """In the parent: the reason handed over, or an empty text."""
        try:
            return os.read(self._words_out, 4_000).decode(errors="ignore")
        except OSError:
            return ""


def _die_with_parent() -> None:
    """Linux: the kernel ends the worker with its parent, so that `kill -9` leaves nobody on the port.

    Elsewhere the worker looks every second whether its parent is still there.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
