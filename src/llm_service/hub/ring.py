"""The hub, a ring of numbered events: `publish(event)` numbers one, `since(seq)` returns those after a number.

Neither Socket.IO nor SSE guarantees delivery, so events have numbers: a client remembers the last one that it applied
and asks for those after it. The model is syncthing's `lib/events`, whose whole API is `Since(id, timeout)`.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, TypeVar

import msgspec

from ..json_values import as_json
from ..times import iso_time
from .audience import Audience
from .epoch import next_epoch
from .event import Event, projects_of, rooms_of
from .progress import LoadProgress

MAX_RING_BYTES = 33_554_432
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A numbered event. `text` is the JSON object that all clients get, encoded once."""

    seq: int
    type: str
    topic: str
    text: str
    rooms: tuple[str, ...] = ()
    """Topics of single objects that it also concerns: `job:<id>`."""
    projects: tuple[str, ...] = ()
    """The projects that it is about; () if it is not about one."""
    journaled: bool = True

    def concerns(self, topics: Collection[str], projects: frozenset[str] | None = None) -> bool:
        """True if a client that subscribed to `topics` gets this event; events of `service` go to all clients, those
        about a project only to who may see it: all `projects` (None), or these."""
        is_wanted = self.topic in topics or "all" in topics or self.topic == "service"
        if not is_wanted and not any(room in topics for room in self.rooms):
            return False
        return projects is None or projects.issuperset(self.projects)


def encode(value: Any) -> str:
    """Compact JSON text. Raises ValueError for NaN and infinity, which browsers cannot parse."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _text(head: dict[str, Any], event: Event) -> str:
    if not event.is_bulk:
        return encode(head | as_json(event))
    return _bulk.encode(head | {field.name: getattr(event, field.name) for field in fields(event)}).decode()


_bulk = msgspec.json.Encoder()


class Hub:
    """Numbers events, retains the last of them, and calls subscribers and listeners in order.

    It retains at most `capacity` events and at most `max_bytes` of their texts, but always the latest one.

    Thread-safe. Subscribers and listeners are called by the publishing thread, in the order of the numbers, and must
    not block; what may block (SSE, WebSocket) pulls with `wait` and `since` instead. Until `progress` is ready there is
    no snapshot.
    """

    def __init__(
        self,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.time,
        max_bytes: int = MAX_RING_BYTES,
        epoch: str | None = None,
    ) -> None:
        """`epoch`: see `next_epoch`; without one, now."""
        self.epoch = epoch or next_epoch(None, int(clock() * 1000))
        self._clock = clock
        self._capacity, self._max_bytes = capacity, max_bytes
        self._ring: deque[Envelope] = deque()
        self._ring_bytes = 0
        self._seq = 0
        self._closed = False
        self._publish_lock = threading.Lock()
        self._published = threading.Condition()
        self._subscribers: list[Callable[[Envelope], None]] = []
        self._listeners: list[tuple[Callable[[Any], None], tuple[type[Event], ...]]] = []
        self.progress = LoadProgress()
        self.audience = Audience()

    @property
    def seq(self) -> int:
        """The number of the latest event; 0 before the first."""
        return self._seq

    @property
    def closed(self) -> bool:
        """True once `close` was called: streams that pull events end."""
        return self._closed

    def subscribe(self, subscriber: Callable[[Envelope], None]) -> None:
        """Call `subscriber(envelope)` for every event from now on."""
        self._subscribers.append(subscriber)

    def listen(self, listener: Callable[[E], None], *kinds: type[E]) -> None:
        """Call `listener(event)` for every event of these classes from now on."""
        self._listeners.append((listener, kinds))

    def publish(self, event: Event) -> Envelope:
        """Give the event the next number, and pass it to subscribers and listeners; returns its envelope."""
        with self._publish_lock:
            seq = self._seq + 1
            body = {"seq": seq, "epoch": self.epoch, "type": event.type, "time": iso_time(self._clock())}
            text, rooms, projects = _text(body, event), rooms_of(event), projects_of(event)
            envelope = Envelope(seq, event.type, event.topic, text, rooms, projects, event.journaled)
            with self._published:
                self._append(envelope)
                self._seq = seq
                self._published.notify_all()
            for subscriber in self._subscribers:
                subscriber(envelope)
            for listener, kinds in self._listeners:
                if isinstance(event, kinds):
                    listener(event)
        return envelope

    def _append(self, envelope: Envelope) -> None:
        self._ring.append(envelope)
        self._ring_bytes += len(envelope.text)  # nearly all of it is ASCII
        while len(self._ring) > self._capacity or (self._ring_bytes > self._max_bytes and len(self._ring) > 1):
            self._ring_bytes -= len(self._ring.popleft().text)

    def since(self, seq: int, epoch: str | None = None, limit: int | None = None) -> list[Envelope] | None:
        """The events after number `seq`, at most `limit`, oldest first; None if some of them would be missing.

        That is so if `epoch` is given and not the current one, if `seq` is no longer in the ring, and if no event has
        that number yet. The client then needs a snapshot.
        """
        if epoch is not None and epoch != self.epoch:
            return None
        with self._published:
            if not 0 <= seq <= self._seq:
                return None
            first = self._seq - len(self._ring) + 1
            if seq + 1 < first:
                return None
            start = seq + 1 - first
            return list(islice(self._ring, start, None if limit is None else start + limit))

    def wait(self, seq: int, timeout_s: float) -> bool:
        """Block until there is an event after `seq` (True), or the hub closes or `timeout_s` passes (False)."""
        with self._published:
            return self._published.wait_for(lambda: self._closed or self._seq > seq, timeout_s) and self._seq > seq

    def close(self) -> None:
        """Wake all threads in `wait`; streams end."""
        with self._published:
            self._closed = True
            self._published.notify_all()
