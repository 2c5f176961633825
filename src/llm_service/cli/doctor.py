"""`llm-service doctor`: looks at everything a dashboard needs, and says what is wrong, where, and what helps.

It changes nothing. What a running dashboard knows better (refused lines, watches) is asked from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import __version__
from ..calls.sessions.folders import found_session_folders, session_folders
from ..calls.sessions.import_logs import read_logs, told
from ..database.checkup import SQLITE_VERSION, check
from ..errors import FileRefused, ServiceError, Unparseable
from ..files.reading import parse_mapping, printable, read_file
from ..server import instance as runtime
from ..server import launcher as launch
from ..settings.load import Settings
from ..tasks.reader import TaskSource
from ..watch.backends import network_file_system, watch_limit
from ..watch.scan import walk

OK, NOTE, PROBLEM = "ok", "note", "problem"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `level` is "ok", "note" (works, but know this) or "problem"."""

    level: str
    what: str
    text: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything worth saying about a workspace, one finding after another."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(OK, "versions", f"llm-service {__version__}, Python {python}, SQLite {SQLITE_VERSION}")
    for look in (_workspace, _tasks, _watching, _history, _telemetry, _service):
        try:
            yield from look(settings)
        except (OSError, ServiceError) as problem:
            yield Finding(PROBLEM, look.__name__.strip("_"), f"could not be looked at: {problem}")


def _workspace(settings: Settings) -> Iterator[Finding]:
    if not os.path.isdir(settings.collaboration_path):
        yield Finding(
            PROBLEM,
            "workspace",
            f"there is no {settings.collaboration_path}; `llm-service init` makes a place for tasks",
        )
        return
    yield Finding(OK, "workspace", settings.workspace)
    folder = settings.state_path
    there = folder if os.path.isdir(folder) else os.path.dirname(folder)
    if not os.access(there, os.W_OK):
        yield Finding(PROBLEM, "state", f"{folder} cannot be written: no history, no costs")


def _tasks(settings: Settings) -> Iterator[Finding]:
    source = TaskSource(settings.collaboration_path, tuple(settings.lanes), settings.max_file_bytes)
    listing = walk(source.root, source.wanted)
    broken = []
    for path in sorted(listing.files):
        try:
            parse_mapping(read_file(source.root, path, settings.max_file_bytes).data)
        except Unparseable as problem:
            broken.append(f"{printable(path)}:{problem.problem.line or 1}: {problem.message}")
        except FileRefused as problem:
            broken.append(f"{printable(path)}: {problem.message}")
    yield Finding(OK, "tasks", f"{len(listing.files) - len(broken):,} task files can be read")
    yield from _listed("tasks", broken, "task files cannot be read")
    for folder, reason in sorted(listing.refused.items()):
        yield Finding(PROBLEM, "tasks", f"the folder {printable(folder)} cannot be listed: {reason}")


def _watching(settings: Settings) -> Iterator[Finding]:
    remote = network_file_system(os.path.realpath(settings.collaboration_path))
    if remote:
        yield Finding(NOTE, "watching", f"the tasks lie on a network file system ({remote}), which is polled")
    limit = watch_limit()
    if limit is not None:
        level = NOTE if limit < 65_536 else OK
        help_text = "; more: sysctl fs.inotify.max_user_watches=524288" if level == NOTE else ""
        yield Finding(level, "watching", f"the system gives {limit:,} watches to a user{help_text}")


def _history(settings: Settings) -> Iterator[Finding]:
    path = os.path.join(settings.state_path, "history.db")
    if not settings.history:
        yield Finding(NOTE, "history", "is off: no lane history, no costs")
    elif not os.path.exists(path):
        yield Finding(OK, "history", "none yet; the first start makes it")
    else:
        found = check(path)
        size_mb = os.path.getsize(path) / 1e6
        if found.damage:
            yield Finding(PROBLEM, "history", f"{path} is damaged ({found.damage}); the next start moves it aside")
        elif found.too_new:
            yield Finding(PROBLEM, "history", f"{path} was written by a newer llm-service (schema {found.schema})")
        else:
            yield Finding(OK, "history", f"{path}: {found.calls:,} calls, {size_mb:,.1f} MB, sound")
    for name in sorted(os.listdir(settings.state_path)) if os.path.isdir(settings.state_path) else []:
        if ".damaged-" in name and not name.endswith(("-wal", "-shm")):
            yield Finding(NOTE, "history", f"a damaged database was moved aside: {name}")


def _telemetry(settings: Settings) -> Iterator[Finding]:
    if not settings.telemetry:
        yield Finding(NOTE, "telemetry", "is off: no costs")
        return
    for kind, folder in session_folders(settings):
        if not os.path.isdir(folder):
            if kind != "lines":
                yield Finding(PROBLEM, "telemetry", f"there is no folder {folder}")
            continue
        files, calls, refused = 0, 0, []
        for portion in read_logs(folder, kind, settings.lanes, at_rest=False):
            files += portion.last
            calls += len(portion.calls)
            refused += [told(portion.path, *refusal) for refusal in portion.refused]
        yield Finding(OK, "telemetry", f"{folder}: {files:,} files with {calls:,} calls ({kind})")
        yield from _listed("telemetry", refused, f"lines in {folder} cannot be counted")
    for setting, folder in found_session_folders(settings):
        yield Finding(NOTE, "telemetry", f"{folder} is there and not read; `{setting}: [{folder}]` counts its calls")


def _service(settings: Settings) -> Iterator[Finding]:
    running = runtime.find_running(settings.state_path)
    if running is None:
        yield Finding(OK, "service", "no dashboard runs for this workspace")
        return
    health = launch.health(running, settings)
    if health is None:
        yield Finding(PROBLEM, "service", f"{running.url} (process {running.pid}) does not answer")
        return
    yield Finding(OK if health.get("status") == "healthy" else PROBLEM, "service", f"{running.url} is {_state(health)}")
    for watcher in health.get("watchers", ()):
        if watcher.get("error"):
            yield Finding(PROBLEM, "service", f"{watcher['root']} is {watcher['mode']}: {watcher['error']}")
        for folder, reason in watcher.get("unreadable", {}).items():
            yield Finding(PROBLEM, "service", f"{watcher['root']}/{printable(folder)} cannot be read: {reason}")
    history = health.get("history", {})
    if history.get("problem"):
        yield Finding(PROBLEM, "service", f"history: {history['problem']}")


def _state(health: dict[str, Any]) -> str:
    return str(health.get("status", "refusing us"))


def _listed(what: str, lines: list[str], summary: str) -> Iterator[Finding]:
    if lines:
        yield Finding(PROBLEM, what, f"{len(lines):,} {summary}")
    for line in lines[:_SHOWN]:
        yield Finding(PROBLEM, what, f"  {line}")
    if len(lines) > _SHOWN:
        yield Finding(PROBLEM, what, f"  ... and {len(lines) - _SHOWN:,} more")
