"""REST routes about what LLM calls cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from ..calls.core import CallCore
from ..calls.parameters import RANGE, time_range
from ..calls.store.totals import DIMENSIONS
from ..web.api import MAX_LIMIT, Api, Param, choice, whole_number
from .queries import BUCKETS
from .summary import CostSummary, series_of, totals_of

_NAMED = DIMENSIONS[1:]
_BY = Param("by", "what to tell apart", choices=_NAMED)


def cost_routes(api: Api, costs: Callable[[], CostSummary], core: Callable[[], CallCore]) -> None:
    """Declare the routes. Both raise HistoryUnavailable where calls are not counted."""

    @api.get("/api/telemetry")
    def telemetry_summary() -> dict[str, Any]:
        """Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets."""
        return costs().summary()

    @api.get(
        "/api/telemetry/trends",
        Param("bucket", "length of a step", default="day", choices=BUCKETS),
        *RANGE,
        _BY,
        Param("top", "so many series, the rest in one, 1 to 50", kind="integer", default=8),
    )
    def telemetry_trends() -> dict[str, Any]:
        """Cost, calls and tokens over time, as one series or by model, agent, task or project."""
        shown = costs()
        bucket = choice("bucket", BUCKETS, "day")
        by = choice("by", _NAMED, None)
        days = shown.queries.calendar
        first, end = time_range(core())
        end = end if end is not None else shown.now_s() + 1
        starts, series = shown.queries.trends(str(bucket), first, end, by, whole_number("top", 8, 1, 50))
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
        Param("by", "what to tell apart", choices=_NAMED, default="agent"),
        *RANGE,
        Param("limit", f"at most so many, 1 to {MAX_LIMIT}", kind="integer", default=100),
    )
    def telemetry_totals() -> dict[str, Any]:
        """What each agent, task, project or model comes to, the dearest first."""
        queries = costs().queries
        by = str(choice("by", _NAMED, "agent"))
        rows = queries.by_name(by, *time_range(core()), limit=whole_number("limit", 100, 1, MAX_LIMIT))
        return {"by": by, **_asked(), "totals": totals_of(rows)}


def _asked() -> dict[str, str | None]:
    return {"from": request.args.get("from"), "to": request.args.get("to")}
