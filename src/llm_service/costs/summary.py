"""`CostSummary`: the JSON about costs that REST, snapshots and events share."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..calls.model import NANOS, usd
from ..hub.event import Event
from ..times import iso_time
from .cache_use import CacheUse
from .queries import CostQueries
from .rollups import Totals

_KINDS = ("input", "output", "cache_read", "cache_write")
_MAX_NAMES = 50

JsonObject = dict[str, Any]


class BudgetWatch(Protocol):
    """The budgets, as the summary and the ticker use them."""

    def check(self, now_s: float) -> list[Event]:
        """An event for each level that changed since the last check; people have been notified."""

    def states(self) -> list[JsonObject]:
        """The current state of every budget."""


class CostSummary:
    """Summaries of calls and costs. Every method raises HistoryUnavailable if the database cannot be read."""

    def __init__(
        self,
        queries: CostQueries,
        zone_name: str,
        forecast: Callable[[CostQueries, float], JsonObject | None] = lambda queries, now_s: None,
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
        """The current time in seconds since the epoch."""
        return int(self._clock())

    def brief(self) -> JsonObject:
        """`{today, month, total, unpriced_calls, calls, timezone}`: dollars over the calls with a known cost."""
        return self._brief(self.queries.totals(self.now_s()))

    def total(self) -> Totals:
        """The totals of all calls."""
        return self.queries.totals(self.now_s())["total"]

    def summary(self) -> JsonObject:
        """The response of `GET /api/telemetry`."""
        totals = self.queries.totals(self.now_s())
        return {
            "timezone": self.zone_name,
            "costs": self._brief(totals),
            **_counts(totals),
            "coverage": self.coverage(totals["total"]),
            "forecast": self._forecast(self.queries, self._clock()),
            "budgets": self.budgets.states() if self.budgets else [],
            "flagged": self.queries.calls.flagged(),
            "problems": self._refused(),
            "price_version": self._price_version(),
        }

    def snapshot(self, task_ids: Collection[str]) -> JsonObject:
        """The state of the topic `costs`; `by_task` has the tasks of the board that have calls."""
        return {
            **self.changes(task_ids),
            "budgets": self.budgets.states() if self.budgets else [],
            "timezone": self.zone_name,
        }

    def changes(self, task_ids: Collection[str]) -> JsonObject:
        """The fields of `cost.update`; `by_task` has these tasks."""
        now_s = self.now_s()
        totals = self.queries.totals(now_s)
        today = self.queries.today_range(now_s)
        return {
            "costs": self._brief(totals),
            **_counts(totals),
            "models": self._by_name_today("model", today),
            "by_agent": self._by_name_today("agent", today),
            "by_task": {
                task: _cost(total) | {"last_at": iso_time(last_ms / 1000)}
                for task, (total, last_ms) in self.queries.by_task_id(task_ids).items()
            },
            "coverage": self.coverage(totals["total"]),
            "forecast": self._forecast(self.queries, self._clock()),
        }

    def coverage(self, total: Totals) -> JsonObject:
        """How many calls have a known cost, how many of them as requested, and the models that have no price."""
        return {
            "calls": total.calls,
            "priced": total.calls - total.unpriced - total.reported,
            "reported": total.reported,
            "unpriced": total.unpriced,
            "unconfirmed": total.unconfirmed,
            "share": (total.calls - total.unpriced) / total.calls if total.calls else None,
            "unpriced_models": self.queries.unpriced_models() if total.unpriced else [],
        }

    def _brief(self, totals: dict[str, Totals]) -> JsonObject:
        return {
            **{name: usd(total.cost_nanos) for name, total in totals.items()},
            "unpriced_calls": totals["total"].unpriced,
            "calls": totals["total"].calls,
            "timezone": self.zone_name,
        }

    def _by_name_today(self, dimension: str, today: tuple[int, int]) -> list[JsonObject]:
        rows = self.queries.by_name(dimension, *today, limit=_MAX_NAMES)
        return [{dimension: name, **_cost(total)} for name, total, _ in rows]


def totals_as_json(rows: Iterable[tuple[str | None, Totals, int]]) -> list[JsonObject]:
    """The result of `CostQueries.by_name` as JSON."""
    return [
        {
            "key": name,
            "cost_usd": total.cost_usd,
            "calls": total.calls,
            "unpriced_calls": total.unpriced,
            "unconfirmed_calls": total.unconfirmed,
            "tokens": total.tokens(),
            "last_at": iso_time(last_ms / 1000),
        }
        for name, total, last_ms in rows
    ]


def amount_as_json(total: Totals | None) -> JsonObject:
    """Cost, calls and tokens of a range or a part of it; None is no calls."""
    total = total or Totals()
    return {
        "cost_usd": total.cost_usd,
        "calls": total.calls,
        "unpriced_calls": total.unpriced,
        "unconfirmed_calls": total.unconfirmed,
        "errors": total.errors + total.timeouts,
        "tokens": total.tokens(),
    }


def week_as_json(hours: Mapping[int, Totals]) -> JsonObject:
    """`CostQueries.week` as JSON: for each quantity seven lists, from Monday on, of 24 numbers; `cost_usd` is null
    where no call has a known cost."""
    totals = [[hours.get(day * 24 + hour, Totals()) for hour in range(24)] for day in range(7)]
    return {
        "cost_usd": [[total.cost_usd for total in day] for day in totals],
        "calls": [[total.calls for total in day] for day in totals],
        "unpriced_calls": [[total.unpriced for total in day] for day in totals],
        "tokens": [[sum(total.tokens().values()) for total in day] for day in totals],
    }


def cache_as_json(use: CacheUse) -> JsonObject:
    """The use of caches: tokens, hit rate, dollars."""
    saved = use.saved_usd
    return {
        "input": use.input,
        "cache_read": use.cache_read,
        "cache_write": use.cache_write,
        "hit_rate": use.hit_rate,
        "saved_usd": saved,
        "read_saved_usd": use.read_nanos / NANOS if saved is not None else None,
        "write_extra_usd": use.write_nanos / NANOS if saved is not None else None,
        "unpriced_tokens": use.unknown,
    }


def series_as_json(series: Sequence[tuple[str | None, bool, Sequence[Totals]]]) -> list[JsonObject]:
    """The series of `CostQueries.trends` as JSON: one list for each quantity, one entry for each bucket."""
    return [
        {
            "key": name,
            "other": is_other,
            "cost_usd": [total.cost_usd if total.calls else 0.0 for total in totals],
            "calls": [total.calls for total in totals],
            "unpriced_calls": [total.unpriced for total in totals],
            "unconfirmed_calls": [total.unconfirmed for total in totals],
            "tokens": {
                kind: [total.tokens()[kind] for total in totals]
                for kind in ("input", "output", "cache_read", "cache_write")
            },
        }
        for name, is_other, totals in series
    ]


def _counts(totals: dict[str, Totals]) -> JsonObject:
    """`{calls, unpriced, unconfirmed, tokens}`, each of them `{today, month, total}`."""
    return {
        "calls": {name: total.calls for name, total in totals.items()},
        "unpriced": {name: total.unpriced for name, total in totals.items()},
        "unconfirmed": {name: total.unconfirmed for name, total in totals.items()},
        "tokens": {name: total.tokens() for name, total in totals.items()},
    }


def _cost(total: Totals) -> JsonObject:
    return {"cost_usd": total.cost_usd, "calls": total.calls, "unpriced": total.unpriced}
