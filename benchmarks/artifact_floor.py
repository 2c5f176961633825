"""What artifacts are measured against, each a process: `python -m benchmarks.artifact_floor WHAT DIR ...`.

`emit DIR PORT`: watchdog -> Socket.IO, nothing decided. `count DIR`: watchdog that only counts, filtered as we filter;
says `{start_s}` and, after a line on its input, `{events, cpu_s}`. `scan DIR`: scandir, stat, a dict, nothing else.
`write DIR FILES FOLDERS`: the writer of a flood; says when it began and ended, on the clock that all processes share.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

_KINDS: list[Any] = [
    FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileDeletedEvent, FileClosedEvent,
    DirCreatedEvent, DirMovedEvent, DirDeletedEvent,
]  # fmt: skip


def emit(root: str, port: int) -> None:
    """Serve until killed."""
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
    app.add_url_rule("/health", "health", lambda: {"loading": None})

    class Emit(FileSystemEventHandler):
        def on_any_event(self, event: Any) -> None:
            path = os.path.relpath(event.dest_path or event.src_path, root)
            socketio.emit("artifact.created", {"artifact": {"path": path.partition("/")[2]}}, namespace="/dashboard")

    socketio.on_event("connect", lambda auth=None: None, namespace="/dashboard")
    observer = Observer()
    observer.schedule(Emit(), root, recursive=True, event_filter=[FileClosedEvent])
    observer.start()
    socketio.run(app, port=port, allow_unsafe_werkzeug=True)


def count(root: str) -> None:
    """Count what watchdog tells."""
    events = 0

    class Count(FileSystemEventHandler):
        def on_any_event(self, event: Any) -> None:
            nonlocal events
            events += 1

    observer = Observer()
    observer.schedule(Count(), root, recursive=True, event_filter=_KINDS)
    began = time.perf_counter()
    observer.start()
    _say({"start_s": time.perf_counter() - began})
    before = time.process_time()
    sys.stdin.readline()
    _say({"events": events, "cpu_s": time.process_time() - before})


def scan(root: str) -> None:
    """The least that a listing of everything can cost."""
    began = time.perf_counter()
    found, waiting = {}, [root]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    facts = entry.stat(follow_symlinks=False)
                    found[entry.path] = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
    _say({"scan_s": time.perf_counter() - began, "files": len(found)})


def write(root: str, files: int, folders: int) -> None:
    """Write files as fast as one process can."""
    for number in range(folders):
        os.makedirs(f"{root}/flood_{number:04d}")
    began = time.perf_counter()
    for number in range(files):
        handle = os.open(f"{root}/flood_{number % folders:04d}/file_{number:06d}.py", os.O_CREAT | os.O_WRONLY)
        os.write(handle, b"value = 1\n")
        os.close(handle)
    _say({"began": began, "ended": time.perf_counter()})


def _say(facts: dict[str, Any]) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    """Do what the first argument says."""
    what, root, *numbers = sys.argv[1:]
    {"emit": emit, "count": count, "scan": scan, "write": write}[what](str(Path(root)), *map(int, numbers))


if __name__ == "__main__":
    main()
