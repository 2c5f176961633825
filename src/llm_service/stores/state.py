"""Everything that is known now, in memory: one store per kind of thing, and what they show in a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ..domain.plain import as_json
from .tasks import TaskBoard


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

    def snapshot(self, topics: Collection[str]) -> dict[str, Any]:
        """The state of the topics asked for, as plain JSON; the caller adds `seq`, read *before* calling."""
        if "tasks" not in topics and "all" not in topics:
            return {}
        tasks = self.tasks.tasks()
        return {
            "tasks": as_json(tasks),
            "agents": sorted({task.agent for task in tasks if task.agent}),
            "counts": self.counts(),
        }

    def counts(self) -> dict[str, int]:
        """How many tasks lie in each lane; every lane is named, also an empty one."""
        found = Counter(task.lane for task in self.tasks.tasks())
        return {lane: found.get(lane, 0) for lane in self.lanes}
