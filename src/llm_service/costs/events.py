"""Events about costs and budgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Change, Event
from ..json_values import field_names

SUMMARY = "summary"
"""Key of the one entry that other hosts get of the figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostUpdate(Event):
    """Costs changed, at most every 500 ms: `costs` is `{today, month, total, unpriced_calls, calls, timezone}`
    in US dollars over the calls with a known cost; `models` and `by_agent` are for today; `by_task` is over all time,
    only the tasks that changed; `calls`, `unpriced`, `unconfirmed`, `tokens`, `coverage` and `forecast` as in
    `GET /api/telemetry`."""

    type: ClassVar[str] = "cost.update"
    topic: ClassVar[str] = "costs"
    shared: ClassVar[bool] = True

    costs: dict[str, Any]
    calls: dict[str, int]
    unpriced: dict[str, int]
    unconfirmed: dict[str, int]
    tokens: dict[str, Any]
    models: tuple[dict[str, Any], ...]
    by_agent: tuple[dict[str, Any], ...]
    by_task: dict[str, Any]
    coverage: dict[str, Any]
    forecast: dict[str, Any] | None

    def entries(self) -> Iterable[Change]:
        """The figures, and those of tasks."""
        figures = (name for name in field_names(type(self)) if name != "by_task")
        yield "costs", SUMMARY, {name: getattr(self, name) for name in figures}
        yield from (("task_costs", task, cost) for task, cost in self.by_task.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBudget(Event):
    """A budget changed its level: "warn" from 80 %, "alert" from 100 %, "ok" when a new period starts."""

    type: ClassVar[str] = "cost.budget"
    topic: ClassVar[str] = "costs"
    shared: ClassVar[bool] = True

    budget: dict[str, Any]
    previous_level: str

    def entries(self) -> Iterable[Change]:
        """The budget."""
        yield "budgets", str(self.budget["name"]), self.budget


EVENTS: tuple[type[Event], ...] = (
    CostUpdate,
    CostBudget,
)
"""Every event of this feature."""
