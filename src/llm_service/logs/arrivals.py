"""When lines arrived that say no time themselves: `Arrivals`, by the second, as far as somebody checked the log."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_SECOND_MS, _MINUTE_MS = 1_000, 60_000
_MOST_SECONDS = 20_000
"""Entries of one log by the second; further ones are by the minute."""
_MOST = 40_000


class Arrivals:
    """(number of a line, second in which it arrived), both rising. Written by one thread, read by any."""

    def __init__(self) -> None:
        self._seqs, self._times = array("Q"), array("q")

    def __len__(self) -> int:
        return len(self._seqs)

    def add(self, seq: int, at_ms: int) -> int | None:
        """Line `seq` and those behind it arrived at this time; the time if that is noted, None if it says nothing new.

        What was noted before is right: lines that are read again arrived when they were read first.
        """
        number = len(self._seqs)
        step = _SECOND_MS if number < _MOST_SECONDS else _MINUTE_MS
        at_ms -= at_ms % step
        if number >= _MOST or (number and (seq <= self._seqs[-1] or at_ms <= self._times[-1])):
            return None
        self._times.append(at_ms)  # `len` counts the numbers: last
        self._seqs.append(seq)
        return at_ms

    def first_after(self, at_ms: int) -> int | None:
        """The number of the first line that arrived in the second of this time or later; None if none did."""
        wanted = at_ms - at_ms % _SECOND_MS
        number = bisect_left(self._times, wanted, hi=len(self._seqs))
        return self._seqs[number] if number < len(self._seqs) else None
