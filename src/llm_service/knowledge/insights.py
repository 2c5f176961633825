"""What is worth knowing about the running jobs: `find_insights(figures, memory, now)` (pure).

At most one insight a job in 15 minutes, and what is notable at once. What was said is not said again: the caller
passes `memory.after(insights, ...)` the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .figures import JobFigures
from .insight import Case, Insight, InsightLimits
from .insight_kinds import KINDS
from .model import Message

_AGAIN_AFTER_S = 60.0
"""Notable insights of one kind about one job are at least this far apart."""


@dataclass(frozen=True, slots=True)
class InsightMemory:
    """What was said when (Unix time): `said` by (job, key), `of_kind` by (job, kind), `regular` by (job, "")."""

    said: Mapping[tuple[str, str], float] = field(default_factory=dict)
    of_kind: Mapping[tuple[str, str], float] = field(default_factory=dict)
    regular: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def after(self, insights: Iterable[Insight], running: Iterable[str], now: float) -> InsightMemory:
        """The memory once these were said; of jobs that no longer run nothing is remembered."""
        jobs = frozenset(running)
        said, of_kind, regular = ({key: at for key, at in one.items() if key[0] in jobs} for one in self._parts())
        for insight in insights:
            said[insight.job, insight.key] = now
            of_kind[insight.job, insight.kind] = now
            if not insight.is_notable:
                regular[insight.job, ""] = now
        return InsightMemory(said, of_kind, regular)

    def _parts(self) -> tuple[Mapping[tuple[str, str], float], ...]:
        return self.said, self.of_kind, self.regular


def memory_of(messages: Iterable[Message], times: Mapping[int, float]) -> InsightMemory:
    """The memory that a dashboard had which published these messages; `times`: their ids -> Unix time."""
    said: dict[tuple[str, str], float] = {}
    of_kind: dict[tuple[str, str], float] = {}
    regular: dict[tuple[str, str], float] = {}
    for message in messages:
        key, kind = message.data.get("key"), message.data.get("kind")
        if message.origin == "service" and message.job and isinstance(key, str) and isinstance(kind, str):
            at = times[message.id]
            said[message.job, key] = at
            of_kind[message.job, kind] = at
            if not message.data.get("is_notable"):
                regular[message.job, ""] = at
    return InsightMemory(said, of_kind, regular)


def find_insights(
    figures: Sequence[JobFigures], memory: InsightMemory, now: float, limits: InsightLimits | None = None
) -> list[Insight]:
    """The insights to be said now, job by job: all that are notable, and one of the others if its time has come."""
    chosen: list[Insight] = []
    for one in figures:
        chosen += _of_job(one, memory, now, limits or InsightLimits())
    return chosen


def _of_job(figures: JobFigures, memory: InsightMemory, now: float, limits: InsightLimits) -> Iterable[Insight]:
    may_be_regular = now - memory.regular.get((figures.job, ""), float("-inf")) >= limits.regular_every_s
    kinds: set[str] = set()
    case = Case(figures, now, limits)
    for find in KINDS:
        for insight in find(case):
            said_at = memory.said.get((figures.job, insight.key), float("-inf"))
            if now - said_at < (insight.again_after_s or float("inf")) and said_at != float("-inf"):
                continue
            if insight.is_notable:
                last = memory.of_kind.get((figures.job, insight.kind), float("-inf"))
                if now - last >= _AGAIN_AFTER_S and insight.kind not in kinds:
                    kinds.add(insight.kind)
                    yield insight
            elif may_be_regular:
                may_be_regular = False
                yield insight
