"""What doctor finds: `Stage`, one of the four places where data gets stuck (pure values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..insight import span

Level = Literal["ok", "note", "problem"]

QUESTIONS = (
    ("files", "Did the script generate files?"),
    ("logs", "Was its output captured?"),
    ("artifacts", "Did the dashboard see the files?"),
    ("streams", "Are the streams live?"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage: "ok", "problem" (data is stuck here), or "note" (there is nothing to find out yet, and why)."""

    number: int
    name: str
    question: str
    level: Level
    reason: str
    next_step: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """False if data is stuck here."""
        return self.level != "problem"


def stage(
    number: int, level: Level, reason: str, next_step: str | None = None, figures: Mapping[str, Any] | None = None
) -> Stage:
    """A stage by its number, from 1."""
    name, question = QUESTIONS[number - 1]
    return Stage(
        number=number,
        name=name,
        question=question,
        level=level,
        reason=reason,
        next_step=next_step,
        figures=dict(figures or {}),
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """A further finding: about what (`what`), and how bad it is."""

    level: Level
    what: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What doctor found about a job, None if there is none: the four stages, and further remarks."""

    job: str | None
    stages: tuple[Stage, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """False if a stage failed."""
        return all(stage.is_ok for stage in self.stages)


def ago(seconds: float) -> str:
    """How long ago, in words; "now" for less than a second."""
    return "now" if seconds < 1 else f"{span(seconds)} ago"
