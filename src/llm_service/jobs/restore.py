"""What is known of runs that printed before we ran, or while we did not: from the history, else out of their logs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from ..errors import FileRefused
from ..processes.model import Run
from ..times import iso_time
from .assemble import is_active
from .log_file import blocks
from .needs import MakeParser, Parser
from .progress import RunProgress
from .run_history import RunHistory, progress_of
from .store import JobStore, job_of

log = logging.getLogger(__name__)


class Restorer:
    """Fills the store with what earlier runs printed."""

    def __init__(self, store: JobStore, history: RunHistory, workspace: str, make_parser: MakeParser) -> None:
        self._store = store
        self._history = history
        self._workspace = workspace
        self._make_parser = make_parser

    def restore(self, runs: Iterable[Run], is_stopping: Callable[[], bool] = lambda: False) -> None:
        """All runs: the last of a job first, as that is the one that is shown."""
        for run in sorted(runs, key=lambda one: one.started_at, reverse=True):
            if is_stopping():
                return
            if job_of(run.owner) is not None:
                self._restore(run)

    def catch_up(self, run: Run) -> None:
        """Read the log of a run from its start: lines were missed."""
        try:
            self._store.apply_progress(run, read_log(self._workspace, run, self._make_parser(run, b"")))
        except (FileRefused, OSError) as problem:
            log.warning("the log of %s could not be read: %s", run.run_id, problem)

    def _restore(self, run: Run) -> None:
        figures = None if is_active(run) else self._history.figures(run.run_id)
        if figures is None:
            self.catch_up(run)
            return
        try:
            self._store.apply_progress(run, progress_of(figures))
        except (ValueError, KeyError, TypeError):  # recorded by another release
            self.catch_up(run)
        with suppress(KeyError):
            job_id = job_of(run.owner)
            if job_id is not None and (latest := self._store.runs_of(job_id)) and latest[-1].run_id == run.run_id:
                self._store.measure(
                    job_id,
                    lines=figures["lines_written"],
                    cost_usd=figures["cost_usd"],
                    shared=figures["shared_lines"],
                    is_settled=True,
                )


def read_log(workspace: str, run: Run, parser: Parser) -> RunProgress:
    """What a run has printed until now. A line without a time gets that of the line before.

    Raises FileRefused, OSError.
    """
    progress = RunProgress(run.run_id, run.started_at)
    latest = run.exit.finished_at if run.exit else iso_time(time.time())
    at = run.started_at
    seq = 0
    for block in blocks(workspace, run):
        for line in parser.parse(block):
            seq += 1
            if line.time is not None and at < line.time <= latest:
                at = line.time
            progress.add(seq, line, at)
    return progress
