"""The base of all events, and those about the service itself: one frozen class per fact, past tense.

The docstring of a class is its manual page. Every event goes out as a flat JSON object `{seq, epoch, type, time,
...fields}` (see `ring`). Applying one twice is harmless: it carries the whole object. The events of a feature stand in
its `events.py`; the vocabulary of the service is the sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all facts. `type` is the event's name on every outlet, `topic` the room it goes to."""

    type: ClassVar[str]
    topic: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProgress(Event):
    """The first reading of the board goes on: `done` of `total` files read."""

    type: ClassVar[str] = "service.progress"
    topic: ClassVar[str] = "service"

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReady(Event):
    """The board is complete: everything that lay on the disk at the start has been read."""

    type: ClassVar[str] = "service.ready"
    topic: ClassVar[str] = "service"

    tasks: int
    invalid: int
    load_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDegraded(Event):
    """A watched folder is not watched as it should be: polled instead (`mode` "polling"), or "missing"."""

    type: ClassVar[str] = "service.degraded"
    topic: ClassVar[str] = "service"

    root: str
    mode: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecovered(Event):
    """A folder that was degraded is watched again."""

    type: ClassVar[str] = "service.recovered"
    topic: ClassVar[str] = "service"

    root: str
    mode: str


SERVICE_EVENTS: tuple[type[Event], ...] = (ServiceProgress, ServiceReady, ServiceDegraded, ServiceRecovered)
"""What the service announces of itself; reaches every client, whatever it asked for."""


def topics_of(events: Iterable[type[Event]]) -> tuple[str, ...]:
    """What a client may subscribe to: the topics of these events, each once, and "all"."""
    return (*dict.fromkeys(kind.topic for kind in events), "all")
