"""`JobWatch`: what is needed for insights, gathered from the lines of one run as they are parsed.

A flood of lines is counted whole; only the last 200 are compared with each other, when somebody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..logs.lines import Lines
from ..logs.model import Fact, ParsedLine
from .figures import Errors, JobFigures, PhaseSpan, RateLimit, ResultSeen, SuiteResult, Waiting
from .model import digest_of
from .repeats import RepeatWindow
from .suite_results import result_of_command, result_of_counts

_MAX_PHASES, _MOST_ERRORS = 200, 2_000
MOST_STATEMENTS = 200
"""A program in a loop can state anything any number of times."""


class JobWatch:
    """One run of a job. `lines` and `figures` may be called from different threads: each replaces whole values."""

    def __init__(self, job: str, project: str, run: str | None, started_at: float) -> None:
        self._base = JobFigures(job=job, project=project, run=run, started_at=started_at)
        self._window = RepeatWindow()
        self._errors: deque[float] = deque(maxlen=_MOST_ERRORS)
        self._error_count = 0
        self._last_error: tuple[int, str] | None = None
        self._phases: list[PhaseSpan] = []
        self._log_lines = 0
        self._last_output_at: float | None = None
        self._tests: SuiteResult | None = None
        self._rate_limit: RateLimit | None = None
        self._waiting: Waiting | None = None
        self._result: ResultSeen | None = None
        self._stated: set[str] = set()

    def lines(self, first: int, lines: Sequence[ParsedLine], now: float) -> list[tuple[int, Fact]]:
        """New lines, the first of which has that number (from 1), that came at `now` (Unix time); the facts in them
        with the numbers of their lines."""
        if not lines:
            return []
        facts: list[tuple[int, Fact]] = []
        self._last_output_at = now
        self._log_lines = max(self._log_lines, first + len(lines) - 1)
        known, at = Lines.of(lines), 0
        errors, last = known.errors()
        if errors:
            self._error_count += errors
            self._errors.extend([now] * min(errors, _MOST_ERRORS))
            self._last_error = (first + last, known[last].message)
        for place in known.notable():
            line, number = known.read[place], first + place
            if self._waiting is not None and not known[at : place + 1].is_of_system():
                self._waiting = None  # it goes on
            at = place + 1
            if line.phase is not None:
                self._begin_phase(line, now)
            if line.facts:
                facts += [(number, fact) for fact in line.facts]
                self._learn(line.facts, number, now)
        if self._waiting is not None and not known[at:].is_of_system():
            self._waiting = None
        self._window.add(first, known)
        return facts

    def is_new_statement(self, text: str) -> bool:
        """True if the run has not stated this before, and not too much else."""
        digest = digest_of(text)
        if digest in self._stated or len(self._stated) >= MOST_STATEMENTS:
            return False
        self._stated.add(digest)
        return True

    def figures(self, now: float, **known: Any) -> JobFigures:
        """What is known at `now`; `known` are further fields of JobFigures, such as `earlier`, `lines_written`, or
        `phases` where they are known better."""
        base = self._base
        values: dict[str, Any] = {
            "log_lines": self._log_lines, "last_output_at": self._last_output_at, "errors": self._errors_now(now),
            "repeat": self._window.repeat(), "phases": tuple(self._phases), "tests": self._tests,
            "rate_limit": self._rate_limit, "waiting": self._waiting, "result": self._result,
        }  # fmt: skip
        values["current_phase"] = self._phases[-1].phase if self._phases else None
        identity = {"job": base.job, "project": base.project, "run": base.run, "started_at": base.started_at}
        return JobFigures(**(identity | values | known))

    def _learn(self, facts: Sequence[Fact], number: int, now: float) -> None:
        for fact in facts:
            reader = _FACTS.get(fact.kind)
            if reader is not None:
                reader(self, fact, number, now)

    def _begin_phase(self, line: ParsedLine, now: float) -> None:
        last = self._phases[-1] if self._phases else None
        if line.phase is None or (last is not None and last.phase == line.phase) or len(self._phases) >= _MAX_PHASES:
            return
        if last is not None:
            self._phases[-1] = replace(last, finished_at=now)
        is_recorded = any(fact.kind == "phase" and fact.is_recorded for fact in line.facts)
        self._phases.append(PhaseSpan(phase=line.phase, started_at=now, is_recorded=is_recorded))

    def _errors_now(self, now: float) -> Errors | None:
        if self._last_error is None:
            return None
        last_minute = sum(1 for at in list(self._errors) if now - at <= 60)
        minutes_before = max(1.0, (now - self._base.started_at) / 60 - 1)
        before = max(0, self._error_count - last_minute) / minutes_before
        number, message = self._last_error
        return Errors(last_minute=last_minute, per_minute_before=before, last_message=message, last_line=number)

    # What facts say: see the kinds in `logs/model.py`.

    def _take_command(self, fact: Fact, number: int, now: float) -> None:
        result = result_of_command(fact.data, number, now, fact.is_recorded)
        self._tests = result or self._tests

    def _take_tests(self, fact: Fact, number: int, now: float) -> None:
        self._tests = result_of_counts(fact.data, number, now, fact.is_recorded) or self._tests

    def _take_rate_limit(self, fact: Fact, number: int, now: float) -> None:
        if fact.data.get("status") == "rejected":
            resets_at = _text(fact.data, "resets_at")
            self._rate_limit = RateLimit(time=now, line=number, resets_at=resets_at, is_recorded=fact.is_recorded)

    def _take_waiting(self, fact: Fact, number: int, now: float) -> None:
        question = _text(fact.data, "question") or "an answer"
        self._waiting = Waiting(question=question, since=now, line=number, is_recorded=fact.is_recorded)

    def _take_result(self, fact: Fact, number: int, now: float) -> None:
        self._result = ResultSeen(
            time=now, line=number, is_error=bool(fact.data.get("is_error")), is_recorded=fact.is_recorded
        )

    def _take_turn(self, fact: Fact, number: int, now: float) -> None:
        self._result = None  # it goes on after what looked like its result


_FACTS: dict[str, Callable[[JobWatch, Fact, int, float], None]] = {
    "command": JobWatch._take_command,
    "tests": JobWatch._take_tests,
    "rate_limit": JobWatch._take_rate_limit,
    "waiting": JobWatch._take_waiting,
    "result": JobWatch._take_result,
    "turn": JobWatch._take_turn,
}


def _text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and value.strip() else None
