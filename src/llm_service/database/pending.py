"""`Pending`: work that waits for the writer of the database, in order, and work that is kept for another try."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ..errors import HistoryUnavailable

_MAX_BATCH = 64
_GATHER_S = 0.1
_MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """Work for the writer, and its result."""

    work: Callable[[sqlite3.Connection], Any]
    done: Future[Any]
    loss: int = 0
    """How much `dropped` grows if the work is given up; 0 where a caller waits for the result."""


class Pending:
    """Thread-safe. At most 10,000 items; `dropped` counts what was given up for which nobody waits."""

    def __init__(self) -> None:
        self.dropped = 0
        self._items: deque[Item] = deque()
        self._kept: deque[Item] = deque()
        self._changed = threading.Condition()
        self._write_now = False

    @property
    def kept(self) -> int:
        """How much would be dropped if what is kept for another try were given up."""
        with self._changed:
            return sum(item.loss for item in self._kept)

    def put_later(self, item: Item) -> None:
        """Add work for which nobody waits."""
        with self._changed:
            if len(self._items) + len(self._kept) >= _MAX_ITEMS:
                self.dropped += item.loss
                return
            # After what is kept, so that the order stays.
            (self._kept if self._kept else self._items).append(item)
            self._changed.notify_all()

    def put(self, item: Item, timeout_s: float) -> None:
        """Add work for which a caller waits. Raises queue.Full if there was no room in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._items) < _MAX_ITEMS, timeout_s):
                raise queue.Full
            self._items.append(item)
            self._write_now = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Let `take` return what there is."""
        with self._changed:
            self._write_now = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[Item]:
        """The next batch; [] if there was none in time. Work for which nobody waits is gathered for a moment."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._write_now, timeout_s)
            if self._items and timeout_s and not self._write_now:
                # Such work comes in bursts: one transaction instead of one for each.
                self._changed.wait_for(lambda: self._write_now, _GATHER_S)
            taken = [self._items.popleft() for _ in range(min(_MAX_BATCH, len(self._items)))]
            if not self._items:
                self._write_now = False
            self._changed.notify_all()
            return taken

    def keep_or_fail(self, items: Iterable[Item], problem: Exception) -> None:
        """The database could not be written: keep work for another try, except where a caller waits."""
        items = list(items)
        self.fail([item for item in items if not item.loss], problem)
        with self._changed:
            self._kept.extendleft(reversed([item for item in items if item.loss]))
            # What comes later waits too, so that the order stays.
            self._kept.extend(item for item in self._items if item.loss)
            self._items = deque(item for item in self._items if not item.loss)

    def retry(self) -> None:
        """The database can be written again: let `take` return what was kept."""
        with self._changed:
            self._items.extendleft(reversed(self._kept))
            self._kept.clear()

    def fail(self, items: Iterable[Item], problem: Exception) -> None:
        """Give up work; callers that wait for it get the problem."""
        for item in items:
            with self._changed:
                self.dropped += item.loss
            item.done.set_exception(problem)

    def refuse_waiting(self, problem: Exception) -> None:
        """Give up the work for which callers wait."""
        with self._changed:
            waiting = [item for item in self._items if not item.loss]
            self._items = deque(item for item in self._items if item.loss)
            self._changed.notify_all()
        self.fail(waiting, problem)

    def give_up(self) -> None:
        """The writer ends: give up everything."""
        with self._changed:
            rest = [*self._kept, *self._items]
            self._kept.clear()
            self._items.clear()
        self.fail(rest, HistoryUnavailable("The history database is closed."))
