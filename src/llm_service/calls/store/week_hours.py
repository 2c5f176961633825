"""Hours of the week in the user's time zone, as SQL: `hour_of_week(calendar, ...)`, and `WeekHours`, a choice of them.

An hour of the week is a number: 0 is from Monday 00:00 to 01:00, 167 from Sunday 23:00 to 24:00.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...calendar_days import Calendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_OF_WEEK = 168
_EPOCH_HOUR = 72
"""1970 began on a Thursday."""
_LAST_S = 4_102_444_800
"""2100-01-01."""


def hour_of_week(calendar: Calendar, seconds: str, first: int | None, end: int | None) -> str:
    """An SQL expression: the hour of the week at `seconds`, another expression with seconds since the epoch in
    `[first, end)`. Times outside of that get the offset of its nearest end."""
    first = max(0, first or 0)
    offsets = calendar.offsets(first, min(end if end is not None else _LAST_S, _LAST_S))
    # The latest first: calls are mostly of lately, and the branches are tried in order.
    steps = "".join(f" WHEN {seconds} >= {begin} THEN {offset}" for begin, offset in reversed(offsets[1:]))
    offset = f"CASE{steps} ELSE {offsets[0][1]} END" if steps else str(offsets[0][1])
    return f"((({seconds} + {offset}) / 3600 + {_EPOCH_HOUR}) % {HOURS_OF_WEEK})"


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Weekdays (0 is Monday) and hours of the day, in the time zone of a calendar; none of a kind: all of them."""

    calendar: Calendar
    weekdays: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()

    def condition(self, seconds: str, first: int | None, end: int | None) -> str:
        """An SQL condition on an expression with seconds since the epoch in `[first, end)`."""
        chosen = [day * 24 + hour for day in _or_all(self.weekdays, 7) for hour in _or_all(self.hours, 24)]
        return f"{hour_of_week(self.calendar, seconds, first, end)} IN ({', '.join(map(str, chosen))})"


def _or_all(chosen: Collection[int], count: int) -> Collection[int]:
    return sorted(chosen) or range(count)
