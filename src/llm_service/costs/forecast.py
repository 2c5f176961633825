"""`forecast(days, now_s, calendar)`: the expected cost of the month, from the cost of each day. Pure.

Each remaining day is expected to cost the mean of the last complete days (at most 28, from the first with a cost). With
two full weeks or more it is the mean of its day of the week, because people, and their agents, rest at weekends. The
range is an 80 % prediction interval for independent days. With fewer than three complete days there is no forecast.
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

MAX_DAYS = 28
MIN_DAYS = 3
_MIN_WEEKLY_DAYS = 14


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected cost of the month and its range in nano-dollars, the number of days used, and the method."""

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
    """The first day whose cost is needed: the earlier of the first of the month and MAX_DAYS days ago."""
    today, month = calendar.start(DAY, now_s), calendar.start(MONTH, now_s)
    return min(month, calendar.start(DAY, today - MAX_DAYS * 86_400))


def forecast(days: Sequence[tuple[int, int]], now_s: int, calendar: Calendar) -> Forecast | None:
    """The forecast for the month that contains `now_s`; None with fewer than MIN_DAYS complete days.

    `days` are `(start, nano-dollars)` of every day from `first_day` to today, inclusive.
    """
    today, month = calendar.start(DAY, now_s), calendar.start(MONTH, now_s)
    month_end, tomorrow = calendar.end(MONTH, month), calendar.end(DAY, today)
    spent = sum(cost for start, cost in days if start >= month)
    complete = [(start, cost) for start, cost in days if start < today][-MAX_DAYS:]
    first_cost = next((place for place, (_, cost) in enumerate(complete) if cost), len(complete))
    complete = complete[first_cost:]
    if len(complete) < MIN_DAYS:
        return None
    weekly = len(complete) >= _MIN_WEEKLY_DAYS
    expected = _expected(complete, calendar.zone, weekly)
    weekdays = [_weekday(start, calendar.zone) for start, _ in complete]
    residuals = [cost - expected[weekday] for weekday, (_, cost) in zip(weekdays, complete, strict=True)]
    degrees_of_freedom = len(complete) - len(set(weekdays)) if weekly else len(complete) - 1
    deviation = math.sqrt(sum(part * part for part in residuals) / degrees_of_freedom)

    # The remaining days by day of the week; of today the remaining part.
    whole_days = [_weekday(start, calendar.zone) for start in calendar.buckets(DAY, tomorrow, month_end)]
    remaining: dict[int, float] = dict(Counter(whole_days))
    weekday_now = _weekday(today, calendar.zone)
    remaining[weekday_now] = remaining.get(weekday_now, 0) + (tomorrow - now_s) / (tomorrow - today)
    # The variance of the days themselves, plus the variance of the means, which come from a few days only.
    if weekly:
        mean_variance = sum(count * count / weekdays.count(weekday) for weekday, count in remaining.items())
    else:
        mean_variance = sum(remaining.values()) ** 2 / len(complete)
    spread = _t90(degrees_of_freedom) * deviation * math.sqrt(sum(remaining.values()) + mean_variance)
    month_cost = spent + sum(count * expected[weekday] for weekday, count in remaining.items())
    return Forecast(
        month_nanos=round(month_cost),
        low_nanos=round(max(spent, month_cost - spread)),
        high_nanos=round(month_cost + spread),
        days=len(complete),
        method=_method(len(whole_days), len(complete), weekly),
    )


def _t90(degrees_of_freedom: int) -> float:
    """The 90 % quantile of Student's t, from the first terms of its expansion (Abramowitz and Stegun 26.7.5)."""
    return 1.2816 + 0.8467 / degrees_of_freedom + 0.5709 / degrees_of_freedom**2


def _expected(complete: Sequence[tuple[int, int]], zone: tzinfo, weekly: bool) -> dict[int, float]:
    """The mean cost of a day, by day of the week (0: Monday)."""
    if not weekly:
        return dict.fromkeys(range(7), fmean(cost for _, cost in complete))
    by_weekday: dict[int, list[int]] = {}
    for start, cost in complete:
        by_weekday.setdefault(_weekday(start, zone), []).append(cost)
    return {weekday: fmean(costs) for weekday, costs in by_weekday.items()}


def _weekday(start_s: int, zone: tzinfo) -> int:
    return datetime.fromtimestamp(start_s, zone).weekday()


def _method(days_to_come: int, days: int, weekly: bool) -> str:
    remaining_text = {0: "the rest of today", 1: "the rest of today and one more day"}.get(
        days_to_come, f"the rest of today and {days_to_come} more days"
    )
    like = "each like its day of the week" if weekly else "each like the mean"
    return f"spent so far, plus {remaining_text}, {like} in the last {days} days; the range covers 4 of 5 outcomes"
