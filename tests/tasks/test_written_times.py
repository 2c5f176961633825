"""Times as people write them sort as times. The values of the forms of YAML are those of its specification, the others
are read by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.tasks.written_times import sort_key

DAY = "2026-11-05T00:00:00"
CANONICAL = "2001-12-15T02:59:43.100"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # yaml.org/type/timestamp.html
        ("2001-12-15T02:59:43.1Z", CANONICAL), ("2001-12-14t21:59:43.10-05:00", CANONICAL),
        ("2001-12-14 21:59:43.10 -5", "2001-12-15T02:59:43"), ("2001-12-15 2:59:43.10", "2001-12-15T02:59:43"),
        ("2002-12-14", "2002-12-14T00:00:00"),
        ("2026-11-05", DAY), (" 2026-11-05\n", DAY), ("20261105", DAY), ("2026/11/05", DAY), ("2026/11/5", DAY),
        ("2026.11.05", DAY), ("2026-Nov-05", DAY), ("Nov 5, 2026", DAY), ("nov. 5 2026", DAY),
        ("November 5th, 2026", DAY),
        ("5 Nov 2026", DAY), ("5. November 2026", DAY), ("05-Nov-2026", DAY), ("5th of November 2026", DAY),
        ("Thursday, November 5, 2026", DAY), ("Thu, 05 Nov 2026", DAY), ("05.11.2026", DAY), ("5.11.2026", DAY),
        ("5. 11. 2026", DAY), ("5/5/2026", "2026-05-05T00:00:00"), ("13/05/2026", "2026-05-13T00:00:00"),
        ("05/13/2026", "2026-05-13T00:00:00"), ("12/12/2026", "2026-12-12T00:00:00"),
        ("2026-11", "2026-11-01T00:00:00"), ("Nov 2026", "2026-11-01T00:00:00"), ("2026", "2026-01-01T00:00:00"),
        ("Sept 1, 2026", "2026-09-01T00:00:00"), ("May 31, 2026", "2026-05-31T00:00:00"),
        ("2026-11-05 10:07", "2026-11-05T10:07:00"), ("2026-11-05 10:07:09 UTC", "2026-11-05T10:07:09"),
        ("2026-11-05T10:07:09 Z", "2026-11-05T10:07:09"), ("2026-11-05 10:07:09 +0200", "2026-11-05T08:07:09"),
        ("2026-11-05 10:07 +02:30", "2026-11-05T07:37:00"), ("2026-11-05 22:07 -03:15", "2026-11-06T01:22:00"),
        ("2026/11/05 10:07:09 PST", "2026-11-05T10:07:09"), ("Nov 5, 2026 5:07 PM", "2026-11-05T17:07:00"),
        ("Nov 5, 2026 at 12:07 a.m.", "2026-11-05T00:07:00"), ("Nov 5, 2026 12:07pm", "2026-11-05T12:07:00"),
        ("5 Nov 2026 - 17:00", "2026-11-05T17:00:00"), ("Nov 5, 2026 5pm", "2026-11-05T17:00:00"),
        ("Thu Nov  5 10:07:09 2026", "2026-11-05T10:07:09"), ("Thu Nov  5 10:07:09 CET 2026", "2026-11-05T10:07:09"),
        ("1793873229", "2026-11-05T10:07:09"), ("1793873229123", "2026-11-05T10:07:09"),
        ("13/05/2026 10:07", "2026-05-13T10:07:00"), ("5.11.2026, 10:07", "2026-11-05T10:07:00"),
    ],
)  # fmt: skip
def test_a_time_is_read_in_the_forms_in_which_people_write_it(text: str, moment: str) -> None:
    assert sort_key(text) == datetime.fromisoformat(moment).replace(tzinfo=UTC).isoformat(timespec="microseconds")


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "soon", "yesterday", "Nov 5", "Q4 2026", "11/05/2026", "5.11.26", "2024-99-99",
     "2024-99-99T00:00:00Z",
     "Feb 31, 2026", "31.2.2026", "13/13/2026", "0001-01-01T00:00:00+14:00", "9999-12-31 23:00 -05:00", "0000-00-00",
     "Nov 5, 2026 25:00", "Nov 5, 2026 (planned)", "2026 tasks", "2026-11-05 or later", "99999999999", "1.2.3", "2.10",
     "mayor 5 2026", "Nov 5, 2026" + " " * 60],
)  # fmt: skip
def test_what_is_no_time_or_could_be_two_has_no_place(text: str | None) -> None:
    assert sort_key(text) is None


moments = st.integers(86_400, 4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
)
zones = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(moments, moments, zones)
def test_times_of_all_forms_sort_as_the_moments_that_they_name(one: datetime, other: datetime, zone: timezone) -> None:
    def written(moment: datetime) -> list[str]:
        utc = moment.replace(tzinfo=UTC)
        there = utc.astimezone(zone)
        return [
            there.isoformat(), utc.isoformat().replace("+00:00", "Z"), moment.isoformat(" "), format_datetime(there),
            f"{moment:%B %d, %Y %H:%M:%S}", f"{moment:%d.%m.%Y %H:%M:%S}", f"{moment:%a %b %d %H:%M:%S %Y}",
            f"{moment:%d %b %Y %I:%M:%S %p}", f"{there:%Y-%m-%d %H:%M:%S %z}",
        ]  # fmt: skip

    firsts, seconds = [sort_key(text) for text in written(one)], [sort_key(text) for text in written(other)]
    assert len(set(firsts)) == 1, dict(zip(written(one), firsts, strict=True))
    assert firsts[0] is not None and seconds[0] is not None
    assert (firsts[0] < seconds[0]) == (one < other)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    assert sort_key(text) is None or len(sort_key(text) or "") == 32
