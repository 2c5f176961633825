"""REST routes about the cost of LLM calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..calendar_days import DAY
from ..calls.core import CallCore
from ..calls.parameters import RANGE, time_range
from ..calls.store.totals import DIMENSIONS
from ..web.api import Api
from ..web.params import PAGE_SIZE, Choice, Integer, OptionalChoice
from .queries import BUCKETS
from .summary import CostSummary, series_as_json, totals_as_json

_NAMED = DIMENSIONS[1:]
_BUCKET = Choice("bucket", "length of a bucket", BUCKETS, DAY)
_SERIES_BY = OptionalChoice("by", "one series for each of these", _NAMED)
_TOTALS_BY = Choice("by", "one total for each of these", _NAMED, "agent")
_TOP = Integer("top", "number of series, 1 to 50; the others are combined in one", 8, 1, 50)


def cost_routes(api: Api, costs: Callable[[], CostSummary], core: Callable[[], CallCore]) -> None:
    """Declare the routes. `costs` and `core` raise HistoryUnavailable where calls are disabled."""

    @api.get("/api/telemetry")
    def telemetry_summary() -> dict[str, Any]:
        """Costs, calls and tokens today, this month and in total; coverage, forecast, budgets."""
        return costs().summary()

    @api.get(
        "/api/telemetry/trends",
        _BUCKET,
        *RANGE,
        _SERIES_BY,
        _TOP,
    )
    def telemetry_trends() -> dict[str, Any]:
        """Cost, calls and tokens over time, as one series or by model, agent, task or project."""
        summary = costs()
        bucket, by = _BUCKET.value(), _SERIES_BY.value()
        calendar = summary.queries.calendar
        first, end = time_range(core())
        end = end if end is not None else summary.now_s() + 1
        starts, series = summary.queries.trends(bucket, first, end, by, _TOP.value())
        return {
            "bucket": bucket,
            "by": by,
            "timezone": summary.zone_name,
            "from": calendar.format(starts[0]) if starts else None,
            "to": calendar.format(end),
            "buckets": [calendar.format(start) for start in starts],
            "series": series_as_json(series),
        }

    @api.get("/api/telemetry/models", *RANGE)
    def telemetry_models() -> dict[str, Any]:
        """Each model's share of the cost, tokens, latency p50 and p95, errors, calls without a price."""
        queries = costs().queries
        first, end = time_range(core())
        return {**_range_as_json(), "models": queries.models(first, end)}

    @api.get(
        "/api/telemetry/totals",
        _TOTALS_BY,
        *RANGE,
        PAGE_SIZE,
    )
    def telemetry_totals() -> dict[str, Any]:
        """The total of each agent, task, project or model, most expensive first."""
        queries = costs().queries
        by = _TOTALS_BY.value()
        rows = queries.by_name(by, *time_range(core()), limit=PAGE_SIZE.value())
        return {"by": by, **_range_as_json(), "totals": totals_as_json(rows)}


def _range_as_json() -> dict[str, str | None]:
    return {param.name: param.value() for param in RANGE}
