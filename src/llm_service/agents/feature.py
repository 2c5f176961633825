"""The feature `Agents`: the agents that tasks and calls name, with what is known of each. It stores nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ..costs.feature import Costs
from ..errors import HistoryUnavailable
from ..feature import Feature
from ..tasks.feature import Tasks
from ..times import iso_time
from .model import CallTotals, agents_of
from .routes import AgentList, agent_routes

if TYPE_CHECKING:
    from ..web.api import Api

_MOST_AGENTS = 10_000
"""Of those that calls name, the most expensive ones."""


class Agents(Feature):
    """The agents of a workspace, from the board and the totals of calls; events of both say when to ask again."""

    name, topic = "agents", "tasks"

    def __init__(self, tasks: Tasks, costs: Costs) -> None:
        self._tasks = tasks
        self._costs = costs

    def start(self) -> None:
        """Nothing has to run."""

    def stop(self) -> None:
        """Nothing runs."""

    def routes(self, api: Api) -> None:
        """Declare the REST route."""
        agent_routes(api, self.agents)

    def agents(self) -> AgentList:
        """All agents, now."""
        now = time.time()
        calls: dict[str, CallTotals] | None = None
        summary, state, ends = self._costs.summary, "off", None
        if summary is not None:
            state = "unavailable"
            ends = iso_time(summary.queries.today_range(int(now))[1])
            with suppress(HistoryUnavailable):
                calls, state = self._calls(int(now)), "known"
        tasks = self._tasks
        found = agents_of(tasks.board.tasks(), calls, tasks.lanes, now, tasks.stale_after_s)
        return AgentList(found, iso_time(now), state, ends, summary.zone_name if summary else None)

    def _calls(self, now: int) -> dict[str, CallTotals]:
        """Agent -> its calls. Raises HistoryUnavailable."""
        summary = self._costs.summary
        if summary is None:
            return {}
        queries = summary.queries
        today = {
            name: total for name, total, _ in queries.by_name("agent", *queries.today_range(now), limit=_MOST_AGENTS)
        }
        return {
            name: CallTotals(
                calls=today[name].calls if name in today else 0,
                cost_usd=today[name].cost_usd if name in today else 0.0,
                unpriced=today[name].unpriced if name in today else 0,
                last_call=last_ms / 1000,
            )
            for name, _, last_ms in queries.by_name("agent", limit=_MOST_AGENTS)
            if name is not None
        }
