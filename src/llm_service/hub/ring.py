"""The numbered ring: `publish(event)` gives a fact its number, `since(seq)` gives the rest or says "gap".

Neither Socket.IO nor SSE guarantees delivery, so the number is ours: a client keeps the last one it applied
and asks for what came after. The model is syncthing's `lib/events`: `Since(id, timeout)` is the whole API.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from ..json_values import as_json
from ..times import iso_time
from .event import Event
from .progress import Progress

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One numbered event. `text` is the JSON object that every outlet sends, encoded once."""

    seq: int
    type: str
    topic: str
    text: str

    def concerns(self, topics: Collection[str]) -> bool:
        """True if a client of these topics is to get it; `service` facts concern everybody."""
        return self.topic in topics or "all" in topics or self.topic == "service"


def encode(value: Any) -> str:
    """Compact JSON text; a NaN or infinity raises ValueError rather than break a browser's parser."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


class Hub:
    """Numbers events, keeps the last `capacity` of them, and tells subscribers in order.

    Thread-safe. Subscribers and listeners are called by the publishing thread, in the order of the numbers, and must
    not block; those who may block (SSE, WebSocket) pull with `wait` and `since` instead. `progress` is how far the
    first reading is: until it is ready there is no snapshot.
    """

    def __init__(self, capacity: int = 10_000, clock: Callable[[], float] = time.time) -> None:
        self.epoch = f"{int(clock()):x}-{secrets.token_hex(4)}"
        self._clock = clock
        self._ring: deque[Envelope] = deque(maxlen=capacity)
        self._seq = 0
        self._closed = False
        self._order = threading.Lock()
        self._news = threading.Condition()
        self._subscribers: list[Callable[[Envelope], None]] = []
        self._listeners: list[tuple[Callable[[Any], None], tuple[type[Event], ...]]] = []
        self.progress = Progress()

    @property
    def seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._seq

    @property
    def closed(self) -> bool:
        """True once `close` was called: pulling outlets end their streams."""
        return self._closed

    def subscribe(self, subscriber: Callable[[Envelope], None]) -> None:
        """Call `subscriber(envelope)` for every event from now on."""
        self._subscribers.append(subscriber)

    def listen(self, listener: Callable[[E], None], *kinds: type[E]) -> None:
        """Call `listener(event)` for every event of these classes from now on."""
        self._listeners.append((listener, kinds))

    def publish(self, event: Event) -> Envelope:
        """Give the event the next number and hand it on; returns the numbered envelope."""
        with self._order:
            seq = self._seq + 1
            body = {"seq": seq, "epoch": self.epoch, "type": event.type, "time": iso_time(self._clock())}
            envelope = Envelope(seq, event.type, event.topic, encode(body | as_json(event)))
            with self._news:
                self._ring.append(envelope)
                self._seq = seq
                self._news.notify_all()
            for subscriber in self._subscribers:
                subscriber(envelope)
            for listener, kinds in self._listeners:
                if isinstance(event, kinds):
                    listener(event)
        return envelope

    def since(self, seq: int, epoch: str | None = None, limit: int | None = None) -> list[Envelope] | None:
        """The events after number `seq`, oldest first; None if that cannot be said without a gap.

        None when `epoch` is given and another one, when `seq` has left the ring, or lies in the future:
        the client then takes a snapshot.
        """
        if epoch is not None and epoch != self.epoch:
            return None
        with self._news:
            if not 0 <= seq <= self._seq:
                return None
            first = self._seq - len(self._ring) + 1
            if seq + 1 < first:
                return None
            start = seq + 1 - first
            return list(islice(self._ring, start, None if limit is None else start + limit))

    def wait(self, seq: int, timeout_s: float) -> bool:
        """Block until there is an event after `seq` (True), the hub closes, or the time is over (False)."""
        with self._news:
            return self._news.wait_for(lambda: self._closed or self._seq > seq, timeout_s) and self._seq > seq

    def close(self) -> None:
        """Wake everyone who waits; streams end."""
        with self._news:
            self._closed = True
            self._news.notify_all()
