"""The event about what agents are at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event

TOPIC = "overview"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewChanged(Event):
    """What is known of agents is different, at most once a second: `GET /api/overview` has what each may see. It
    follows from other events, or from time alone, and is not in the journal. `revision` rises with each."""

    type: ClassVar[str] = "overview.changed"
    topic: ClassVar[str] = TOPIC
    journaled: ClassVar[bool] = False

    revision: int


EVENTS: tuple[type[Event], ...] = (OverviewChanged,)
"""Every event of this feature."""
