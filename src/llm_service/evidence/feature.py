"""Evidence put together: what tasks claim, compared with the disk -> counts on cards, each claim in the details."""

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
from .follow import EvidenceFollower
from .locations import Places
from .routes import evidence_routes

if TYPE_CHECKING:
    from ..web.api import Api


class Evidence(Feature):
    """Whether the files that tasks claim are there; where no projects are watched, with no links to them."""

    name, topic = "evidence", "tasks"
    events = EVENTS

    def __init__(self, kernel: Kernel, tasks: Tasks, artifacts: Artifacts) -> None:
        places = Places(kernel.settings, lambda: artifacts.projects_root, artifacts.tree)
        self._progress = tasks.progress
        self._follower = EvidenceFollower(tasks.board, tasks.progress, places, kernel.hub.publish)
        tasks.add_detail("artefacts", lambda file: as_json(self._follower.of(file)))
        artifacts.subscribe(self._follower.on_changes)
        kernel.hub.listen(self._follower.on_board_change, TaskEvent, ServiceReady)

    def start(self) -> None:
        """Begin to check as soon as the board is complete; returns at once."""
        self._follower.start()

    def stop(self) -> None:
        """End the thread."""
        self._follower.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        evidence_routes(api, self._follower.counts, self._progress)

    def snapshot(self) -> Mapping[str, Any]:
        """`{evidence: {task id: counts}}`."""
        return {"evidence": self._follower.counts()}
