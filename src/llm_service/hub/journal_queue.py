"""`JournalQueue`: what waits to be written to the journal. To add to it takes a microsecond and never blocks or fails.

Only the thread that publishes adds events (the hub's lock sees to that) and only the journal's thread takes them, so
each counts for itself and no lock is needed between them. What does not fit is dropped, and counted.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

MAX_BYTES = 33_554_432
MAX_ITEMS = 200_000
_GATHER_S = 0.05
"""Events come in bursts: what follows within this time is one batch with them."""
T = TypeVar("T")


class JournalQueue(Generic[T]):
    """One queue, for one thread at a time that adds, and one that takes."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_items: int = MAX_ITEMS) -> None:
        self.dropped = 0
        """How many did not fit."""
        self._items: deque[tuple[T, int]] = deque()
        self._max_bytes, self._max_items = max_bytes, max_items
        self._added = self._done = self._added_bytes = self._done_bytes = 0
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._progress = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many are not written yet."""
        return self._added - self._done

    def add(self, item: T, size: int) -> None:
        """Add an item of so many bytes, if it fits."""
        if self._added_bytes + size - self._done_bytes > self._max_bytes or self.waiting >= self._max_items:
            self.dropped += 1
            return
        self._added_bytes += size
        self._added += 1
        self._items.append((item, size))
        if not self._wake.is_set():
            self._wake.set()

    def wait(self, timeout_s: float) -> None:
        """Wait until there is something, and a moment for more of it; or at most so long."""
        if self._wake.wait(timeout_s):
            self._hurry.wait(_GATHER_S)
        self._wake.clear()
        self._hurry.clear()

    def hurry(self) -> None:
        """Let `wait` return now."""
        self._hurry.set()
        self._wake.set()

    def take(self, max_bytes: int) -> list[tuple[T, int]]:
        """The next items with their sizes, of about so many bytes at most; they count as waiting until `done`."""
        taken: list[tuple[T, int]] = []
        while self._items and max_bytes > 0:
            item = self._items.popleft()
            taken.append(item)
            max_bytes -= item[1]
        return taken

    def done(self, count: int, size: int) -> None:
        """So many items of so many bytes were written."""
        with self._progress:
            self._done += count
            self._done_bytes += size
            self._progress.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was added before is written; False if `timeout_s` passed first."""
        wanted = self._added
        self.hurry()
        with self._progress:
            return self._progress.wait_for(lambda: self._done >= wanted, timeout_s)
