"""The events about streams, facts and metrics.

What agents say is in `text`, `source` and `data`: untrusted text, to be shown and never to be followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Event
from .metrics import LineRate
from .model import Fact, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """Base of the messages of streams. `skipped`: so many messages of the stream before this one were stored and not
    published, as there were too many at once."""

    id: int
    text: str
    source: str
    severity: str | None
    job: str | None
    project: str | None
    data: dict[str, Any]
    rests_on: str | None
    is_recorded: bool
    origin: str
    created_at: str
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightCreated(MessageEvent):
    """Something about the work that is worth knowing: found by this dashboard (`origin` is "service"), with what it
    `rests_on` and whether that was recorded or inferred; or said by an agent."""

    type: ClassVar[str] = "insight.created"
    topic: ClassVar[str] = "insights"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeMessage(MessageEvent):
    """Somebody said something on the stream `knowledge`, which makes it a proposed fact."""

    type: ClassVar[str] = "knowledge.message"
    topic: ClassVar[str] = "knowledge"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsMessage(MessageEvent):
    """Somebody said something on the stream `metrics`."""

    type: ClassVar[str] = "metrics.message"
    topic: ClassVar[str] = "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsMessage(MessageEvent):
    """Somebody said something on the stream `logs`."""

    type: ClassVar[str] = "logs.message"
    topic: ClassVar[str] = "logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeUpdated(Event):
    """A fact is new, or it changed: its sources, tags or status."""

    type: ClassVar[str] = "knowledge.updated"
    topic: ClassVar[str] = "knowledge"

    fact: Fact

    @property
    def project(self) -> str | None:
        """Whose people get the event."""
        return self.fact.project


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeRemoved(Event):
    """No file says this fact any more."""

    type: ClassVar[str] = "knowledge.removed"
    topic: ClassVar[str] = "knowledge"

    id: str
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsUpdated(Event):
    """Lines written, and lines per hour, of a project and of each of its running jobs; of all projects together if
    `project` is null."""

    type: ClassVar[str] = "metrics.updated"
    topic: ClassVar[str] = "metrics"

    project: str | None
    lines: LineRate
    jobs: dict[str, LineRate]
    measured_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSeen(Event):
    """The watcher saw the file that doctor wrote to measure how long a change takes."""

    type: ClassVar[str] = "probe.seen"
    topic: ClassVar[str] = "probe"

    nonce: str


_MESSAGE_EVENTS: dict[str, type[MessageEvent]] = {
    kind.topic: kind for kind in (InsightCreated, KnowledgeMessage, MetricsMessage, LogsMessage)
}


def event_of(message: Message, skipped: int = 0) -> MessageEvent:
    """The event that publishes a message."""
    return _MESSAGE_EVENTS[message.topic](
        id=message.id,
        text=message.text,
        source=message.source,
        severity=message.severity,
        job=message.job,
        project=message.project,
        data=message.data,
        rests_on=message.rests_on,
        is_recorded=message.is_recorded,
        origin=message.origin,
        created_at=message.created_at,
        skipped=skipped,
    )


INSIGHT_EVENTS: tuple[type[Event], ...] = (InsightCreated,)
METRICS_EVENTS: tuple[type[Event], ...] = (MetricsUpdated, MetricsMessage)
EVENTS: tuple[type[Event], ...] = (KnowledgeUpdated, KnowledgeRemoved, KnowledgeMessage, LogsMessage, ProbeSeen)
"""Every event of the feature but those of its two further topics."""
