"""`CostTicker`: publishes all events about costs, at most every 500 ms.

Its thread wakes when calls were stored, and checks every second whether another process (an import, a repricing) wrote
to the database.
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
from .rollups import Totals
from .summary import CostSummary

log = logging.getLogger(__name__)

_MIN_INTERVAL_S = 0.5
_POLL_INTERVAL_S = 1.0
_BUDGETS_INTERVAL_S = 30.0


class CostTicker:
    """Publishes `telemetry.update`, `cost.update` and `cost.budget` from a background thread."""

    def __init__(self, costs: CostSummary, publish: Callable[[Event], object], written_at: Callable[[], int]) -> None:
        """`written_at()` changes with every write to the database by any process."""
        self._costs = costs
        self._publish = publish
        self._written_at = written_at
        self._last_written_at = written_at()
        self._published: Totals | None = None
        self._budgets_checked_at = float("-inf")
        self._batches: list[StoredBatch] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cost-ticker", daemon=True)

    def start(self) -> None:
        """Start the thread. Calls from before the start are in every snapshot; of what comes later clients are told,
        however late the thread begins."""
        with suppress(HistoryUnavailable):
            self._published = self._costs.total()
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def on_batch(self, batch: StoredBatch) -> None:
        """A batch of calls was stored. Never blocks; called from any thread."""
        with self._lock:
            self._batches.append(batch)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            woken = self._wake.wait(_POLL_INTERVAL_S)
            self._wake.clear()
            if self._stopping:
                return
            try:
                if woken or self._changed_by_another_process():
                    self._publish_changes()
                    self._check_budgets()
                elif time.monotonic() - self._budgets_checked_at > _BUDGETS_INTERVAL_S:
                    self._check_budgets()
            except HistoryUnavailable:
                log.debug("costs cannot be read", exc_info=True)
            except Exception:
                log.exception("costs could not be published")
            if woken:
                time.sleep(_MIN_INTERVAL_S)

    def _changed_by_another_process(self) -> bool:
        """True if another process stored or repriced calls. Other writes, such as checkpoints, do not count."""
        if self._published is None:
            return True  # the database was not open yet: snapshots had no costs
        written_at = self._written_at()
        if written_at == self._last_written_at:
            return False
        self._last_written_at = written_at
        return self._costs.total() != self._published

    def _publish_changes(self) -> None:
        with self._lock:
            batches, self._batches = self._batches, []
        with_calls = [batch for batch in batches if batch.newest]
        latest = max(with_calls, key=lambda batch: _time_ms(batch.newest), default=None)
        if latest is not None and latest.newest is not None:
            self._publish(
                TelemetryUpdate(
                    invocation=_invocation(latest.newest, latest.cost_nanos, latest.cost_source),
                    calls=sum(batch.calls for batch in batches),
                )
            )
        self._published = self._costs.total()
        changes = self._costs.changes(frozenset().union(*(batch.tasks for batch in batches)))
        self._publish(
            CostUpdate(**changes | {"models": tuple(changes["models"]), "by_agent": tuple(changes["by_agent"])})
        )

    def _check_budgets(self) -> None:
        self._budgets_checked_at = time.monotonic()
        if self._costs.budgets is not None:
            for event in self._costs.budgets.check(self._costs.now_s()):
                self._publish(event)


def _time_ms(call: Call | None) -> int:
    return call.timestamp_ms if call else 0


def _invocation(call: Call, cost_nanos: int | None, cost_source: int) -> dict[str, Any]:
    fields = call._asdict()
    for internal in ("timestamp_ms", "cost_nanos", "supersedes", "duplicate_id"):
        del fields[internal]
    return fields | {
        "timestamp": iso_time(call.timestamp_ms / 1000),
        "total_tokens": call.prompt_tokens + call.completion_tokens,
        "cost_usd": usd(cost_nanos) if cost_nanos is not None else None,
        "cost_source": COST_SOURCES[cost_source],
        "flags": flag_names(call.flags),
    }
