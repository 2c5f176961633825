"""The feature `Jobs`: jobs of a workspace, from the files that ask for them to the runs that do them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import FileChanging, FileUnreadable, NotFound, NotInSync
from ..feature import Feature, Finding, Kernel, problems
from ..logs.model import ParsedLine
from ..processes.model import Run
from ..processes.supervisor import Supervisor
from ..settings.user_folder import is_in_workspace, user_folder
from ..watch.follower import Follower, wait_until_synced
from ..watch.hints import HintInbox
from ..watch.scan import walk
from ..watch.settle import Settler
from .actions import JobActions
from .assemble import Measured, is_active
from .events import EVENTS, JobProgress
from .follow import FILTER, JobTracker, shown_folder
from .ledger import Ledger
from .model import Job, JobStatus
from .needs import BudgetOf, Caller, CostOf, CreditsOf, MakeParser, Projects
from .queries import JobPage, JobQuery, compare, select
from .reader import read_job, unreadable_job
from .restore import Restorer
from .routes import job_routes
from .run_history import RunHistory, figures_json
from .scheduler import Scheduler
from .settings import JobSettings
from .settlement import Settlement
from .specifications import specifications
from .starter import Limits, Places, Starter
from .store import JobStore, job_of
from .write_back import WriteBack

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_SYNC_S = 20.0


class Jobs(Feature):
    """The jobs of a workspace. Without control it shows them, and starts, stops and writes nothing."""

    name = topic = "jobs"
    events = EVENTS
    collections = MappingProxyType({"jobs": Job, "job_progress": JobProgress})

    def __init__(
        self,
        kernel: Kernel,
        supervisor: Supervisor,
        projects: Projects,
        make_parser: MakeParser,
        caller: Callable[[], Caller] = Caller,
        cost_of: CostOf = lambda sessions, job, since: None,
        credits_of: CreditsOf = lambda user: None,
        budget_of: BudgetOf = lambda project, profile: None,
        run_followers: Callable[[], Sequence[Follower]] = tuple,
    ) -> None:
        """`caller()` is who sends the current request; `run_followers()` are waited for before the first start."""
        settings = kernel.settings
        own = settings.of(JobSettings)
        workspace = os.path.abspath(settings.workspace)
        folder = settings.folder(own.jobs_dir)
        shown = shown_folder(workspace, folder)
        own_folder = user_folder()
        if own_folder is not None and is_in_workspace(own_folder, workspace):
            own_folder = None
        self._folder, self._shown = folder, shown
        self._workspace, self._projects = workspace, projects
        self._max_concurrent = own.max_concurrent
        self._caller = caller
        self._supervisor = supervisor
        self._run_followers = run_followers
        self._ledger = Ledger(own_folder, workspace)
        self.store = JobStore(self._ledger, kernel.hub.publish)
        self._history = RunHistory(kernel.database)
        self._restorer = Restorer(self.store, self._history, workspace, make_parser)
        places = Places(workspace, folder)
        limits = Limits(own.max_concurrent, own.jobs_drop_in, credits_of, budget_of)
        self._starter = Starter(supervisor, self.store, self._ledger, projects, places, limits)
        self._settlement = Settlement(
            self.store, self._ledger, projects, cost_of, self._history, workspace, self._starter.profile
        )
        self._budget_of = budget_of
        writing = WriteBack(self.store, self._ledger, folder)
        turns = (self._settlement.turn, self._stop_by_budget, self._starter.turn, self.store.tick)
        self._scheduler = Scheduler(
            self._prepare, (*turns, lambda: writing.turn() if supervisor.control else None), self._is_busy
        )
        inbox = HintInbox()
        root = kernel.watched_root(folder, FILTER.folder, inbox.put, optional=True)
        settler = Settler(settings.debounce_ms / 1000, settings.max_wait_ms / 1000)
        tracker = JobTracker(root, shown, self.store.apply_file, settler)
        self._follower = Follower(tracker, root, inbox)
        self._actions = JobActions(
            supervisor, self.store, self._ledger, self._starter, places, shown, tracker.wrote, self._scheduler.wake
        )

    @property
    def followers(self) -> Sequence[Follower]:
        """That of the folder of jobs."""
        return (self._follower,)

    def start(self) -> None:
        """Begin to read, and to start what was asked for; returns at once."""
        self._follower.start()
        self._scheduler.start()

    def stop(self) -> None:
        """End the threads; what runs goes on."""
        self._scheduler.stop()
        self._follower.stop()

    def on_run(self, run: Run) -> None:
        """A run started or ended: for `Processes.subscribe`."""
        self.store.apply_run(run)
        self._scheduler.wake()

    def on_run_removed(self, run: Run) -> None:
        """The files of a run are gone: for `Processes.subscribe`."""
        self.store.remove_run(run)

    def needs_run(self, run: Run) -> bool:
        """True until all of a run is counted, and the file of its job says what became of it."""
        if self._ledger.charge(run.run_id) is not None:
            return True
        job_id = job_of(run.owner)
        if job_id is None or (job := self.store.job(job_id)) is None:
            return False
        file, is_last = self.store.file(job_id), job.runs[-1:] == (run.run_id,)
        # Whether its files may be used is measured after its end, and known of the run alone until the file says so.
        says_all = file is not None and (file.status, file.output_ready) == (job.status, job.output_ready)
        is_noted = file is None or file.problem is not None or says_all
        return is_last and not is_noted

    def on_lines(self, run: Run, first_seq: int, lines: Sequence[ParsedLine]) -> None:
        """A run printed lines, every one of which is given here: for `Logs.subscribe`."""
        if not self.store.apply_lines(run, first_seq, lines):
            self._restorer.catch_up(run)

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        job_routes(api, self, self._caller)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The jobs; how far they are is in them."""
        return {"jobs": {job.id: job for job in self.store.jobs()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{jobs, max_concurrent}`."""
        return {"jobs": self.store.jobs(), "max_concurrent": self._max_concurrent}

    def stats(self) -> Mapping[str, Any]:
        """`{jobs: {status: n}}`."""
        return {"jobs": self.counts()}

    def counts(self) -> dict[str, int]:
        """The number of jobs in each state."""
        found = Counter(job.status for job in self.store.jobs())
        return {str(status): found[status] for status in JobStatus}

    def metrics(self) -> Iterable[Metric]:
        """Jobs by status."""
        from prometheus_client.core import GaugeMetricFamily

        jobs = GaugeMetricFamily("llm_service_jobs", "Jobs, by status.", labels=["status"])
        for status, count in self.counts().items():
            jobs.add_metric([status], count)
        yield jobs

    def examine(self) -> Iterator[Finding]:
        """Whether all files of jobs can be read, and whether anything may be started."""
        found, broken = walk(self._folder, FILTER), list[str]()
        for path in sorted(found.files):
            try:
                job = read_job(self._folder, path, self._shown)
            except FileChanging:
                continue
            except FileUnreadable as problem:
                job = unreadable_job(path, self._shown, problem.message)
            if job is not None and job.problem is not None:
                broken.append(f"{job.file}: {job.problem}")
        if found.files:
            yield Finding("ok", "jobs", f"{len(found.files) - len(broken):,} files of jobs can be read")
        yield from problems("jobs", broken, "files of jobs cannot be read")
        if not self._supervisor.control:
            yield Finding("note", "jobs", "control is off: jobs are shown, and nothing is started or stopped")

    # What the routes ask.

    def page(self, query: JobQuery, caller: Caller) -> JobPage:
        """A page of jobs."""
        return select(self.store.jobs(), query, caller)

    def limits(self) -> dict[str, Any]:
        """`{control, max_concurrent}`."""
        return {"control": self._supervisor.control, "max_concurrent": self._max_concurrent}

    def details(self, job_id: str, caller: Caller) -> dict[str, Any]:
        """A job with its runs. Raises NotFound."""
        job = self._actions.require(job_id, caller)
        return {
            "job": job,
            "runs": self.store.runs_of(job_id),
            "credits": self._starter.credits(job.user),
            "agent": self.store.agent_work_of(job_id),
        }

    def specifications(self, project: str) -> list[str]:
        """The files of a project that a specification may name; see `specifications`."""
        return specifications(self._workspace, self._projects.root, project)

    def create(self, project: str, specification: str, profile: str | None, caller: Caller) -> Job:
        """A new job; see `JobActions.create`."""
        return self._actions.create(project, specification, profile, caller)

    def stop_job(self, job_id: str, caller: Caller) -> Job:
        """Stop it; see `JobActions.stop`."""
        return self._actions.stop(job_id, caller)

    def retry(self, job_id: str, caller: Caller) -> Job:
        """Run it again; see `JobActions.retry`."""
        return self._actions.retry(job_id, caller)

    def compare(self, left: str, right: str, caller: Caller) -> dict[str, Any]:
        """Two runs side by side. Raises NotFound."""
        return compare(self.figures(left, caller), self.figures(right, caller))

    def figures(self, run_id: str, caller: Caller) -> dict[str, Any]:
        """The figures of a run, as recorded or as they are now. Raises NotFound."""
        run = self._supervisor.run(run_id)
        job_id = job_of(run.owner)
        if job_id is None:
            raise NotFound(f"There is no run “{run_id[:120]}” of a job.")
        job = self._actions.require(job_id, caller)
        recorded = None if is_active(run) else self._history.figures(run_id)
        progress = self.store.progress_of(run_id)
        if recorded is not None:
            return recorded
        if progress is None:
            raise NotFound(f"Nothing is known yet of the run {run_id}.")
        is_last = job.runs[-1:] == (run_id,)
        measured = Measured(job.lines_written, job.cost_usd, job.shared_lines) if is_last else Measured()
        return figures_json(run, job, measured, progress)

    def earlier_runs(self, project: str) -> list[dict[str, Any]]:
        """The figures of the last runs of a project that have ended, the newest first."""
        return self._history.of_project(project)

    # In the scheduler's thread.

    def _prepare(self) -> None:
        """Before anything is started, all files and runs that are there must be known."""
        try:
            wait_until_synced([*self._run_followers(), self._follower], _SYNC_S)
        except NotInSync as problem:
            raise NotInSync(f"Jobs are not started yet: {problem.message}") from problem
        runs = self._supervisor.runs()
        for run in runs:
            self.store.apply_run(run)
        self._restorer.restore(runs, lambda: self._scheduler.is_stopping)

    def _stop_by_budget(self) -> None:
        if not self._supervisor.control:
            return
        for job in self.store.jobs():
            may_write = job.status is JobStatus.IN_PROGRESS or job.survivors > 0
            if may_write and self._budget_of(job.project, job.profile or "") is not None:
                self._supervisor.stop_run(job.runs[-1], "budget")

    def _is_busy(self) -> bool:
        return any(job.status in (JobStatus.IN_PROGRESS, JobStatus.PENDING) for job in self.store.jobs())
