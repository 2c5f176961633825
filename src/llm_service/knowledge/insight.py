"""An insight, `Insight`, and when something is one, `InsightLimits` (pure values)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .figures import JobFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """Something about a running job that is worth saying.

    `key` names the occasion: for the same one nothing is said again, or not before `again_after_s`. `is_recorded`:
    what it rests on was recorded by a program; False: it was inferred.
    """

    kind: str
    key: str
    job: str
    run: str | None
    text: str
    severity: str
    rests_on: str
    is_recorded: bool
    is_notable: bool = False
    again_after_s: float | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightLimits:
    """When something is worth saying."""

    regular_every_s: float = 900.0
    stalled_after_s: float = 600.0
    error_burst: int = 10
    """Errors in a minute, and five times as many as before."""
    unmatched_lines: int = 500
    result_alive_s: float = 60.0
    recent_s: float = 900.0
    """What happened longer ago is no news."""
    rate_change: float = 2.0
    """So many times more or fewer lines per hour than on average."""
    rate_after_s: float = 1_800.0


@dataclass(frozen=True, slots=True)
class Case:
    """One job at one time, and when something about it is worth saying."""

    figures: JobFigures
    now: float
    limits: InsightLimits

    def insight(self, kind: str, **fields: Any) -> Insight:
        """An insight about this job."""
        return Insight(kind=kind, job=self.figures.job, run=self.figures.run, **fields)


def span(seconds: float) -> str:
    """A time span in words: "40 s", "12 min", "1 h 05 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02d} min"
