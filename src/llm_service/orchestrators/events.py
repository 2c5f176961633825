"""The events about orchestrators. Each also goes to the room of its plan, `plans:<name>`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import Orchestrator


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorEvent(Event):
    """An orchestrator of a plan began or ended."""

    topic: ClassVar[str] = "plans"
    rooms: ClassVar[tuple[str, ...]] = ("plans:<plan>",)
    shared: ClassVar[bool] = True

    plan: str
    project: str
    orchestrator: Orchestrator
    reason: str

    def entries(self) -> Iterable[Change]:
        """The orchestrator."""
        yield "orchestrators", self.orchestrator.id, self.orchestrator


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStarted(OrchestratorEvent):
    """An orchestrator of a plan runs. `reason`: "started" from here, or "registered" by itself."""

    type: ClassVar[str] = "plan.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStopped(OrchestratorEvent):
    """An orchestrator of a plan runs no more. `reason`: "stopped" or "killed" from here, "crashed" if the registry
    still says that it runs, "exited" if it never said anything, else what the registry says, such as "completed"."""

    type: ClassVar[str] = "plan.stopped"


EVENTS: tuple[type[Event], ...] = (PlanStarted, PlanStopped)
"""Every event of this feature."""
