"""Hours, days and months in the user's time zone: when each starts and ends, and which of them cover a range.

Instants are whole seconds since the epoch, UTC. A day starts at local midnight, so that it has 23 or 25 hours
when the clocks change, and where they skip midnight at the first instant of its date; an hour starts on the local full
hour, also where the offset is not whole hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo
from typing import NamedTuple

HOUR, DAY, MONTH = "hour", "day", "month"
SPANS = (HOUR, DAY, MONTH)
_QUARTER_S = 900  # every offset in use since 1972 is a multiple of a quarter of an hour
_CACHE_SIZE = 50_000
_STEP_S = 14 * 86_400
"""Clocks never changed twice within that time in any zone since 1970."""


class Starts(NamedTuple):
    """The starts of the hour, the day and the month that contain an instant."""

    hour: int
    day: int
    month: int


class Calendar:
    """The periods of one time zone. Thread-safe."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._cache: dict[int, Starts] = {}

    def starts(self, at_s: int) -> Starts:
        """The starts of the hour, day and month that contain an instant."""
        quarter = at_s // _QUARTER_S
        starts = self._cache.get(quarter)
        if starts is None:
            if len(self._cache) > _CACHE_SIZE:
                self._cache = {}
            starts = self._cache[quarter] = self._compute(at_s)
        return starts

    def start(self, span: str, at_s: int) -> int:
        """The start of the hour, day or month that contains an instant."""
        return self.starts(at_s)[SPANS.index(span)]

    def end(self, span: str, at_s: int) -> int:
        """The end of the hour, day or month that contains an instant: the start of the next."""
        if span == HOUR:
            start = self.start(HOUR, at_s)
            following = self.start(HOUR, start + 3600)
            # Clocks that go back by half an hour make one of 90 minutes.
            return following if following > start else self.start(HOUR, start + 5400)
        # By its date: where the clocks skip midnight, the day starts at one o'clock, and the next one does not.
        day = self._local(self.start(span, at_s)).date()
        next_day = day + timedelta(days=1) if span == DAY else (day + timedelta(days=32)).replace(day=1)
        return self._instant(datetime.combine(next_day, time()))

    def buckets(self, span: str, first: int, end: int) -> Iterator[int]:
        """The starts of all periods that overlap `[first, end)`, in order."""
        at = self.start(span, first)
        while at < end:
            yield at
            at = max(self.end(span, at), at + 1)

    def cover(self, first: int, end: int) -> Iterator[tuple[str, int, int]]:
        """`[first, end)` as few ranges `(span, first, end)` of whole months, days and hours, in order of time.

        Both ends are widened to whole hours, the shortest period for which totals are stored.
        """
        first = self.start(HOUR, first)
        end = end if self.start(HOUR, end) == end else self.end(HOUR, end)
        yield from self._cover(len(SPANS) - 1, first, end)

    def offsets(self, first: int, end: int) -> list[tuple[int, int]]:
        """`(from when, seconds ahead of UTC)` in `[first, end)`, in order; the first entry is that at `first`."""
        found = [(first, self._offset(first))]
        at = first
        while at < end:
            following = min(at + _STEP_S, end)
            if self._offset(following) != found[-1][1]:
                before, after = at, following
                while after - before > 1:
                    middle = (before + after) // 2
                    if self._offset(middle) == found[-1][1]:
                        before = middle
                    else:
                        after = middle
                found.append((after, self._offset(after)))
            at = following
        return found

    def format(self, at_s: int) -> str:
        """An instant as ISO 8601, with the zone's offset at that time."""
        return self._local(at_s).isoformat()

    def parse(self, text: str, name: str = "from", end: bool = False) -> int:
        """The instant of a date or time in ISO 8601; without an offset it is local. `end`: a date means the day's end.

        Raises ValueError with a sentence for the user, in which the value is called `name`.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"`{name}` has to be a date or time in ISO 8601, not “{text[:50]}”.") from None
        if not 1970 < moment.year < 2200:
            raise ValueError(f"`{name}` has to be between the years 1971 and 2199, not “{text[:50]}”.")
        if moment.tzinfo is not None:
            return int(moment.timestamp())
        at = self._instant(moment)
        return self.end(DAY, at) if end and len(text) == 10 else at

    def _cover(self, level: int, first: int, end: int) -> Iterator[tuple[str, int, int]]:
        if first >= end:
            return
        span = SPANS[level]
        if level == 0:
            yield span, first, end
            return
        begin = first if self.start(span, first) == first else self.end(span, first)
        stop = self.start(span, end)
        if begin >= stop:
            yield from self._cover(level - 1, first, end)
            return
        yield from self._cover(level - 1, first, begin)
        yield span, begin, stop
        yield from self._cover(level - 1, stop, end)

    def _compute(self, at_s: int) -> Starts:
        local = self._local(at_s)
        hour = int(local.replace(minute=0, second=0).timestamp())  # keeps `fold`: which of two equal hours it is
        midnight = local.replace(hour=0, minute=0, second=0, tzinfo=None, fold=0)
        return Starts(hour, self._instant(midnight), self._instant(midnight.replace(day=1)))

    def _offset(self, at_s: int) -> int:
        offset = self._local(at_s).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def _local(self, at_s: int) -> datetime:
        return datetime.fromtimestamp(at_s, self.zone)

    def _instant(self, local: datetime) -> int:
        return int(local.replace(tzinfo=self.zone).timestamp())
