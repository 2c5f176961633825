"""How long a task was in each lane: sums of its visits, and what nobody saw is said to be about so long."""

from __future__ import annotations

from typing import Any

from llm_service.tasks.lane_times import LaneTime, lane_times

T = "2026-03-10T12:00:00.000Z"


def entry(minute: int, lane: str | None, observed: str = "live") -> dict[str, Any]:
    return {"time": f"2026-03-10T12:{minute:02}:00.000Z", "lane": lane, "observed": observed}


def test_visits_are_added_up_and_the_present_one_is_open() -> None:
    history = [entry(0, "inbox"), entry(5, "assigned"), entry(6, "assigned"), entry(15, "inbox"), entry(20, "assigned")]
    assert lane_times(history) == [
        LaneTime("inbox", 600.0, 2, None, True),
        LaneTime("assigned", 600.0, 2, "2026-03-10T12:20:00.000Z", True),  # another agent is no other visit
    ]


def test_what_happened_while_nobody_looked_is_not_exact() -> None:
    assert lane_times([entry(0, "inbox"), entry(9, "done", "at_start")]) == [
        LaneTime("inbox", 540.0, 1, None, False),
        LaneTime("done", 0.0, 1, "2026-03-10T12:09:00.000Z", False),
    ]
    assert lane_times([entry(0, "inbox", "at_start")]) == [LaneTime("inbox", 0.0, 1, T, False)]


def test_a_task_that_was_away_was_in_no_lane_meanwhile() -> None:
    assert lane_times([entry(0, "inbox"), entry(1, None), entry(9, "inbox")]) == [
        LaneTime("inbox", 60.0, 2, "2026-03-10T12:09:00.000Z", True)
    ]


def test_clocks_that_go_back_and_times_that_are_none_count_as_nothing() -> None:
    odd = [entry(5, "inbox"), entry(1, "done"), {"time": "soon", "lane": "inbox", "observed": "live"}]
    assert [each.seconds for each in lane_times(odd)] == [0.0, 0.0]
    assert lane_times([]) == []
