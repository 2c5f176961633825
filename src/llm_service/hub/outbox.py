"""`Outbox`: the events of this host that the other hosts of a board get, numbered for themselves, the last of them.

It is the ring of what is shared. Not every event is: so it has numbers of its own, which follow each other without a
gap, and a position is `(epoch, number)`, written `<epoch_ms>-<number>`.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from itertools import islice

from .event import Event

Position = tuple[int, int]
"""(epoch in ms, number) of an event in what one observer shares."""
CAPACITY = 10_000
MAX_BYTES = 25_165_824
MAX_OBSERVERS = 200
"""On one board."""
_OBSERVER = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SharedEvent:
    """An event to be written: its number, the event as others get it, and its JSON text."""

    number: int
    event: Event
    text: str


class Outbox:
    """`next_origin` and `append` are called by the publishing thread, one at a time; the others by any thread."""

    def __init__(self, observer: str, epoch: int, capacity: int = CAPACITY, max_bytes: int = MAX_BYTES) -> None:
        self.observer = observer
        self._epoch, self._number = epoch, 0
        self._capacity, self._max_bytes, self._bytes = capacity, max_bytes, 0
        self._events: deque[SharedEvent] = deque()
        self._changed = threading.Condition()
        self._is_closed = False

    @property
    def position(self) -> Position:
        """That of the latest event; number 0 before the first."""
        return self._epoch, self._number

    def next_origin(self) -> tuple[str, str]:
        """(observer, position) of the event that is appended next."""
        return self.observer, position_text((self._epoch, self._number + 1))

    def append(self, event: Event, text: str) -> None:
        """One more event; the oldest are dropped beyond the bounds."""
        with self._changed:
            self._number += 1
            self._events.append(SharedEvent(self._number, event, text))
            self._bytes += len(text)
            while len(self._events) > self._capacity or (self._bytes > self._max_bytes and len(self._events) > 1):
                self._bytes -= len(self._events.popleft().text)
            self._changed.notify_all()

    def after(self, number: int, limit: int = 500) -> list[SharedEvent] | None:
        """The events after a number, at most `limit`, the oldest first; None if some of them are no longer here."""
        with self._changed:
            missing = self._number - number
            if missing < 0 or missing > len(self._events):
                return None
            start = len(self._events) - missing
            return list(islice(self._events, start, start + limit))

    def wait(self, number: int, timeout_s: float) -> bool:
        """Wait until there is an event after `number`, at most so long; False if there is none, or it was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._number > number, timeout_s)
            return self._number > number and not self._is_closed

    def renew(self, epoch: int) -> None:
        """Another epoch from here on: what was shared before cannot be continued."""
        with self._changed:
            self._epoch = epoch

    def close(self) -> None:
        """Wake who waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()


def is_observer(text: str) -> bool:
    """True for what can be an observer's id: 16 hexadecimal digits."""
    return _OBSERVER.fullmatch(text) is not None


def position_text(position: Position) -> str:
    """`<epoch_ms>-<number>`."""
    return f"{position[0]}-{position[1]}"


def parse_position(text: str | bytes | None) -> Position | None:
    """The position that a text says; None if it says none."""
    if text is None:
        return None
    if isinstance(text, bytes):
        text = text.decode("ascii", "replace")
    epoch, _, number = text.partition("-")
    if not (epoch.isascii() and epoch.isdigit() and number.isascii() and number.isdigit()) or len(text) > 41:
        return None
    return int(epoch), int(number)
