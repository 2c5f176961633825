"""The floor of hooks: watchdog's Observer, whose handler emits at once. `python -m benchmarks.hook_floor DIR PORT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from watchdog.events import FileClosedEvent, FileSystemEventHandler
from watchdog.observers import Observer


def main() -> None:
    """Serve until killed."""
    root, port = Path(sys.argv[1]), int(sys.argv[2])
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
    app.add_url_rule("/health", "health", lambda: {"loading": None})

    class Emit(FileSystemEventHandler):
        def on_any_event(self, event: Any) -> None:
            session = {"id": Path(event.src_path).stem}
            socketio.emit("agent.session", {"session": session}, namespace="/dashboard")

    socketio.on_event("connect", lambda auth=None: None, namespace="/dashboard")
    observer = Observer()
    observer.schedule(Emit(), str(root), recursive=True, event_filter=[FileClosedEvent])
    observer.start()
    socketio.run(app, port=port, allow_unsafe_werkzeug=True)


if __name__ == "__main__":
    main()
