"""What calls cost, as it is shown: the summary that REST, snapshot and events share, and the ticker that tells it.

The ticker is the only one who announces costs. It wakes when calls were counted, and looks twice a second
whether another process (an import, a re-pricing) wrote to the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from ..calls.model import Call, flag_names, usd
from ..calls.store.queries import SOURCES
from ..calls.store.store import Ingested
from ..errors import HistoryUnavailable
from ..hub.event import CostUpdate, Event, TelemetryUpdate
from ..times import iso_time
from .queries import Sum, TelemetryQueries

log = logging.getLogger(__name__)

_EVERY_S = 0.5
_ELSEWHERE_S = 1.0
_BUDGETS_S = 30.0
_KINDS = ("input", "output", "cache_read", "cache_write")
_NAMES_TOLD = 50

Told = dict[str, Any]


class BudgetWatch(Protocol):
    """What the ticker needs of the budgets: their state now, and the facts when a level changed."""

    def look(self, now_s: float) -> list[Event]:
        """The changes of level since the last look; whoever is to be told otherwise has been told."""

    def states(self) -> list[Told]:
        """Every budget as last looked at."""


class Costs:
    """Summaries of calls and costs. Every method raises HistoryUnavailable when there is no database."""

    def __init__(
        self,
        queries: TelemetryQueries,
        zone_name: str,
        forecast: Callable[[TelemetryQueries, float], Told | None] = lambda queries, now_s: None,
        budgets: BudgetWatch | None = None,
        refused: Callable[[], int] = lambda: 0,
        price_version: Callable[[], str] = lambda: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.queries = queries
        self.zone_name = zone_name
        self.budgets = budgets
        self._forecast = forecast
        self._refused = refused
        self._price_version = price_version
        self._clock = clock

    def now_s(self) -> int:
        """Now, as the queries want it."""
        return int(self._clock())

    def brief(self) -> Told:
        """`{today, month, total, unpriced_calls, calls, timezone}`: dollars over the calls with a known cost."""
        return self._brief(self.queries.sums(self.now_s()))

    def total(self) -> Sum:
        """All calls so far."""
        return self.queries.sums(self.now_s())["total"]

    def summary(self) -> Told:
        """The answer of `GET /api/telemetry`."""
        sums = self.queries.sums(self.now_s())
        return {
            "timezone": self.zone_name,
            "costs": self._brief(sums),
            **_counts(sums),
            "coverage": self.coverage(sums["total"]),
            "forecast": self._forecast(self.queries, self._clock()),
            "budgets": self.budgets.states() if self.budgets else [],
            "flagged": self.queries.calls.flagged(),
            "problems": self._refused(),
            "price_version": self._price_version(),
        }

    def snapshot(self, task_ids: Collection[str]) -> Told:
        """The state of the topic `costs`; `by_task` has the tasks of the board that have calls."""
        return {
            **self.changes(task_ids),
            "budgets": self.budgets.states() if self.budgets else [],
            "timezone": self.zone_name,
        }

    def changes(self, task_ids: Collection[str]) -> Told:
        """The fields of `cost.update`; `by_task` for these tasks."""
        now_s = self.now_s()
        sums = self.queries.sums(now_s)
        today = self.queries.today(now_s)
        return {
            "costs": self._brief(sums),
            **_counts(sums),
            "models": self._named("model", today),
            "by_agent": self._named("agent", today),
            "by_task": {task: _cost(total) for task, total in self.queries.of_tasks(task_ids).items()},
            "coverage": self.coverage(sums["total"]),
            "forecast": self._forecast(self.queries, self._clock()),
        }

    def coverage(self, total: Sum) -> Told:
        """How many calls have a known cost, and the models that have no price."""
        return {
            "calls": total.calls,
            "priced": total.calls - total.unpriced - total.reported,
            "reported": total.reported,
            "unpriced": total.unpriced,
            "share": (total.calls - total.unpriced) / total.calls if total.calls else None,
            "unpriced_models": self.queries.unpriced_models() if total.unpriced else [],
        }

    def _brief(self, sums: dict[str, Sum]) -> Told:
        return {
            **{name: usd(total.cost_nanos) for name, total in sums.items()},
            "unpriced_calls": sums["total"].unpriced,
            "calls": sums["total"].calls,
            "timezone": self.zone_name,
        }

    def _named(self, dimension: str, today: tuple[int, int]) -> list[Told]:
        rows = self.queries.by_name(dimension, *today, limit=_NAMES_TOLD)
        return [{dimension: name, **_cost(total)} for name, total, _ in rows]


class CostTicker:
    """Tells `telemetry.update`, `cost.update` and `cost.budget`, from its own thread, at most every 500 ms."""

    def __init__(self, costs: Costs, publish: Callable[[Event], object], written_at: Callable[[], int]) -> None:
        """`written_at()` changes whenever anyone wrote to the database."""
        self._costs = costs
        self._publish = publish
        self._written_at = written_at
        self._seen_at = written_at()
        self._told: Sum | None = None
        self._looked_at = float("-inf")
        self._news: list[Ingested] = []
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

    def ingested(self, news: Ingested) -> None:
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


def totals_of(rows: Iterable[tuple[str | None, Sum, int]]) -> list[Told]:
    """Rows of `by_name` as they are answered."""
    return [
        {
            "key": name,
            "cost_usd": total.cost_usd,
            "calls": total.calls,
            "unpriced_calls": total.unpriced,
            "tokens": total.tokens(),
            "last_at": iso_time(last_ms / 1000),
        }
        for name, total, last_ms in rows
    ]


def series_of(series: Sequence[tuple[str | None, bool, Sequence[Sum]]]) -> list[Told]:
    """Series of `trends` as they are answered: one list per quantity, one entry per bucket."""
    return [
        {
            "key": name,
            "other": rest,
            "cost_usd": [total.cost_usd if total.calls else 0.0 for total in sums],
            "calls": [total.calls for total in sums],
            "unpriced_calls": [total.unpriced for total in sums],
            "tokens": {
                kind: [total.tokens()[kind] for total in sums]
                for kind in ("input", "output", "cache_read", "cache_write")
            },
        }
        for name, rest, sums in series
    ]


def _counts(sums: dict[str, Sum]) -> Told:
    """`{calls, unpriced, tokens}`, each of them `{today, month, total}`."""
    return {
        "calls": {name: total.calls for name, total in sums.items()},
        "unpriced": {name: total.unpriced for name, total in sums.items()},
        "tokens": {name: total.tokens() for name, total in sums.items()},
    }


def _cost(total: Sum) -> Told:
    return {"cost_usd": total.cost_usd, "calls": total.calls, "unpriced": total.unpriced}


def _time_ms(call: Call | None) -> int:
    return call.timestamp_ms if call else 0


def _invocation(call: Call, cost_nanos: int | None, cost_source: int) -> Told:
    told = call._asdict()
    for inner in ("timestamp_ms", "cost_nanos", "cache_write_1h_tokens", "supersedes", "twin_id"):
        del told[inner]
    return told | {
        "timestamp": iso_time(call.timestamp_ms / 1000),
        "total_tokens": call.prompt_tokens + call.completion_tokens,
        "cost_usd": usd(cost_nanos) if cost_nanos is not None else None,
        "cost_source": SOURCES[cost_source],
        "flags": flag_names(call.flags),
    }
