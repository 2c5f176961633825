"""`lane_times(history)`: how long a task was in each lane, from its recorded lane changes. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..times import seconds_between


@dataclass(frozen=True, slots=True)
class LaneTime:
    """The time in one lane, of all visits that are over. `is_exact` is False where nobody saw it come or go: then it
    was there for about so long. `since` is when the present visit began, None if it is elsewhere."""

    lane: str
    seconds: float
    visits: int
    since: str | None
    is_exact: bool


@dataclass(slots=True)
class _Sum:
    seconds: float = 0.0
    visits: int = 0
    since: str | None = None
    is_exact: bool = True


def lane_times(history: Sequence[Mapping[str, Any]]) -> list[LaneTime]:
    """The lanes in the order in which the task first came to them. `history` are the entries of a task's details,
    oldest first: `{time, lane, observed}`. Times that cannot be compared count as 0."""
    sums: dict[str, _Sum] = {}
    for index, entry in enumerate(history):
        lane = entry["lane"]
        if lane is None:
            continue
        after = history[index + 1] if index + 1 < len(history) else None
        total = sums.setdefault(lane, _Sum())
        if index == 0 or history[index - 1]["lane"] != lane:
            total.visits += 1
            total.since = entry["time"]
        if "at_start" in (entry["observed"], after and after["observed"]):
            total.is_exact = False
        if after is not None and after["lane"] != lane:
            total.seconds += max(0.0, seconds_between(total.since or "", after["time"]) or 0.0)
            total.since = None
    return [LaneTime(lane, each.seconds, each.visits, each.since, each.is_exact) for lane, each in sums.items()]
