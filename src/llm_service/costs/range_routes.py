"""REST routes about a range of time: its totals, its hours of the week, its caches, the tasks that were done in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..calendar_days import DAY
from ..calls.core import CallCore
from ..calls.parameters import RANGE, time_range
from ..calls.store.week_hours import WEEKDAYS
from ..web.api import Api
from ..web.params import PAGE_SIZE, Choice
from .compared import COMPARE, before_as_json, requested_before
from .done_tasks import DoneTasks
from .queries import BUCKETS
from .summary import CostSummary, amount_as_json, cache_as_json, week_as_json

_BUCKET = Choice("bucket", "length of a bucket", BUCKETS, DAY)
_RESTS_ON = (
    "List prices of each day: tokens read from a cache at the price of plain input, less what was paid for them and "
    "what writing to the cache cost more. For short prompts, the standard tier and the default lifetime of a cache."
)


def range_routes(api: Api, costs: Callable[[], CostSummary], core: Callable[[], CallCore], done: DoneTasks) -> None:
    """Declare the routes. `costs` and `core` raise HistoryUnavailable where calls are disabled."""

    @api.get("/api/telemetry/range", *RANGE, COMPARE)
    def telemetry_range() -> dict[str, Any]:
        """Cost, calls and tokens of a range, and of the range before."""
        summary, calls = costs(), core()
        first, end = time_range(calls)
        before = requested_before(summary, calls)
        return {
            **_formatted(calls, first, end),
            "total": amount_as_json(summary.queries.range_totals(first, end)),
            "before": before_as_json(calls, before, total=amount_as_json(summary.queries.range_totals(*before)))
            if before
            else None,
        }

    @api.get("/api/telemetry/week", *RANGE)
    def telemetry_week() -> dict[str, Any]:
        """Cost, calls and tokens by day of the week and hour of the day, in the service's time zone."""
        calls = core()
        first, end = time_range(calls)
        return {
            **_formatted(calls, first, end),
            "timezone": costs().zone_name,
            "weekdays": WEEKDAYS,
            **week_as_json(costs().queries.week(first, end)),
        }

    @api.get("/api/telemetry/cache", _BUCKET, *RANGE, COMPARE)
    def telemetry_cache() -> dict[str, Any]:
        """How much of the input came from caches, over time and by model, and what that saved."""
        summary, calls = costs(), core()
        bucket = _BUCKET.value()
        first, end = time_range(calls)
        until = end if end is not None else summary.now_s() + 1
        prices = calls.prices.cache_prices
        starts, table, models = summary.queries.cache(bucket, first, until, prices)
        before = requested_before(summary, calls)
        earlier = summary.queries.cache(DAY, *before, prices)[1].whole if before else None
        return {
            "bucket": bucket,
            "buckets": [calls.calendar.format(start) for start in starts],
            "series": [cache_as_json(use) for use in table.buckets],
            "total": cache_as_json(table.whole),
            "models": [{"model": name, "provider": provider, **cache_as_json(use)} for name, provider, use in models],
            "rests_on": _RESTS_ON,
            "price_version": calls.prices.version(),
            "before": before_as_json(calls, before, total=cache_as_json(earlier)) if before and earlier else None,
        }

    @api.get("/api/telemetry/done-tasks", *RANGE, COMPARE, PAGE_SIZE)
    def telemetry_done_tasks() -> dict[str, Any]:
        """The tasks that were done in a range with what each cost, and the median, mean and spread of that."""
        summary, calls = costs(), core()
        first, end = time_range(calls)
        before = requested_before(summary, calls)
        costs_of = summary.queries.done_costs
        found = done.costs(first, end, costs_of).as_json(PAGE_SIZE.value())
        earlier = done.costs(*before, costs_of).as_json(0) if before else None
        return {
            **_formatted(calls, first, end),
            **found,
            "before": before_as_json(
                calls, before, **{name: earlier[name] for name in ("tasks", "known", "median_usd", "mean_usd")}
            )
            if before and earlier
            else None,
        }


def _formatted(core: CallCore, first: int | None, end: int | None) -> dict[str, str | None]:
    return {
        "from": None if first is None else core.calendar.format(first),
        "to": None if end is None else core.calendar.format(end),
    }
