"""The events about plans. What agents wrote is in them (descriptions, notes): untrusted text.

Each also goes to the room of its plan, `plans:<name>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Change, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUpdated(Event):
    """A plan is new or changed: `data` is its row of `GET /api/plans`. `changes` tasks changed since the one before, of
    which `skipped` were too many to be published one by one. It is not in the journal, as it comes often, and for every
    plan at the start; `plan.task_changed` is there."""

    type: ClassVar[str] = "plan.updated"
    topic: ClassVar[str] = "plans"
    rooms: ClassVar[tuple[str, ...]] = ("plans:<plan>",)
    journaled: ClassVar[bool] = False
    shared: ClassVar[bool] = True

    plan: str
    project: str
    data: dict[str, Any]
    changes: int = 0
    skipped: int = 0

    def entries(self) -> Iterable[Change]:
        """The row of the plan."""
        yield "plans", self.plan, self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTaskChanged(Event):
    """A task of a plan changed: its status, or something else of it (then `previousStatus` is the same). `task` is its
    id, `detail` the whole task, null if it is gone; `previousStatus` is null for a new one, `status` for one that is
    gone."""

    type: ClassVar[str] = "plan.task_changed"
    topic: ClassVar[str] = "plans"
    rooms: ClassVar[tuple[str, ...]] = ("plans:<plan>",)

    plan: str
    project: str
    task: str
    previousStatus: str | None
    status: str | None
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRemoved(Event):
    """The file of a plan is gone."""

    type: ClassVar[str] = "plan.removed"
    topic: ClassVar[str] = "plans"
    rooms: ClassVar[tuple[str, ...]] = ("plans:<plan>",)
    shared: ClassVar[bool] = True

    plan: str
    project: str

    def entries(self) -> Iterable[Change]:
        """The plan is gone."""
        yield "plans", self.plan, None


EVENTS: tuple[type[Event], ...] = (PlanUpdated, PlanTaskChanged, PlanRemoved)
"""Every event of this feature."""
