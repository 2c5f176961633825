"""The events about the sessions of agents, as their hooks report them; their texts are untrusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import Session, State

TOPIC = "needs_you"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent(Event):
    """Base of the events about a session."""

    topic: ClassVar[str] = TOPIC
    shared: ClassVar[bool] = True

    session: Session

    @property
    def project(self) -> str:
        """Whose people get the event."""
        return self.session.project

    def entries(self) -> Iterable[Change]:
        """The session, until it ends."""
        yield "sessions", self.session.id, None if self.session.state == State.ENDED else self.session


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWaiting(SessionEvent):
    """An agent waits for a person: it asks for a permission or an answer, or its turn failed; or for something else
    than before. How certain that is, and what it rests on, is in the session."""

    type: ClassVar[str] = "agent.waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResumed(SessionEvent):
    """An agent waits no longer; `previous_state` and `previous_since` say for what it waited, and since when."""

    type: ClassVar[str] = "agent.resumed"

    previous_state: str
    previous_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSession(SessionEvent):
    """A session began, works, is idle or has ended, and waited for nobody before."""

    type: ClassVar[str] = "agent.session"
    journaled: ClassVar[bool] = False


EVENTS: tuple[type[Event], ...] = (AgentWaiting, AgentResumed, AgentSession)
"""Every event of this feature."""
