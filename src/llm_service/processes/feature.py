"""The feature `Processes`: programs that a person approved are started, outlive us, and are stopped whole."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import Busy, ControlOff, FileRefused, Forbidden, NotApproved
from ..feature import Feature, Finding, Kernel
from ..settings.user_folder import is_in_workspace, user_folder
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from .board import RunBoard
from .environment import environment_of
from .events import EVENTS, RunFinished, RunRemoved, RunStarted, RunSurvivors
from .examine import examine_processes
from .follow import RunFolder
from .identity import Identity
from .launcher import Order, launch
from .lost_runs import LostRuns
from .model import Profile, Run, RunStatus
from .parameters import fill
from .profile_approvals import ProfileApprovals
from .profile_book import ProfileBook
from .proposals import Proposals
from .records import make_key, read_key
from .retention import IsNeeded, RunRetention
from .routes import process_routes
from .settings import ProcessSettings
from .start_lock import start_lock
from .stopping import Stopper
from .survivors import Survivors
from .watcher import RunWatcher, kind_of_change

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

log = logging.getLogger(__name__)

RUNS_FOLDER = "work/runs"
_EVENT_OF = {"started": RunStarted, "finished": RunFinished, "survivors": RunSurvivors}
_MOST_SHOWN = 1_000
"""Runs in a snapshot, the newest."""


class Processes(Feature):
    """Profiles and runs of a workspace."""

    name, topic = "processes", "jobs"
    events = EVENTS

    def __init__(
        self,
        kernel: Kernel,
        may_approve: Callable[[], bool] | None = None,
        roots: Sequence[str] = (),
        project_of: Callable[[str], str | None] = lambda owner: None,
    ) -> None:
        """`may_approve()`: was the request that is served sent by a user who may approve profiles? Without it, that is
        so where a token is set: a request without one may be of an agent on this machine. `roots`: folders outside the
        workspace in which projects may be too. `project_of(owner)`: the project that its runs are about; who may not
        see that sees none of them."""
        settings = kernel.settings
        own = settings.of(ProcessSettings)
        self.control = own.control
        self.workspace = os.path.abspath(settings.workspace)
        self._state_path = settings.state_path
        self._roots = tuple(roots)
        self._min_disk_bytes = own.min_disk_space_mb * 1_000_000
        self._publish = kernel.hub.publish
        self._project_of = project_of
        self._may_approve = may_approve or (lambda: settings.token is not None)
        folder = user_folder()
        self._user_folder = None if folder is None or is_in_workspace(folder, self.workspace) else folder
        self._key: bytes | None = None
        self._start_lock = threading.Lock()
        self._subscribers: list[Callable[[Run], None]] = []
        self._on_removed: list[Callable[[Run], None]] = []
        self._needed_by: list[IsNeeded] = []
        self._stopper = Stopper()
        survivors = Survivors(lambda run_id, count: self.board.count_survivors(run_id, count))
        self._watcher = RunWatcher(self._stopper, survivors, self._deliver)
        root_path = os.path.join(self.workspace, *RUNS_FOLDER.split("/"))
        self.board = RunBoard(
            root_path, RUNS_FOLDER, os.path.realpath(self.workspace), self._read_key, self._watcher.changed
        )
        self._lost = LostRuns(self.board, survivors, self._read_key, os.path.realpath(self.workspace))
        self.book = ProfileBook(
            own.profiles, Proposals(self.workspace), ProfileApprovals(self._user_folder, self.workspace)
        )
        kernel.user_file.follow("profiles", own.profiles, self.book.set_own)
        self._inbox = HintInbox()
        root = kernel.watched_root(root_path, lambda path: "/" not in path, self._inbox.put, optional=True)
        tidy = RunRetention(own, root_path, self.board.runs, self.board.is_alive, self._needed_by)
        folder_tracker = RunFolder(self.board, root, self._watcher.oldest_pending, tidy)
        self._follower = Follower(folder_tracker, root, self._inbox)

    # Profiles.

    def add_built_in(self, profile: Profile) -> None:
        """Add a profile of ours, which needs no approval."""
        self.book.add_built_in(profile)

    def profiles(self) -> list[Profile]:
        """All profiles, approved or not."""
        return self.book.read()[0]

    def is_approved(self, profile: Profile) -> bool:
        """True if exactly this profile may be started."""
        return self.book.is_approved(profile)

    def approve(self, name: str, digest: str) -> None:
        """Approve the profile that has this digest. Raises NotFound, NotApproved, StartFailed."""
        self.book.approve(name, digest)

    def revoke(self, name: str) -> None:
        """Approve a profile no longer. Raises NotFound, BadRequest, StartFailed."""
        self.book.revoke(name)

    # Runs.

    def subscribe(
        self,
        on_change: Callable[[Run], None],
        on_removed: Callable[[Run], None] | None = None,
        needs: IsNeeded | None = None,
    ) -> None:
        """From the start on, call `on_change(run)` from one thread: for each run that is there at the start, and
        whenever one starts or ends; and `on_removed(run)` when the folder of one is gone. They may call any method. An
        old run is not removed while `needs(run)`."""
        self._subscribers.append(on_change)
        if on_removed is not None:
            self._on_removed.append(on_removed)
        if needs is not None:
            self._needed_by.append(needs)

    def start_run(self, owner: str, profile: Profile, parameters: Mapping[str, str], attempt: int = 1) -> Run:
        """Start a program; the run, whose shim waits for it from now on.

        `owner`: `job:<id>` or `plan:<name>`; of each only one run goes on at a time. `parameters` are filled into the
        placeholders of the profile. Raises ControlOff, NotApproved, BadRequest, Busy, DiskFull, StartFailed.
        """
        if not self.control:
            raise ControlOff("Nothing was started: the setting `control` is off.")
        if not self.is_approved(profile):
            raise NotApproved(
                f"The profile {profile.name} is not approved; `llm-service approve` shows and approves it.",
                profile=profile.name,
            )
        argv, cwd = fill(profile, parameters, self.workspace, self._roots)
        order = Order(
            owner=owner,
            profile=profile,
            argv=argv,
            cwd=cwd,
            env=environment_of(profile, os.environ),
            attempt=attempt,
            workspace=os.path.realpath(self.workspace),
            min_disk_bytes=self._min_disk_bytes,
        )
        with self._start_lock, start_lock(self._state_path):
            key = self._key = self._read_key() or make_key(self._user_folder)
            with suppress(FileRefused):  # the folder may not be there yet
                self.board.read_new()
            if any(self.board.is_alive(run.run_id) or self._lost.left_of(run.run_id) for run in self.board.runs(owner)):
                raise Busy(f"A run of {owner} goes on.", owner=owner)
            return self.board.add(launch(self.board.root, order, key))

    def stop_run(self, run_id: str, reason: str = "stopped") -> None:
        """Stop a run and all that descends from it: SIGTERM, the grace of its profile, SIGKILL. Returns at once.

        `reason`: "stopped" or "budget". One that has ended stays as it is, but what is left of one whose shim was
        killed is stopped. Raises ControlOff, NotFound, Forbidden.
        """
        if not self.control:
            raise ControlOff("Nothing was stopped: the setting `control` is off.")
        run = self.board.run(run_id)
        found = self.board.target(run_id)
        if found is None:
            if self._lost.stop(run_id):
                self._watcher.wake()
            if run.is_proven:
                return
            raise Forbidden("This run was not started by us, so nothing is signalled.", run=run_id)
        identity, grace_s = found
        self._lost.note_stop(run_id)
        self._stopper.stop(run_id, identity, grace_s, reason)
        self._watcher.wake()

    def run(self, run_id: str) -> Run:
        """A run. Raises NotFound."""
        return self.board.run(run_id)

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs, the oldest first: all, or those of one owner that are surely ours."""
        return self.board.runs(owner)

    def shim_of(self, run_id: str) -> Identity | None:
        """The shim of a run that goes on and is surely ours; else None."""
        found = self.board.target(run_id)
        return None if found is None else found[0]

    # The feature.

    @property
    def followers(self) -> Sequence[Follower]:
        """The follower of `work/runs`."""
        return (self._follower,)

    def start(self) -> None:
        """Read the runs that are there, adopt those that go on, and start the threads."""
        with suppress(FileRefused):
            self.board.read_new()
        self._watcher.is_loading = False
        self._watcher.start(self.board)
        self._follower.start()

    def stop(self) -> None:
        """End the threads; the runs go on."""
        self._follower.stop()
        self._watcher.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        process_routes(api, self.book, self.board, self.control, self._may_approve, self._project_of)

    def snapshot(self) -> Mapping[str, Any]:
        """`{runs}`, the newest 1,000."""
        return {"runs": self.runs()[-_MOST_SHOWN:]}

    def snapshot_of(self, projects: frozenset[str]) -> Mapping[str, Any]:
        """`{runs}` that are about these projects, or about none."""
        shown = [run for run in self.runs() if (project := self._project_of(run.owner)) is None or project in projects]
        return {"runs": shown[-_MOST_SHOWN:]}

    def health(self) -> Mapping[str, Any]:
        """Whether programs may be started, and how many run."""
        return {"control": self.control, "runs": len(self.board.running())}

    def metrics(self) -> Iterable[Metric]:
        """Runs by status."""
        from prometheus_client.core import GaugeMetricFamily

        runs = GaugeMetricFamily("llm_service_runs", "Runs of programs, by status.", labels=["status"])
        counts = Counter(run.status for run in self.runs())
        for status in RunStatus:
            runs.add_metric([status.value], counts[status])
        yield runs

    def examine(self) -> Iterator[Finding]:
        """What may be started, what is not approved, and the runs whose end is not known."""
        with suppress(FileRefused):
            self.board.read_new()
        yield from examine_processes(
            self.control, self.book, self.board, self._min_disk_bytes, self._user_folder, self._lost.left_of
        )

    def _read_key(self) -> bytes | None:
        if self._key is None:
            self._key = read_key(self._user_folder)
        return self._key

    def _deliver(self, before: Run | None, now: Run | None, is_old: bool) -> None:
        kind = kind_of_change(before, now, is_old)
        if now is None:
            if before is not None:
                project = self._project_of(before.owner)
                self._publish(RunRemoved(run_id=before.run_id, owner=before.owner, project=project))
                self._call(self._on_removed, before)
            return
        if now.status not in (RunStatus.STARTING, RunStatus.RUNNING) and (
            before is None or before.status != now.status
        ):
            self._lost.ended(now.run_id)
        if kind is not None:
            self._publish(_EVENT_OF[kind](run=now, project=self._project_of(now.owner)))
        self._call(self._subscribers, now)

    @staticmethod
    def _call(subscribers: Iterable[Callable[[Run], None]], run: Run) -> None:
        for subscriber in subscribers:
            try:
                subscriber(run)
            except Exception:
                log.exception("a change of run %s was not handled", run.run_id)
