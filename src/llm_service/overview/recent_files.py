"""`RecentFiles`: the files of projects that changed lately, from the events about them, and before from the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from ..artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactEvent, ArtifactMoved, ArtifactRemoved
from ..hub.event import Event
from ..times import unix_time
from .world import ChangedFile

TYPES = ("artifact.created", "artifact.updated", "artifact.removed", "artifact.batch")
_MOST = 500
_CHANGES = {"artifact.created": "created", "artifact.removed": "removed"}


class RecentFiles:
    """Thread-safe. Of each file its last change."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[tuple[str, str], ChangedFile] = {}

    def on_event(self, event: Event) -> None:
        """Files changed now."""
        now = self._clock()
        if isinstance(event, ArtifactMoved):
            return  # the events before it say the same
        if isinstance(event, ArtifactEvent):
            change = "created" if isinstance(event, ArtifactCreated) else "updated"
            change = "removed" if isinstance(event, ArtifactRemoved) else change
            self._put([ChangedFile(event.project, event.artifact.path, change, now)])
        elif isinstance(event, ArtifactBatch) and event.created + event.updated and not event.listed:
            self._put([ChangedFile(event.project, one.path, "updated", now) for one in event.sample])

    def recall(self, events: list[dict[str, Any]]) -> None:
        """What the journal has of the time before, the latest first."""
        earlier = [file for event in events for file in _files_in(event)]
        with self._lock:
            later, self._files = self._files, {}
            for file in [*reversed(earlier), *later.values()]:
                self._add(file)

    def latest_first(self) -> list[ChangedFile]:
        """All that are remembered."""
        with self._lock:
            return list(reversed(self._files.values()))

    def _put(self, files: list[ChangedFile]) -> None:
        with self._lock:
            for file in files:
                self._add(file)

    def _add(self, file: ChangedFile) -> None:
        key = file.project, file.path
        self._files.pop(key, None)
        self._files[key] = file
        for old in list(islice(self._files, max(0, len(self._files) - _MOST))):
            del self._files[old]


def _files_in(event: Mapping[str, Any]) -> list[ChangedFile]:
    """The files of an event of the journal, which anybody may have written there."""
    kind, project, at = event.get("type"), event.get("project"), unix_time(_text(event.get("time")))
    found = event.get("sample") if kind == "artifact.batch" else [event.get("artifact")]
    if kind == "artifact.batch" and (event.get("listed") or not (event.get("created") or event.get("updated"))):
        return []  # files that were there at a start
    if not isinstance(project, str) or at is None or not isinstance(found, list):
        return []
    change = _CHANGES.get(str(kind), "updated")
    paths = [one["path"] for one in found if isinstance(one, dict) and isinstance(one.get("path"), str)]
    return [ChangedFile(project, path, change, at) for path in paths]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
