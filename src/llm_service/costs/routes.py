"""REST routes about the cost of LLM calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..calendar_days import DAY
from ..calls.core import CallCore
from ..calls.parameters import RANGE, time_range
from ..calls.store.totals import DIMENSIONS
from ..web.api import Api
from ..web.params import PAGE_SIZE, Choice, Integer, OptionalChoice
from .compared import COMPARE, add_amounts_before, before_as_json, requested_before
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
        COMPARE,
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
            "before": _series_before(summary, core(), bucket),
        }

    @api.get("/api/telemetry/models", *RANGE, COMPARE)
    def telemetry_models() -> dict[str, Any]:
        """Each model's share of the cost, tokens, latency p50 and p95, errors, calls without a price."""
        queries = costs().queries
        first, end = time_range(core())
        models = queries.models(first, end)
        return {
            **_range_as_json(),
            "models": models,
            "before": _compare_rows(costs(), core(), models, "model", "model"),
        }

    @api.get(
        "/api/telemetry/totals",
        _TOTALS_BY,
        *RANGE,
        COMPARE,
        PAGE_SIZE,
    )
    def telemetry_totals() -> dict[str, Any]:
        """The total of each agent, task, project or model, most expensive first."""
        queries = costs().queries
        by = _TOTALS_BY.value()
        totals = totals_as_json(queries.by_name(by, *time_range(core()), limit=PAGE_SIZE.value()))
        before = _compare_rows(costs(), core(), totals, by, "key")
        return {"by": by, **_range_as_json(), "totals": totals, "before": before}


def _series_before(costs: CostSummary, core: CallCore, bucket: str) -> dict[str, Any] | None:
    """All calls of the range before, by bucket; None if the request does not compare."""
    before = requested_before(costs, core)
    if before is None:
        return None
    starts, totals = costs.queries.series_before(bucket, *before)
    (series,) = series_as_json([(None, False, totals)])
    return before_as_json(core, before, buckets=[core.calendar.format(start) for start in starts], series=series)


def _compare_rows(
    costs: CostSummary, core: CallCore, rows: Sequence[dict[str, Any]], dimension: str, field: str
) -> dict[str, Any] | None:
    """Add to each row what it was in the range before, and return that range; None if the request does not compare."""
    before = requested_before(costs, core)
    if before is None:
        return None
    add_amounts_before(rows, field, lambda names: costs.queries.named_totals(dimension, names, *before))
    return before_as_json(core, before)


def _range_as_json() -> dict[str, str | None]:
    return {param.name: param.value() for param in RANGE}
