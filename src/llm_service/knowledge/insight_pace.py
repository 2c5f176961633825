"""The kinds of insights about progress: phases and their durations, what is left, lines per hour (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..times import iso_time
from .figures import JobFigures, PhaseSpan
from .insight import Case, Insight, span

_LEAST_LINES = 100
_MOST_JOBS = 20


def phase_done(case: Case) -> Iterator[Insight]:
    """A phase ended: how long it took, and how long it took others."""
    for number, one in enumerate(case.figures.phases):
        if one.finished_at is None or case.now - one.finished_at >= case.limits.recent_s or one.phase == "idle":
            continue
        took_s = one.finished_at - one.started_at
        others = [total for job in case.figures.earlier if (total := duration_of(job, one.phase)) is not None]
        usual = f" ({span(sum(others) / len(others))} on average in {_jobs(len(others))})" if others else ""
        yield case.insight(
            "phase_done", key=f"phase {number} {one.phase}", severity="info",
            text=f"The phase {one.phase} is done after {span(took_s)}{usual}.",
            rests_on="the agent's own events" if one.is_recorded else "patterns of phases in its log",
            is_recorded=one.is_recorded, is_notable=True,
            data={"phase": one.phase, "duration_s": round(took_s, 1)},
        )  # fmt: skip


def phase_unmatched(case: Case) -> Iterator[Insight]:
    """No pattern of a phase matched: the indicator says nothing about this job."""
    figures = case.figures
    is_expected = figures.has_phase_patterns and figures.log_lines >= case.limits.unmatched_lines
    if is_expected and not figures.phases:
        yield case.insight(
            "phase_unmatched", key="phase unmatched", severity="warning",
            text=f"No pattern of a phase matched in {figures.log_lines:,} log lines: its phase is not known. Set "
            "`phases` in its profile.",
            rests_on=f"the first {figures.log_lines:,} log lines", is_recorded=False,
            data={"log_lines": figures.log_lines},
        )  # fmt: skip


def eta(case: Case) -> Iterator[Insight]:
    """How long it takes yet, from the phases of earlier jobs of the project."""
    each = (remaining(case.figures, job, case.now) for job in case.figures.earlier[-_MOST_JOBS:])
    left = [left_s for left_s in each if left_s is not None]
    if not left:
        return
    mean_s = sum(left) / len(left)
    spread = f" ({span(min(left))} to {span(max(left))})" if len(left) > 1 else ""
    yield case.insight(
        "eta", key="eta", severity="info",
        text=f"About {span(mean_s)} left{spread}, at {iso_time(case.now + mean_s)[11:16]} UTC.",
        rests_on=f"the phases of {_jobs(len(left))} of {case.figures.project}", is_recorded=False,
        again_after_s=case.limits.regular_every_s,
        data={"left_s": round(mean_s), "least_s": round(min(left)), "most_s": round(max(left)), "jobs": len(left)},
    )  # fmt: skip


def line_rate(case: Case) -> Iterator[Insight]:
    """It writes far more or fewer lines per hour than it did on average."""
    rate, average = case.figures.lines_per_hour, case.figures.lines_per_hour_average
    if rate is None or not average or case.now - case.figures.started_at < case.limits.rate_after_s:
        return
    is_fast, is_slow = rate >= average * case.limits.rate_change, rate <= average / case.limits.rate_change
    if (is_fast or is_slow) and (case.figures.lines_written or 0) >= _LEAST_LINES:
        yield case.insight(
            "line_rate", key=f"line rate {'up' if is_fast else 'down'}",
            severity="info", text=f"Writes {round(rate):,} lines per hour, {round(average):,} on average.",
            rests_on="the lines of its project's files", is_recorded=False,
            again_after_s=4 * case.limits.regular_every_s,
            data={"lines_per_hour": round(rate), "average": round(average)},
        )  # fmt: skip


def remaining(figures: JobFigures, earlier: Sequence[PhaseSpan], now: float) -> float | None:
    """Seconds that are left if it goes on as an earlier job did; None if that was never in this phase, or it is
    not known how long."""
    current = figures.phases[-1] if figures.phases and figures.phases[-1].finished_at is None else None
    if current is None:
        return None
    names = list(dict.fromkeys(one.phase for one in earlier))
    if current.phase not in names:
        return None
    here = duration_of(earlier, current.phase)
    after = [duration_of(earlier, name) for name in names[names.index(current.phase) + 1 :]]
    if here is None or None in after:
        return None
    return max(0.0, here - (now - current.started_at)) + sum(one for one in after if one is not None)


def duration_of(phases: Sequence[PhaseSpan], phase: str) -> float | None:
    """Seconds that a job was in a phase; None if it never was, or the end is not known."""
    found = [one for one in phases if one.phase == phase]
    ends = [one.finished_at for one in found if one.finished_at is not None]
    if not found or len(ends) < len(found):
        return None
    return sum(end - one.started_at for one, end in zip(found, ends, strict=True))


def _jobs(count: int) -> str:
    return "1 earlier job" if count == 1 else f"{count} earlier jobs"
