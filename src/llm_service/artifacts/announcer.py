"""`ChangeAnnouncer` publishes what changed in the projects: one event a file while it is little, else one
`artifact.batch` a window.

Every project has its own windows. The first few files in a window are published at once; what comes beyond that waits
for the window's end, and as long as a window brings much the next one publishes nothing at once. So the sum of what is
announced is the sum of what was seen, and a flood costs a few events a second. The totals of a project follow at the
end of a window too, because lines are counted later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..hub.event import Event
from .events import ArtifactBatch, ArtifactCreated, ArtifactRemoved, ArtifactUpdated
from .model import shown_name
from .tree.folder import Change, Folder
from .tree.tree import ArtifactTree

_MAX_SINGLE = 32
_MAX_FOLDERS = 50
_SAMPLE = 5


@dataclass(slots=True)
class _Window:
    """What happened in a project since `since`. `has_changes`: there is something to publish at its end, if
    only the totals; `pending_since`: since when something of it, not published at once, may have been on the disk."""

    since: float
    published: int = 0
    has_changes: bool = False
    pending_since: float | None = None
    listed: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0
    folders: dict[Folder, None] = field(default_factory=dict)
    more_folders: bool = False
    sample: list[tuple[Folder, str]] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many changes of files this window holds back."""
        return self.listed + self.created + self.updated + self.removed


class ChangeAnnouncer:
    """Publishes changes. The follower's thread calls everything but `add_counted`.

    `count(path)` counts the lines of a file now, so that the event about it is complete.
    """

    def __init__(
        self,
        tree: ArtifactTree,
        publish: Callable[[Event], object],
        count: Callable[[str], object],
        window_s: float,
    ) -> None:
        self._tree = tree
        self._publish = publish
        self._count_lines = count
        self._window_s = window_s
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()
        self._counted_projects: set[str] = set()

    def announce(self, change: Change, now: float, since: float, initial: bool = False) -> None:
        """Publish a change, now or at the end of the window. `since`: when it may have been on the disk; `initial`:
        found by the first walk."""
        window = self._windows.get(change.project)
        if window is None:
            window = self._windows[change.project] = _Window(now)
        window.has_changes = True
        few = len(change.created) + len(change.updated) + len(change.removed_files)
        all_named = len(change.removed_files) == change.removed
        if not initial and not window.seen and all_named and window.published + few <= _MAX_SINGLE:
            window.published += few
            self._publish_each(change)
            if change.folders_changed:
                self._defer(window, change.folder, since)
            return
        if initial:
            window.listed += len(change.created)
        else:
            window.created += len(change.created)
        window.updated += len(change.updated)
        window.removed += change.removed
        self._defer(window, change.folder, since)
        for name in (*change.created, *change.updated)[: _SAMPLE - len(window.sample)]:
            window.sample.append((change.folder, name))

    def add_counted(self, project: str) -> None:
        """Lines of files in a project were counted. For any thread."""
        with self._lock:
            self._counted_projects.add(project)

    def publish_due(self, now: float) -> None:
        """Publish what is due."""
        with self._lock:
            counted, self._counted_projects = self._counted_projects, set()
        for project in counted:
            self._windows.setdefault(project, _Window(now)).has_changes = True
        for project in [name for name, window in self._windows.items() if now - window.since >= self._window_s]:
            self._close(project, now)

    def next_due(self) -> float | None:
        """When `publish_due` has something to publish."""
        return min((window.since + self._window_s for window in self._windows.values()), default=None)

    def oldest_pending(self) -> float | None:
        """Since when a change that was seen is not published; totals do not count."""
        waiting = (window.pending_since for window in self._windows.values())
        return min((since for since in waiting if since is not None), default=None)

    def publish_all(self, now: float) -> None:
        """Publish all of it."""
        for project in list(self._windows):
            self._close(project, now)

    def _defer(self, window: _Window, folder: Folder, since: float) -> None:
        window.pending_since = min(since, window.pending_since or since)
        if len(window.folders) < _MAX_FOLDERS:
            window.folders[folder] = None
        elif folder not in window.folders:
            window.more_folders = True

    def _close(self, project: str, now: float) -> None:
        window = self._windows.pop(project)
        if not window.has_changes:
            return
        artifacts = (self._tree.artifact(*place) for place in window.sample if self._exists(place[0]))
        self._publish(
            ArtifactBatch(
                project=self._shown(project),
                listed=window.listed,
                created=window.created,
                updated=window.updated,
                removed=window.removed,
                folders=tuple(self._inside(folder) for folder in window.folders),
                more_folders=window.more_folders,
                sample=tuple(artifact for artifact in artifacts if artifact is not None),
                totals=self._tree.project(project),
            )
        )
        if window.seen > _MAX_SINGLE:
            self._windows[project] = _Window(now, published=_MAX_SINGLE)

    def _publish_each(self, change: Change) -> None:
        folder, path, project = change.folder, change.folder.path(), self._shown(change.project)
        for kind, names in ((ArtifactCreated, change.created), (ArtifactUpdated, change.updated)):
            for name in names:
                self._count_lines(f"{path}/{name}")
                artifact = self._tree.artifact(folder, name)
                if artifact is not None:
                    self._publish(kind(artifact=artifact, project=project))
        for name, record in change.removed_files:
            artifact = self._tree.artifact(folder, name, record)
            if artifact is not None:
                self._publish(ArtifactRemoved(artifact=artifact, project=project))

    def _exists(self, folder: Folder) -> bool:
        return self._tree.folder_at(folder.path()) is folder

    def _shown(self, project: str) -> str:
        return shown_name(project, self._tree.top.has)

    def _inside(self, folder: Folder) -> str:
        return self._tree.shown_path(folder).partition("/")[2]
