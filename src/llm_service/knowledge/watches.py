"""`RunWatches`: a `JobWatch` for each run that prints lines; a listener of the logs.

logs.subscribe(knowledge.watches.take)
figures = knowledge.watches.figures(run_id, now, project=..., phases=..., lines_written=...)
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..logs.lines import Lines
from ..logs.model import ParsedLine
from ..processes.model import Run
from ..times import unix_time
from .figures import JobFigures
from .job_watch import JobWatch

_MAX_RUNS = 500
_NOTABLE = frozenset({"waiting", "rate_limit", "result", "tests", "command", "phase"})
_JOB = "job:"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line of a log states as a fact: `FACT: ...`."""

    text: str
    source: str
    job: str | None
    run: str
    line: int


class RunWatches:
    """Thread-safe. The runs that printed something last are remembered, 500 at most."""

    def __init__(
        self,
        on_statement: Callable[[Statement], object],
        on_notable: Callable[[], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`on_notable()` is called after lines from which an insight may follow at once."""
        self._on_statement, self._on_notable, self._clock = on_statement, on_notable, clock
        self._lock = threading.Lock()
        self._watches: OrderedDict[str, JobWatch] = OrderedDict()

    def take(self, run: Run, first_seq: int, lines: Sequence[ParsedLine]) -> None:
        """New lines of a run, in order; to be called from one thread."""
        watch = self._watch(run)
        is_notable = False
        for number, fact in watch.lines(first_seq, lines, self._clock()):
            is_notable = is_notable or fact.kind in _NOTABLE
            text = fact.data.get("text")
            if fact.kind == "fact" and isinstance(text, str) and watch.is_new_statement(text):
                self._on_statement(Statement(text, run.profile, job_of(run), run.run_id, number))
        if is_notable or any(line.phase is not None for line in Lines.of(lines).read.values()):
            self._on_notable()

    def figures(self, run_id: str, now: float, **known: Any) -> JobFigures | None:
        """What is known of a run at `now`, with the fields that the caller knows (better); None before its first
        line."""
        with self._lock:
            watch = self._watches.get(run_id)
        return None if watch is None else watch.figures(now, **known)

    def start(self, run: Run) -> None:
        """A run began: it is known before its first line, so that its silence is noticed."""
        self._watch(run)

    def forget(self, run_id: str) -> None:
        """A run ended."""
        with self._lock:
            self._watches.pop(run_id, None)

    def _watch(self, run: Run) -> JobWatch:
        with self._lock:
            watch = self._watches.get(run.run_id)
            if watch is None:
                started_at = unix_time(run.started_at) or self._clock()
                watch = self._watches[run.run_id] = JobWatch(job_of(run) or run.owner, "", run.run_id, started_at)
                while len(self._watches) > _MAX_RUNS:
                    self._watches.popitem(last=False)
            self._watches.move_to_end(run.run_id)
            return watch


def job_of(run: Run) -> str | None:
    """The id of the job that a run belongs to."""
    return run.owner.removeprefix(_JOB) if run.owner.startswith(_JOB) else None
