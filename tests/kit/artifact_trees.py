"""Helpers of the tests of artifacts: the tree tracked on a real folder, what it announced, and what the disk says."""

from __future__ import annotations

import os
import stat
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit.live import eventually
from kit.settings import settings_with

from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactEvent, ArtifactRemoved, ArtifactsReady
from llm_service.artifacts.feature import Artifacts
from llm_service.artifacts.ignore import FILE_NAME, IgnoreRules
from llm_service.artifacts.model import Project
from llm_service.artifacts.tree import records
from llm_service.artifacts.tree.birth_time import birth_time_ns
from llm_service.feature import Kernel
from llm_service.hub.event import Event
from llm_service.hub.ring import Hub
from llm_service.watch.follower import wait_until_synced
from llm_service.watch.observer import MakeObserver, RootObserver

Seen = dict[str, tuple[str, int, int, int]]
"""Path from the root -> (kind, inode, size, mtime in ns)."""


class TrackedArtifacts:
    """Artifacts of a workspace, tracked, without outlets; `events` are those published."""

    def __init__(self, workspace: Path, make_observer: MakeObserver = RootObserver, **settings: Any) -> None:
        self.root = workspace / "generated_projects"
        self.events: list[Event] = []
        self._condition = threading.Condition()
        values = settings_with(**{"workspace": str(workspace), "batch_window_ms": 20, **settings})
        hub = Hub()
        hub.listen(self._take, Event)
        self.artifacts = Artifacts(Kernel(values, hub, None, "", make_observer))
        assert self.artifacts.watched is not None
        self.watched = self.artifacts.watched
        self.tree = self.watched.tree

    def start(self) -> TrackedArtifacts:
        """Start, and wait until the first look is complete."""
        self.artifacts.start()
        eventually(lambda: self.of(ArtifactsReady), 60)
        return self

    def sync(self, timeout_s: float = 60.0) -> None:
        """Wait until all that was written is applied and published."""
        wait_until_synced(self.artifacts.followers, timeout_s)

    def counted(self) -> None:
        """Wait until the lines of every file are counted."""
        eventually(lambda: not any(project.uncounted for project in self.tree.projects()), 60)

    def of(self, kind: type[Event]) -> list[Any]:
        """The events of a kind so far."""
        with self._condition:
            return [event for event in self.events if isinstance(event, kind)]

    def paths(self, kind: type[ArtifactEvent]) -> list[str]:
        """The paths published one by one by events of a kind."""
        return [f"{event.project}/{event.artifact.path}" for event in self.of(kind)]

    def wait_for(self, found: Any, timeout_s: float = 60.0) -> Any:
        """What `found(events)` returns once it is true."""
        with self._condition:
            result = self._condition.wait_for(lambda: found(self.events), timeout_s)
            assert result, f"not seen; got {self.events[-20:]}"
            return result

    def announced(self) -> dict[str, int]:
        """How many files each project must have by what was announced; projects without any are left out."""
        files: Counter[str] = Counter()
        with self._condition:
            for event in self.events:
                if isinstance(event, ArtifactCreated):
                    files[event.project] += 1
                elif isinstance(event, ArtifactRemoved):
                    files[event.project] -= 1
                elif isinstance(event, ArtifactBatch):
                    files[event.project] += event.listed + event.created - event.removed
        return {project: number for project, number in files.items() if number}

    def stop(self) -> None:
        """End every thread."""
        self.artifacts.stop()

    def _take(self, event: Event) -> None:
        with self._condition:
            self.events.append(event)
            self._condition.notify_all()


def mirrored(tracked: TrackedArtifacts) -> Seen:
    """What the tree says."""
    seen: Seen = {}
    for folder in tracked.tree.top.below():
        for name, record in folder.files.items():
            found = records.unpack(record)
            seen[f"{folder.path()}/{name}"] = (found.kind, found.inode, found.size_bytes, found.mtime_ns)
    return seen


def folders_of(tracked: TrackedArtifacts) -> set[str]:
    """The folders in the tree."""
    return {folder.path() for folder in tracked.tree.top.below()} - {""}


