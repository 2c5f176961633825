"""`Settlement`: a run that has ended, and is counted to its end, is charged and recorded, and perhaps tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..processes.model import Profile, Run
from ..times import iso_time
from .assemble import Measured, failure_of, is_active
from .credits import lines_grown
from .ledger import Ledger
from .log_file import count_lines
from .model import Job, Request
from .needs import CostOf, Projects
from .run_history import RunHistory
from .store import JobStore

_MAX_WAIT_S = 15.0
"""So long it waits for the last lines of a log."""
_SETTLE_S = 3.0
_LATE_CALLS_S = 600.0
"""So long after the end of a run, calls of it that are reported late still count."""
_MAY_RETRY = frozenset(("exited", "timeout"))


class Settlement:
    """Called by the scheduler's thread."""

    def __init__(
        self,
        store: JobStore,
        ledger: Ledger,
        projects: Projects,
        cost_of: CostOf,
        history: RunHistory,
        workspace: str,
        profile: Callable[[str | None], Profile | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._projects = projects
        self._cost_of = cost_of
        self._history = history
        self._workspace = workspace
        self._profile = profile
        self._clock = clock
        self._ended_at: dict[str, float] = {}
        self._settled_at: dict[str, float] = {}
        self._expected: dict[str, int | None] = {}

    def turn(self) -> None:
        """Settle the runs that have ended, each once; measure those that go on."""
        for job in self._store.jobs():
            runs = self._store.runs_of(job.id)
            if not runs:
                continue
            last, request = runs[-1], self._ledger.request(job.id)
            if is_active(last) or last.survivors:
                self.measure(job, last)
            elif self._is_open(last, request) and self._is_complete(last):
                self._settle(job, last, request)
            elif time.monotonic() - self._settled_at.get(last.run_id, float("-inf")) < _LATE_CALLS_S:
                self._store.measure(job.id, cost_usd=self._cost(job, last))

    def measure(self, job: Job, run: Run) -> Measured:
        """What it has written and cost until now."""
        charge = self._ledger.charge(run.run_id)
        lines = lines_grown(charge.baseline, self._projects.lines(charge.project)) if charge else None
        if lines is None:
            lines = self._store.measured(job.id).lines  # while a file waits to be counted
        cost = self._cost(job, run)
        measured = Measured(lines, cost, bool(charge and charge.shared))
        self._store.measure(job.id, lines=lines, cost_usd=cost, shared=measured.shared)
        return measured

    def _cost(self, job: Job, run: Run) -> float | None:
        progress = self._store.progress_of(run.run_id)
        return self._cost_of(sorted(progress.sessions) if progress else (), job.id, run.started_at)

    def _is_open(self, run: Run, request: Request | None) -> bool:
        return self._ledger.charge(run.run_id) is not None or (request is not None and request.run == run.run_id)

    def _is_complete(self, run: Run) -> bool:
        """True if all lines of its log are known, or that took too long."""
        run_id = run.run_id
        since = self._ended_at.setdefault(run_id, time.monotonic())
        if run_id not in self._expected:
            self._expected[run_id] = count_lines(self._workspace, run)
        expected, progress = self._expected[run_id], self._store.progress_of(run_id)
        known = progress.seq if progress else 0
        return expected is None or known >= expected or time.monotonic() - since > _MAX_WAIT_S

    def _settle(self, job: Job, run: Run, request: Request | None) -> None:
        self._projects.settle(job.project, _SETTLE_S)
        measured = self.measure(job, run)
        self._ledger.settle(run.run_id, measured.lines)
        self._ended_at.pop(run.run_id, None)
        self._settled_at[run.run_id] = time.monotonic()
        self._expected.pop(run.run_id, None)
        if request is not None and request.run == run.run_id:
            self._close(request, run)
        self._store.measure(job.id, is_settled=True)
        self._store.refresh(job.id)
        if (progress := self._store.progress_of(run.run_id)) is not None:
            self._history.record(run, job, replace(measured, is_settled=True), progress)

    def _close(self, request: Request, run: Run) -> None:
        """Unless somebody has asked for the job anew meanwhile."""
        profile = self._profile(request.profile)
        has_failed = run.exit is not None and run.exit.reason in _MAY_RETRY and run.exit.code != 0
        if profile is None or not has_failed or request.retries_left < 1:
            self._ledger.exchange(request, None)
            return
        again_at = iso_time(self._clock() + profile.retry_delay_s)
        left = request.retries_left - 1
        again = replace(request, run=None, retries_left=left, not_before=again_at, put_off=failure_of(run))
        self._ledger.exchange(request, again)
