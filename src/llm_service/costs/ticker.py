"""The ticker: the only one who announces costs, from its own thread, at most every 500 ms.

It wakes when calls were stored, and checks every second whether another process (an import, a re-pricing) wrote to the
database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..calls.events import TelemetryUpdate
from ..calls.model import Call, flag_names, usd
from ..calls.store.queries import COST_SOURCES
from ..calls.store.store import StoredBatch
from ..errors import HistoryUnavailable
from ..hub.event import Event
from ..times import iso_time
from .events import CostUpdate
from .queries import Sum
from .summary import CostSummary

log = logging.getLogger(__name__)

_EVERY_S = 0.5
_ELSEWHERE_S = 1.0
_BUDGETS_S = 30.0


class CostTicker:
    """Tells `telemetry.update`, `cost.update` and `cost.budget`, from its own thread, at most every 500 ms."""

    def __init__(self, costs: CostSummary, publish: Callable[[Event], object], written_at: Callable[[], int]) -> None:
        """`written_at()` changes whenever anyone wrote to the database."""
        self._costs = costs
        self._publish = publish
        self._written_at = written_at
        self._seen_at = written_at()
        self._told: Sum | None = None
        self._looked_at = float("-inf")
        self._news: list[StoredBatch] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cost-ticker", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def ingested(self, news: StoredBatch) -> None:
        """A batch of calls was counted; never blocks."""
        with self._lock:
            self._news.append(news)
        self._wake.set()

    def _run(self) -> None:
        with suppress(HistoryUnavailable):
            self._told = self._costs.total()  # what is there at the start is in every snapshot
        while not self._stopping:
            woken = self._wake.wait(_ELSEWHERE_S)
            self._wake.clear()
            if self._stopping:
                return
            try:
                if woken or self._written_elsewhere():
                    self._tell()
                    self._look_at_budgets()
                elif time.monotonic() - self._looked_at > _BUDGETS_S:
                    self._look_at_budgets()
            except HistoryUnavailable:
                log.debug("no costs to tell", exc_info=True)
            except Exception:
                log.exception("costs could not be told")
            if woken:
                time.sleep(_EVERY_S)

    def _written_elsewhere(self) -> bool:
        """Another process counted or priced calls; lane changes are written too, and tell nothing here."""
        if self._told is None:
            return True  # the database was not open yet: whoever asked in the meantime was told of nothing
        written_at = self._written_at()
        if written_at == self._seen_at:
            return False
        self._seen_at = written_at
        return self._costs.total() != self._told

    def _tell(self) -> None:
        with self._lock:
            news, self._news = self._news, []
        latest = max((batch for batch in news if batch.newest), key=lambda batch: _time_ms(batch.newest), default=None)
        if latest is not None and latest.newest is not None:
            self._publish(
                TelemetryUpdate(
                    invocation=_invocation(latest.newest, latest.cost_nanos, latest.cost_source),
                    calls=sum(batch.calls for batch in news),
                )
            )
        self._told = self._costs.total()
        changes = self._costs.changes(frozenset().union(*(batch.tasks for batch in news)))
        self._publish(
            CostUpdate(**changes | {"models": tuple(changes["models"]), "by_agent": tuple(changes["by_agent"])})
        )

    def _look_at_budgets(self) -> None:
        self._looked_at = time.monotonic()
        if self._costs.budgets is not None:
            for event in self._costs.budgets.look(self._costs.now_s()):
                self._publish(event)


def _time_ms(call: Call | None) -> int:
    return call.timestamp_ms if call else 0


def _invocation(call: Call, cost_nanos: int | None, cost_source: int) -> dict[str, Any]:
    told = call._asdict()
    for inner in ("timestamp_ms", "cost_nanos", "cache_write_1h_tokens", "supersedes", "duplicate_id"):
        del told[inner]
    return told | {
        "timestamp": iso_time(call.timestamp_ms / 1000),
        "total_tokens": call.prompt_tokens + call.completion_tokens,
        "cost_usd": usd(cost_nanos) if cost_nanos is not None else None,
        "cost_source": COST_SOURCES[cost_source],
        "flags": flag_names(call.flags),
    }
