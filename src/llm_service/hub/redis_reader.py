"""`RedisReader`: what the other hosts of a board write to Redis, read in order and given to a `Sink`.

One blocking XREAD over the streams of all observers. What it gives is never trusted to be complete: the sink refuses a
number that does not follow, and a position that Redis says (`at`) is compared with ours once a second, as an XREAD from
an id that was trimmed skips without an error, and one from beyond the end waits for ever. Where they differ, a snapshot
is taken, of that observer only: `at` first and the hashes after it, so it may repeat and never misses. So it is where
the observer has written its whole state anew (`base`): what was there before may not have been whole.

A key of one host that is of another type than it should be is as good as missing, and is said of that host: the others
are read on. A stream of such a type is tried again once a second; meanwhile that host is known by its state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from .board import Sink
from .outbox import MAX_OBSERVERS, Position, is_observer, parse_position, position_text
from .packed_events import EventUnpacker, NotPacked, is_packed, unpacker_of
from .redis_link import (
    DICTIONARY,
    EVENTS,
    FORGOTTEN,
    TEXT_EVENTS,
    BoardKeys,
    Client,
    RedisLink,
    errors,
    is_wrong_type,
    reason_of,
)
from .redis_session import keep_connected
from .woken_thread import WokenThread

POLL_S = 1.0
_POLL_SOON_S = 0.25
"""While an observer has no position yet."""
_BLOCK_MS = 500
_AT_ONCE = 500
_SCAN = 2_000
_POLLED = ("card", "alive", "at", "base")
_STOP_S = 6.0


@dataclass(slots=True)
class _Cursor:
    position: Position | None = None
    at: Position | None = None
    base: bytes | None = None
    """Which state the snapshot was of."""
    unpacker: EventUnpacker | None = None
    wrong_types: set[str] = field(default_factory=set)
    """Keys of it that were found to be of another type, which is said once of each."""


class RedisReader:
    """`start` and `stop` once. `snapshots` counts those that were taken, by observer."""

    def __init__(
        self, link: RedisLink, keys: BoardKeys, own: str, topics: Collection[str], sink: Sink,
        *, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._link, self._keys, self._own, self._topics, self._sink = link, keys, own, tuple(topics), sink
        self._clock = clock
        self._streams = (EVENTS, TEXT_EVENTS)
        self._cursors: dict[str, _Cursor] = {}
        self._unreadable: set[str] = set()
        """Streams that are none, since the last poll."""
        self._poll_at = 0.0
        self._thread = WokenThread("redis-reader", self._run, _STOP_S)
        self.snapshots: dict[str, int] = {}
        self._retaken: set[str] = set()

    def start(self) -> None:
        """Start the thread; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def retake(self, observer: str) -> None:
        """Take a snapshot of this observer, whose events were not taken; called by the sink."""
        self._retaken.add(observer)

    # The thread.

    def _run(self) -> None:
        keep_connected(self._thread, self._link, self._session, lambda problem: self._sink.lost(reason_of(problem)))

    def _session(self, client: Client, works: Callable[[], None]) -> None:
        self._poll_at = 0.0
        while not self._thread.is_stopping:
            self._turn(client)
            self._sink.found()
            works()

    def _turn(self, client: Client) -> None:
        is_polled = self._clock() >= self._poll_at
        if is_polled:
            self._poll(client)
        for observer, cursor in self._cursors.items():
            if cursor.position is None and cursor.at is not None:
                self._take_snapshot(client, observer, cursor)
        heard = self._read(client)
        if is_polled:
            for observer, cursor in self._cursors.items():
                if observer not in heard and cursor.position is not None and cursor.position != cursor.at:
                    cursor.position = None  # Redis says it is elsewhere, and nothing comes from there
            is_waiting = any(cursor.position is None for cursor in self._cursors.values())
            self._poll_at = self._clock() + (_POLL_SOON_S if is_waiting else POLL_S)

    def _poll(self, client: Client) -> None:
        """Who the members are, whether they report, and where they are."""
        index = {name.decode("ascii", "replace"): value for name, value in client.hgetall(self._keys.members).items()}
        for observer in [name for name in self._cursors if index.get(name) == FORGOTTEN]:
            del self._cursors[observer]
            self._sink.forgotten(observer)
        # Those that are known come first, also if Redis has lost them: they may come again, and none pushes them out.
        names = dict.fromkeys([*self._cursors, *sorted(index)])
        observers = [
            name for name in names if is_observer(name) and name != self._own and index.get(name) != FORGOTTEN
        ][:MAX_OBSERVERS]
        pipe = client.pipeline(transaction=False)
        for observer in observers:
            for name in _POLLED:
                pipe.get(self._keys.of(observer, name))
        found = iter(pipe.execute(raise_on_error=False))
        self._unreadable.clear()
        for observer in observers:
            cursor = self._cursors.setdefault(observer, _Cursor())
            values = {name: next(found) for name in _POLLED}
            problems = {name: value for name, value in values.items() if isinstance(value, Exception)}
            card, report, at, base = (None if name in problems else value for name, value in values.items())
            cursor.at = parse_position(at)
            if base is not None and base != cursor.base:
                cursor.position = None
            self._sink.alive(observer, card, report)
            for name, problem in problems.items():
                self._left_out(observer, name, problem)
            if observer in self._retaken:
                self._retaken.discard(observer)
                cursor.position = None
            self._sink.behind(observer, cursor.at)

    def _read(self, client: Client) -> set[str]:
        """The next events; returns the observers that some came from."""
        streams = {
            self._keys.of(observer, name): position_text(cursor.position)
            for observer, cursor in self._cursors.items()
            if cursor.position is not None
            for name in self._streams
        }
        for name in self._unreadable:
            streams.pop(name, None)
        if not streams:
            self._thread.rest(_POLL_SOON_S)
            return set()
        timeout = max(1, min(_BLOCK_MS, int((self._poll_at - self._clock()) * 1000)))
        try:
            found = client.xread(streams, count=_AT_ONCE, block=timeout) or ()
        except errors() as problem:
            if not is_wrong_type(problem):
                raise
            self._find_unreadable(client, streams)
            return set()
        heard = set()
        for stream, entries in found:
            observer = stream.decode().split(":")[2]
            heard.add(observer)
            cursor = self._cursors[observer]
            for name, fields in entries:
                position = parse_position(name)
                data = None if position is None else self._text(client, observer, position, fields.get(b"e", b""))
                if position is None or data is None or not self._sink.event(observer, position, data):
                    cursor.position = None
                    self._poll_at = 0.0
                    break
                cursor.position = position
        return heard

    def _find_unreadable(self, client: Client, streams: Mapping[str, str]) -> None:
        """One of them is no stream, so that none was read: which it is."""
        pipe = client.pipeline(transaction=False)
        for name, position in streams.items():
            pipe.xread({name: position}, count=1)
        for name, found in zip(streams, pipe.execute(raise_on_error=False), strict=True):
            if isinstance(found, Exception):
                _, _, observer, key = name.split(":")
                self._left_out(observer, key, found)
                self._unreadable.add(name)

    def _get(self, client: Client, observer: str, name: str) -> bytes | None:
        """The value of a key of an observer; None if there is none, or it is no text."""
        try:
            value: bytes | None = client.get(self._keys.of(observer, name))
        except errors() as problem:
            self._left_out(observer, name, problem)
            return None
        return value

    def _left_out(self, observer: str, name: str, problem: Exception) -> None:
        """A key of an observer is of another type. Raises the problem if it is another one."""
        if not is_wrong_type(problem):
            raise problem
        cursor = self._cursors[observer]
        if name not in cursor.wrong_types:
            cursor.wrong_types.add(name)
            self._sink.refused(observer, f"its key “{name}” in Redis is of another type")

    def _text(self, client: Client, observer: str, position: Position, data: bytes) -> bytes | None:
        """The JSON of an event, whichever form it has; None if what it is packed with is not known."""
        if not is_packed(data):
            return data
        cursor = self._cursors[observer]
        if cursor.unpacker is None or cursor.unpacker.epoch != position[0]:
            cursor.unpacker = unpacker_of(self._get(client, observer, DICTIONARY))
        if cursor.unpacker is None or cursor.unpacker.epoch != position[0]:
            return None
        try:
            return cursor.unpacker.unpack(data)
        except NotPacked:
            return data  # the sink says what is wrong with it

    def _take_snapshot(self, client: Client, observer: str, cursor: _Cursor) -> None:
        base = self._get(client, observer, "base")
        at = parse_position(self._get(client, observer, "at"))
        if at is None or base is None:
            return
        self._sink.snapshot(observer, at, self._entries(client, observer))
        cursor.position, cursor.at, cursor.base = at, at, base
        self.snapshots[observer] = self.snapshots.get(observer, 0) + 1

    def _entries(self, client: Client, observer: str) -> Iterator[tuple[str, str, bytes]]:
        """All entries of an observer, as they come: a host may have far more than fits into memory."""
        for topic in self._topics:
            key, scan = self._keys.state(observer, topic), 0
            while True:
                try:
                    scan, found = client.hscan(key, scan, count=_SCAN)
                except errors() as problem:
                    self._left_out(observer, f"state:{topic}", problem)
                    break
                for name, data in found.items():
                    collection, _, entry = name.decode("utf-8", "replace").partition(":")
                    yield collection, entry, data
                if scan == 0:
                    break
