"""The base class of all events, and the events about the service itself.

Each event is a frozen class whose docstring is its documentation (README, AsyncAPI). Clients get it as a flat JSON
object `{seq, epoch, type, time, ...fields}` (see `ring`). It contains the whole object that changed, so applying it
twice does no harm. The events of a feature are in its `events.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. `type` is the name that clients see, `topic` what they subscribe to.

    One with an attribute `project` is about that project: users who may not see it do not get the event.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    journaled: ClassVar[bool] = True
    """False for what comes often and is recorded elsewhere, or means nothing later: it is not in the journal."""


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
    "ignore": a `.gitignore` of which not everything is used.
    """

    type: ClassVar[str] = "service.degraded"
    topic: ClassVar[str] = "service"

    root: str
    mode: str
    reason: str


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
    """The topics that a client may subscribe to: those of these events, each once, and "all"."""
    return (*dict.fromkeys(kind.topic for kind in events), "all")
