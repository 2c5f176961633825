"""The metrics of calls and costs for `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..calls.model import usd
from .queries import CostQueries
from .rollups import Totals

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_MODELS = 1_000


def cost_metrics(queries: CostQueries) -> Iterator[Metric]:
    """Counters of tokens, calls and dollars. Raises HistoryUnavailable."""
    from prometheus_client.core import CounterMetricFamily

    models = queries.by_name("model", limit=_MODELS)
    tokens = CounterMetricFamily("llm_tokens", "Tokens by model and type; the types add up.", labels=["model", "type"])
    calls = CounterMetricFamily("llm_calls", "Calls by model and how they ended.", labels=["model", "status"])
    unpriced = CounterMetricFamily("llm_unpriced_calls", "Calls without a known cost.", labels=["model"])
    for name, total, _ in models:
        model = name or ""
        for kind, count in total.tokens().items():
            tokens.add_metric([model, kind], count)
        for status, count in _by_status(total):
            calls.add_metric([model, status], count)
        unpriced.add_metric([model], total.unpriced)
    cost = CounterMetricFamily(
        "llm_cost_usd", "US dollars over the calls with a known cost, by model and agent.", labels=["model", "agent"]
    )
    for model_name, agent, nanos in queries.spending():
        cost.add_metric([model_name or "", agent or ""], usd(nanos))
    yield from (tokens, calls, cost, unpriced)


def _by_status(total: Totals) -> Sequence[tuple[str, int]]:
    succeeded = total.calls - total.errors - total.timeouts
    return (("success", succeeded), ("error", total.errors), ("timeout", total.timeouts))
