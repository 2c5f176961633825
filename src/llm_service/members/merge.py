"""`Merge`: what the other hosts say becomes part of this board: entries, members, and events on our own hub.

It is the `Sink` of what reads from elsewhere, whatever that is. For our clients the numbers stay contiguous and local:
an event of another host gets the next number of our hub, with its `origin`. After a gap the entries that differ from
what was known are published, or, if they are too many, one event that lets clients take a snapshot.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from ..hub.event import Event
from ..hub.outbox import Position, position_text
from ..hub.ring import Hub
from ..times import iso_time
from .board import MemberBoard
from .events import HostChanged, HostReset, MemberRemoved
from .store import HostState, HostStates
from .vocabulary import Unreadable, Vocabulary

MOST_DIFFERENT = 2_000
MAX_ENTRIES = 200_000
MAX_STATE_BYTES = 268_435_456
"""Of one host: what it has beyond that is not read."""
_AT_ONCE = 200


class Merge:
    """Each observer is given by one thread at a time."""

    def __init__(
        self,
        hub: Hub,
        vocabulary: Vocabulary,
        states: HostStates,
        board: MemberBoard,
        *,
        checks_numbers: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`checks_numbers`: False only to show in a test what would be wrong."""
        self._hub, self._vocabulary, self._states, self._board = hub, vocabulary, states, board
        self._checks_numbers, self._clock = checks_numbers, clock
        self._positions: dict[str, Position] = {}

    def alive(self, observer: str, card: bytes | None, report: bytes | None) -> None:
        """See `Sink`."""
        self._board.heard(observer, card, report)

    def refused(self, observer: str, reason: str) -> None:
        """See `Sink`."""
        self._board.refused(observer, reason)

    def behind(self, observer: str, at: Position | None) -> None:
        """See `Sink`."""
        position = self._positions.get(observer)
        is_same = at is not None and position is not None and at[0] == position[0]
        self._board.set_behind(observer, max(0, at[1] - position[1]) if is_same and at and position else None)

    def lost(self, reason: str, heard: Collection[str] = ()) -> None:
        """See `Sink`; `heard` are observers that are heard another way."""
        self._board.lost(reason, heard)

    def silent(self, observer: str, is_unreachable: bool) -> None:
        """One observer is not heard, and so for long if it is unreachable."""
        if is_unreachable:
            self._board.heard(observer, None, None)
        else:
            self._board.silent([observer])

    def found(self) -> None:
        """See `Sink`."""
        self._board.found()

    def forgotten(self, observer: str) -> None:
        """See `Sink`."""
        self._states.forget(observer)
        self._positions.pop(observer, None)
        self._board.remove(observer)
        self._hub.publish(MemberRemoved(observer=observer))

    def event(self, observer: str, position: Position, data: bytes) -> bool:
        """See `Sink`."""
        known = self._positions.get(observer)
        if known is None or (self._checks_numbers and position != (known[0], known[1] + 1)):
            return False
        self._positions[observer] = position
        try:
            said = self._vocabulary.event(data)
        except Unreadable as problem:
            self._board.refused(observer, f"it sent {problem}")
            self._hub.moved(observer, position_text(position))
            return True
        for collection, key, entry in said.changes:
            self._states.put(observer, collection, key, entry)
        self._relay(said.event, observer, position, said.time)
        return True

    def snapshot(self, observer: str, position: Position, entries: Iterable[tuple[str, str, bytes]]) -> None:
        """See `Sink`."""
        found, size, unreadable = HostState(), 0, 0
        reason = ""
        for collection, key, data in entries:
            size += len(data) + len(key)
            if found.count >= MAX_ENTRIES or size > MAX_STATE_BYTES:
                self._board.refused(observer, "it shares more than is read of one host")
                break
            try:
                found.put(collection, key, self._vocabulary.entry(collection, key, data))
            except Unreadable as problem:
                unreadable, reason = unreadable + 1, f"it has {problem}"
        if unreadable:
            self._board.refused(observer, reason, unreadable)
        known = self._states.replace(observer, found)
        self._positions[observer] = position
        # Of a host that was not known all is different; to find out what takes a while.
        is_new = not known.collections and found.count > MOST_DIFFERENT
        different = [] if is_new else list(islice(self._differences(known, found), MOST_DIFFERENT + 1))
        if is_new or len(different) > MOST_DIFFERENT:
            self._relay(HostReset(observer=observer), observer, position, iso_time(self._clock()))
        else:
            self._publish(observer, position, different)

    def _publish(
        self, observer: str, position: Position, different: list[tuple[str, str, bytes | None, str | None]]
    ) -> None:
        groups = dict[tuple[str, str | None], list[tuple[str, bytes | None]]]()
        for collection, key, data, project in different:
            groups.setdefault((collection, project), []).append((key, data))
        events = [
            HostChanged(
                collection=collection,
                project=project,
                set={key: msgspec.json.decode(data) for key, data in part if data is not None},
                removed=tuple(key for key, data in part if data is None),
            )
            for (collection, project), entries in groups.items()
            for part in _parts(entries)
        ]
        now = iso_time(self._clock())
        for number, event in enumerate(events, 1):
            self._relay(event, observer, position if number == len(events) else None, now)
        if not events:
            self._hub.moved(observer, position_text(position))

    def _differences(self, known: HostState, found: HostState) -> Iterator[tuple[str, str, bytes | None, str | None]]:
        """(collection, key, entry or None, project) of what is different."""
        project_of = self._vocabulary.project_of
        for collection in {**known.collections, **found.collections}:
            for key in found.keys(collection):
                data = found.get(collection, key)
                if data is not None and known.get(collection, key) != data:
                    yield collection, key, data, project_of(collection, key, data)
            for key in set(known.keys(collection)).difference(found.keys(collection)):
                before = known.get(collection, key)
                if before is not None:
                    yield collection, key, None, project_of(collection, key, before)

    def _relay(self, event: Event, observer: str, position: Position | None, time: str) -> None:
        topic = self._vocabulary.topic_of(event.collection) if isinstance(event, HostChanged) else None
        self._hub.relay(event, observer, None if position is None else position_text(position), time, topic)


def _parts(entries: list[tuple[str, bytes | None]]) -> Iterator[list[tuple[str, Any]]]:
    for start in range(0, len(entries), _AT_ONCE):
        yield entries[start : start + _AT_ONCE]
