"""`Costs`: calls -> totals, forecast, budgets -> events, routes, metrics, notifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..calls.core import calls_disabled
from ..calls.feature import Calls
from ..database.database import Database
from ..errors import HistoryUnavailable
from ..feature import Feature, Kernel
from ..notify import Notifier
from .budget_watch import summary_with_budgets
from .done_tasks import Board, DoneTasks
from .events import EVENTS, SUMMARY
from .metrics import cost_metrics
from .range_routes import range_routes
from .routes import cost_routes
from .summary import CostSummary
from .ticker import CostTicker

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api


class Costs(Feature):
    """The cost of the calls of a workspace; `summary` and `database` are None where calls are disabled."""

    name = topic = "costs"
    events = EVENTS
    collections = MappingProxyType({"costs": dict[str, Any], "task_costs": dict[str, Any], "budgets": dict[str, Any]})

    def __init__(self, kernel: Kernel, calls: Calls, board: Board) -> None:
        """The costs of the tasks on the board are in the snapshot."""
        self._task_ids = board.ids
        self._done = DoneTasks(board)
        self._require_core = calls.require_core
        self.summary: CostSummary | None = None
        self.database: Database | None = None
        if calls.core is None:
            return
        self.database = calls.core.database
        settings = kernel.settings
        self._notifier = Notifier()
        self.summary = summary_with_budgets(settings, calls.core, self._notifier.send, calls.refused)
        self._ticker = CostTicker(self.summary, kernel.hub.publish, calls.core.database.written_at)
        calls.subscribe(self._ticker.on_batch)

    def start(self) -> None:
        """Start publishing."""
        if self.summary:
            self._notifier.start()
            self._ticker.start()

    def stop(self) -> None:
        """Stop every thread."""
        if self.summary:
            self._ticker.stop()
            self._notifier.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        cost_routes(api, self._require_summary, self._require_core)
        range_routes(api, self._require_summary, self._require_core, self._done)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The figures, those of the tasks on the board, and the budgets."""
        if self.summary is None:
            return {}
        try:
            figures = dict(self.summary.snapshot(self._task_ids()))
        except HistoryUnavailable:
            return {}
        tasks, budgets = figures.pop("by_task"), figures.pop("budgets")
        del figures["timezone"]  # which is in `costs` too, where events have it
        return {"costs": {SUMMARY: figures}, "task_costs": tasks, "budgets": {one["name"]: one for one in budgets}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{costs}`, null while the database cannot be read; {} where calls are disabled."""
        if self.summary is None:
            return {}
        try:
            return {"costs": self.summary.snapshot(self._task_ids())}
        except HistoryUnavailable:
            return {"costs": None}

    def stats(self) -> Mapping[str, Any]:
        """`{costs}`: dollars today, this month and in total; null where calls are disabled or cannot be read."""
        try:
            return {"costs": self.summary.brief() if self.summary else None}
        except HistoryUnavailable:
            return {"costs": None}

    def metrics(self) -> Iterable[Metric]:
        """Metrics of tokens, calls and dollars. Raises HistoryUnavailable."""
        return list(cost_metrics(self.summary.queries)) if self.summary else ()

    def _require_summary(self) -> CostSummary:
        if self.summary is None:
            raise calls_disabled()
        return self.summary
