"""`Costs`: calls -> totals, forecast, budgets -> events, routes, metrics, notifications."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..calls.core import calls_disabled
from ..calls.feature import Calls
from ..errors import HistoryUnavailable
from ..feature import Feature, Kernel
from ..notify import Notifier
from .budget_watch import summary_with_budgets
from .events import EVENTS
from .metrics import cost_metrics
from .routes import cost_routes
from .summary import CostSummary
from .ticker import CostTicker

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api


class Costs(Feature):
    """The cost of the calls of a workspace; `summary` is None where calls are disabled."""

    name = topic = "costs"
    events = EVENTS

    def __init__(self, kernel: Kernel, calls: Calls, task_ids: Callable[[], Collection[str]]) -> None:
        """`task_ids()` are the tasks on the board, whose costs are in the snapshot."""
        self._task_ids = task_ids
        self._require_core = calls.require_core
        self.summary: CostSummary | None = None
        if calls.core is None:
            return
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
