"""`range_before(calendar, first, end, kind)`: the range that another one is compared with. Pure.

A range that begins with a day is compared with as many days before, up to the same time of day: a day that is not over
with as much of the day before. Other ranges are compared with as many seconds before.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ..calendar_days import DAY, Calendar

LENGTH, MONTH, YEAR = KINDS = ("length", "month", "year")
"""Before a range is one of the same length, the same part of the month before, or of the year before."""


def range_before(calendar: Calendar, first: int, end: int, kind: str = LENGTH) -> tuple[int, int]:
    """`[first, end)` of the range before, in seconds since the epoch; it never goes beyond `first`."""
    if calendar.start(DAY, first) != first:
        return first - (end - first), first
    begin, until = _local(calendar, first), _local(calendar, end)
    if kind == LENGTH:
        days = timedelta((until.date() - begin.date()).days + (until.time() != time()))
        before, stop = begin - days, until - days
    else:
        months = 1 if kind == MONTH else 12
        before, stop = _months_before(begin, months), _months_before(until, months)
    earlier = calendar.parse(before.isoformat())
    return earlier, max(earlier, min(first, calendar.parse(stop.isoformat())))


def _local(calendar: Calendar, at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, calendar.zone).replace(tzinfo=None, fold=0)


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day and time so many months before; the first of the month after, where that month has no such day."""
    month = moment.year * 12 + moment.month - 1 - months
    first = moment.replace(year=month // 12, month=month % 12 + 1, day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    found = first + timedelta(days=moment.day - 1)
    return found if found < following else datetime.combine(following.date(), time())
