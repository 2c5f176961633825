"""Lists of jobs, filtered and paged, and the comparison of two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .model import Job, JobStatus
from .needs import Caller

_COMPARED = ("duration_s", "lines_written", "log_lines", "cost_usd", "attempt")


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs; None and empty sets select all. `cursor` is the `next_cursor` of the page before."""

    project: str | None = None
    status: frozenset[str] = frozenset()
    user: str | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page, the newest first; `counts` by status are of all pages and whatever the status in the query."""

    jobs: tuple[Job, ...]
    next_cursor: str | None
    counts: dict[str, int]


def select(jobs: Iterable[Job], query: JobQuery, caller: Caller) -> JobPage:
    """The page of those jobs that the caller may see."""
    found = [
        job
        for job in jobs
        if caller.may_see(job.project, job.user)
        and query.project in (None, job.project)
        and query.user in (None, job.user)
    ]
    counted = Counter(str(job.status) for job in found)
    counts = {str(status): counted[status] for status in JobStatus}
    chosen = [job for job in found if not query.status or job.status in query.status]
    if query.cursor is not None:
        chosen = [job for job in chosen if _key(job) < query.cursor]
    page = tuple(chosen[: query.limit])
    has_more = len(chosen) > len(page)
    return JobPage(page, _key(page[-1]) if page and has_more else None, counts)


def _key(job: Job) -> str:
    return f"{job.created_at or job.started_at or ''}~{job.id}"


def compare(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """`{left, right, difference}`: the figures of two runs, and by how much the right one has more of each, phase by
    phase too; null where one of them is not known."""
    phases = list(dict.fromkeys((*left["phase_s"], *right["phase_s"])))
    return {
        "left": left,
        "right": right,
        "difference": {name: _minus(right.get(name), left.get(name)) for name in _COMPARED}
        | {"phase_s": {phase: _minus(right["phase_s"].get(phase), left["phase_s"].get(phase)) for phase in phases}},
    }


def _minus(one: Any, other: Any) -> float | None:
    return round(one - other, 6) if isinstance(one, int | float) and isinstance(other, int | float) else None
