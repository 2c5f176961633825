"""The events about the hosts of a board, and about what differs after something was missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Change, Event
from .model import Member

TOPIC = "members"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUpdated(Event):
    """A host joined the board, or something about it is different: its state, what it says of itself, what does not
    work there. How far behind it is, is in `GET /api/members`."""

    type: ClassVar[str] = "member.updated"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    """A person said that a host is none of the board any more: nothing of it is shown."""

    type: ClassVar[str] = "member.removed"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False

    observer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChanged(Event):
    """Entries of a collection of a host are different, for which there is no event of their own, or it was missed:
    `set` maps keys to values, `removed` are keys that are gone. Of another host it comes on the topic of the
    collection."""

    type: ClassVar[str] = "host.changed"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False
    shared: ClassVar[bool] = True

    collection: str
    set: dict[str, Any]
    removed: tuple[str, ...] = ()
    project: str | None = None

    def entries(self) -> Iterable[Change]:
        """What it says."""
        yield from ((self.collection, key, value) for key, value in self.set.items())
        yield from ((self.collection, key, None) for key in self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReset(Event):
    """So much of a host is different that a client takes a snapshot, as if it had missed events."""

    type: ClassVar[str] = "host.reset"
    topic: ClassVar[str] = "service"
    journaled: ClassVar[bool] = False

    observer: str


EVENTS: tuple[type[Event], ...] = (MemberUpdated, MemberRemoved, HostChanged, HostReset)
"""Every event of this feature."""
