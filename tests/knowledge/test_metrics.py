"""Lines per hour, and the ticker that publishes them with the insights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.knowledge import features_with_knowledge
from kit.live import Live, eventually, running

from llm_service.knowledge.feature import Knowledge
from llm_service.knowledge.figures import JobFigures, Observation, Waiting
from llm_service.knowledge.metrics import LineMeter

NOW = 1_790_000_000.0


def test_a_rate_is_known_after_a_minute() -> None:
    meter = LineMeter()
    first = meter.measure(NOW, {"shop": 100})
    assert (first.all.lines, first.all.lines_per_hour) == (100, None)
    assert meter.measure(NOW + 59, {"shop": 110}).all.lines_per_hour is None
    after = meter.measure(NOW + 60, {"shop": 110}, {"shop": {"j1": 5}})
    assert (after.all.lines_per_hour, after.projects[0].lines.lines_per_hour, after.all.window_s) == (600, 600, 60)
    assert (after.projects[0].jobs["j1"].lines, after.projects[0].jobs["j1"].lines_per_hour) == (5, None)


def test_what_was_removed_is_not_taken_off_what_was_written() -> None:
    meter = LineMeter()
    for second, lines in ((0, 100), (600, 200), (1_200, 50), (3_600, 80)):
        figures = meter.measure(NOW + second, {"shop": lines})
    assert figures.projects[0].lines.lines_per_hour == 130
    assert figures.projects[0].lines.lines == 80


def test_only_the_last_hour_counts() -> None:
    meter = LineMeter()
    for minute in range(121):
        figures = meter.measure(NOW + 60 * minute, {"shop": min(minute, 60)})
    assert (figures.all.lines_per_hour, figures.all.window_s) == (0, 3_600)


def test_a_project_that_is_gone_is_forgotten() -> None:
    meter = LineMeter()
    meter.measure(NOW, {"shop": 100, "blog": 10})
    assert [one.project for one in meter.measure(NOW + 60, {"shop": 100}).projects] == ["shop"]


def test_the_history_has_one_point_a_minute() -> None:
    meter = LineMeter()
    for second in range(0, 301, 30):
        meter.measure(NOW + second, {"shop": second})
    assert [lines for _, lines in meter.history] == [3_600] * 5


class Figures:
    """What the ticker collects, set by the test."""

    def __init__(self) -> None:
        self.observation = Observation()
        self.is_broken = False
        self.failures = 0

    def __call__(self) -> Observation:
        if self.is_broken:
            self.failures += 1
            raise RuntimeError("a defect of somebody else")
        return self.observation


@pytest.fixture
def collected() -> Figures:
    return Figures()


@pytest.fixture
def live(workspace: Path, collected: Figures) -> Iterator[Live]:
    live = running(workspace, features=features_with_knowledge(collect=collected))
    yield live
    live.stop()


def waits(question: str) -> Observation:
    waiting = Waiting(question=question, since=NOW, line=3)
    job = JobFigures(job="j1", project="shop", run="r1", started_at=NOW, last_output_at=NOW, waiting=waiting)
    return Observation(jobs=(job,), project_lines={"shop": 10}, job_lines={"j1": 4})


def test_insights_and_metrics_are_published_when_the_ticker_is_woken(live: Live, collected: Figures) -> None:
    listener = live.listen(topics=["insights", "metrics"])
    listener.first("snapshot")
    collected.observation = waits("SECRET port?")
    live.feature(Knowledge).ticker.wake()
    body = listener.first("insight.created")
    assert (body["text"], body["source"], body["job"]) == ("Waits for input: [redacted] port?", "observer", "j1")
    assert (body["rests_on"], body["is_recorded"], body["origin"]) == ("log line 3", True, "service")
    assert (body["data"]["kind"], body["data"]["run"]) == ("waiting", "r1")
    shop = listener.first("metrics.updated", project="shop")
    assert (shop["lines"]["lines"], shop["jobs"]["j1"]["lines"]) == (10, 4)
    assert listener.first("metrics.updated", project=None)["lines"]["lines"] == 10
    answer = live.json("/api/metrics/lines")
    assert answer["lines"]["all"] == {"lines": 10, "lines_per_hour": None, "window_s": 0}
    assert live.json("/api/snapshot?topics=metrics")["metrics"]["lines"]["all"]["lines"] == 10
    assert [row["text"] for row in live.json("/api/insights?job=j1")["messages"]] == [body["text"]]


def test_the_ticker_goes_on_after_a_defect_of_who_collects(live: Live, collected: Figures) -> None:
    listener = live.listen()
    ticker = live.feature(Knowledge).ticker
    collected.is_broken = True
    ticker.wake()
    eventually(lambda: collected.failures)
    collected.observation, collected.is_broken = waits("port?"), False
    ticker.wake()
    listener.first("insight.created")


def test_an_insight_is_not_said_again_after_a_restart(workspace: Path) -> None:
    for _ in range(2):
        live = running(workspace, features=features_with_knowledge())  # without a thread that looks too
        live.sync()
        live.feature(Knowledge).ticker.look(waits("port?"))
        assert len(live.json("/api/insights")["messages"]) == 1
        live.stop()
