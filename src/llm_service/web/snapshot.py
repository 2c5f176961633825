"""Everything that is known now, in memory: one store per kind of thing, and what they show in a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..errors import HistoryUnavailable
from ..json_values import as_json
from ..tasks.board import TaskBoard


class CostsShown(Protocol):
    """What the snapshot needs of the costs."""

    def snapshot(self, task_ids: Collection[str]) -> dict[str, Any]:
        """The state of the topic `costs`. Raises HistoryUnavailable."""


class ArtifactsShown(Protocol):
    """What the snapshot needs of the artifacts."""

    def snapshot(self) -> dict[str, Any]:
        """The state of the topic `artifacts`."""


class EvidenceShown(Protocol):
    """What the snapshot needs of the evidence."""

    def snapshot(self) -> dict[str, Any]:
        """Task id -> counts, of the tasks that name artefacts."""


@dataclass(slots=True)
class Progress:
    """How far the first reading is: files read of files found. `ready` once the board is complete."""

    done: int = 0
    total: int = 0
    ready: bool = False

    def as_json(self) -> dict[str, int] | None:
        """`{done, total}` while loading, None when complete."""
        return None if self.ready else {"done": self.done, "total": self.total}


@dataclass(slots=True)
class State:
    """The stores, and how far their first filling is."""

    tasks: TaskBoard
    lanes: tuple[str, ...]
    progress: Progress = field(default_factory=Progress)
    costs: CostsShown | None = None
    artifacts: ArtifactsShown | None = None
    evidence: EvidenceShown | None = None

    def snapshot(self, topics: Collection[str]) -> dict[str, Any]:
        """The state of the topics asked for, as plain JSON; the caller adds `seq`, read *before* calling."""
        shown: dict[str, Any] = {}
        tasks = self.tasks.tasks()
        if "tasks" in topics or "all" in topics:
            shown |= {
                "tasks": as_json(tasks),
                "agents": sorted({task.agent for task in tasks if task.agent}),
                "counts": self.counts(),
            }
            if self.evidence is not None:
                shown["evidence"] = self.evidence.snapshot()
        if self.costs is not None and ("costs" in topics or "all" in topics):
            try:
                shown["costs"] = self.costs.snapshot([task.id for task in tasks])
            except HistoryUnavailable:
                shown["costs"] = None
        if self.artifacts is not None and ("artifacts" in topics or "all" in topics):
            shown["artifacts"] = self.artifacts.snapshot()
        return shown

    def counts(self) -> dict[str, int]:
        """How many tasks lie in each lane; every lane is named, also an empty one."""
        found = Counter(task.lane for task in self.tasks.tasks())
        return {lane: found.get(lane, 0) for lane in self.lanes}
