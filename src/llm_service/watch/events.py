"""watchdog's events: which ones we ask for, and what each of them means to us."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from watchdog import events
from watchdog.events import FileSystemEvent, FileSystemEventHandler

from .hints import Hint, HintKind

Sink = Callable[[Hint], None]
WantsFolder = Callable[[str], bool]


class EventsLost(FileSystemEvent):
    """From our emitter, about the root: its watch is gone, or the kernel's queue overflowed. watchdog has none such."""

    event_type = "lost"


EVENT_FILTER: list[type[FileSystemEvent]] = [
    events.FileCreatedEvent, events.FileModifiedEvent, events.FileAttribEvent, events.FileClosedEvent,
    events.FileMovedEvent, events.FileDeletedEvent,
    events.DirCreatedEvent, events.DirAttribEvent, events.DirMovedEvent, events.DirDeletedEvent,
    EventsLost,
]  # fmt: skip
"""What changes files. Unfiltered, watchdog also queues opens and reads, and overflows by itself while it starts.

Not `DirModifiedEvent`: watchdog makes one for every change in a folder, beside the event of the change itself.
"""

_KINDS = {
    events.EVENT_TYPE_CLOSED: HintKind.COMPLETE,
    events.EVENT_TYPE_DELETED: HintKind.GONE,
}


class HintHandler(FileSystemEventHandler):
    """Turns each event below a root into hints, whichever emitter it is from."""

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink) -> None:
        self._root = root
        self._below = root.rstrip(os.sep) + os.sep
        self._wants = wants_folder
        self._sink = sink

    def dispatch(self, event: Any) -> None:
        """Called by the observer. watchdog's own would call two methods that do nothing, for every event."""
        if event.event_type == events.EVENT_TYPE_MOVED:
            if event.src_path:
                self._hint(event.src_path, HintKind.GONE, event.is_directory)
            if event.dest_path:
                self._hint(event.dest_path, HintKind.COMPLETE, event.is_directory)
        else:
            self._hint(event.src_path, _KINDS.get(event.event_type, HintKind.CHANGED), event.is_directory)

    def _hint(self, place: Any, kind: HintKind, is_directory: bool) -> None:
        path = self._relative(os.fsdecode(place))
        if path is None:
            return
        if not path:
            self._sink(Hint(HintKind.EVERYTHING))
        elif is_directory and self._wants(path):
            self._sink(Hint(HintKind.DIRECTORY, path))
        else:
            self._sink(Hint(kind, path))

    def _relative(self, place: str) -> str | None:
        """The path below the root, POSIX, "" for the root itself; None for what is outside of it."""
        if place.startswith(self._below):
            path = place[len(self._below) :]
            return path if os.sep == "/" else path.replace(os.sep, "/")
        return "" if place == self._root else None
