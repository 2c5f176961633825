"""Insights: each kind at its occasion, once, with what it rests on; one a job in 15 minutes, notable ones at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from llm_service.knowledge.figures import (
    Errors,
    JobFigures,
    PhaseSpan,
    RateLimit,
    Repeat,
    ResultSeen,
    SuiteResult,
    Waiting,
)
from llm_service.knowledge.insight import Insight, InsightLimits, span
from llm_service.knowledge.insights import InsightMemory, find_insights, memory_of
from llm_service.knowledge.model import Message

NOW = 1_790_000_000.0
MINUTE = 60.0


def figures(**values: Any) -> JobFigures:
    """A job that started an hour ago and said something just now."""
    base: dict[str, Any] = {
        "job": "j1",
        "project": "shop",
        "run": "r1",
        "started_at": NOW - 3_600,
        "last_output_at": NOW,
    }
    return JobFigures(**(base | values))


def phase(name: str, start: float, end: float | None, is_recorded: bool = False) -> PhaseSpan:
    """A phase from so many minutes ago until so many minutes ago."""
    finished_at = None if end is None else NOW - end * MINUTE
    return PhaseSpan(phase=name, started_at=NOW - start * MINUTE, finished_at=finished_at, is_recorded=is_recorded)


def found(one: JobFigures, now: float = NOW, **limits: Any) -> list[Insight]:
    return find_insights([one], InsightMemory(), now, InsightLimits(**limits))


def the(kind: str, insights: Iterable[Insight]) -> Insight:
    (insight,) = [one for one in insights if one.kind == kind]
    assert insight.job == "j1"
    assert insight.run == "r1"
    assert insight.rests_on
    return insight


def test_a_job_that_goes_on_as_usual_gives_none() -> None:
    assert found(figures(phases=(phase("plan", 5, None),), log_lines=10_000)) == []


def test_a_job_without_output_is_stalled() -> None:
    assert found(figures(last_output_at=NOW - 9.9 * MINUTE)) == []
    insight = the("stalled", found(figures(last_output_at=NOW - 10 * MINUTE)))
    assert (insight.text, insight.severity) == ("Stalled? No output for 10 min.", "warning")
    assert (insight.is_recorded, insight.is_notable) == (False, True)


def test_a_job_that_never_said_anything_is_stalled_since_its_start() -> None:
    assert the("stalled", found(figures(last_output_at=None))).text == "Stalled? No output for 1 h 00 min."


@pytest.mark.parametrize(
    "known",
    [
        {"waiting": Waiting(question="?", since=NOW, line=1)},
        {"result": ResultSeen(time=NOW, line=1)},
        {"is_alive": False},
    ],
)
def test_silence_that_has_another_reason_is_no_stall(known: dict[str, Any]) -> None:
    kinds = {one.kind for one in found(figures(last_output_at=NOW - 30 * MINUTE, **known))}
    assert kinds.isdisjoint({"stalled", "buffering"})


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"files_changed_at": NOW - MINUTE}, "files of its project changed meanwhile"),
        ({"log_bytes": 3 * 8_192}, "its log has 24,576 bytes, whole blocks of a buffer"),
    ],
)
def test_silence_may_be_buffering(known: dict[str, Any], reason: str) -> None:
    insight = the("buffering", found(figures(last_output_at=NOW - 20 * MINUTE, **known)))
    assert insight.text == f"No output for 20 min, but it may only be buffering: {reason}."
    assert reason in insight.rests_on


@pytest.mark.parametrize("known", [{"files_changed_at": NOW - 15 * MINUTE}, {"log_bytes": 24_577}, {"log_bytes": 0}])
def test_silence_without_a_sign_of_work_is_a_stall(known: dict[str, Any]) -> None:
    the("stalled", found(figures(last_output_at=NOW - 20 * MINUTE, **known)))


def errors(last_minute: int, before: float) -> Errors:
    return Errors(last_minute=last_minute, per_minute_before=before, last_message="no such table", last_line=77)


def test_an_error_burst_is_many_errors_where_there_were_few() -> None:
    assert found(figures(errors=errors(9, 0.0))) == []
    assert found(figures(errors=errors(49, 10.0))) == []
    insight = the("error_burst", found(figures(errors=errors(50, 10.0))))
    assert insight.text == "50 errors in the last minute, 10.0 a minute before; the last one: no such table"
    assert (insight.severity, insight.data["line"]) == ("error", 77)


def test_a_phase_that_is_done_is_said_with_its_duration() -> None:
    earlier = ((phase("plan", 300, 280),), (phase("plan", 200, 190),), (phase("plan", 100, None),))
    one = figures(
        phases=(phase("specify", 20, 10, True), phase("plan", 10, 1), phase("implement", 1, None)), earlier=earlier
    )
    first = the("phase_done", found(one))
    assert (first.text, first.is_recorded) == ("The phase specify is done after 10 min.", True)
    memory = InsightMemory().after([first], ["j1"], NOW)
    (second,) = [one for one in find_insights([one], memory, NOW + 61) if one.kind == "phase_done"]
    assert second.text == "The phase plan is done after 9 min (15 min on average in 2 earlier jobs)."
    assert (second.is_recorded, second.data) == (False, {"phase": "plan", "duration_s": 540.0})


def test_a_phase_that_ended_long_ago_is_no_news() -> None:
    assert [one for one in found(figures(phases=(phase("plan", 40, 16),))) if one.kind == "phase_done"] == []


def suite(**values: Any) -> SuiteResult:
    return SuiteResult(**({"line": 9, "time": NOW, "is_recorded": False} | values))


@pytest.mark.parametrize(
    ("result", "text", "severity"),
    [
        (suite(passed=12, failed=0), "Tests: 12 passed.", "info"),
        (suite(passed=12, failed=1), "Tests: 1 failed, 12 passed.", "error"),
        (suite(exit_code=0, command="pytest", is_recorded=True), "Tests: passed.", "info"),
        (
            suite(exit_code=2, is_error=True, command="pytest", is_recorded=True),
            "Tests: failed with exit code 2.",
            "error",
        ),
        (suite(is_error=True, command="pytest", is_recorded=True), "Tests: failed.", "error"),
    ],
)
def test_the_result_of_tests_is_said(result: SuiteResult, text: str, severity: str) -> None:
    insight = the("tests", found(figures(tests=result)))
    assert (insight.text, insight.severity, insight.is_recorded) == (text, severity, result.is_recorded)
    assert insight.rests_on == ("how `pytest` ended, in log line 9" if result.is_recorded else "log line 9")


def test_a_loop_is_said_with_its_lines() -> None:
    one = Repeat(texts=("retry # failed", "wait"), lines=200, first_line=801, last_line=1_000)
    insight = the("loop", found(figures(repeat=one)))
    assert insight.text.endswith("the same 2 lines again and again: retry # failed")
    assert insight.rests_on == "log lines 801 to 1,000, compared without their digits"


def test_a_rate_limit_is_said_while_it_is_news() -> None:
    limit = RateLimit(time=NOW, line=5, resets_at="12:30")
    insight = the("rate_limit", found(figures(rate_limit=limit)))
    assert insight.text == "The provider's rate limit is reached; it resets at 12:30."
    assert insight.is_recorded is True
    assert found(figures(rate_limit=limit, last_output_at=NOW + 900), NOW + 900) == []


def test_a_result_of_a_process_that_lives_on_is_said_after_a_minute() -> None:
    assert found(figures(result=ResultSeen(time=NOW - 59, line=8))) == []
    insight = the("result_alive", found(figures(result=ResultSeen(time=NOW - 60, line=8, is_error=True))))
    assert insight.text.startswith("Reported its result (an error) 1 min ago, but still runs")
    assert found(figures(result=ResultSeen(time=NOW - 60, line=8), is_alive=False)) == []


def test_a_job_that_waits_for_a_person_says_what_it_asks() -> None:
    insight = the("waiting", found(figures(waiting=Waiting(question="Which port?", since=NOW, line=3))))
    assert (insight.text, insight.is_recorded) == ("Waits for input: Which port?", True)


def test_many_lines_without_a_phase_are_said() -> None:
    assert found(figures(log_lines=499)) == []
    assert found(figures(log_lines=500, has_phase_patterns=False)) == []
    assert found(figures(log_lines=500, phases=(phase("plan", 5, None),))) == []
    insight = the("phase_unmatched", found(figures(log_lines=500)))
    assert "in 500 log lines" in insight.text
    assert insight.is_notable is False


def test_what_is_left_comes_from_the_phases_of_earlier_jobs() -> None:
    earlier = (
        (phase("specify", 300, 290), phase("plan", 290, 270), phase("implement", 270, 210)),
        (phase("specify", 200, 190), phase("plan", 190, 170), phase("implement", 170, 50)),
        (phase("specify", 100, 90), phase("plan", 90, None)),
        (phase("review", 40, 30),),
    )
    one = figures(phases=(phase("specify", 20, 15), phase("plan", 15, None)), earlier=earlier, log_lines=1)
    insight = the("eta", found(one))
    assert insight.data == {"left_s": 5_700, "least_s": 3_900, "most_s": 7_500, "jobs": 2}
    assert insight.text.startswith("About 1 h 35 min left (1 h 05 min to 2 h 05 min), at ")
    assert insight.rests_on == "the phases of 2 earlier jobs of shop"
    assert [one for one in found(figures(phases=(phase("plan", 15, 1),), earlier=earlier)) if one.kind == "eta"] == []


@pytest.mark.parametrize(
    ("rate", "average", "is_said"),
    [(1_000, 400, True), (100, 400, True), (500, 400, False), (None, 400, False), (100, None, False), (100, 0, False)],
)
def test_lines_per_hour_are_said_where_they_differ_from_the_average(
    rate: float | None, average: float | None, is_said: bool
) -> None:
    one = figures(lines_per_hour=rate, lines_per_hour_average=average, lines_written=500)
    assert [insight.kind for insight in found(one)] == (["line_rate"] if is_said else [])


def test_one_regular_insight_a_job_in_fifteen_minutes() -> None:
    one = figures(log_lines=500, lines_per_hour=1_000, lines_per_hour_average=400, lines_written=500)
    other = figures(job="j2", log_lines=500)
    memory, said = InsightMemory(), []
    for second in range(0, 3_601, 30):
        now = NOW + second
        new = find_insights([one, other], memory, now)
        memory = memory.after(new, ["j1", "j2"], now)
        said += [(second, insight.job, insight.kind) for insight in new if insight.kind != "stalled"]
    assert said == [(0, "j1", "phase_unmatched"), (0, "j2", "phase_unmatched"), (900, "j1", "line_rate")]


def test_notable_insights_come_at_once_but_each_occasion_once() -> None:
    memory, said = InsightMemory(), []
    for second in range(0, 3_600, 30):
        now = NOW + second
        waits = Waiting(question="A?" if second < 600 else "B?", since=now, line=1 if second < 600 else 2)
        new = find_insights([figures(log_lines=500, waiting=waits)], memory, now)
        memory = memory.after(new, ["j1"], now)
        said += [(second, insight.kind) for insight in new]
    assert said == [(0, "waiting"), (0, "phase_unmatched"), (600, "waiting")]


def test_an_error_burst_that_goes_on_is_said_again_after_fifteen_minutes() -> None:
    memory, said = InsightMemory(), []
    for second in range(0, 1_801, 60):
        new = find_insights([figures(last_output_at=NOW + second, errors=errors(50, 1.0))], memory, NOW + second)
        memory = memory.after(new, ["j1"], NOW + second)
        said += [second for _ in new]
    assert said == [0, 900, 1_800]


def test_of_a_job_that_ended_nothing_is_remembered() -> None:
    one = figures(waiting=Waiting(question="A?", since=NOW, line=1))
    memory = InsightMemory().after(find_insights([one], InsightMemory(), NOW), ["j1"], NOW)
    assert find_insights([one], memory, NOW + 300) == []
    assert find_insights([one], memory.after([], [], NOW), NOW + 300) != []


def test_a_restarted_service_says_nothing_twice() -> None:
    one = figures(waiting=Waiting(question="A?", since=NOW, line=1), log_lines=500)
    said = find_insights([one], InsightMemory(), NOW)
    messages = [
        Message(
            id=number, topic="insights", text=insight.text, source="observer", job=insight.job, created_at="",
            data={"key": insight.key, "kind": insight.kind, "is_notable": insight.is_notable},
        )
        for number, insight in enumerate(said)
    ]  # fmt: skip
    forged = Message(
        id=9, topic="insights", text="x", source="observer", job="j1", created_at="", origin="file",
        data={"key": "loop retry", "kind": "loop", "is_notable": True},
    )  # fmt: skip
    memory = memory_of([*messages, forged], dict.fromkeys([*range(len(said)), 9], NOW))
    assert memory == InsightMemory().after(said, ["j1"], NOW)
    assert find_insights([one], memory, NOW + 30) == []


def test_nothing_is_changed_by_looking() -> None:
    one, memory = figures(log_lines=500), InsightMemory()
    assert find_insights([one], memory, NOW) == find_insights([one], memory, NOW)
    assert memory == InsightMemory()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3_599, "59 min"), (7_500, "2 h 05 min")]
)
def test_time_spans_in_words(seconds: float, text: str) -> None:
    assert span(seconds) == text
