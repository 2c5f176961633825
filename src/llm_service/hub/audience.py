"""Who listens: `Audience.counts()` is how many clients subscribed to each topic, over all ways out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

Subscriptions = Callable[[], Iterable[Collection[str]]]
"""The topics of each client, now."""


class Audience:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: Counter[str] = Counter()
        self._sources: list[Subscriptions] = []

    @contextmanager
    def listening(self, topic: str) -> Iterator[None]:
        """A client listens to one topic for the time of the block."""
        self._count(topic, 1)
        try:
            yield
        finally:
            self._count(topic, -1)

    def include(self, subscriptions: Subscriptions) -> None:
        """Count the clients of a way out whose topics change, too."""
        self._sources.append(subscriptions)

    def counts(self) -> dict[str, int]:
        """Topic -> the number of its clients, of those that have any; who listens to everything counts for "all"."""
        with self._lock:
            found = Counter(self._streams)
        for subscriptions in self._sources:
            for topics in subscriptions():
                found.update(topics)
        return {topic: count for topic, count in sorted(found.items()) if count > 0}

    def _count(self, topic: str, change: int) -> None:
        with self._lock:
            self._streams[topic] += change
