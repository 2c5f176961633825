"""Hours, days and months as the user's calendar has them, as instants: where each begins, and which cover a range.

Instants are whole seconds since the epoch, UTC. A day begins at local midnight, so that it has 23 or 25 hours
when the clocks change; an hour begins on the local full hour, also where the offset is not whole hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

HOUR, DAY, MONTH = "hour", "day", "month"
SPANS = (HOUR, DAY, MONTH)
_QUARTER_S = 900  # every offset in use since 1972 is a multiple of a quarter of an hour
_REMEMBERED = 50_000


class Starts(NamedTuple):
    """When the hour, the day and the month around an instant began."""

    hour: int
    day: int
    month: int


class Calendar:
    """The periods of one time zone. Thread-safe."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._known: dict[int, Starts] = {}

    def starts(self, at_s: int) -> Starts:
        """The beginnings of the hour, day and month that contain an instant."""
        quarter = at_s // _QUARTER_S
        found = self._known.get(quarter)
        if found is None:
            if len(self._known) > _REMEMBERED:
                self._known = {}
            found = self._known[quarter] = self._compute(at_s)
        return found

    def start(self, span: str, at_s: int) -> int:
        """The beginning of the hour, day or month that contains an instant."""
        return self.starts(at_s)[SPANS.index(span)]

    def after(self, span: str, at_s: int) -> int:
        """The end of the hour, day or month that contains an instant: the beginning of the next."""
        if span == HOUR:
            return self.start(HOUR, at_s + 3600)
        local = self._local(self.start(span, at_s)).replace(tzinfo=None)
        if span == DAY:
            return self._instant(local + timedelta(days=1))
        return self._instant((local + timedelta(days=32)).replace(day=1))

    def buckets(self, span: str, first: int, end: int) -> Iterator[int]:
        """The beginnings of all periods that overlap `[first, end)`."""
        at = self.start(span, first)
        while at < end:
            yield at
            at = max(self.after(span, at), at + 1)

    def cover(self, first: int, end: int) -> Iterator[tuple[str, int, int]]:
        """`[first, end)` as few ranges `(span, first, end)` of whole months, days, hours: largest in the middle.

        The ends are widened to whole hours, the finest that sums are kept for.
        """
        first = self.start(HOUR, first)
        end = end if self.start(HOUR, end) == end else self.after(HOUR, end)
        yield from self._cover(len(SPANS) - 1, first, end)

    def text(self, at_s: int) -> str:
        """An instant as ISO 8601 with the offset that is then in force."""
        return self._local(at_s).isoformat()

    def read(self, text: str, name: str = "from", end: bool = False) -> int:
        """An instant from a date or time in ISO 8601; without an offset it is local. `end`: a date means its end.

        Raises ValueError, whose text names `name` and what it has to be.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"`{name}` has to be a date or time in ISO 8601, not “{text[:50]}”.") from None
        if not 1970 < moment.year < 2200:
            raise ValueError(f"`{name}` has to lie between the years 1971 and 2199, not “{text[:50]}”.")
        if moment.tzinfo is not None:
            return int(moment.timestamp())
        at = self._instant(moment)
        return self.after(DAY, at) if end and len(text) == 10 else at

    def _cover(self, level: int, first: int, end: int) -> Iterator[tuple[str, int, int]]:
        if first >= end:
            return
        span = SPANS[level]
        if level == 0:
            yield span, first, end
            return
        begin = first if self.start(span, first) == first else self.after(span, first)
        stop = self.start(span, end)
        if begin >= stop:
            yield from self._cover(level - 1, first, end)
            return
        yield from self._cover(level - 1, first, begin)
        yield span, begin, stop
        yield from self._cover(level - 1, stop, end)

    def _compute(self, at_s: int) -> Starts:
        local = self._local(at_s)
        hour = at_s - local.minute * 60 - local.second
        midnight = local.replace(hour=0, minute=0, second=0, tzinfo=None)
        return Starts(hour, self._instant(midnight), self._instant(midnight.replace(day=1)))

    def _local(self, at_s: int) -> datetime:
        return datetime.fromtimestamp(at_s, self.zone)

    def _instant(self, local: datetime) -> int:
        return int(local.replace(tzinfo=self.zone).timestamp())
