"""`OutputBatch` collects the lines of a run for `run.output`: the first at once, then at most 500 every 500 ms.

Of more than that the newest are sent, and it is said how many were not: what is sent and what is said to be skipped are
together what was written. Nothing else is retained, however much is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .events import RunOutput
from .lines import Newest
from .model import LogLine, ParsedLine

MAX_LINES = 500
WINDOW_S = 0.5

PhaseOf = Callable[[int], str]
"""The phase that a line, given by its number, belongs to."""


class OutputBatch:
    """The lines of one run since its last event. Used by one thread."""

    def __init__(self, run: str, job: str) -> None:
        self._run, self._job = run, job
        self._from_seq = self._to_seq = 0
        self._newest = Newest(MAX_LINES)
        self._sent_at = float("-inf")
        self._is_restarted = False
        self._ahead_seq = 0

    def add(self, first_seq: int, lines: Sequence[ParsedLine]) -> None:
        """Lines `first_seq` and those after it; they follow those that were added before."""
        known = max(0, self._ahead_seq - first_seq + 1)
        lines, first_seq = lines[known:], first_seq + known
        if not lines:
            return
        if not self._newest:
            self._from_seq = first_seq
        self._to_seq = first_seq + len(lines) - 1
        self._newest.add(lines)

    def add_ahead(self, first_seq: int, lines: Sequence[ParsedLine]) -> None:
        """The newest lines of a log that is not parsed so far yet: all up to the last of them are sent or skipped."""
        last = first_seq + len(lines) - 1
        if not self._to_seq or last <= self._to_seq:
            return
        if not self._newest:
            self._from_seq = self._to_seq + 1
        lines = lines[max(0, self._from_seq - first_seq) :]
        self._newest.clear()
        self._newest.add(lines)
        self._to_seq = self._ahead_seq = last

    def restart(self) -> None:
        """The log is another one: what waits is of the old one. That is said, also if the new one has no line yet."""
        self._newest.clear()
        self._from_seq, self._to_seq, self._ahead_seq = 1, 0, 0
        self._is_restarted = True

    @property
    def next_at(self) -> float:
        """When the next event may be sent."""
        return self._sent_at + WINDOW_S

    def due(self) -> float | None:
        """When what waits has to be sent; None if nothing waits."""
        return self.next_at if self._newest or self._is_restarted else None

    def take(self, now: float, generation: int, phase_of: PhaseOf) -> RunOutput | None:
        """The event with what waits, None if nothing does."""
        if not self._newest and not self._is_restarted:
            return None
        self._is_restarted = False
        first = self._to_seq - len(self._newest) + 1
        lines = tuple(
            log_line(line, self._run, self._job, seq, phase_of(seq)) for seq, line in enumerate(self._newest, first)
        )
        self._newest.clear()
        self._sent_at = now
        return RunOutput(
            job=self._job,
            run=self._run,
            generation=generation,
            lines=lines,
            from_seq=self._from_seq,
            to_seq=self._to_seq,
            skipped=first - self._from_seq,
        )


def log_line(line: ParsedLine, run: str, job: str, seq: int, phase: str) -> LogLine:
    """A parsed line at its place."""
    return LogLine(
        run,
        job,
        seq,
        line.time,
        line.level,
        line.source,
        phase,
        line.message,
        line.raw,
        line.spans,
        line.is_shown,
        line.is_folded,
    )


def job_of(owner: str) -> str:
    """The job's id of an owner `job:<id>`; any other owner as it is."""
    return owner.removeprefix("job:")
