"""Telemetry put together: readers and outlets -> store -> ticker -> hub. Used by `app` and by the commands."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from .config import Settings
from .costs import Costs, CostTicker
from .domain.calls import Call
from .domain.periods import Calendar
from .domain.prices import PriceBook
from .errors import HistoryUnavailable
from .events import Event
from .outlets.rest.parts import TelemetryParts
from .stores.history import History
from .stores.telemetry import Outcome, TelemetryStore
from .stores.telemetry_queries import TelemetryQueries


class Telemetry:
    """All that counts and tells calls in one running dashboard."""

    def __init__(self, settings: Settings, history: History, publish: Callable[[Event], object]) -> None:
        self._history = history
        zone, prices = settings.zone(), PriceBook(settings.prices)
        self.calendar = Calendar(zone)
        self.queries = TelemetryQueries(history, self.calendar)
        self.costs = Costs(self.queries, str(zone), price_version=prices.version)
        self.ticker = CostTicker(self.costs, publish, history.written_at)
        self.store = TelemetryStore(history, prices.cost_nanos, self.calendar, self.ticker.ingested)
        self.arrivals = Arrivals(self.store)

    def start(self) -> None:
        """Bring the sums to the time zone in force and begin to tell."""
        self._adjusting = threading.Thread(target=self._adjust, name="sums-of-time-zone", daemon=True)
        self._adjusting.start()
        self.ticker.start()

    def stop(self) -> None:
        """End every thread."""
        self.ticker.stop()

    def parts(self) -> TelemetryParts:
        """What the REST routes need."""
        return TelemetryParts(self.costs, self.calendar, self.arrivals.rest, self.sources)

    def sources(self) -> list[dict[str, Any]]:
        """Where calls come from, as `GET /api/telemetry/sources` answers it."""
        return self.arrivals.status()

    def _adjust(self) -> None:
        try:
            self.store.adjust(str(self.calendar.zone))
        except HistoryUnavailable:
            return  # the history's own status says why


class Arrivals:
    """Calls that came over the network, and what became of them, per way in."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._counts: dict[str, Counter[str]] = {"rest": Counter(), "otlp": Counter()}
        self._problems: dict[str, list[dict[str, Any]]] = {"rest": [], "otlp": []}

    def rest(self, calls: list[Call], refused: int) -> Outcome:
        """Count calls of `POST /api/telemetry`."""
        return self.take("rest", calls, refused)

    def take(self, kind: str, calls: list[Call], refused: int) -> Outcome:
        """Count calls; raises HistoryUnavailable."""
        outcome = self._store.ingest(calls) if calls else Outcome(0, 0, 0)
        self._counts[kind].update(
            {"calls": outcome.accepted, "duplicates": outcome.duplicates, "refused": refused, "batches": 1}
        )
        return outcome

    def status(self) -> list[dict[str, Any]]:
        """One row per way in that was used since the start."""
        return [
            {
                "kind": kind,
                "folder": None,
                "mode": "listening",
                "files": 0,
                "calls": counts["calls"],
                "duplicates": counts["duplicates"],
                "refused": counts["refused"],
                "problems": self._problems[kind],
            }
            for kind, counts in self._counts.items()
            if counts["batches"]
        ]
