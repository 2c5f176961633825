"""`JobWatch`: what is needed for insights, gathered from the lines of one run as they are parsed.

A flood of lines is counted whole; only the last lines of each batch are compared with each other.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from ..logs.model import Fact, ParsedLine
from .figures import Errors, JobFigures, PhaseSpan, RateLimit, Repeat, ResultSeen, SuiteResult, Waiting
from .model import digest_of
from .suite_results import result_of_command, result_of_counts

_COMPARED = 200
_MOST_TEXTS = 8
_MAX_TEXT = 300
_MAX_PHASES = 200
MOST_STATEMENTS = 200
"""A program in a loop can state anything any number of times."""
_DIGITS = str.maketrans("123456789", "000000000")
_ZEROS = re.compile("0+")
_PROGRESS = re.compile(r"\d\s?%|\d\s?/\s?\d|\d\s?of\s?\d")


def masked(text: str) -> str:
    """A line with its numbers masked, so that lines that differ in numbers only are equal."""
    return _ZEROS.sub("#", text[:_MAX_TEXT].translate(_DIGITS))


class JobWatch:
    """One run of a job. `lines` and `figures` may be called from different threads: each replaces whole values."""

    def __init__(self, job: str, project: str, run: str | None, started_at: float) -> None:
        self._base = JobFigures(job=job, project=project, run=run, started_at=started_at)
        self._compared: deque[tuple[int, str]] = deque(maxlen=_COMPARED)
        self._errors: deque[float] = deque(maxlen=2_000)
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

    def lines(self, lines: Sequence[tuple[int, ParsedLine]], now: float) -> None:
        """New lines, as (number from 1, line), that came at `now` (Unix time)."""
        if not lines:
            return
        self._last_output_at = now
        self._log_lines = max(self._log_lines, lines[-1][0])
        for number, line in lines:
            if line.level == "error" and not line.is_folded:
                self._error_count += 1
                self._errors.append(now)
                self._last_error = (number, line.message)
            if line.phase is not None:
                self._begin_phase(
                    line.phase, now, any(fact.kind == "phase" and fact.is_recorded for fact in line.facts)
                )
            if self._waiting is not None and line.source != "system":
                self._waiting = None  # it goes on
            for fact in line.facts:
                reader = _FACTS.get(fact.kind)
                if reader is not None:
                    reader(self, fact, number, now)
        for number, line in lines[-_COMPARED:]:
            if not _PROGRESS.search(line.message[:_MAX_TEXT]):
                self._compared.append((number, masked(line.message)))

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
            "repeat": self._repeat(), "phases": tuple(self._phases), "tests": self._tests,
            "rate_limit": self._rate_limit, "waiting": self._waiting, "result": self._result,
        }  # fmt: skip
        values["current_phase"] = self._phases[-1].phase if self._phases else None
        identity = {"job": base.job, "project": base.project, "run": base.run, "started_at": base.started_at}
        return JobFigures(**(identity | values | known))

    def _begin_phase(self, phase: str, now: float, is_recorded: bool) -> None:
        if self._phases and self._phases[-1].phase == phase:
            return
        if self._phases:
            last = self._phases[-1]
            self._phases[-1] = PhaseSpan(
                phase=last.phase, started_at=last.started_at, finished_at=now, is_recorded=last.is_recorded
            )
        if len(self._phases) < _MAX_PHASES:
            self._phases.append(PhaseSpan(phase=phase, started_at=now, is_recorded=is_recorded))

    def _errors_now(self, now: float) -> Errors | None:
        if self._last_error is None:
            return None
        last_minute = sum(1 for at in list(self._errors) if now - at <= 60)
        minutes_before = max(1.0, (now - self._base.started_at) / 60 - 1)
        before = max(0, self._error_count - last_minute) / minutes_before
        number, message = self._last_error
        return Errors(last_minute=last_minute, per_minute_before=before, last_message=message, last_line=number)

    def _repeat(self) -> Repeat | None:
        compared = list(self._compared)
        if len(compared) < _COMPARED:
            return None
        texts = Counter(text for _, text in compared)
        common = [text for text, count in texts.most_common() if count > 1 and text.strip()]
        if len(texts) > _MOST_TEXTS or not common:
            return None
        return Repeat(texts=tuple(common), lines=len(compared), first_line=compared[0][0], last_line=compared[-1][0])

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
