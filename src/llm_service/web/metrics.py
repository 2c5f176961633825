"""`GET /metrics`: what the service knows, in the Prometheus text format, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from ..calls.model import usd
from ..costs.queries import Sum, TelemetryQueries
from ..errors import HistoryUnavailable
from ..histogram import Histogram

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_MODELS = 1_000


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is read at each scrape. `tasks()` lane -> count, `health()` the body of `/health`."""

    tasks: Callable[[], Mapping[str, int]]
    health: Callable[[], Mapping[str, Any]]
    lags: Callable[[], Mapping[str, Histogram]]
    """Watched root -> time from hint to published event."""
    queries: TelemetryQueries | None
    refused: Callable[[], int]
    """Lines and calls refused since the start."""


def metrics_blueprint(gauges: Gauges) -> Blueprint:
    """The route."""
    blueprint = Blueprint("metrics", __name__)

    def metrics() -> Response:
        # 12 MB that only those pay who scrape.
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(gauges))
        encoder, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encoder(registry), content_type=content_type, headers={"Cache-Control": "no-store"})

    blueprint.add_url_rule("/metrics", "metrics", metrics, methods=["GET"])
    return blueprint


class _Collector:
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """All metrics, as prometheus_client wants them."""
        yield from _service(self._gauges)
        if self._gauges.queries is not None:
            try:
                yield from list(_telemetry(self._gauges.queries, self._gauges.refused()))
            except HistoryUnavailable:
                return  # a gap in the series; llm_service_history_up says why


def _service(gauges: Gauges) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    health = gauges.health()
    tasks = GaugeMetricFamily("llm_service_tasks", "Tasks on the board, by lane.", labels=["lane"])
    for lane, count in gauges.tasks().items():
        tasks.add_metric([lane], count)
    yield tasks
    watchers = GaugeMetricFamily(
        "llm_service_watcher_up", "1 if the root is watched, 0 if it is polled or missing.", labels=["root", "mode"]
    )
    for watcher in health["watchers"]:
        if watcher["mode"] == "missing" and "error" not in watcher:
            continue  # a folder that need not be there
        up = watcher["mode"] in ("inotify", "native")
        watchers.add_metric([watcher["root"], watcher["mode"]], float(up))
    yield watchers
    lag = HistogramMetricFamily(
        "llm_service_event_latency_seconds",
        "From what the operating system told until the events were published.",
        labels=["root"],
    )
    for root, histogram in gauges.lags().items():
        buckets = [
            ("+Inf" if bound == float("inf") else str(bound / 1000), float(count))
            for bound, count in histogram.cumulative()
        ]
        lag.add_metric([root], buckets, histogram.sum_ms / 1000)
    yield lag
    clients = GaugeMetricFamily("llm_service_clients", "Connected Socket.IO clients.")
    clients.add_metric([], health["clients"]["socketio"])
    yield clients
    cut_off = CounterMetricFamily("llm_service_clients_cut_off", "Clients cut off because they fell behind.")
    cut_off.add_metric([], health["clients"]["cut_off"])
    yield cut_off
    events = CounterMetricFamily("llm_service_events", "Events published since the start.")
    events.add_metric([], health["seq"])
    yield events
    history = GaugeMetricFamily("llm_service_history_up", "1 if history and costs can be written.")
    history.add_metric([], float(bool(health["history"]["ok"])))
    yield history


def _telemetry(queries: TelemetryQueries, refused: int) -> Iterator[Metric]:
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
    problems = CounterMetricFamily("llm_telemetry_refused", "Lines and calls refused since the start.")
    problems.add_metric([], refused)
    yield from (tokens, calls, cost, unpriced, problems)


def _by_status(total: Sum) -> Sequence[tuple[str, int]]:
    succeeded = total.calls - total.errors - total.timeouts
    return (("success", succeeded), ("error", total.errors), ("timeout", total.timeouts))
