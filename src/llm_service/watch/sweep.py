"""When a whole root is scanned although nothing asks for it."""

from __future__ import annotations

_SWEEP_SHARE = 300.0
"""A sweep may take this part of the time at most: 0.33 % of a core, whatever the number of files."""
_POLL_SHARE = 10.0


class SweepSchedule:
    """Scans are due at once, then at an interval, which is longer for a root that takes long to scan.

    Pure bookkeeping: the caller brings the clock.
    """

    def __init__(self, sweep_interval_s: float, poll_interval_s: float) -> None:
        self.scan_s: float | None = None
        """How long the last scan took; None before the first one ended."""
        self._sweep_interval_s = sweep_interval_s
        self._poll_interval_s = poll_interval_s
        self._ended_at = float("-inf")
        self._is_scanning = False

    def begin(self) -> None:
        """A scan that takes several turns started: none is due until it ends."""
        self._is_scanning = True

    def end(self, now: float, took_s: float) -> None:
        """A scan has ended."""
        self._ended_at, self.scan_s, self._is_scanning = now, took_s, False

    def next_due(self, is_polled: bool) -> float | None:
        """When the next scan is due, -inf before the first one; None while one goes on."""
        if self._is_scanning:
            return None
        interval, share = self._sweep_interval_s, _SWEEP_SHARE
        if is_polled:
            interval, share = self._poll_interval_s, _POLL_SHARE
        return self._ended_at + max(interval, (self.scan_s or 0.0) * share)
