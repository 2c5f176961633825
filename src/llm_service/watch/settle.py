"""Settling: when is a path, about which hints arrive, worth a look?

Rules (the design's decision 3): a completed write is looked at once; further hints within `window_s` of that
look are folded into one look at the window's end; a path that is being written without ever being closed is
looked at when it is quiet for `window_s`, and at least every `max_wait_s`. Debounce never hides the last
state and never waits for ever. Pure bookkeeping: the caller brings the clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Pending:
    first: float
    due: float
    complete: bool


class Settler:
    """Turns hints about paths into looks at paths."""

    def __init__(self, window_s: float = 0.1, max_wait_s: float = 0.5) -> None:
        self.window_s = window_s
        self.max_wait_s = max_wait_s
        self._pending: dict[Hashable, _Pending] = {}
        self._looked: dict[Hashable, float] = {}
        self._heap: list[tuple[float, int, Hashable]] = []
        self._tie = 0

    def __len__(self) -> int:
        return len(self._pending)

    def hint(self, path: Hashable, complete: bool, now: float) -> None:
        """Something happened to `path`; `complete` if whoever wrote it closed it or moved it into place."""
        pending = self._pending.get(path)
        if pending is None:
            pending = self._pending[path] = _Pending(now, float("inf"), complete=False)
        if complete:
            pending.complete = True
            due = min(pending.due, max(now, self._looked.get(path, float("-inf")) + self.window_s))
        elif pending.complete:
            return
        else:
            due = min(now + self.window_s, pending.first + self.max_wait_s)
        if due != pending.due:
            pending.due = due
            self._push(due, path)

    def again(self, path: Hashable, at: float) -> None:
        """Look at `path` once more at the time `at`, whatever hints arrive until then."""
        pending = self._pending.get(path)
        if pending is None:
            self._pending[path] = _Pending(at, at, complete=True)
            self._push(at, path)
        elif at < pending.due:
            pending.due = at
            self._push(at, path)

    def due(self, now: float, limit: int = 64) -> list[Hashable]:
        """The paths to look at now, at most `limit`, those that waited longest first."""
        paths: list[Hashable] = []
        while self._heap and self._heap[0][0] <= now and len(paths) < limit:
            at, _, path = heapq.heappop(self._heap)
            pending = self._pending.get(path)
            if pending is None or pending.due != at:
                continue  # this entry was superseded by a later decision
            del self._pending[path]
            self._looked[path] = now
            paths.append(path)
        if len(self._looked) > 4096:
            self._looked = {path: at for path, at in self._looked.items() if at > now - self.window_s}
        return paths

    def next_due(self) -> float | None:
        """When the next look is due; None when nothing waits."""
        while self._heap:
            at, _, path = self._heap[0]
            pending = self._pending.get(path)
            if pending is not None and pending.due == at:
                return at
            heapq.heappop(self._heap)
        return None

    def _push(self, due: float, path: Hashable) -> None:
        self._tie += 1
        heapq.heappush(self._heap, (due, self._tie, path))
