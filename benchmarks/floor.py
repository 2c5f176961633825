"""The floor: watchdog's Observer, whose handler emits at once. `python -m benchmarks.floor DIR PORT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent, FileSystemEventHandler
from watchdog.observers import Observer

NAMES = {"inbox": "task.created", "assigned": "task.assigned", "done": "task.completed"}


def main() -> None:
    """Serve until killed."""
    root, port = Path(sys.argv[1]), int(sys.argv[2])
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
    app.add_url_rule("/health", "health", lambda: {"loading": None})

    class Emit(FileSystemEventHandler):
        def on_any_event(self, event: Any) -> None:
            path = Path(event.dest_path or event.src_path)
            if path.suffix == ".yaml" and not path.name.startswith("."):
                lane = path.relative_to(root).parts[0]
                socketio.emit(NAMES[lane], {"task": {"id": path.stem}}, namespace="/dashboard")

    socketio.on_event("connect", lambda auth=None: None, namespace="/dashboard")
    observer = Observer()
    kinds: list[Any] = [FileClosedEvent, FileCreatedEvent, FileMovedEvent]
    observer.schedule(Emit(), str(root), recursive=True, event_filter=kinds)
    observer.start()
    socketio.run(app, port=port, allow_unsafe_werkzeug=True)


if __name__ == "__main__":
    main()
