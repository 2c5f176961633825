"""Hours, days and months of a calendar follow each other without gaps, also where the clocks change."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.calendar_days import DAY, HOUR, MONTH, SPANS, Calendar

ZONES = (
    "UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
    "America/Santiago", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Atlantic/Azores",  # midnight is skipped
    "Australia/Lord_Howe",  # by half an hour
)  # fmt: skip
moments = st.integers(1_577_836_800, 1_893_456_000)


@given(zone=st.sampled_from(ZONES), at=moments)
def test_a_period_contains_its_instant_and_ends_where_the_next_starts(zone: str, at: int) -> None:
    calendar = Calendar(ZoneInfo(zone))
    for span in SPANS:
        start, end = calendar.start(span, at), calendar.end(span, at)
        assert start <= at < end
        assert calendar.start(span, end) == end
        assert calendar.start(span, end - 1) == start
        before, local = (datetime.fromtimestamp(when, ZoneInfo(zone)) for when in (start - 1, start))
        same = datetime.fromtimestamp(at, ZoneInfo(zone))
        if span == HOUR:
            assert (before.hour, before.utcoffset()) != (local.hour, local.utcoffset())
            assert (local.date(), local.hour) == (same.date(), same.hour)
        else:
            length = {DAY: 10, MONTH: 7}[span]
            assert before.isoformat()[:length] < local.isoformat()[:length] == same.isoformat()[:length]


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
def test_buckets_follow_each_other_in_order(zone: str, first: int) -> None:
    calendar = Calendar(ZoneInfo(zone))
    days = list(calendar.buckets(DAY, first, first + 40 * 86_400))
    assert days[0] <= first
    assert all(calendar.end(DAY, one) == other for one, other in itertools.pairwise(days))


def test_in_every_time_zone_each_date_of_two_years_is_one_day() -> None:
    first = date(2026, 1, 1)
    changes = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        noons = [datetime.combine(first + timedelta(days=number), time(12), zone) for number in range(730)]
        near = {noons[0].date()}
        for one, other in itertools.pairwise(noons):
            if one.utcoffset() != other.utcoffset():
                near |= {one.date() + timedelta(days=number) for number in (-1, 0, 1, 2)}
                changes += 1
        calendar = Calendar(zone)
        for day in sorted(near):
            began = calendar.parse(day.isoformat())
            ended = calendar.parse((day + timedelta(days=1)).isoformat())
            assert calendar.end(DAY, began) == ended, (name, day)
            inside = range(began, ended, 1_800)
            assert {calendar.start(DAY, at) for at in (*inside, ended - 1)} == {began}, (name, day)
            assert {datetime.fromtimestamp(at, zone).date() for at in (*inside, ended - 1)} == {day}, (name, day)
            assert calendar.format(began)[:10] == day.isoformat()
    assert changes > 500


def test_dates_are_local_and_an_end_that_is_a_date_is_included() -> None:
    calendar = Calendar(ZoneInfo("Europe/Brussels"))
    assert calendar.format(calendar.parse("2026-03-29")) == "2026-03-29T00:00:00+01:00"
    assert calendar.format(calendar.parse("2026-03-29", "to", end=True)) == "2026-03-30T00:00:00+02:00"
    assert calendar.parse("2026-03-29T00:00:00Z") == calendar.parse("2026-03-29T01:00")
    for text in ("yesterday", "2026-02-30", "", "0001-01-01"):
        with pytest.raises(ValueError, match="`from` has to"):
            calendar.parse(text)
