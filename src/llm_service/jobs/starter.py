"""`Starter` starts the runs of jobs: those that were asked for, in their order, as far as there is room."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import ServiceError
from ..processes.model import Profile, Run
from ..processes.supervisor import Supervisor
from ..times import iso_time
from .assemble import goes_on, is_active
from .credits import Credits
from .ledger import Ledger
from .model import Charge, Job, JobStatus, Request
from .needs import BudgetOf, CreditsOf, Projects
from .parameters import parameters_of
from .store import JobStore, owner_of
from .waiting import decide

log = logging.getLogger(__name__)

CONTROL_IS_OFF = "Nothing is started, as the setting control is off."
_NOT_ASKED_FOR = (
    "Its file was put there, and nobody asked for it: retry it to run it, or allow such files by the setting "
    "jobs_drop_in in your own configuration."
)
_MAX_COUNT_S = 15.0
"""So long a job waits until the files of its project are counted. Then it is started without a count, and free."""
_PAUSE_S = 5.0
"""After a start that failed for a reason that may pass, such as a full disk."""


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths."""

    workspace: str
    jobs: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What may run, as the user has set it."""

    max_concurrent: int
    drop_in: bool
    credits_of: CreditsOf
    budget_of: BudgetOf


class Starter:
    """Called by the scheduler's thread; `lock` keeps a job from being seen half made."""

    def __init__(
        self,
        supervisor: Supervisor,
        store: JobStore,
        ledger: Ledger,
        projects: Projects,
        places: Places,
        limits: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._supervisor = supervisor
        self._store = store
        self._ledger = ledger
        self._projects = projects
        self._places = places
        self._limits = limits
        self._clock = clock
        self._counted_since: dict[str, float] = {}
        self.lock = threading.RLock()

    def turn(self) -> None:
        """Start what can be started now, and say of the others why they wait."""
        with self.lock:
            jobs = self._store.jobs()
            for job in jobs:
                if job.status is JobStatus.PENDING and self._ledger.request(job.id) is None:
                    self._consider_file(job)
            waiting = [one for one in self._ledger.requests() if one.run is None and not self._has_begun(one)]
            running = sum(1 for job in jobs if job.status is JobStatus.IN_PROGRESS)
            now = iso_time(self._clock())
            decision = decide(waiting, running, self._limits.max_concurrent, now, self._blocked)
            for job_id, reason in decision.reasons.items():
                self._store.explain(job_id, reason)
            for request in decision.start:
                self._start(request)

    def credits(self, user: str | None) -> Credits:
        """What a user may have written, and has."""
        return Credits(user, self._limits.credits_of(user), self._ledger.used(user))

    def profile(self, name: str | None) -> Profile | None:
        """The profile of that name; without a name the only one for jobs that is approved."""
        profiles = self._supervisor.profiles()
        if name is not None:
            return next((one for one in profiles if one.name == name), None)
        approved = [one for one in profiles if "{plan}" not in one.argv and self._supervisor.is_approved(one)]
        return approved[0] if len(approved) == 1 else None

    def _consider_file(self, job: Job) -> None:
        """A file says that a job waits, and nobody asked for it."""
        profile = self.profile(job.profile)
        if not self._supervisor.control:
            self._store.explain(job.id, CONTROL_IS_OFF)
        elif not self._limits.drop_in or job.runs:
            self._store.explain(job.id, _NOT_ASKED_FOR)
        elif job.problem is not None:
            self._store.explain(job.id, job.problem)
        elif profile is None:
            self._store.explain(job.id, _no_profile(job.profile))
        else:
            # Who a file names is not who is charged: agents write it.
            self._ledger.ask(
                Request(
                    job=job.id,
                    project=job.project,
                    specification=job.specification,
                    profile=profile.name,
                    user=None,
                    requested_at=iso_time(self._clock()),
                    retries_left=profile.retry_times,
                )
            )

    def _has_begun(self, request: Request) -> bool:
        """True if a run was started for it, and we ended before that was noted; then it is."""
        runs = self._store.runs_of(request.job)
        since = max(request.requested_at, request.not_before or "")
        if not runs or not runs[-1].is_proven or (not is_active(runs[-1]) and runs[-1].started_at < since):
            return False
        run = runs[-1].run_id
        if self._ledger.charge(run) is None:
            self._open_charge(request, run)
        self._ledger.ask(replace(request, run=run))
        return True

    def _open_charge(self, request: Request, run: str) -> None:
        charge = Charge(run=run, job=request.job, project=request.project, user=request.user, baseline=request.baseline)
        self._ledger.open(charge)

    def _counting(self, request: Request) -> str | None:
        """What is to be counted before its run can be charged for its own lines alone."""
        for charge in self._ledger.charges():
            if charge.job == request.job:
                return "What its last run wrote is being counted."
            run = self._store.run(charge.job, charge.run)
            if charge.project == request.project and (run is None or not goes_on(run)):
                return "What another job wrote into this project is being counted."
        if not self._projects.is_counting(request.project):
            self._counted_since.pop(request.job, None)
            return None
        since = self._counted_since.setdefault(request.job, time.monotonic())
        return "The files of its project are being counted." if time.monotonic() - since < _MAX_COUNT_S else None

    def _blocked(self, request: Request) -> str | None:
        if not self._supervisor.control:
            return CONTROL_IS_OFF
        if self._store.job(request.job) is None:
            return "Its file is gone."
        profile = self.profile(request.profile)
        if profile is None:
            return _no_profile(request.profile)
        if not self._supervisor.is_approved(profile):
            return f"The profile {profile.name} is not approved; `llm-service approve` shows what it starts."
        if (reason := self.credits(request.user).reason()) is not None:
            return reason
        if (reason := self._limits.budget_of(request.project, request.profile)) is not None:
            return reason
        return self._counting(request)

    def _start(self, request: Request) -> None:
        job_id = request.job
        self._counted_since.pop(job_id, None)
        profile = self.profile(request.profile)
        runs = self._store.runs_of(job_id)
        counted = replace(request, baseline=self._projects.lines(request.project))
        # Should we end before the run is noted, it is charged all the same.
        if not self._ledger.exchange(request, counted):
            return  # it was taken back meanwhile
        request = counted
        try:
            if profile is None:
                raise ServiceError(_no_profile(request.profile))
            parameters = parameters_of(request, self._places.workspace, self._places.jobs, self._projects.root)
            run = self._supervisor.start_run(owner_of(job_id), profile, parameters, _next_attempt(runs))
        except ServiceError as problem:
            self._put_off(request, problem.message)
            return
        except OSError as problem:
            self._put_off(request, f"It could not be started: {problem.strerror or problem}.")
            return
        self._open_charge(request, run.run_id)
        self._ledger.exchange(request, replace(request, run=run.run_id, not_before=None, put_off=None))
        self._store.explain(job_id, None)
        self._store.measure(job_id, lines=None, cost_usd=None, shared=False, is_settled=False)
        self._store.apply_run(run)

    def _put_off(self, request: Request, reason: str) -> None:
        log.warning("the job %s could not be started: %s", request.job, reason)
        again_at = iso_time(self._clock() + _PAUSE_S)
        self._ledger.exchange(request, replace(request, not_before=again_at, put_off=reason))
        self._store.explain(request.job, f"{reason} It is tried again at {again_at}.")


def _next_attempt(runs: Sequence[Run]) -> int:
    return max((run.attempt for run in runs), default=0) + 1


def _no_profile(name: str | None) -> str:
    return f"There is no profile {name}." if name else "It names no profile, and not exactly one is approved."
