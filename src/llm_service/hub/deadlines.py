"""`Deadlines`: when time alone changes something of each of many entries, without a look at all of them."""

from __future__ import annotations

import heapq


class Deadlines:
    """One deadline for a key, as Unix time. Not thread-safe."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def set(self, key: str, at: float | None) -> None:
        """The deadline of a key from now on; None: it has none."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
            if len(self._heap) > 64 + 4 * len(self._at):
                self._heap = [(at, key) for key, at in self._at.items()]
                heapq.heapify(self._heap)

    def clear(self) -> None:
        """No key has one."""
        self._at.clear()
        self._heap.clear()

    def pop_due(self, now: float) -> list[str]:
        """The keys whose deadline has come; they have none any more."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            at, key = heapq.heappop(self._heap)
            if self._at.get(key) == at:
                del self._at[key]
                due.append(key)
        return due

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
