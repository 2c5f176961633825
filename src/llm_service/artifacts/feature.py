"""`Artifacts` is the feature: what agents generate → tree → events, and earlier contents stored. Used by `app`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from ..errors import FileChanging, FileRefused, NotFound
from ..files import reading as files
from ..hub.event import Event
from ..json_values import as_json
from ..settings.load import Settings
from ..watch.backends import MakeBackend
from ..watch.follower import Follower, root_event
from ..watch.hints import HintInbox
from ..watch.root import RootChange, WatchedRoot
from ..web.parts import ArtifactParts
from .follow import ArtifactTracker
from .ignore import IgnoreRules
from .model import shown_name
from .tree import records
from .tree.birth_time import birth_time_ns
from .tree.folder import Folder
from .tree.tree import ArtifactTree, Change
from .versions.keeper import VersionKeeper
from .versions.store import VersionLimits, Versions

_WATCH_SHARE = 0.75
_SAMPLE_FOLDER = "work"
_DAY_S = 86_400
_GATHER_S = 0.004
_MAX_INITIAL = 5_000
_MAX_RECORDED_A_SECOND = 256


class Artifacts:
    """All that watches and publishes artifacts in one running dashboard.

    `listeners` are called in the follower's thread after each turn, with what it changed; they must be quick.
    """

    def __init__(self, settings: Settings, publish: Callable[[Event], object], make_backend: MakeBackend) -> None:
        self.listeners: list[Callable[[Sequence[Change]], None]] = []
        self._publish = publish
        self._preview_bytes = settings.preview_bytes
        self._second_began, self._recorded_in_second = float("-inf"), 0
        inbox, book = HintInbox(), IgnoreRules(settings.ignore, settings.unignore)
        folder = settings.folder(settings.artifacts_dir)
        self.root = WatchedRoot(
            folder,
            book.wants_folder,
            inbox.put,
            on_change=self._on_root_change,
            sweep_interval_s=settings.sweep_interval_s,
            poll_interval_s=settings.poll_interval_s,
            force_polling=settings.force_polling,
            make_backend=make_backend,
            optional=True,
            elsewhere=(settings.folder(os.path.join(_SAMPLE_FOLDER, settings.artifacts_dir)),),
            watch_share=_WATCH_SHARE,
        )
        self.tree = ArtifactTree(
            lambda: self.root.mode,
            birth_ns=lambda path, inode: birth_time_ns(os.path.join(self.root.root, path), inode),
        )
        self.versions = Versions(
            os.path.join(settings.state_path, "versions"),
            VersionLimits(
                max_bytes=settings.versions_max_bytes,
                max_age_s=settings.versions_max_age_days * _DAY_S,
                file_bytes=settings.preview_bytes,
            ),
        )
        self.keeper = VersionKeeper(self.versions, self._read_text)
        tracker = ArtifactTracker(
            self.tree,
            self.root,
            book,
            publish,
            self._on_changes,
            self._record_initial,
            window_s=settings.batch_window_ms / 1000,
            digest_bytes=settings.preview_bytes,
        )
        self._tracker = tracker
        self.follower = Follower(tracker, self.root, inbox, gather_s=_GATHER_S)

    def start(self) -> None:
        """Begin to watch, to count and to record versions; returns at once."""
        self.keeper.start()
        self._tracker.counter.start()
        self.follower.start()

    def stop(self) -> None:
        """End every thread."""
        self.follower.stop()
        self._tracker.stop()
        self.keeper.stop()

    def parts(self) -> ArtifactParts:
        """What the REST routes need."""
        return ArtifactParts(self.tree, self.root, self.versions, self.keeper, self._preview_bytes, self.status)

    def snapshot(self) -> dict[str, Any]:
        """`{projects, loading}`: the state of the topic `artifacts`."""
        return {"projects": as_json(self.tree.projects()), "loading": self.tree.loading}

    def status(self) -> dict[str, int]:
        """`{projects, files}` for `/api/stats`."""
        projects = self.tree.projects()
        return {"projects": len(projects), "files": sum(project.files for project in projects)}

    def _on_changes(self, changes: Sequence[Change]) -> None:
        for listener in self.listeners:
            listener(changes)
        if not self.tree.loading:
            self._record_versions(changes)

    def _record_versions(self, changes: Sequence[Change]) -> None:
        """Have recorded what changed files contain. Of many new files in a second only as many as there is time for:
        their first content matters when they change."""
        now = time.monotonic()
        if now - self._second_began > 1.0:
            self._second_began, self._recorded_in_second = now, 0
        for change in changes:
            for place in self._recordable(change.folder, change.updated):
                self.keeper.changed(*place)
            if self._recorded_in_second < _MAX_RECORDED_A_SECOND:
                for place in self._recordable(change.folder, change.created):
                    self.keeper.changed(*place)
            else:
                self.keeper.seed(self._recordable(change.folder, change.created[:_MAX_INITIAL]))
            self._recorded_in_second += len(change.created)

    def _recordable(self, folder: Folder, names: Iterable[str]) -> list[tuple[str, str]]:
        """(project, path) as shown, of those that are files small enough to be recorded."""
        project, _, inside = self.tree.shown_path(folder).partition("/")
        before = f"{inside}/" if inside else ""
        found = []
        for name in names:
            record = folder.files.get(name)
            if record is None:
                continue
            known = records.unpack(record)
            if known.kind == "file" and known.size_bytes <= self._preview_bytes:
                found.append((project, before + shown_name(name, folder.has)))
        return found

    def _record_initial(self) -> None:
        """Record what is there at the start, the latest changed last."""
        folders = list(self.tree.top.below())
        folders.sort(key=lambda folder: folder.changed_ns, reverse=True)
        found: list[tuple[str, str]] = []
        for folder in folders:
            found += self._recordable(folder, islice(folder.files.copy(), _MAX_INITIAL - len(found)))
            if len(found) >= _MAX_INITIAL:
                break
        self.keeper.seed(reversed(found))

    def _read_text(self, project: str, path: str) -> bytes | None:
        """The bytes of a text that may be recorded, None for anything else. Raises FileChanging."""
        try:
            raw = self.tree.raw_path(project, path)
            data = files.read_file(self.root.root, raw, self._preview_bytes).data
        except FileChanging:
            raise
        except (FileRefused, NotFound):
            return None
        return None if files.kind_of(data).codec is None else data

    def _on_root_change(self, change: RootChange) -> None:
        self._publish(root_event(change))
