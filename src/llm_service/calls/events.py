"""Events about LLM calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryUpdate(Event):
    """LLM calls were counted: `invocation` is the newest, `calls` how many since the previous update."""

    type: ClassVar[str] = "telemetry.update"
    topic: ClassVar[str] = "telemetry"

    invocation: dict[str, Any]
    calls: int


EVENTS: tuple[type[Event], ...] = (TelemetryUpdate,)
"""Every event of this feature."""
