"""Serve with gunicorn: `GunicornServer.serve`. The only module that uses its internals; `missing_hooks` checks them.

This process becomes gunicorn's arbiter; one child with a gthread worker serves. Written for gunicorn 25 to 27.
"""

from __future__ import annotations

import contextlib
import errno
import inspect
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
from gunicorn.config import KNOWN_SETTINGS
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import PollableMethodQueue, ThreadWorker
from gunicorn.workers.workertmp import WorkerTmp

from ..errors import ServiceError, StartFailed
from ..settings.load import Settings
from .listener import Listener, Servable, exit_now, report_listening

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 0.8
"""From the signal to the end of the worker. gunicorn has a resolution of 1 s and kills it after 1 s."""
WORKER_TIMEOUT_S = 120
"""A worker whose accepting thread does not respond for so long is replaced."""
_LONG_PAUSE_S = 10
"""gunicorn checks its workers every second: after a longer pause this process itself was stopped."""

_HOOKS: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (ThreadWorker, "init_process", ("self",)),
    (ThreadWorker, "init_signals", ("self",)),
    (ThreadWorker, "load_wsgi", ("self",)),
    (ThreadWorker, "run", ("self",)),
    (ThreadWorker, "accept", ("self", "listener")),
    (ThreadWorker, "handle_request", ("self", "req", "conn")),
    (ThreadWorker, "handle_exit", ("self", "sig", "frame")),
    (ThreadWorker, "handle_quit", ("self", "sig", "frame")),
    (PollableMethodQueue, "defer", ("self", "callback", "args")),
    (Arbiter, "__init__", ("self", "app")),
    (Arbiter, "run", ("self",)),
    (Arbiter, "init_signals", ("self",)),
    (Arbiter, "murder_workers", ("self",)),
    (WorkerTmp, "notify", ("self",)),
    *((Arbiter, f"handle_{name}", ("self",)) for name in ("hup", "term", "ttin", "ttou", "usr1", "usr2", "winch")),
    (glogging.Logger, "setup", ("self", "cfg")),
    (glogging.Logger, "access", ("self", "resp", "req", "environ", "request_time")),
    (glogging.Logger, "error", ("self", "msg", "args", "kwargs")),
    (BaseApplication, "load_config", ("self",)),
    (BaseApplication, "load", ("self",)),
    (BaseApplication, "run", ("self",)),
)
"""The methods that this module overrides or calls, with their parameters."""
_ATTRIBUTES = ("age", "alive", "app", "booted", "sockets")
"""The attributes that gunicorn's worker sets in `__init__` and this module reads."""
_OPTIONAL_SETTINGS = {"control_socket_disable"}
"""Settings that some supported release lacks: the control socket is new in 25.1."""


class GunicornServer:
    """Serves a dashboard with gunicorn."""

    @staticmethod
    def missing_hooks() -> list[str]:
        """The hooks that this release of gunicorn lacks; [] if it has all."""
        missing = [
            f"no {owner.__name__}.{name}({', '.join(parameters[1:])})"
            for owner, name, parameters in _HOOKS
            if _parameters(getattr(owner, name, None)) != parameters
        ]
        missing += [f"no Worker.{name}" for name in _ATTRIBUTES if name not in _names(Worker)]
        if "method_queue" not in _names(ThreadWorker):
            missing.append("no ThreadWorker.method_queue")
        if not isinstance(getattr(Arbiter, "WORKER_BOOT_ERROR", None), int):
            missing.append("no Arbiter.WORKER_BOOT_ERROR")
        known = {setting.name for setting in KNOWN_SETTINGS}
        missing += [f"no setting {name}" for name in _config(0, 1) if name not in known | _OPTIONAL_SETTINGS]
        return missing

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


def _parameters(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters) if callable(function) else ()


def _names(kind: type) -> tuple[str, ...]:
    """The globals and attributes that `__init__` uses."""
    code = getattr(kind.__init__, "__code__", None)  # type: ignore[misc]
    return tuple(code.co_names) if code else ()


def _config(fd: int, threads: int) -> dict[str, Any]:
    """The settings of gunicorn."""
    values: dict[str, Any] = {
        "bind": f"fd://{fd}",
        "workers": 1,
        "worker_class": _Worker,
        "threads": threads,
        # Connections beyond the number of threads wait; idle keep-alive connections need no thread.
        "worker_connections": threads + 10_000,
        "keepalive": 5,
        # The maximum, as the query contains the escaped path of an artifact.
        "limit_request_line": 8_190,
        "timeout": WORKER_TIMEOUT_S,
        "graceful_timeout": 1,
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


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Builds the dashboard after the fork; ends the process as soon as all clients are disconnected."""

    alive: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dashboard: Servable | None = None
        self._active_requests = 0
        self._count_lock = threading.Lock()
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
        self.wsgi = self.dashboard.wsgi

    def run(self) -> NoReturn:
        """Serve until a signal to stop, or until the parent has ended."""
        if self.age == 1 and self.alive:
            report_listening(self.app.on_listening, self.app.url)
        elif self.age > 1:
            LOG.warning("The serving process died and was restarted", extra={"pid": os.getpid()})
        super().run()
        self._stop()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; if there is no free file descriptor, wait 0.1 s instead of failing."""
        try:
            super().accept(listener)
        except OSError as problem:
            if problem.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            LOG.error("No free file descriptor for another client; raise the limit (ulimit -n)")
            time.sleep(0.1)

    def handle_request(self, *args: Any) -> Any:
        """Serve a request, counted so that a stop can wait for it."""
        with self._count_lock:
            self._active_requests += 1
        try:
            return super().handle_request(*args)
        finally:
            with self._count_lock:
                self._active_requests -= 1

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the accepting loop."""
        # The interrupted code may hold a lock, so the loop does the work.
        if self.alive:
            self.alive = False
            self._stop_requested_at = time.monotonic()
            self.method_queue.defer(self._stop)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Like SIGTERM: the parent sends SIGQUIT after Ctrl-C."""
        self.handle_exit(sig, frame)

    def _stop(self) -> NoReturn:
        """Refuse new clients, disconnect all others, let short requests finish, and end the process.

        gunicorn itself waits for keep-alive connections, and a normal exit of the interpreter joins the threads of
        clients that do not answer.
        """
        deadline = (self._stop_requested_at or time.monotonic()) + STOP_WITHIN_S
        for listening in self.sockets:
            listening.close()
        if self.dashboard is not None:
            self.dashboard.stop()
        while self._active_requests and time.monotonic() < deadline:
            time.sleep(0.005)
        exit_now(0)


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
        self.error_log.propagate = True
        self._access_log_enabled = False

    def access(self, *args: Any, **kwargs: Any) -> None:
        """No access log."""

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
        self._settings = settings
        self._fd = listener.socket.detach()
        self._failure_reader, self._failure_writer = os.pipe()
        os.set_blocking(self._failure_reader, False)
        super().__init__()

    def load_config(self) -> None:
        """Set all values here; none comes from gunicorn's files or environment."""
        # Inherited from another gunicorn, these would make this process its successor, or use its sockets.
        for variable in ("GUNICORN_PID", "GUNICORN_FD", "LISTEN_PID", "LISTEN_FDS"):
            os.environ.pop(variable, None)
        for name, value in _config(self._fd, self._settings.threads).items():
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


def _die_with_parent() -> None:
    """On Linux the kernel ends the worker with its parent, so that the port is free after `kill -9`.

    On other systems the worker checks every second whether its parent runs.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
