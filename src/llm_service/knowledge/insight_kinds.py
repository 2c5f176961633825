"""The kinds of insights: each is a function of a `Case` that gives those of one job (pure).

`KINDS` has them with the most urgent first: of those that are not notable, the first one is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .buffers import looks_buffered
from .figures import JobFigures
from .insight import Case, Insight, span
from .insight_pace import eta, line_rate, phase_done, phase_unmatched

_SHOWN = 200


def waiting(case: Case) -> Iterator[Insight]:
    """It waits for a person."""
    one = case.figures.waiting
    if one is not None:
        yield case.insight(
            "waiting", key=f"waiting {one.line}", severity="warning",
            text=f"Waits for input: {one.question[:_SHOWN]}",
            rests_on=f"log line {one.line:,}", is_recorded=one.is_recorded, is_notable=True,
            data={"question": one.question[:_SHOWN], "line": one.line},
        )  # fmt: skip


def rate_limited(case: Case) -> Iterator[Insight]:
    """The provider's limit is reached."""
    one = case.figures.rate_limit
    if one is not None and case.now - one.time < case.limits.recent_s:
        until = f"; it resets at {one.resets_at}" if one.resets_at else ""
        yield case.insight(
            "rate_limit", key=f"rate limit {one.resets_at or one.line}",
            severity="warning", text=f"The provider's rate limit is reached{until}.",
            rests_on=f"log line {one.line:,}", is_recorded=one.is_recorded, is_notable=True,
            again_after_s=case.limits.regular_every_s, data={"resets_at": one.resets_at, "line": one.line},
        )  # fmt: skip


def result_but_alive(case: Case) -> Iterator[Insight]:
    """The agent has reported its result, but its process goes on."""
    one = case.figures.result
    if one is not None and case.figures.is_alive and case.now - one.time >= case.limits.result_alive_s:
        outcome = "an error" if one.is_error else "success"
        yield case.insight(
            "result_alive", key=f"result {one.line}", severity="warning",
            text=f"Reported its result ({outcome}) {span(case.now - one.time)} ago, but still runs: something that it "
            "started may not have ended.",
            rests_on=f"the result in log line {one.line:,}, and the process, which lives",
            is_recorded=one.is_recorded, is_notable=True, data={"line": one.line, "is_error": one.is_error},
        )  # fmt: skip


def stalled(case: Case) -> Iterator[Insight]:
    """No output for long; is it silent, or does it only collect its output?"""
    figures = case.figures
    last = figures.last_output_at if figures.last_output_at is not None else figures.started_at
    silence_s = case.now - last
    is_explained = not figures.is_alive or figures.waiting or figures.result
    if is_explained or silence_s < case.limits.stalled_after_s:
        return
    reason = buffering_reason(figures, case.now, silence_s)
    if reason is not None:
        text = f"No output for {span(silence_s)}, but it may only be buffering: {reason}."
    else:
        text = f"Stalled? No output for {span(silence_s)}."
    yield case.insight(
        "buffering" if reason else "stalled", key=f"silent since {round(last)}",
        severity="info" if reason else "warning", text=text,
        rests_on=f"the time of its last output{', and ' + reason if reason else ''}", is_recorded=False,
        is_notable=True, data={"silence_s": round(silence_s), "is_buffering": reason is not None},
    )  # fmt: skip


def buffering_reason(figures: JobFigures, now: float, silence_s: float) -> str | None:
    """Why a silent job may be working and only collect its output; None if nothing suggests that."""
    if figures.files_changed_at is not None and now - figures.files_changed_at < silence_s / 2:
        return "files of its project changed meanwhile"
    if figures.log_bytes and looks_buffered(figures.log_bytes):
        return f"its log has {figures.log_bytes:,} bytes, whole blocks of a buffer"
    return None


def error_burst(case: Case) -> Iterator[Insight]:
    """Many errors within a minute, where there were few."""
    one = case.figures.errors
    if one is not None and one.last_minute >= max(case.limits.error_burst, 5 * one.per_minute_before):
        yield case.insight(
            "error_burst", key="error burst", severity="error",
            text=f"{one.last_minute:,} errors in the last minute, {one.per_minute_before:.1f} a minute before; the "
            f"last one: {one.last_message[:_SHOWN]}",
            rests_on=f"lines of level error up to line {one.last_line:,}", is_recorded=False, is_notable=True,
            again_after_s=case.limits.regular_every_s, data={"errors": one.last_minute, "line": one.last_line},
        )  # fmt: skip


def loop(case: Case) -> Iterator[Insight]:
    """The same lines again and again."""
    one = case.figures.repeat
    if one is not None:
        lines = "line" if len(one.texts) == 1 else f"{len(one.texts)} lines"
        yield case.insight(
            "loop", key=f"loop {one.texts[0][:_SHOWN]}", severity="warning",
            text=f"In a loop? The last {one.lines:,} lines of its log are the same {lines} again and again: "
            f"{one.texts[0][:_SHOWN]}",
            rests_on=f"log lines {one.first_line:,} to {one.last_line:,}, compared without their digits",
            is_recorded=False, is_notable=True, again_after_s=case.limits.regular_every_s,
            data={"lines": one.lines, "texts": [text[:_SHOWN] for text in one.texts[:5]], "line": one.last_line},
        )  # fmt: skip


def tests(case: Case) -> Iterator[Insight]:
    """Tests were run."""
    one = case.figures.tests
    if one is None or case.now - one.time >= case.limits.recent_s:
        return
    parts = [f"{count:,} {word}" for count, word in ((one.failed, "failed"), (one.passed, "passed")) if count]
    place = f"log line {one.line:,}"
    failure = f"failed with exit code {one.exit_code}" if one.exit_code else "failed"
    outcome = ", ".join(parts) or (failure if one.is_failure else "passed")
    yield case.insight(
        "tests", key=f"tests {one.line}",
        severity="error" if one.is_failure else "info", text=f"Tests: {outcome}.",
        rests_on=f"how `{one.command[:_SHOWN]}` ended, in {place}" if one.command else place,
        is_recorded=one.is_recorded, is_notable=True,
        data={"passed": one.passed, "failed": one.failed, "exit_code": one.exit_code, "line": one.line},
    )  # fmt: skip


Kind = Callable[[Case], Iterator[Insight]]
KINDS: tuple[Kind, ...] = (
    waiting, rate_limited, result_but_alive, error_burst, loop, stalled, tests, phase_done,
    phase_unmatched, eta, line_rate,
)  # fmt: skip
