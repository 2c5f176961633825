"""The range that another is compared with: as many days before, up to the same time of day."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from llm_service.calendar_days import Calendar
from llm_service.costs.range_before import range_before

CALENDAR = Calendar(ZoneInfo("Europe/Zurich"))


@pytest.mark.parametrize(
    ("first", "end", "kind", "before", "until"),
    [
        # Whole days, a day that is not over, and a week until now.
        ("2026-11-16", "2026-11-23", "length", "2026-11-09T00:00:00+01:00", "2026-11-16T00:00:00+01:00"),
        ("2026-11-20", "2026-11-20T14:30", "length", "2026-11-19T00:00:00+01:00", "2026-11-19T14:30:00+01:00"),
        ("2026-11-14", "2026-11-20T14:30", "length", "2026-11-07T00:00:00+01:00", "2026-11-13T14:30:00+01:00"),
        # Clocks went back on 25 October: the days before have other offsets, and the same time of day.
        ("2026-10-26", "2026-10-27T09:00", "length", "2026-10-24T00:00:00+02:00", "2026-10-25T09:00:00+01:00"),
        # Not from the start of a day: as many seconds before.
        (
            "2026-10-25T12:00",
            "2026-10-26T12:00",
            "length",
            "2026-10-24T13:00:00+02:00",
            "2026-10-25T12:00:00+01:00",
        ),
        # The same part of the month before; the 31st of a month that has none ends with it.
        ("2026-11-01", "2026-11-20T08:00", "month", "2026-10-01T00:00:00+02:00", "2026-10-20T08:00:00+02:00"),
        ("2026-03-01", "2026-03-31T08:00", "month", "2026-02-01T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ("2026-03-01", "2026-04-01", "month", "2026-02-01T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ("2026-01-01", "2026-01-05T01:00", "month", "2025-12-01T00:00:00+01:00", "2025-12-05T01:00:00+01:00"),
        ("2028-01-01", "2028-02-29T12:00", "year", "2027-01-01T00:00:00+01:00", "2027-03-01T00:00:00+01:00"),
    ],
)
def test_the_range_before_is_that_of_the_calendar(first: str, end: str, kind: str, before: str, until: str) -> None:
    found = range_before(CALENDAR, CALENDAR.parse(first), CALENDAR.parse(end), kind)
    assert tuple(map(CALENDAR.format, found)) == (before, until)


def test_it_never_reaches_into_the_range_itself() -> None:
    calendar = Calendar(ZoneInfo("America/New_York"))
    for first in range(calendar.parse("2026-03-01"), calendar.parse("2026-03-15"), 86_400 // 2):
        for hours in (1, 23, 24, 25, 49, 24 * 30):
            for kind in ("length", "month", "year"):
                begin, stop = range_before(calendar, first, first + hours * 3600, kind)
                assert begin <= stop <= first, (first, hours, kind)
