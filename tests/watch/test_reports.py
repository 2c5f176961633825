"""Several followers of one root are one entry for those who ask how it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from kit.live import Live
from prometheus_client.parser import text_string_to_metric_families

from llm_service.histogram import Histogram
from llm_service.watch import reports
from llm_service.watch.follower import Follower
from llm_service.watch.troubles import RootChange


@dataclass
class _Reporting:
    """The part of a follower that is asked."""

    root: str
    facts: dict[str, Any] = field(default_factory=dict)
    changes: list[RootChange] = field(default_factory=list)
    lags: Histogram = field(default_factory=Histogram)

    def status(self) -> dict[str, Any]:
        return {"root": self.root, "mode": "inotify", "last_scan_ms": None, "lag_ms": 0.0} | self.facts

    def troubles(self) -> list[RootChange]:
        return self.changes


def followers(*several: _Reporting) -> list[Follower]:
    return [cast(Follower, one) for one in several]


def test_the_worse_mode_the_longer_times_and_all_that_is_wrong() -> None:
    one = _Reporting("/runs", {"last_scan_ms": 2.0, "unreadable": {"a": "x"}, "lag_ms": 1.0})
    two = _Reporting("/tasks", {"mode": "polling"})
    three = _Reporting("/runs", {"mode": "missing", "error": "gone", "unreadable": {"b": "y"}, "lag_ms": 7.0})
    assert reports.statuses(followers(one, two, three)) == [
        {
            "root": "/runs",
            "mode": "missing",
            "last_scan_ms": 2.0,
            "lag_ms": 7.0,
            "error": "gone",
            "unreadable": {"a": "x", "b": "y"},
        },
        {"root": "/tasks", "mode": "polling", "last_scan_ms": None, "lag_ms": 0.0},
    ]
    (status,) = reports.statuses(followers(three, one, _Reporting("/runs", {"error": "full"})))
    assert (status["mode"], status["error"]) == ("missing", "gone; full")


def test_a_trouble_of_several_is_there_once() -> None:
    polled, gone = RootChange("/runs", "polling", "no watches"), RootChange("/runs", "missing", "gone")
    found = reports.troubles(
        followers(_Reporting("/runs", changes=[polled]), _Reporting("/runs", changes=[polled, gone]))
    )
    assert found == [polled, gone]


def test_the_lags_of_a_root_are_counted_together() -> None:
    one, two = _Reporting("/runs"), _Reporting("/runs")
    one.lags.observe(4)
    two.lags.observe(400)
    found = reports.lags(followers(one, two))["/runs"]
    assert (found.sum_ms, dict(found.cumulative())[5.0], dict(found.cumulative())[500.0]) == (404, 1, 2)
    assert (one.lags.sum_ms, two.lags.sum_ms) == (4, 400)


def test_health_and_metrics_have_each_root_once(live: Live) -> None:
    live.sync()
    roots = [watcher["root"] for watcher in live.json("/health")["watchers"]]
    assert str(live.workspace / "work/runs") in roots
    assert len(roots) == len(set(roots))
    samples = [
        (sample.name, tuple(sample.labels.items()))
        for family in text_string_to_metric_families(live.get("/metrics").text)
        for sample in family.samples
    ]
    assert len(samples) == len(set(samples))
