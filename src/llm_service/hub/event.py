"""The base class of all events, and the events about the service itself.

Each event is a frozen class whose docstring is its documentation (README, AsyncAPI). Clients get it as a flat JSON
object `{seq, epoch, type, time, ...fields}` (see `ring`). It contains the whole object that changed, so applying it
twice does no harm. The events of a feature are in its `events.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

MAX_ROOM_CHARACTERS = 256
_ID = "<id>"
Change = tuple[str, str, Any]
"""An entry that other hosts know: (collection, key, value), where the value is None if the entry is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. `type` is the name that clients see, `topic` what they subscribe to.

    `rooms` are topics of a single object: `("logs:<job>",)` says that the event also goes to those who subscribed to
    `logs:` and the value of its field `job`; a field of a field is `<job.id>`. Clients see them as `logs:<id>`.

    One with an attribute `project` is about that project: users who may not see it do not get the event.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    rooms: ClassVar[tuple[str, ...]] = ()
    floods: ClassVar[bool] = False
    """It may come by the hundreds: it is retained apart from the others, so that it does not push them out."""
    journaled: ClassVar[bool] = True
    """False for what comes often and is recorded elsewhere, or means nothing later: it is not in the journal."""
    shared: ClassVar[bool] = False
    """True if the other hosts of a board get it, with what it says of `entries`."""

    def entries(self) -> Iterable[Change]:
        """What is different after it in what other hosts know: entries of collections (`Feature.collections`)."""
        return ()

    def for_others(self) -> Event:
        """What other hosts get of it: without what they ask its owner for."""
        return self


def rooms_of(event: Event) -> tuple[str, ...]:
    """The rooms that an event concerns: `("logs:job-1",)`."""
    return tuple(f"{prefix}{value(event)}" for prefix, value in _rooms(type(event)))


def _rooms(kind: type[Event]) -> tuple[tuple[str, attrgetter[Any]], ...]:
    """(prefix with its colon, what reads the id from an event) of each room of a class."""
    found = _rooms_of_kinds.get(kind)
    if found is None:
        parts = (room.removesuffix(">").split("<", 1) for room in kind.rooms)
        found = _rooms_of_kinds[kind] = tuple((prefix, attrgetter(field)) for prefix, field in parts)
    return found


_rooms_of_kinds: dict[type[Event], tuple[tuple[str, attrgetter[Any]], ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProgress(Event):
    """The board is loading: `done` of `total` files have been read."""

    type: ClassVar[str] = "service.progress"
    topic: ClassVar[str] = "service"
    journaled: ClassVar[bool] = False

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReady(Event):
    """The board is complete: everything that was on the disk at the start has been read."""

    type: ClassVar[str] = "service.ready"
    topic: ClassVar[str] = "service"

    tasks: int
    invalid: int
    load_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDegraded(Event):
    """A folder is not followed as it should be. `mode`: it is checked now and then ("polling"), it is "missing" or
    "unreadable" (what was known of it is still shown), or it is left out ("skipped"); "history": the database;
    "ignore": a `.gitignore` of which not everything is used. "journal": what other hosts are to know cannot be written;
    then `since` says since when, and `waiting` how many events wait.
    """

    type: ClassVar[str] = "service.degraded"
    topic: ClassVar[str] = "service"

    root: str
    mode: str
    reason: str
    since: str | None = None
    waiting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecovered(Event):
    """A folder that was degraded is followed as it should be, or is gone."""

    type: ClassVar[str] = "service.recovered"
    topic: ClassVar[str] = "service"

    root: str
    mode: str


SERVICE_EVENTS: tuple[type[Event], ...] = (ServiceProgress, ServiceReady, ServiceDegraded, ServiceRecovered)
"""The events about the service itself, which all clients get, whatever they subscribed to."""


def projects_of(event: Event) -> tuple[str, ...]:
    """The projects that an event is about: that of its attribute `project`, and of `previous_project`; () if none."""
    project = getattr(event, "project", None)
    if project is None:
        return ()
    previous = getattr(event, "previous_project", None)
    return (project,) if previous is None or previous == project else (project, previous)


def topics_of(events: Iterable[type[Event]]) -> tuple[str, ...]:
    """The topics that a client may subscribe to: those of these events, each once, "all", and the rooms of these
    events as `logs:<id>`."""
    kinds = tuple(events)
    rooms = (room for kind in kinds for room in topics_of_kind(kind)[1:])
    return (*dict.fromkeys(kind.topic for kind in kinds), "all", *dict.fromkeys(rooms))


def topics_of_kind(kind: type[Event]) -> tuple[str, ...]:
    """The topics and rooms that an event of a class goes to: `("logs", "logs:<id>")`."""
    return (kind.topic, *(f"{prefix}{_ID}" for prefix, _ in _rooms(kind)))


def is_topic(name: str, topics: Collection[str]) -> bool:
    """True if a client may subscribe to `name`, given `topics_of` the events: a topic, or a room with any id."""
    prefix, colon, item = name.partition(":")
    if not colon:
        return name in topics
    return bool(item) and len(name) <= MAX_ROOM_CHARACTERS and f"{prefix}:{_ID}" in topics


def without_rooms(topics: Iterable[str]) -> frozenset[str]:
    """The topics that are no rooms, without "all"."""
    return frozenset(topic for topic in topics if ":" not in topic and topic != "all")
