"""The events about runs of programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event
from .model import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A program was started."""

    type: ClassVar[str] = "run.started"
    topic: ClassVar[str] = "jobs"

    run: Run
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """A run ended: the program and all that it left behind. With the status "unknown" its shim died, so how it ended is
    not known."""

    type: ClassVar[str] = "run.finished"
    topic: ClassVar[str] = "jobs"

    run: Run
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSurvivors(Event):
    """How many processes go on of a run whose shim was killed has changed; with 0 the last one has ended."""

    type: ClassVar[str] = "run.survivors"
    topic: ClassVar[str] = "jobs"

    run: Run
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRemoved(Event):
    """The folder of a run that has ended was removed."""

    type: ClassVar[str] = "run.removed"
    topic: ClassVar[str] = "jobs"

    run_id: str
    owner: str
    project: str | None = None


EVENTS: tuple[type[Event], ...] = (RunStarted, RunFinished, RunSurvivors, RunRemoved)
"""Every event of this feature."""
