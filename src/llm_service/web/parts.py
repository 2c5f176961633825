"""What REST routes may use of the rest of the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..artifacts.tree.tree import ArtifactTree
from ..artifacts.versions.keeper import VersionKeeper
from ..artifacts.versions.store import Versions
from ..calendar_days import Calendar
from ..calls.model import Call
from ..calls.store.store import Outcome
from ..costs.summary import Costs
from ..evidence.feature import Evidence
from ..hub.ring import Hub
from ..tasks.lane_history import LaneHistory
from ..tasks.model import TaskFile
from ..tasks.queries import TaskList
from ..watch.root import WatchedRoot
from .snapshot import State


@dataclass(frozen=True, slots=True)
class TelemetryParts:
    """`record(calls, refused)` counts calls that came by REST; `sources()` the rows of `GET /api/telemetry/sources`."""

    costs: Costs
    calendar: Calendar
    record: Callable[[list[Call], list[str]], Outcome]
    sources: Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ArtifactParts:
    """`root.root` is the folder of the projects now; `preview_bytes` the setting; `status()` is `{projects, files}`."""

    tree: ArtifactTree
    root: WatchedRoot
    versions: Versions
    keeper: VersionKeeper
    preview_bytes: int
    status: Callable[[], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed in by the composition root. `sync(timeout_s)` returns a seq; `health()` the body of `/health`."""

    state: State
    hub: Hub
    task_list: TaskList
    lanes: LaneHistory | None
    telemetry: TelemetryParts | None
    artifacts: ArtifactParts | None
    evidence: Evidence
    sync: Callable[[float], int]
    health: Callable[[], dict[str, Any]]
    read_details: Callable[[TaskFile], dict[str, Any]]
    started_at: str
    version: str
