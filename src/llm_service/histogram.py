"""A histogram of durations with fixed bounds, in the form that a Prometheus histogram needs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

BOUNDS_MS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


class Histogram:
    """Counts durations in milliseconds. Written by one thread, read by any."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self.sum_ms = 0.0

    def observe(self, duration_ms: float) -> None:
        """Count one duration."""
        self._counts[bisect_left(BOUNDS_MS, duration_ms)] += 1
        self.sum_ms += duration_ms

    def cumulative(self) -> list[tuple[float, int]]:
        """`(bound in ms, number of durations up to it)` for each bound; the last bound is infinite."""
        return list(zip((*map(float, BOUNDS_MS), float("inf")), accumulate(self._counts), strict=True))

    @classmethod
    def total(cls, several: Iterable[Histogram]) -> Histogram:
        """A new one that has counted what all of these have."""
        found = cls()
        for one in several:
            found._counts = [left + right for left, right in zip(found._counts, one._counts, strict=True)]
            found.sum_ms += one.sum_ms
        return found
