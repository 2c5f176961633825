"""`Settlement`: a run that has ended, and is counted to its end, is charged and recorded, and perhaps tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..processes.model import Profile, Run
from ..times import iso_time
from .assemble import Measured, failure_of, goes_on
from .credits import lines_grown
from .ledger import Ledger
from .log_file import count_lines
from .model import Charge, Job, Request
from .needs import CostOf, Projects
from .run_history import RunHistory
from .store import JobStore

_MAX_WAIT_S = 15.0
"""So long it waits for the last lines of a log, and of the files of a project."""
_SETTLE_S = 1.0
"""So long in one turn."""
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
        shown = set[str]()
        for job in self._store.jobs():
            runs = self._store.runs_of(job.id)
            if not runs:
                continue
            last, request = runs[-1], self._ledger.request(job.id)
            shown.add(last.run_id)
            if goes_on(last):
                self.measure(job, last)
            elif self._is_open(last, request):
                charge = self._ledger.charge(last.run_id)
                project = charge.project if charge is not None else job.project
                if self._is_complete(last) and self._is_counted(project, last.run_id):
                    self._settle(job, last, request)
            elif time.monotonic() - self._settled_at.get(last.run_id, float("-inf")) < _LATE_CALLS_S:
                self._store.measure(job.id, cost_usd=self._cost(job, last))
        for charge in self._ledger.charges():
            if charge.run not in shown:
                self._settle_hidden(charge)

    def _settle_hidden(self, charge: Charge) -> None:
        """Of a run that is not the last one of a job: its files, or that of its job, are gone. An agent may have
        removed them, so it is charged all the same."""
        run = self._store.run(charge.job, charge.run)
        if (run is None or not goes_on(run)) and self._is_counted(charge.project, charge.run):
            self._ledger.settle(charge.run, lines_grown(charge.baseline, self._projects.lines(charge.project)))
            self._forget(charge.run)
            request = self._ledger.request(charge.job)
            if request is not None and request.run == charge.run:
                self._ledger.exchange(request, None)

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
        return self._cost_of(self._store.sessions_of(run), job.id, run.started_at)

    def _is_open(self, run: Run, request: Request | None) -> bool:
        return self._ledger.charge(run.run_id) is not None or (request is not None and request.run == run.run_id)

    def _is_complete(self, run: Run) -> bool:
        """True if all lines of its log are known, or that took too long."""
        run_id = run.run_id
        if run_id not in self._expected:
            self._expected[run_id] = count_lines(self._workspace, run)
        expected, progress = self._expected[run_id], self._store.progress_of(run_id)
        known = progress.seq if progress else 0
        return expected is None or known >= expected or self._took_too_long(run_id)

    def _is_counted(self, project: str, run_id: str) -> bool:
        """True if all that was written to the project is counted, or that took too long."""
        return self._projects.settle(project, _SETTLE_S) or self._took_too_long(run_id)

    def _took_too_long(self, run_id: str) -> bool:
        now = time.monotonic()
        return now - self._ended_at.setdefault(run_id, now) > _MAX_WAIT_S

    def _forget(self, run_id: str) -> None:
        self._ended_at.pop(run_id, None)
        self._expected.pop(run_id, None)

    def _settle(self, job: Job, run: Run, request: Request | None) -> None:
        measured = self.measure(job, run)
        self._ledger.settle(run.run_id, measured.lines)
        self._forget(run.run_id)
        self._settled_at[run.run_id] = time.monotonic()
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
