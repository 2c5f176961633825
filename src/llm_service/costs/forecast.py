"""What the month may come to, from the cost of each day: `forecast(days, now_s, calendar)`. Pure.

The days that are left are expected to be like the last complete ones (at most 28, from the first that cost anything).
Two full weeks of them or more: each like its own day of the week, as people rest at weekends, and agents with them.
The band holds four outcomes of five if days vary as they did, each for itself. Nothing is said from fewer than three
complete days.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any

from ..calendar_days import DAY, MONTH, Calendar
from ..calls.model import NANOS

MOST_DAYS = 28
LEAST_DAYS = 3
_WEEKLY_FROM = 14


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
    month_end, tomorrow = calendar.end(MONTH, month), calendar.end(DAY, today)
    spent = sum(cost for start, cost in days if start >= month)
    complete = [(start, cost) for start, cost in days if start < today][-MOST_DAYS:]
    begun = next((place for place, (_, cost) in enumerate(complete) if cost), len(complete))
    complete = complete[begun:]
    if len(complete) < LEAST_DAYS:
        return None
    weekly = len(complete) >= _WEEKLY_FROM
    expected = _expected(complete, calendar.zone, weekly)
    weekdays = [_weekday(start, calendar.zone) for start, _ in complete]
    residuals = [cost - expected[weekday] for weekday, (_, cost) in zip(weekdays, complete, strict=True)]
    freedom = len(complete) - len(set(weekdays)) if weekly else len(complete) - 1
    deviation = math.sqrt(sum(part * part for part in residuals) / freedom)

    # How many days of each day of the week are left; of today the part that is left of it.
    whole = [_weekday(start, calendar.zone) for start in calendar.buckets(DAY, tomorrow, month_end)]
    left: dict[int, float] = dict(Counter(whole))
    weekday_now = _weekday(today, calendar.zone)
    left[weekday_now] = left.get(weekday_now, 0) + (tomorrow - now_s) / (tomorrow - today)
    # Days vary each for itself, and the mean of each kind is known from so many of them only.
    if weekly:
        blur = sum(number * number / weekdays.count(weekday) for weekday, number in left.items())
    else:
        blur = sum(left.values()) ** 2 / len(complete)
    spread = _reach(freedom) * deviation * math.sqrt(sum(left.values()) + blur)
    month_cost = spent + sum(number * expected[weekday] for weekday, number in left.items())
    return Forecast(
        month_nanos=round(month_cost),
        low_nanos=round(max(spent, month_cost - spread)),
        high_nanos=round(month_cost + spread),
        days=len(complete),
        method=_method(len(whole), len(complete), weekly),
    )


def _reach(freedom: int) -> float:
    """So many standard deviations to each side hold four outcomes of five, estimated with so many degrees of freedom.

    Student's t at 90 %, by the first terms of its expansion (Abramowitz and Stegun 26.7.5).
    """
    return 1.2816 + 0.8467 / freedom + 0.5709 / freedom**2


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
