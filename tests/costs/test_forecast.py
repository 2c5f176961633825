"""The forecast for the month: the days it uses, the days it covers, and the width of its range."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from llm_service.calendar_days import DAY, Calendar
from llm_service.costs.forecast import Forecast, first_day, forecast

ZONE = ZoneInfo("Europe/Zurich")
CALENDAR = Calendar(ZONE)
USD = 1_000_000_000


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def find(now: str, cost: Callable[[datetime], int]) -> Forecast | None:
    """The forecast at a local time, if each day cost `cost(day)`."""
    now_s = seconds(now)
    starts = CALENDAR.buckets(DAY, first_day(CALENDAR, now_s), now_s + 1)
    return forecast([(start, cost(datetime.fromtimestamp(start, ZONE))) for start in starts], now_s, CALENDAR)


def at(now: str, cost: Callable[[datetime], int]) -> Forecast:
    found = find(now, cost)
    assert found is not None
    return found


def test_equal_days_continue_unchanged() -> None:
    # Noon of the 21st of 30 days: 20 days and half of this one have passed, 9.5 remain.
    found = at("2026-11-21T12:00", lambda day: USD // 2 if day.day == 21 and day.month == 11 else USD)
    assert found.month_nanos == 30 * USD
    assert (found.low_nanos, found.high_nanos) == (30 * USD, 30 * USD)
    assert found.days == 28
    assert found.method.startswith(
        "spent so far, plus the rest of today and 9 more days, each like its day of the week"
    )


@pytest.mark.parametrize(("days", "known"), [(0, False), (1, False), (2, False), (3, True)])
def test_fewer_than_three_complete_days_give_no_forecast(days: int, known: bool) -> None:
    found = find("2026-11-21T12:00", lambda day: USD if day >= datetime(2026, 11, 21 - days, tzinfo=ZONE) else 0)
    assert (found is not None) == known


def test_days_before_the_first_call_do_not_count_as_free() -> None:
    found = at("2026-11-21T00:00", lambda day: USD if (day.month, day.day) in {(11, n) for n in range(16, 21)} else 0)
    assert found.days == 5
    assert found.month_nanos == 15 * USD
    assert "like the mean in the last 5 days" in found.method


def test_with_two_known_weeks_each_day_is_like_its_day_of_the_week() -> None:
    found = at("2026-11-20T23:59:59", lambda day: 0 if day.weekday() >= 5 else USD)
    # November 2026 has 21 working days.
    assert abs(found.month_nanos - 21 * USD) < USD / 1_000
    assert found.high_nanos - found.low_nanos < USD / 100


def test_the_range_starts_at_the_amount_spent_and_narrows_towards_the_end_of_the_month() -> None:
    def cost(day: datetime) -> int:
        return random.Random(day.toordinal()).randrange(10 * USD)

    early, late = at("2026-11-05T12:00", cost), at("2026-11-29T12:00", cost)
    assert early.low_nanos < early.month_nanos < early.high_nanos
    assert late.high_nanos - late.low_nanos < (early.high_nanos - early.low_nanos) / 2
    last = at("2026-11-30T23:59:59", cost)
    spent = sum(cost(datetime(2026, 11, day, tzinfo=ZONE)) for day in range(1, 31))
    assert abs(last.month_nanos - spent) < USD / 1_000
    wild = at("2026-11-04T00:00", lambda day: 100 * USD if day.day == 1 else 0)
    assert wild.low_nanos == 100 * USD


@pytest.mark.parametrize("known", [4, 8, 13, 14, 20])
def test_the_range_contains_about_four_outcomes_of_five(known: int) -> None:
    numbers = random.Random(11)
    inside = 0
    for _ in range(400):
        costs = [round(max(1, numbers.gauss(20, 5)) * USD) for _ in range(31)]

        def cost(day: datetime, costs: list[int] = costs) -> int:
            return costs[day.day - 1] if day.month == 10 and 21 - known <= day.day < 21 else 0

        found = at("2026-10-21T00:00", cost)
        assert found.days == known
        inside += found.low_nanos <= sum(costs[20 - known :]) <= found.high_nanos
    assert 0.74 < inside / 400 < 0.86


def test_a_month_in_which_the_clocks_change_has_all_its_days() -> None:
    # 31 days; the 25th of October 2026 has 25 hours.
    found = at("2026-10-20T00:00", lambda day: 0 if (day.month, day.day) == (10, 20) else USD)
    assert found.month_nanos == 31 * USD


def test_the_json_of_a_forecast_is_as_documented() -> None:
    document = Forecast(2 * USD, USD, 3 * USD, 5, "so").as_json()
    assert document == {"month_usd": 2.0, "low_usd": 1.0, "high_usd": 3.0, "days": 5, "method": "so"}
