"""What calls cost, as it is shown: the summary that REST, snapshot and events share."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from ..calls.model import usd
from ..hub.event import Event
from ..times import iso_time
from .queries import CostQueries, Sum

_KINDS = ("input", "output", "cache_read", "cache_write")
_NAMES_TOLD = 50

Told = dict[str, Any]


class BudgetWatch(Protocol):
    """What the ticker needs of the budgets: their state now, and the facts when a level changed."""

    def look(self, now_s: float) -> list[Event]:
        """The changes of level since the last look; whoever is to be told otherwise has been told."""

    def states(self) -> list[Told]:
        """Every budget as last looked at."""


class CostSummary:
    """Summaries of calls and costs. Every method raises HistoryUnavailable when there is no database."""

    def __init__(
        self,
        queries: CostQueries,
        zone_name: str,
        forecast: Callable[[CostQueries, float], Told | None] = lambda queries, now_s: None,
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
