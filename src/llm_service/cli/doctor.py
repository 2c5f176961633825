"""`llm-service doctor`: looks at everything a dashboard needs, and says what is wrong, where, and what helps.

It changes nothing. What a running dashboard knows better (refused lines, watches) is asked from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator

from .. import __version__
from ..database.checkup import SQLITE_VERSION, check
from ..errors import ServiceError
from ..feature import Finding
from ..files.reading import printable
from ..server import instance as runtime
from ..server import launcher as launch
from ..settings.load import Settings
from ..tasks.settings import collaboration_path
from ..watch.limits import watch_limit

_FEW_WATCHES = 65_536


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything worth saying about a workspace, one finding after another."""
    from ..app import Dashboard  # here: other commands need no web server

    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "versions", f"llm-service {__version__}, Python {python}, SQLite {SQLITE_VERSION}")
    features = [(feature.name, feature.examine) for feature in Dashboard(settings).features]
    parts: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("workspace", lambda: _workspace(settings)),
        ("watching", _watching),
        ("history", lambda: _history(settings)),
        *features,
        ("service", lambda: _service(settings)),
    ]
    for name, examine_part in parts:
        try:
            yield from examine_part()
        except (OSError, ServiceError) as problem:
            yield Finding("problem", name, f"could not be examined: {problem}")


def _workspace(settings: Settings) -> Iterator[Finding]:
    folder = collaboration_path(settings)
    if not os.path.isdir(folder):
        yield Finding("problem", "workspace", f"there is no {folder}; `llm-service init` makes a place for tasks")
        return
    yield Finding("ok", "workspace", settings.workspace)
    folder = settings.state_path
    there = folder if os.path.isdir(folder) else os.path.dirname(folder)
    if not os.access(there, os.W_OK):
        yield Finding("problem", "state", f"{folder} cannot be written: no history, no costs")


def _watching() -> Iterator[Finding]:
    limit = watch_limit()
    if limit is not None:
        is_low = limit < _FEW_WATCHES
        help_text = "; more: sysctl fs.inotify.max_user_watches=524288" if is_low else ""
        yield Finding(
            "note" if is_low else "ok", "watching", f"the system gives {limit:,} watches to a user{help_text}"
        )


def _history(settings: Settings) -> Iterator[Finding]:
    path = os.path.join(settings.state_path, "history.db")
    if not settings.history:
        yield Finding("note", "history", "is off: no lane history, no costs")
    elif not os.path.exists(path):
        yield Finding("ok", "history", "none yet; the first start makes it")
    else:
        found = check(path)
        size_mb = os.path.getsize(path) / 1e6
        if found.damage:
            yield Finding("problem", "history", f"{path} is damaged ({found.damage}); the next start moves it aside")
        elif found.too_new:
            yield Finding("problem", "history", f"{path} was written by a newer llm-service (schema {found.schema})")
        else:
            yield Finding("ok", "history", f"{path}: {found.calls:,} calls, {size_mb:,.1f} MB, sound")
    for name in sorted(os.listdir(settings.state_path)) if os.path.isdir(settings.state_path) else []:
        if ".damaged-" in name and not name.endswith(("-wal", "-shm")):
            yield Finding("note", "history", f"a damaged database was moved aside: {name}")


def _service(settings: Settings) -> Iterator[Finding]:
    running = runtime.find_running(settings.state_path)
    if running is None:
        yield Finding("ok", "service", "no dashboard runs for this workspace")
        return
    health = launch.health(running, settings)
    if health is None:
        yield Finding("problem", "service", f"{running.url} (process {running.pid}) does not answer")
        return
    state = str(health.get("status", "refusing us"))
    yield Finding("ok" if state == "healthy" else "problem", "service", f"{running.url} is {state}")
    for watcher in health.get("watchers", ()):
        if watcher.get("error"):
            yield Finding("problem", "service", f"{watcher['root']} is {watcher['mode']}: {watcher['error']}")
        for folder, reason in watcher.get("unreadable", {}).items():
            yield Finding("problem", "service", f"{watcher['root']}/{printable(folder)} cannot be read: {reason}")
    history = health.get("history", {})
    if history.get("problem"):
        yield Finding("problem", "service", f"history: {history['problem']}")
