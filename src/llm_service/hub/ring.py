"""The hub, a ring of numbered events: `publish(event)` numbers one, `since(seq)` returns those after a number.

Neither Socket.IO nor SSE guarantees delivery, so events have numbers: a client remembers the last one that it applied
and asks for those after it. The model is syncthing's `lib/events`, whose whole API is `Since(id, timeout)`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from ..json_values import as_json, field_names
from ..times import iso_time
from .audience import Audience
from .epoch import next_epoch
from .event import Event, projects_of, rooms_of
from .outbox import Outbox, parse_position, position_text
from .progress import LoadProgress
from .retained import Retained

MAX_RING_BYTES = 25_165_824
MAX_FLOOD_BYTES = 8_388_608
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
    origin: tuple[str, str | None] | None = None
    """Of an event that several hosts get: its observer, and its position there (None: not the whole of it)."""

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
    """The JSON of an event: by msgspec, in a tenth of the time of `json`, but for what it refuses."""
    try:
        return _encode(head | {name: getattr(event, name) for name in field_names(type(event))}).decode()
    except (TypeError, UnicodeEncodeError):
        return encode(head | as_json(event))


def _after(events: list[Envelope], seen: str | None, here: str) -> list[Envelope] | None:
    """Of the events of one host, those after a position; None if that is not all of them, up to `here`."""
    position, end = parse_position(seen), parse_position(here)
    if position is None or end is None or position[0] != end[0]:
        return None
    if position >= end:
        return []
    found = list[Envelope]()
    for envelope in events:
        at = parse_position(envelope.origin[1]) if envelope.origin is not None else None
        if at is None:
            found = []  # a part of what was missed here; what comes after it does not follow
        elif at > position:
            found.append(envelope)
    first = parse_position(found[0].origin[1]) if found and found[0].origin is not None else None
    return found if first == (position[0], position[1] + 1) else None


_encode = msgspec.json.Encoder().encode
_seq_of = attrgetter("seq")


class Hub:
    """Numbers events, retains the last of them, and calls subscribers and listeners in order.

    It retains at most `capacity` events and at most `max_bytes` of their texts, but always the latest one. Those that
    flood are retained apart, within bounds of their own, so that they push out no others.

    Thread-safe. Subscribers and listeners are called by the publishing thread, in the order of the numbers, and must
    not block; what may block (SSE, WebSocket) pulls with `wait` and `since` instead. Until `progress` is ready there is
    no snapshot.
    """

    def __init__(
        self,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.time,
        max_bytes: int = MAX_RING_BYTES,
        flood_bytes: int = MAX_FLOOD_BYTES,
        epoch: str | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        """`epoch`: see `next_epoch`; without one, now. `outbox` takes what other hosts get."""
        self.epoch = epoch or next_epoch(None, int(clock() * 1000))
        self.outbox = outbox
        self._clock = clock
        self._others: Retained[Envelope] = Retained(capacity, max_bytes)
        self._floods: Retained[Envelope] = Retained(capacity, flood_bytes)
        self._seq = 0
        self._closed = False
        # With `_published`, like the ring: a subscriber may have what somebody who asks for them waits for.
        self._positions = {} if outbox is None else {outbox.observer: position_text(outbox.position)}
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
        """True once `stop` was called: streams that pull events end."""
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
            time = iso_time(self._clock())
            head: dict[str, Any] = {"seq": self._seq + 1, "epoch": self.epoch, "type": event.type, "time": time}
            origin = None
            if event.shared and self.outbox is not None:
                origin = self.outbox.next_origin()
                head["origin"] = {"observer": origin[0], "id": origin[1]}
            text = _text(head, event)
            if origin is not None and self.outbox is not None:
                shown = event.for_others()
                self.outbox.append(shown, text if shown is event else _text(head, shown))
            envelope = Envelope(
                self._seq + 1,
                event.type,
                event.topic,
                text,
                rooms_of(event),
                projects_of(event),
                event.journaled,
                origin,
            )
            self._pass_on(envelope, event.floods)
            for listener, kinds in self._listeners:
                if isinstance(event, kinds):
                    listener(event)
        return envelope

    def relay(self, event: Event, observer: str, position: str | None, time: str, topic: str | None = None) -> Envelope:
        """Give an event of another host the next number, and pass it to subscribers: it goes to clients, not to the
        journal, nor to listeners, for whom events are about this workspace. `topic`: another than its class has."""
        with self._publish_lock:
            origin = {"observer": observer} if position is None else {"observer": observer, "id": position}
            head = {"seq": self._seq + 1, "epoch": self.epoch, "type": event.type, "time": time, "origin": origin}
            envelope = Envelope(
                self._seq + 1,
                event.type,
                topic or event.topic,
                _text(head, event),
                projects=projects_of(event),
                journaled=False,
                origin=(observer, position),
            )
            self._pass_on(envelope, event.floods)
        return envelope

    def moved(self, observer: str, position: str) -> None:
        """What is known of another host is that of this position, and nothing differs that clients need to get."""
        with self._published:
            self._positions[observer] = position

    def positions(self) -> dict[str, str]:
        """Observer -> the position up to which its events were published here; of this host too."""
        with self._published:
            return dict(self._positions)

    def since_positions(self, cursor: Mapping[str, str]) -> list[Envelope] | None:
        """The events of several hosts after what a client has seen of each, which may have been at another dashboard;
        None if some would be missing: the client then needs a snapshot. What only this host knows is not among them."""
        with self._published:
            known = dict(self._positions)
            retained = list(merge(self._others.after(0), self._floods.after(0), key=_seq_of))
        if not known or any(observer not in known for observer in cursor):
            return None
        found = dict[str, list[Envelope]]()
        for envelope in retained:
            if envelope.origin is not None:
                found.setdefault(envelope.origin[0], []).append(envelope)
        missed: list[Envelope] = []
        for observer, here in known.items():
            after = _after(found.get(observer, []), cursor.get(observer), here)
            if after is None:
                return None
            missed += after
        return sorted(missed, key=_seq_of)

    def _pass_on(self, envelope: Envelope, floods: bool) -> None:
        with self._published:
            (self._floods if floods else self._others).append(envelope)
            self._seq = envelope.seq
            if envelope.origin is not None and envelope.origin[1] is not None:
                self._positions[envelope.origin[0]] = envelope.origin[1]
            self._published.notify_all()
        for subscriber in self._subscribers:
            subscriber(envelope)

    def since(
        self,
        seq: int,
        epoch: str | None = None,
        limit: int | None = None,
        topics: Collection[str] = ("all",),
    ) -> list[Envelope] | None:
        """The events after number `seq`, at most `limit`, oldest first; None if some of them would be missing that a
        client with these topics gets. Others are among them as far as they are retained, the latest event always.

        That is so if `epoch` is given and not the current one, if `seq` is no longer in the ring, and if no event has
        that number yet. The client then needs a snapshot.
        """
        if epoch is not None and epoch != self.epoch:
            return None
        with self._published:
            if not 0 <= seq <= self._seq:
                return None
            if seq < self._others.lost_seq:
                return None
            if seq < self._floods.lost_seq and self._floods.may_concern(topics):
                return None
            others, floods = self._others.after(seq), self._floods.after(seq)
        found = list(merge(others, floods, key=_seq_of)) if others and floods else others or floods
        return found if limit is None else found[:limit]

    def newest(self, limit: int, wants: Callable[[Envelope], bool]) -> list[Envelope]:
        """The last events that `wants` accepts, at most `limit`, oldest first, as far as they are retained."""
        with self._published:
            retained = [list(one.newest_first()) for one in (self._others, self._floods)]
        latest = merge(*retained, key=_seq_of, reverse=True)
        return list(islice(filter(wants, latest), limit))[::-1]

    def wait(self, seq: int, timeout_s: float) -> bool:
        """Block until there is an event after `seq` (True), or the hub closes or `timeout_s` passes (False)."""
        with self._published:
            return self._published.wait_for(lambda: self._closed or self._seq > seq, timeout_s) and self._seq > seq

    # As an `EventLog`: an event is in the ring when it is published.

    @property
    def trouble(self) -> str | None:
        """See `EventLog`."""
        return None

    @property
    def waiting(self) -> int:
        """See `EventLog`."""
        return 0

    def start(self) -> None:
        """See `EventLog`."""

    def flush(self, timeout_s: float) -> bool:
        """See `EventLog`."""
        return True

    def stop(self) -> None:
        """Wake all threads in `wait`; streams end."""
        with self._published:
            self._closed = True
            self._published.notify_all()
