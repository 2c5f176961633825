"""`Artifacts` is the feature: generated files → tree → events, and earlier contents stored. Used by `app`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import NotFound
from ..feature import Feature, Finding, Kernel, Trouble
from ..hub.event import ServiceDegraded, ServiceRecovered
from ..json_values import as_json
from ..watch.file_systems import unreported
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.limits import links_are_unprotected
from .contents.reader import ArtifactReader
from .events import EVENTS, ArtifactMoved
from .file_routes import artifact_file_routes
from .follow import ArtifactTracker
from .ignore import FILE_NAME, IgnoreRules
from .model import Project
from .moves import MoveDetector
from .routes import FilesOfJob, artifact_routes, no_jobs
from .settings import SECOND_PLACE, ArtifactSettings
from .tree.birth_time import birth_time_ns
from .tree.folder import Change
from .tree.tree import ArtifactTree
from .versions.recorder import VersionRecorder
from .versions.store import VersionLimits, Versions

if TYPE_CHECKING:
    from ..web.api import Api

_WATCH_SHARE = 0.75
_DAY_S = 86_400
_GATHER_S = 0.004
_MAX_MOVES = 100
_IGNORE = "ignore"
"""The mode of a trouble with a `.gitignore`."""

Listener = Callable[[Sequence[Change]], None]


class OtherFiles(Protocol):
    """Files that are in no project: a tree in which they have the project `name`, and the folder where they are."""

    name: str
    root: str

    def tree(self) -> ArtifactTree:
        """The files, now."""


class Artifacts(Feature):
    """The generated files of a workspace; nothing is watched where the setting `artifacts` is off."""

    name = topic = "artifacts"
    events = EVENTS
    collections = MappingProxyType({"projects": Project})
    keyed_by_project = frozenset({"projects"})

    def __init__(self, kernel: Kernel, files_of_job: FilesOfJob = no_jobs) -> None:
        settings = kernel.settings
        own = settings.of(ArtifactSettings)
        self._files_of_job = files_of_job
        self._folder = settings.folder(own.artifacts_dir)
        self._others: OtherFiles | None = None
        self.watched = WatchedArtifacts(kernel, self._folder) if own.artifacts else None

    @property
    def followers(self) -> Sequence[Follower]:
        """The follower of the projects folder."""
        return (self.watched.follower,) if self.watched else ()

    @property
    def tree(self) -> ArtifactTree | None:
        """All files; None where nothing is watched."""
        return self.watched.tree if self.watched else None

    @property
    def projects_root(self) -> str:
        """The folder of the projects, now."""
        return self.watched.root.root if self.watched else self._folder

    @property
    def lost(self) -> str | None:
        """Why the projects cannot be read at the moment, though they should be there; None if they can."""
        root = self.watched.root if self.watched else None
        return f"{root.root} cannot be read at the moment" if root is not None and root.is_lost else None

    def subscribe(self, listener: Listener) -> None:
        """Call `listener(changes)` after each turn that changed something, in the follower's thread: be quick."""
        if self.watched:
            self.watched.listeners.append(listener)

    def show_also(self, others: OtherFiles) -> None:
        """Let files that are not in a project be read like those of one, which has the name that `others` gives."""
        self._others = others

    def start(self) -> None:
        """Begin to watch, to count lines and to store versions; returns at once."""
        if self.watched:
            self.watched.start()

    def stop(self) -> None:
        """End every thread."""
        if self.watched:
            self.watched.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        artifact_routes(api, self._tree_of, lambda: self._on().root, self._files_of_job)
        artifact_file_routes(api, self._reading)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The projects with their totals."""
        return {} if self.tree is None else {"projects": {project.name: project for project in self.tree.projects()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{artifacts: {projects, loading}}`."""
        tree = self.tree
        return {"artifacts": {"projects": as_json(tree.projects()), "loading": tree.loading}} if tree else {}

    def snapshot_of(self, projects: frozenset[str]) -> Mapping[str, Any]:
        """The same with these projects only."""
        tree = self.tree
        if tree is None:
            return {}
        shown = [project for project in tree.projects() if project.name in projects]
        return {"artifacts": {"projects": as_json(shown), "loading": tree.loading}}

    def health(self) -> Mapping[str, Any]:
        """`{versions: {files, versions, bytes, problem}}`."""
        return {"versions": self.watched.versions.status()} if self.watched else {}

    def stats(self) -> Mapping[str, Any]:
        """`{artifacts: {projects, files}}`, null where nothing is watched."""
        if self.tree is None:
            return {"artifacts": None}
        projects = self.tree.projects()
        return {"artifacts": {"projects": len(projects), "files": sum(project.files for project in projects)}}

    def troubles(self) -> Iterable[Trouble]:
        """What does not work."""
        return self.watched.troubles() if self.watched else ()

    def examine(self) -> Iterator[Finding]:
        """Whether others can link files into the projects that they cannot read, and whether they can be watched."""
        if links_are_unprotected():
            text = "fs.protected_hardlinks is 0: who can write here can link files of yours that they cannot read"
            yield Finding("note", "artifacts", f"{text}; to forbid it: sysctl fs.protected_hardlinks=1")
        reason = unreported(self._folder) if self.watched and os.path.isdir(self._folder) else None
        if reason:
            yield Finding("note", "watching", f"the artifacts are polled as well as watched: {reason}")

    def _tree_of(self, project: str | None) -> ArtifactTree:
        watched, others = self._on(), self._others
        if others is not None and project == others.name and watched.tree.top.child(others.name) is None:
            return others.tree()
        return watched.tree

    def _reading(self, project: str) -> ArtifactReader:
        watched, tree = self._on(), self._tree_of(project)
        if self._others is None or tree is watched.tree:
            return watched.reading
        return ArtifactReader(
            tree, self._others, watched.versions, watched.preview_bytes, lambda path: path.partition("/")[2]
        )

    def _on(self) -> WatchedArtifacts:
        if self.watched is None:
            raise NotFound("Artifacts are not watched: the setting `artifacts` switches that on.")
        return self.watched


