"""`GET /metrics`: what the service knows, in the Prometheus text format, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from ..histogram import Histogram

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def metrics_blueprint(collect: Callable[[], Iterable[Metric]]) -> Blueprint:
    """The route."""
    blueprint = Blueprint("metrics", __name__)

    def metrics() -> Response:
        # 12 MB that only those pay who scrape.
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(collect))
        encoder, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encoder(registry), content_type=content_type, headers={"Cache-Control": "no-store"})

    blueprint.add_url_rule("/metrics", "metrics", metrics, methods=["GET"])
    return blueprint


class _Collector:
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self.collect = collect
        """All metrics, as prometheus_client wants them."""


def service_metrics(health: Mapping[str, Any], lags: Mapping[str, Histogram]) -> Iterator[Metric]:
    """The metrics of the service itself, from the body of `/health` and, per watched root, the time from a hint to the
    published event."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

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
    for root, histogram in lags.items():
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
