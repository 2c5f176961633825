"""The event about session logs. It has nothing of what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event

TOPIC = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGrew(Event):
    """The log of a session was written to (`size_bytes`: the size of its file now), appeared, or is gone
    (`size_bytes` is null)."""

    type: ClassVar[str] = "session.grew"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False
    floods: ClassVar[bool] = True

    session: str
    parent: str | None
    project: str
    size_bytes: int | None


EVENTS: tuple[type[Event], ...] = (SessionGrew,)
"""Every event of this feature."""