class WatchedArtifacts:
    """What watches and publishes artifacts in one running dashboard."""

    def __init__(self, kernel: Kernel, folder: str) -> None:
        settings = kernel.settings
        self.listeners: list[Listener] = []
        own = settings.of(ArtifactSettings)
        inbox, rules = HintInbox(), IgnoreRules(own.ignore, own.unignore, self._ignore_trouble)
        self._hub, self._rules = kernel.hub, rules
        self.root = kernel.watched_root(
            folder,
            rules.wants_folder,
            inbox.put,
            optional=True,
            alternatives=(settings.folder(os.path.join(SECOND_PLACE, own.artifacts_dir)),),
            watch_share=_WATCH_SHARE,
        )
        self.tree = ArtifactTree(
            lambda: self.root.mode,
            birth_ns=lambda path, inode: birth_time_ns(os.path.join(self.root.root, path), inode),
        )
        self.versions = Versions(
            os.path.join(settings.state_path, "versions"),
            VersionLimits(
                max_bytes=own.versions_max_bytes,
                max_age_s=own.versions_max_age_days * _DAY_S,
                file_bytes=own.preview_bytes,
            ),
        )
        self.preview_bytes = own.preview_bytes
        self._moves = MoveDetector(self.tree.shown_path, lambda place: self.tree.find(*place) is not None)
        self.reading = ArtifactReader(self.tree, self.root, self.versions, own.preview_bytes)
        self.recorder = VersionRecorder(self.tree, self.root, self.versions, own.preview_bytes)
        self._tracker = ArtifactTracker(
            self.tree,
            self.root,
            rules,
            kernel.hub.publish,
            self._changed,
            self.recorder.seed,
            window_s=own.batch_window_ms / 1000,
            digest_bytes=own.preview_bytes,
        )
        self.follower = Follower(self._tracker, self.root, inbox, gather_s=_GATHER_S)

    def start(self) -> None:
        """Begin to watch, to count lines and to store versions; returns at once."""
        self.recorder.start()
        self._tracker.counter.start()
        self.follower.start()

    def stop(self) -> None:
        """End every thread."""
        self.follower.stop()
        self._tracker.stop()
        self.recorder.stop()

    def troubles(self) -> Iterator[Trouble]:
        """The `.gitignore` files of which not everything is used; that earlier contents cannot be stored."""
        if problem := self.versions.problem:
            yield Trouble(self.versions.folder, "versions", f"earlier contents cannot be stored: {problem}")
        for folder, reason in self._rules.troubles().items():
            yield Trouble(self._ignore_file(folder), _IGNORE, reason)

    def _ignore_trouble(self, folder: str, reason: str | None) -> None:
        path = self._ignore_file(folder)
        self._hub.publish(
            ServiceRecovered(root=path, mode=_IGNORE)
            if reason is None
            else ServiceDegraded(root=path, mode=_IGNORE, reason=reason)
        )

    def _ignore_file(self, folder: str) -> str:
        return os.path.join(self.root.root, folder, FILE_NAME)

    def _changed(self, changes: Sequence[Change]) -> None:
        for listener in self.listeners:
            listener(changes)
        if self.tree.loading:
            return
        self._follow_moves(changes)
        self.recorder.record(changes)

    def _follow_moves(self, changes: Sequence[Change]) -> None:
        moves = self._moves.moves(changes, time.monotonic())
        self.versions.move([(move.old, move.new) for move in moves])
        for move in moves[:_MAX_MOVES]:
            artifact = self.tree.find(*move.new)
            if artifact is not None:
                self._hub.publish(
                    ArtifactMoved(
                        artifact=artifact,
                        project=move.new[0],
                        previous_project=move.old[0],
                        previous_path=move.old[1],
                    )
                )
