"""The feature `Evidence`: compares the files that tasks claim with the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..artifacts.feature import Artifacts
from ..feature import Feature, Kernel
from ..hub.event import ServiceReady
from ..json_values import as_json
from ..tasks.events import TaskEvent
from ..tasks.feature import Tasks
from .events import EVENTS
from .follow import EvidenceChecker
from .namesakes import Namesakes
from .places import Places
from .resolver import ClaimResolver
from .routes import evidence_routes
from .task_files import NamesOfFiles

if TYPE_CHECKING:
    from ..web.api import Api


class Evidence(Feature):
    """Checks whether the files that tasks claim exist: counts for each task, each claim in a task's details.

    Without watched projects there are no links from claims to artifacts.
    """

    name, topic = "evidence", "tasks"
    events = EVENTS

    def __init__(self, kernel: Kernel, tasks: Tasks, artifacts: Artifacts) -> None:
        task_files = NamesOfFiles(tasks.board)
        places = Places(kernel.settings, lambda: artifacts.projects_root, artifacts.tree, task_files.place)
        namesakes = Namesakes(places.workspace, lambda: artifacts.projects_root, artifacts.tree)
        resolver = ClaimResolver(places, artifacts.tree, namesakes, lambda: artifacts.lost)
        self._progress = tasks.progress
        self._checker = EvidenceChecker(tasks.board, tasks.progress, resolver, kernel.hub.publish)
        tasks.add_detail("artefacts", lambda file: as_json(self._checker.check(file)))
        artifacts.subscribe(self._checker.on_changes)
        kernel.hub.listen(self._checker.on_board_change, TaskEvent, ServiceReady)

    def start(self) -> None:
        """Start; the first check is made when the board is complete. Returns at once."""
        self._checker.start()

    def stop(self) -> None:
        """End the thread."""
        self._checker.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        evidence_routes(api, self._checker.counts, self._progress)

    def snapshot(self) -> Mapping[str, Any]:
        """`{evidence: {key of the task: counts}}`."""
        return {"evidence": self._checker.counts()}
