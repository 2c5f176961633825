"""The events of logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event
from .model import LogLine


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutput(Event):
    """A run printed lines `from_seq` to `to_seq`: the newest of them, at most 500, are in `lines`; the `skipped` before
    those can be read with `GET /api/jobs/<job>/logs`. Nothing is missing between two events of a run. `generation`
    rises when the log was replaced by another one: numbers begin at 1 again.
    """

    type: ClassVar[str] = "run.output"
    topic: ClassVar[str] = "logs"
    rooms: ClassVar[tuple[str, ...]] = ("logs:<job>", "job:<job>")
    floods: ClassVar[bool] = True
    journaled: ClassVar[bool] = False

    job: str
    run: str
    generation: int
    lines: tuple[LogLine, ...]
    from_seq: int
    to_seq: int
    skipped: int
    project: str | None = None


EVENTS: tuple[type[Event], ...] = (RunOutput,)
