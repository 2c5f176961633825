"""`Vocabulary`: what may be shared, and the check of what other hosts say: `event(data)`, `entry(collection, data)`.

It is the sum of what features declare (`Event.shared`, `Feature.collections`). What comes from elsewhere is decoded to
the very classes that are published here, so a field of another type, or one that is not known, never gets through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ..hub.event import Event
from .events import HostChanged

MAX_EVENT_BYTES = 1_048_576
MAX_ENTRY_BYTES = 262_144
MAX_KEY = 4_200
"""Of an entry: the key of a task is made of its id and a path of at most 4,096 bytes."""
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, UnicodeEncodeError, RecursionError, ValueError, TypeError)


class Unreadable(Exception):
    """What another host says cannot be used; the text says why."""


class _Owned(msgspec.Struct):
    project: str | None = None


class _Head(msgspec.Struct):
    type: str
    time: str = ""


_entries = msgspec.json.Encoder().encode
_owned = msgspec.json.Decoder(_Owned)


@dataclass(frozen=True, slots=True)
class Said:
    """An event of another host, checked: when it was, and the entries that it changes, as JSON (None: gone)."""

    event: Event
    time: str
    changes: tuple[tuple[str, str, bytes | None], ...]


class Vocabulary:
    """Immutable; used by any thread."""

    def __init__(
        self,
        events: Iterable[type[Event]],
        collections: Mapping[str, tuple[str, Any]],
        keyed_by_project: Collection[str] = (),
    ) -> None:
        """`collections`: name -> (topic, type of an entry); `keyed_by_project`: those whose keys are projects."""
        self._keyed_by_project = frozenset(keyed_by_project)
        self._topics = {name: topic for name, (topic, _) in collections.items()}
        self._kinds = {kind.type: msgspec.json.Decoder(kind) for kind in events if kind.shared}
        self._entries = {name: msgspec.json.Decoder(kind) for name, (_, kind) in collections.items()}
        self._head = msgspec.json.Decoder(_Head)

    @property
    def topics(self) -> frozenset[str]:
        """The topics that have collections."""
        return frozenset(self._topics.values())

    def topic_of(self, collection: str) -> str | None:
        """The topic of a collection; None for one that does not exist."""
        return self._topics.get(collection)

    def of_topics(self, topics: Iterable[str]) -> frozenset[str]:
        """The collections of these topics; of all for "all"."""
        wanted = frozenset(topics)
        return frozenset(name for name, topic in self._topics.items() if topic in wanted or "all" in wanted)

    def project_of(self, collection: str, key: str, data: bytes) -> str | None:
        """The project that an entry is about, as it is kept; None if it is about none."""
        return key if collection in self._keyed_by_project else _owned.decode(data).project

    def event(self, data: bytes) -> Said:
        """The event that this JSON says. Raises Unreadable."""
        if len(data) > MAX_EVENT_BYTES:
            raise Unreadable(f"an event of {len(data):,} bytes")
        try:
            head = self._head.decode(data)
            decoder = self._kinds.get(head.type)
            if decoder is None:
                raise Unreadable(f"an event “{head.type[:50]}”, which no host shares")
            event = decoder.decode(data)
            if isinstance(event, HostChanged):
                event = self._checked(event)
            changes = tuple(
                (collection, key, None if value is None else self.entry(collection, key, _entries(value)))
                for collection, key, value in event.entries()
            )
        except _BAD as problem:
            raise Unreadable(f"an event that is not as it should be: {str(problem)[:150]}") from problem
        return Said(event, head.time[:40], changes)

    def entry(self, collection: str, key: str, data: bytes) -> bytes:
        """The entry as it is kept: checked, and without what its type does not have. Raises Unreadable."""
        decoder = self._entries.get(collection)
        if decoder is None:
            raise Unreadable(f"a collection “{collection[:50]}”, which no host shares")
        if len(data) > MAX_ENTRY_BYTES or len(key) > MAX_KEY:
            raise Unreadable(f"an entry of {len(data):,} bytes in {collection}")
        try:
            value = decoder.decode(data)
            if isinstance(value, dict) and not isinstance(value.get("project"), str | None):
                raise Unreadable(f"an entry in {collection} with a project that is no text")
            return _entries(value)
        except _BAD as problem:
            raise Unreadable(f"an entry in {collection} that is not as it should be: {str(problem)[:150]}") from problem

    def _checked(self, event: HostChanged) -> HostChanged:
        """With the project that its entries say, which decides who gets it. Raises Unreadable."""
        if event.collection not in self._topics:
            raise Unreadable(f"a collection “{event.collection[:50]}”, which no host shares")
        projects = {self.project_of(event.collection, key, _entries(value)) for key, value in event.set.items()}
        if len(projects) > 1:
            raise Unreadable("entries of several projects in one event")
        return replace(event, project=projects.pop()) if projects else event
