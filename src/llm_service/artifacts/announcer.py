"""What changed in the projects, as events: file by file while it is little, else one `artifact.batch` a window.

Every project has its own windows. The first few files in a window are told at once; what comes beyond that waits for
the window's end, and as long as a window brings much the next one tells nothing at once. So the sum of what is
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
from .tree.tree import ArtifactTree, Change, Folder

_TOLD_AT_ONCE = 32
_FOLDERS_NAMED = 50
_SAMPLE = 5


@dataclass(slots=True)
class _Window:
    """What happened in a project since `since`. `news`: there is something to tell at its end, if only the totals;
    `waits_since`: since when something among it, which was not told at once, may have been on the disk."""

    since: float
    told: int = 0
    news: bool = False
    waits_since: float | None = None
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


class ArtifactNews:
    """Tells changes. The follower's thread calls everything but `counted`.

    `count(path)` counts the lines of a file now, so that what is told of it file by file is complete.
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
        self._count = count
        self._window_s = window_s
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()
        self._counted: set[str] = set()

    def take(self, change: Change, now: float, look_began: float, listed: bool = False) -> None:
        """Tell a change, now or at the end of the window. `listed`: found by the first look."""
        window = self._windows.get(change.project)
        if window is None:
            window = self._windows[change.project] = _Window(now)
        window.news = True
        few = len(change.created) + len(change.updated) + len(change.taken_away)
        all_named = len(change.taken_away) == change.removed
        if not listed and not window.seen and all_named and window.told + few <= _TOLD_AT_ONCE:
            window.told += few
            self._tell(change)
            if change.folders_changed:
                self._hold(window, change.folder, look_began)
            return
        if listed:
            window.listed += len(change.created)
        else:
            window.created += len(change.created)
        window.updated += len(change.updated)
        window.removed += change.removed
        self._hold(window, change.folder, look_began)
        for name in (*change.created, *change.updated)[: _SAMPLE - len(window.sample)]:
            window.sample.append((change.folder, name))

    def counted(self, project: str) -> None:
        """Lines of files in a project were counted. For any thread."""
        with self._lock:
            self._counted.add(project)

    def turn(self, now: float) -> None:
        """Tell what is due."""
        with self._lock:
            counted, self._counted = self._counted, set()
        for project in counted:
            self._windows.setdefault(project, _Window(now)).news = True
        for project in [name for name, window in self._windows.items() if now - window.since >= self._window_s]:
            self._close(project, now)

    def next_due(self) -> float | None:
        """When `turn` has something to tell."""
        return min((window.since + self._window_s for window in self._windows.values()), default=None)

    def oldest_pending(self) -> float | None:
        """Since when something seen is not told; totals do not count."""
        waiting = (window.waits_since for window in self._windows.values())
        return min((since for since in waiting if since is not None), default=None)

    def flush(self, now: float) -> None:
        """Tell all of it."""
        for project in list(self._windows):
            self._close(project, now)

    def _hold(self, window: _Window, folder: Folder, since: float) -> None:
        window.waits_since = min(since, window.waits_since or since)
        if len(window.folders) < _FOLDERS_NAMED:
            window.folders[folder] = None
        elif folder not in window.folders:
            window.more_folders = True

    def _close(self, project: str, now: float) -> None:
        window = self._windows.pop(project)
        if not window.news:
            return
        artifacts = (self._tree.artifact(*place) for place in window.sample if self._is_there(place[0]))
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
        if window.seen > _TOLD_AT_ONCE:
            self._windows[project] = _Window(now, told=_TOLD_AT_ONCE)

    def _tell(self, change: Change) -> None:
        folder, path, project = change.folder, change.folder.path(), self._shown(change.project)
        for kind, names in ((ArtifactCreated, change.created), (ArtifactUpdated, change.updated)):
            for name in names:
                self._count(f"{path}/{name}")
                artifact = self._tree.artifact(folder, name)
                if artifact is not None:
                    self._publish(kind(artifact=artifact, project=project))
        for name, record in change.taken_away:
            artifact = self._tree.artifact(folder, name, record)
            if artifact is not None:
                self._publish(ArtifactRemoved(artifact=artifact, project=project))

    def _is_there(self, folder: Folder) -> bool:
        return self._tree.folder_at(folder.path()) is folder

    def _shown(self, project: str) -> str:
        return shown_name(project, self._tree.top.has)

    def _inside(self, folder: Folder) -> str:
        return self._tree.shown_path(folder).partition("/")[2]
