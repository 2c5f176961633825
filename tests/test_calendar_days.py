"""Hours, days and months of a calendar: they follow each other without gap, also where the clocks change."""

from __future__ import annotations

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.calendar_days import DAY, HOUR, MONTH, SPANS, Calendar

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns")
moments = st.integers(1_577_836_800, 1_893_456_000)


@given(zone=st.sampled_from(ZONES), at=moments)
def test_a_period_contains_its_instant_and_ends_where_the_next_begins(zone: str, at: int) -> None:
    calendar = Calendar(ZoneInfo(zone))
    for span in SPANS:
        start, end = calendar.start(span, at), calendar.after(span, at)
        assert start <= at < end
        assert calendar.start(span, end) == end
        assert calendar.start(span, end - 1) == start
        local = datetime.fromtimestamp(start, ZoneInfo(zone))
        assert (local.minute, local.second) == (0, 0)
        assert span == HOUR or local.hour == 0
        assert span != MONTH or local.day == 1


@given(zone=st.sampled_from(ZONES), first=moments, hours=st.integers(0, 3_000))
def test_a_range_is_covered_without_gap_or_overlap_by_whole_periods(zone: str, first: int, hours: int) -> None:
    calendar = Calendar(ZoneInfo(zone))
    end = first + hours * 3600
    at = calendar.start(HOUR, first)
    for span, begin, stop in calendar.cover(first, end):
        assert begin == at < stop
        assert calendar.start(span, begin) == begin
        assert calendar.start(span, stop) == stop
        at = stop
    assert end <= at < end + 3600 or hours == 0


@given(zone=st.sampled_from(ZONES), first=moments)
def test_buckets_begin_one_after_another(zone: str, first: int) -> None:
    calendar = Calendar(ZoneInfo(zone))
    days = list(calendar.buckets(DAY, first, first + 40 * 86_400))
    assert days[0] <= first
    assert all(calendar.after(DAY, one) == other for one, other in itertools.pairwise(days))


def test_dates_are_local_and_an_end_that_is_a_date_is_included() -> None:
    calendar = Calendar(ZoneInfo("Europe/Brussels"))
    assert calendar.text(calendar.read("2026-03-29")) == "2026-03-29T00:00:00+01:00"
    assert calendar.text(calendar.read("2026-03-29", "to", end=True)) == "2026-03-30T00:00:00+02:00"
    assert calendar.read("2026-03-29T00:00:00Z") == calendar.read("2026-03-29T01:00")
    for text in ("yesterday", "2026-02-30", "", "0001-01-01"):
        with pytest.raises(ValueError, match="`from` has to"):
            calendar.read(text)
