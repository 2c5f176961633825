"""What the month may come to, from the cost of each day: `forecast(days, now_s, calendar)`. Pure.

The days that are left are expected to be like the last complete ones (at most 28, from the first that cost anything).
Two full weeks of them or more: each like its own day of the week, as people rest at weekends, and agents with them.
The band holds four outcomes of five if days vary as they did, each for itself. Nothing is said from fewer than three
complete days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any

from .calls import NANOS
from .periods import DAY, MONTH, Calendar

MOST_DAYS = 28
LEAST_DAYS = 3
_WEEKLY_FROM = 14
_FOUR_OF_FIVE = 1.2816
"""So many standard deviations to each side of the mean of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the month may come to in nano-dollars, from so many days, and how that was worked out."""

    month_nanos: int
    low_nanos: int
    high_nanos: int
    days: int
    method: str

    def as_json(self) -> dict[str, Any]:
        """`{month_usd, low_usd, high_usd, days, method}`."""
        return {
            "month_usd": self.month_nanos / NANOS,
            "low_usd": self.low_nanos / NANOS,
            "high_usd": self.high_nanos / NANOS,
            "days": self.days,
            "method": self.method,
        }


def first_day(calendar: Calendar, now_s: int) -> int:
    """From when on the cost of each day is needed: of the month, and of the days that tell how days are."""
    today, month = calendar.start(DAY, now_s), calendar.start(MONTH, now_s)
    return min(month, calendar.start(DAY, today - MOST_DAYS * 86_400))


def forecast(days: Sequence[tuple[int, int]], now_s: int, calendar: Calendar) -> Forecast | None:
    """The forecast for the month around `now_s`; None from fewer than three complete days.

    `days` are `(beginning, nano-dollars)` of every day in turn from `first_day` to today, today included.
    """
    today, month = calendar.start(DAY, now_s), calendar.start(MONTH, now_s)
    month_end, tomorrow = calendar.after(MONTH, month), calendar.after(DAY, today)
    spent = sum(cost for start, cost in days if start >= month)
    complete = [(start, cost) for start, cost in days if start < today][-MOST_DAYS:]
    begun = next((place for place, (_, cost) in enumerate(complete) if cost), len(complete))
    complete = complete[begun:]
    if len(complete) < LEAST_DAYS:
        return None
    weekly = len(complete) >= _WEEKLY_FROM
    expected = _expected(complete, calendar.zone, weekly)
    residuals = [cost - expected[_weekday(start, calendar.zone)] for start, cost in complete]
    freedom = len(complete) - (len(set(expected.values())) if weekly else 1)
    deviation = math.sqrt(sum(part * part for part in residuals) / max(1, freedom))

    to_come = [expected[_weekday(start, calendar.zone)] for start in calendar.buckets(DAY, tomorrow, month_end)]
    part = (tomorrow - now_s) / (tomorrow - today)
    rest_of_today = part * expected[_weekday(today, calendar.zone)]
    left = len(to_come) + part
    # Days vary each for itself (left), and the mean itself is known from few of them (left^2 / n).
    spread = _FOUR_OF_FIVE * deviation * math.sqrt(left + left * left / len(complete))
    month_cost = spent + rest_of_today + sum(to_come)
    return Forecast(
        month_nanos=round(month_cost),
        low_nanos=round(max(spent, month_cost - spread)),
        high_nanos=round(month_cost + spread),
        days=len(complete),
        method=_method(len(to_come), len(complete), weekly),
    )


def _expected(complete: Sequence[tuple[int, int]], zone: tzinfo, weekly: bool) -> dict[int, float]:
    """What a day costs, by day of the week (0: Monday)."""
    if not weekly:
        return dict.fromkeys(range(7), fmean(cost for _, cost in complete))
    by_weekday: dict[int, list[int]] = {}
    for start, cost in complete:
        by_weekday.setdefault(_weekday(start, zone), []).append(cost)
    return {weekday: fmean(costs) for weekday, costs in by_weekday.items()}


def _weekday(start_s: int, zone: tzinfo) -> int:
    return datetime.fromtimestamp(start_s, zone).weekday()


def _method(to_come: int, days: int, weekly: bool) -> str:
    rest = {0: "the rest of today", 1: "the rest of today and one day more"}.get(
        to_come, f"the rest of today and {to_come} days more"
    )
    like = "each like its day of the week" if weekly else "each like the mean"
    return f"spent so far, and {rest}, {like} in the last {days} days; 4 of 5 outcomes within the band"
