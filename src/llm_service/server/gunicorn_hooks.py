"""What is used of gunicorn's internals: `missing_hooks` names what a release lacks. Written for gunicorn 25.2 to 27."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import KNOWN_SETTINGS
from gunicorn.http.unreader import Unreader
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker
from gunicorn.workers.workertmp import WorkerTmp

_HOOKS: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (ThreadWorker, "init_process", ("self",)),
    (ThreadWorker, "init_signals", ("self",)),
    (ThreadWorker, "load_wsgi", ("self",)),
    (ThreadWorker, "run", ("self",)),
    (ThreadWorker, "notify", ("self",)),
    (ThreadWorker, "is_parent_alive", ("self",)),
    (ThreadWorker, "handle", ("self", "conn")),
    (ThreadWorker, "handle_request", ("self", "req", "conn")),
    (ThreadWorker, "handle_error", ("self", "req", "client", "addr", "exc")),
    (ThreadWorker, "handle_exit", ("self", "sig", "frame")),
    (ThreadWorker, "handle_quit", ("self", "sig", "frame")),
    (TConn, "__init__", ("self", "cfg", "sock", "client", "server")),
    (TConn, "init", ("self",)),
    (Unreader, "unread", ("self", "data")),
    (Arbiter, "__init__", ("self", "app")),
    (Arbiter, "run", ("self",)),
    (Arbiter, "init_signals", ("self",)),
    (Arbiter, "murder_workers", ("self",)),
    (WorkerTmp, "notify", ("self",)),
    *((Arbiter, f"handle_{name}", ("self",)) for name in ("hup", "term", "ttin", "ttou", "usr1", "usr2", "winch")),
    (glogging.Logger, "setup", ("self", "cfg")),
    (glogging.Logger, "access", ("self", "resp", "req", "environ", "request_time")),
    (glogging.Logger, "warning", ("self", "msg", "args", "kwargs")),
    (glogging.Logger, "exception", ("self", "msg", "args", "kwargs")),
    (glogging.Logger, "error", ("self", "msg", "args", "kwargs")),
    (BaseApplication, "load_config", ("self",)),
    (BaseApplication, "load", ("self",)),
    (BaseApplication, "run", ("self",)),
)
"""The methods that are overridden or called, with their parameters."""
_ATTRIBUTES = (
    (Worker, ("age", "alive", "app", "booted", "cfg", "sockets")),
    (TConn, ("parser", "data_ready")),
    (Unreader, ("buf",)),
)
"""The attributes that are set in `__init__` and used here."""
_OPTIONAL_SETTINGS = {"control_socket_disable"}
"""Settings that some supported release lacks."""


def missing_hooks(settings: Iterable[str]) -> list[str]:
    """The hooks, and those of the settings, that the installed release of gunicorn lacks; [] if it has all."""
    missing = [
        f"no {owner.__name__}.{name}({', '.join(parameters[1:])})"
        for owner, name, parameters in _HOOKS
        if _parameters(getattr(owner, name, None)) != parameters
    ]
    missing += [
        f"no {owner.__name__}.{name}" for owner, names in _ATTRIBUTES for name in names if name not in _names(owner)
    ]
    if not isinstance(getattr(Arbiter, "WORKER_BOOT_ERROR", None), int):
        missing.append("no Arbiter.WORKER_BOOT_ERROR")
    known = {setting.name for setting in KNOWN_SETTINGS}
    return missing + [f"no setting {name}" for name in settings if name not in known | _OPTIONAL_SETTINGS]


def _parameters(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters) if callable(function) else ()


def _names(kind: type) -> tuple[str, ...]:
    """The globals and attributes that `__init__` uses."""
    code = getattr(kind.__init__, "__code__", None)  # type: ignore[misc]
    return tuple(code.co_names) if code else ()
