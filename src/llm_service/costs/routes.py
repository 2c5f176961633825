"""REST routes about what LLM calls cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..calendar_days import DAY
from ..calls.core import CallCore
from ..calls.parameters import RANGE, time_range
from ..calls.store.totals import DIMENSIONS
from ..web.api import Api
from ..web.params import PAGE_SIZE, Choice, OptionalChoice, Whole
from .queries import BUCKETS
from .summary import CostSummary, series_of, totals_of

_NAMED = DIMENSIONS[1:]
_BUCKET = Choice("bucket", "length of a step", BUCKETS, DAY)
_SERIES_BY = OptionalChoice("by", "one series for each of these", _NAMED)
_TOTALS_BY = Choice("by", "one total for each of these", _NAMED, "agent")
_TOP = Whole("top", "so many series, the others in one, 1 to 50", 8, 1, 50)


def cost_routes(api: Api, costs: Callable[[], CostSummary], core: Callable[[], CallCore]) -> None:
    """Declare the routes. Both raise HistoryUnavailable where calls are not counted."""

    @api.get("/api/telemetry")
    def telemetry_summary() -> dict[str, Any]:
        """Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets."""
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
        shown = costs()
        bucket, by = _BUCKET.value(), _SERIES_BY.value()
        days = shown.queries.calendar
        first, end = time_range(core())
        end = end if end is not None else shown.now_s() + 1
        starts, series = shown.queries.trends(bucket, first, end, by, _TOP.value())
        return {
            "bucket": bucket,
            "by": by,
            "timezone": shown.zone_name,
            "from": days.text(starts[0]) if starts else None,
            "to": days.text(end),
            "buckets": [days.text(start) for start in starts],
            "series": series_of(series),
        }

    @api.get("/api/telemetry/models", *RANGE)
    def telemetry_models() -> dict[str, Any]:
        """Each model's share of the cost, tokens, latency p50 and p95, errors, calls without a price."""
        queries = costs().queries
        first, end = time_range(core())
        return {**_asked(), "models": queries.models(first, end)}

    @api.get(
        "/api/telemetry/totals",
        _TOTALS_BY,
        *RANGE,
        PAGE_SIZE,
    )
    def telemetry_totals() -> dict[str, Any]:
        """What each agent, task, project or model comes to, the dearest first."""
        queries = costs().queries
        by = _TOTALS_BY.value()
        rows = queries.by_name(by, *time_range(core()), limit=PAGE_SIZE.value())
        return {"by": by, **_asked(), "totals": totals_of(rows)}


def _asked() -> dict[str, str | None]:
    return {param.name: param.value() for param in RANGE}
