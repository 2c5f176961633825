"""The events about what waits for a person. Where they lead to is in `GET /api/needs-you`; texts are untrusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import Need

TOPIC = "needs_you"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedEvent(Event):
    """Base of the events about a need. They follow from others, which the journal has."""

    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False
    shared: ClassVar[bool] = True

    need: Need

    @property
    def project(self) -> str | None:
        """Whose people get the event."""
        return self.need.project

    def entries(self) -> Iterable[Change]:
        """The need."""
        yield "needs", self.need.id, self.need


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedOpened(NeedEvent):
    """Something waits for a person."""

    type: ClassVar[str] = "need.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedChanged(NeedEvent):
    """It still waits, and something about it is different: its certainty, or what it says."""

    type: ClassVar[str] = "need.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedClosed(NeedEvent):
    """It waits no longer."""

    type: ClassVar[str] = "need.closed"

    def entries(self) -> Iterable[Change]:
        """The need is gone."""
        yield "needs", self.need.id, None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDecided(Event):
    """A person snoozed something, said that it is done, or took that back: `decision` is "snoozed", "done" or
    "restored". A snooze is only for the person who chose it."""

    type: ClassVar[str] = "need.decided"
    topic: ClassVar[str] = TOPIC

    id: str
    decision: str
    by: str | None
    project: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSummary(Event):
    """Who works, or what can be told, is different: `GET /api/needs-you` has the figures of what each may see.
    `is_known`: anything tells of agents."""

    type: ClassVar[str] = "need.summary"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False

    is_known: bool


EVENTS: tuple[type[Event], ...] = (NeedOpened, NeedChanged, NeedClosed, NeedDecided, NeedSummary)
"""Every event of this feature."""
