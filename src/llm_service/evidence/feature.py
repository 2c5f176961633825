"""The feature `Evidence`: compares the files that tasks claim with the disk."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import request

from ..artifacts.feature import Artifacts
from ..artifacts.ignore import ALWAYS_IGNORED
from ..artifacts.settings import ArtifactSettings
from ..feature import Feature, Kernel
from ..hub.event import ServiceDegraded, ServiceReady, ServiceRecovered
from ..json_values import as_json
from ..tasks.events import TaskEvent
from ..tasks.feature import Tasks
from ..tasks.model import TaskFile
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..web.people import person_of
from .claimed_folders import ClaimedFolders
from .events import EVENTS
from .follow import EvidenceChecker
from .model import ClaimEvidence
from .namesakes import Namesakes
from .outside import ClaimedFiles
from .places import Places
from .resolver import ClaimResolver
from .routes import evidence_routes
from .task_files import NamesOfFiles
from .visible import visible_claims

if TYPE_CHECKING:
    from ..web.api import Api

_WATCH_SHARE = 0.05


class Evidence(Feature):
    """Checks whether the files that tasks claim exist: counts for each task, each claim in a task's details.

    Folders outside the projects in which files are claimed are watched too, and these files can be opened like
    artifacts. Without watched projects there are no links from claims to artifacts.
    """

    name, topic = "evidence", "tasks"
    events = EVENTS
    collections = MappingProxyType({"evidence": dict[str, Any]})

    def __init__(self, kernel: Kernel, tasks: Tasks, artifacts: Artifacts) -> None:
        settings, tree = kernel.settings, artifacts.tree
        places = Places(settings, lambda: artifacts.projects_root, tree, NamesOfFiles(tasks.board).place)
        own = settings.of(ArtifactSettings)
        ignored = (ALWAYS_IGNORED - {*own.unignore}) | {*own.ignore}
        outside = ClaimedFiles(places.workspace, settings.state_path, ignored, lambda: self._checker.outside())
        resolver = ClaimResolver(
            places,
            tree,
            Namesakes(places.workspace, lambda: artifacts.projects_root, tree),
            lambda: artifacts.lost,
            outside.place if tree is not None else lambda path: (None, None),
        )
        self._progress = tasks.progress
        self._outside = outside
        self._checker = EvidenceChecker(tasks.board, tasks.progress, resolver, kernel.hub.publish, self._watch)
        self._folders = ClaimedFolders(self._checker.on_folders)
        self._inbox = HintInbox()
        root = kernel.watched_root(
            places.workspace, self._folders.wants_folder, self._inbox.put, optional=True, watch_share=_WATCH_SHARE
        )
        self._folders.join(root)
        self._follower = Follower(self._folders, root, self._inbox)
        self._is_watching = False
        artifacts.show_also(outside)
        self._places, self._artifacts = places, artifacts
        tasks.add_detail("artefacts", lambda file: as_json(self._claims(file)))
        artifacts.subscribe(self._checker.on_changes)
        kernel.hub.listen(self._checker.on_board_change, TaskEvent, ServiceReady)
        kernel.hub.listen(self._checker.on_root_change, ServiceDegraded, ServiceRecovered)

    @property
    def followers(self) -> Sequence[Follower]:
        """The follower of the folders outside the projects, once files are claimed there."""
        return (self._follower,) if self._is_watching else ()

    def start(self) -> None:
        """Start; the first check is made when the board is complete. Returns at once."""
        self._checker.start()

    def stop(self) -> None:
        """End the threads."""
        self._checker.stop()
        if self._is_watching:
            self._follower.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        evidence_routes(api, self._checker.counts, self._progress)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The counts by key of the task."""
        return {"evidence": self._checker.counts()}

    def snapshot(self) -> Mapping[str, Any]:
        """`{evidence: {key of the task: counts}}`."""
        return {"evidence": self._checker.counts()}

    def _claims(self, file: TaskFile) -> list[ClaimEvidence]:
        """The claims of a task for who sends the current request."""
        person = person_of(request.environ)
        return visible_claims(self._checker.check(file), person.may_see, self._project_at)

    def _project_at(self, path: str) -> str | None:
        """The project in which a path of the workspace is; None if it is in none."""
        inside = os.path.relpath(os.path.join(self._places.workspace, path), self._artifacts.projects_root)
        name = inside.split(os.sep, 1)[0]
        return None if name in (os.curdir, os.pardir) else name

    def _watch(self, folders: Collection[str]) -> None:
        """Watch these folders from now on; the thread for that runs from the first one on."""
        self._folders.want([folder for folder in folders if not folder or self._outside.shows(folder)])
        if self._is_watching:
            self._inbox.wake()
        elif folders:
            self._is_watching = True
            self._follower.start()
