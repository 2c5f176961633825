"""Settling: when is a path, about which hints arrive, to be checked?

Rules (the design's decision 3): a completed write is checked at once; further hints within `window_s` of that check are
folded into one check at the window's end; a path that is being written without ever being closed is checked when it is
quiet for `window_s`, and at least every `max_wait_s`. Debounce never hides the last state and never waits for ever.
Pure bookkeeping: the caller brings the clock.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Hashable
from dataclasses import dataclass

_MAX_REMEMBERED = 4_096
"""Of more paths than this it is forgotten when they were checked, once it cannot matter any more."""


@dataclass(slots=True)
class _Pending:
    first: float
    due: float
    complete: bool


class Settler:
    """Turns hints about paths into checks of paths."""

    def __init__(self, window_s: float = 0.1, max_wait_s: float = 0.5) -> None:
        self.window_s = window_s
        self.max_wait_s = max_wait_s
        self._pending: dict[Hashable, _Pending] = {}
        self._checked_at: dict[Hashable, float] = {}
        self._heap: list[tuple[float, int, Hashable]] = []
        self._tie = itertools.count()

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, path: Hashable) -> bool:
        """True if a check of the path waits."""
        return path in self._pending

    def hint(self, path: Hashable, complete: bool, now: float) -> None:
        """Something happened to `path`; `complete` if its writer closed it or moved it into place."""
        pending = self._pending.get(path)
        if pending is None:
            pending = self._pending[path] = _Pending(now, math.inf, complete=False)
        if complete:
            pending.complete = True
            window_ends = self._checked_at.get(path, -math.inf) + self.window_s
            self._set_due(path, pending, min(pending.due, max(now, window_ends)))
        elif not pending.complete:
            self._set_due(path, pending, min(now + self.window_s, pending.first + self.max_wait_s))

    def check_again(self, path: Hashable, at: float) -> None:
        """Check `path` once more at the time `at`, whatever hints arrive until then."""
        pending = self._pending.get(path)
        if pending is None:
            pending = self._pending[path] = _Pending(at, math.inf, complete=True)
        self._set_due(path, pending, min(pending.due, at))

    def due(self, now: float, limit: int = 64) -> list[Hashable]:
        """The paths to check now, at most `limit`, those that waited longest first."""
        paths: list[Hashable] = []
        while self._heap and self._heap[0][0] <= now and len(paths) < limit:
            at, _, path = heapq.heappop(self._heap)
            if self._is_due(path, at):
                del self._pending[path]
                self._checked_at[path] = now
                paths.append(path)
        if len(self._checked_at) > _MAX_REMEMBERED:
            self._checked_at = {path: at for path, at in self._checked_at.items() if at > now - self.window_s}
        return paths

    def next_due(self) -> float | None:
        """When the next check is due; None when nothing waits."""
        while self._heap:
            at, _, path = self._heap[0]
            if self._is_due(path, at):
                return at
            heapq.heappop(self._heap)
        return None

    def _is_due(self, path: Hashable, at: float) -> bool:
        """False of an entry of the heap that a later decision superseded."""
        pending = self._pending.get(path)
        return pending is not None and pending.due == at

    def _set_due(self, path: Hashable, pending: _Pending, due: float) -> None:
        if due != pending.due:
            pending.due = due
            heapq.heappush(self._heap, (due, next(self._tie), path))