def on_disk(root: Path, book: IgnoreRules | None = None) -> tuple[Seen, set[str]]:
    """What a fresh look says, by other means than ours: `os.walk` and `os.lstat`; and the folders."""
    book = book or IgnoreRules()
    seen: Seen = {}
    folders: set[str] = set()
    for where, inner, names in os.walk(root):
        folder = "" if where == str(root) else os.path.relpath(where, root)
        if folder and FILE_NAME in names and stat.S_ISREG(os.lstat(f"{where}/{FILE_NAME}").st_mode):
            book.learn(str(root), folder, object())
        for name in list(inner):
            path = f"{folder}/{name}" if folder else name
            if os.path.islink(f"{where}/{name}"):
                inner.remove(name)
                names.append(name)
            elif book.ignores(path, True):
                inner.remove(name)
            else:
                folders.add(path)
        for name in names:
            path = f"{folder}/{name}"
            if folder and not book.ignores(path, False):
                status = os.lstat(f"{where}/{name}")
                kind = "file" if stat.S_ISREG(status.st_mode) else "special"
                kind = "link" if stat.S_ISLNK(status.st_mode) else kind
                seen[path] = (kind, status.st_ino, status.st_size, status.st_mtime_ns)
    return seen, folders


def recounted(tracked: TrackedArtifacts) -> dict[str, dict[str, Any]]:
    """The sums of each project, added up anew from the files on the disk."""
    seen, folders = on_disk(tracked.root)
    sums: dict[str, dict[str, Any]] = {
        project: {"files": 0, "folders": 0, "size_bytes": 0, "lines": 0} for project in folders if "/" not in project
    }
    for path in folders:
        if "/" in path:
            sums[path.partition("/")[0]]["folders"] += 1
    for path, (kind, _, size_bytes, _) in seen.items():
        project = sums[path.partition("/")[0]]
        project["files"] += 1
        project["size_bytes"] += size_bytes
        if kind == "file":
            project["lines"] += lines_of((tracked.root / path).read_bytes())
    return sums


def summed(tracked: TrackedArtifacts) -> dict[str, dict[str, Any]]:
    """The same sums as the tree keeps them."""
    return {name: sums_of(project) for name, project in real_projects(tracked)}


def sums_of(project: Project) -> dict[str, Any]:
    """The sums that `recounted` makes too."""
    return {name: getattr(project, name) for name in ("files", "folders", "size_bytes", "lines")}


FileOnDisk = tuple[tuple[int, int | None], int]
"""What reports a file from every other (its inode and when it was made), and its lines."""


def lines_on_disk(tracked: TrackedArtifacts) -> dict[str, FileOnDisk]:
    """The regular files that a fresh look finds, by path from the root."""
    files: dict[str, FileOnDisk] = {}
    for path, (kind, inode, _, _) in on_disk(tracked.root)[0].items():
        if kind == "file":
            where = tracked.root / path
            files[path] = (inode, birth_time_ns(str(where), inode)), lines_of(where.read_bytes())
    return files


def written_between(before: dict[str, FileOnDisk], after: dict[str, FileOnDisk]) -> dict[str, int]:
    """The lines written into each project between two states of the disk, as the definition says: what files grew by;
    a new one counts whole, less the lines of a file that had its name and is gone."""
    lines_before, living = dict(before.values()), {identity for identity, _ in after.values()}
    names: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for path, (identity, _) in after.items():
        names[identity].append(path)
    written: Counter[str] = Counter()
    for identity, paths in names.items():
        lines = after[paths[0]][1]
        if identity in lines_before:
            base = lines_before[identity]
        else:
            replaced = [before.get(path) for path in paths]
            base = min(0 if file is None or file[0] in living else file[1] for file in replaced)
        projects = {path.partition("/")[0] for path in paths}
        written["" if len(projects) > 1 else projects.pop()] += max(0, lines - base)
    return dict(written)


def real_projects(tracked: TrackedArtifacts) -> Iterator[tuple[str, Project]]:
    """(name on the disk, project)."""
    for name in sorted(tracked.tree.top.folders or ()):
        project = tracked.tree.project(name)
        if project is not None:
            yield name, project


def lines_of(data: bytes) -> int:
    """Lines of a text; 0 for what is not text."""
    return 0 if b"\0" in data else data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
