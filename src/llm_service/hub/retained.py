"""The last events, within bounds: `Retained`. The hub has one for what floods, and one for all others."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """What is retained: an envelope."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def text(self) -> str:
        """What it takes."""

    @property
    def topic(self) -> str:
        """Its topic."""

    @property
    def rooms(self) -> tuple[str, ...]:
        """Its rooms."""


N = TypeVar("N", bound=Numbered)


class Retained(Generic[N]):
    """At most `capacity` of them and at most `max_bytes` of their texts, but always the latest. Not thread-safe."""

    def __init__(self, capacity: int, max_bytes: int) -> None:
        self._capacity, self._max_bytes = capacity, max_bytes
        self._events: deque[N] = deque()
        self._bytes = 0
        self._subjects: set[str] = set()
        self.lost_seq = 0
        """Of the latest one that is no longer here; 0 if all are."""

    def append(self, event: N) -> None:
        """Retain one more, whose number is the highest."""
        self._events.append(event)
        self._subjects.update((event.topic, *(room.partition(":")[0] for room in event.rooms)))
        self._bytes += len(event.text)  # nearly all of it is ASCII
        while len(self._events) > self._capacity or (self._bytes > self._max_bytes and len(self._events) > 1):
            lost = self._events.popleft()
            self._bytes -= len(lost.text)
            self.lost_seq = lost.seq

    def may_concern(self, topics: Collection[str]) -> bool:
        """False if a client with these topics has never wanted any of them."""
        return "all" in topics or any(topic.partition(":")[0] in self._subjects for topic in topics)

    def after(self, seq: int) -> list[N]:
        """Those after a number, the oldest first."""
        found: list[N] = []
        for event in reversed(self._events):
            if event.seq <= seq:
                break
            found.append(event)
        found.reverse()
        return found

    def newest_first(self) -> Iterator[N]:
        """All of them; nothing may be appended meanwhile."""
        return reversed(self._events)
