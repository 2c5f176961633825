"""The feature `Orchestrators`: which orchestrators of plans run, starting and stopping them, worktrees, resources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import FileRefused, FileVanished
from ..feature import Feature, Finding, Kernel, Trouble
from ..files import SafeRoot, Signature
from ..processes.model import Run
from ..processes.settings import ProcessSettings
from ..settings.overview import tilde
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from .board import OrchestratorBoard
from .control import OrchestratorControl, Places, Timeouts
from .disagreements import Difference, PlanKnowledge, disagreements
from .events import EVENTS
from .follow import RegistryFile
from .git_helper import ABSENT, GitHelper
from .known import OWNER, Assembler, program_of
from .limits import Limit, WorkflowLimits, limits_in_force
from .model import Orchestrator, Outcome, Registry, StartOrder
from .needs import Plans, Supervisor
from .permission import CONTROL_IS_OFF, Permission
from .registry import read_registry
from .resources import Machine, resources
from .routes import orchestrator_routes
from .settings import OrchestratorSettings
from .usage import UsageMeter
from .worktree_view import WorktreeView
from .worktree_watch import WorktreeWatch
from .worktrees import list_worktrees

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..processes.model import Profile
    from ..web.api import Api

_MOST_RUNS = 50


class Orchestrators(Feature):
    """Orchestrators of a workspace. Without control they are shown, and nothing is started, stopped or written."""

    name, topic = "orchestrators", "plans"
    events = EVENTS
    collections = MappingProxyType({"orchestrators": Orchestrator})

    def __init__(
        self,
        kernel: Kernel,
        supervisor: Supervisor,
        plans: Plans,
        redact: Callable[[bytes], bytes] = lambda data: data,
    ) -> None:
        """`redact(data)` takes the secrets out of whole lines of a log."""
        settings = kernel.settings
        own = settings.of(OrchestratorSettings)
        self._own, self._origins = own, settings.origins
        self._min_disk_mb = settings.of(ProcessSettings).min_disk_space_mb
        self._workspace = os.path.abspath(settings.workspace)
        self._supervisor = supervisor
        self._plans = plans
        self._registry_path = os.path.normpath(own.orchestrator_registry).replace(os.sep, "/")
        permission = Permission(supervisor.control, self._approved_profile, self._plan_file, self._workspace)
        assembler = Assembler(supervisor, plans, permission, own.orchestrator_stale_s)
        self.board = OrchestratorBoard(assembler, kernel.hub.publish)
        self.control = OrchestratorControl(
            supervisor,
            plans,
            self.board,
            Places(self._workspace, self._registry_path, own.orchestrator_profile),
            Timeouts(own.orchestrator_start_timeout_s, own.orchestrator_stop_timeout_s),
            redact,
        )
        self._meter = UsageMeter()
        self._machine = Machine()
        self._helper = GitHelper()
        self.view = WorktreeView(
            self._workspace, self._helper, self.board, plans, lambda: self._limits().stale_days.value
        )
        self._subscribers: list[Callable[[frozenset[str]], None]] = []
        self._watch = WorktreeWatch(self.view, self._on_worktrees)
        inbox = HintInbox()
        folder, name = os.path.split(self._registry_path)
        root_path = os.path.join(self._workspace, folder)
        root = kernel.watched_root(root_path, lambda path: path == "", inbox.put, optional=True)
        self._follower = Follower(
            RegistryFile(self.board, root, name, self._read_registry, self._registry_status), root, inbox
        )

    @property
    def followers(self) -> Sequence[Follower]:
        """That of the registry's folder."""
        return (self._follower,)

    def start(self) -> None:
        """Begin to follow the registry and the worktrees, with the git reader where there is a repository; returns at
        once."""
        if list_worktrees(self._workspace) is not None:
            self._helper.start()
            self._watch.start()
        self._follower.start()

    def stop(self) -> None:
        """End the threads and the git reader; orchestrators go on."""
        self._follower.stop()
        self._helper.stop()
        self._watch.stop()

    def on_run(self, run: Run) -> None:
        """A run started or ended: for `Processes.subscribe`."""
        self.board.apply_run(run)

    def subscribe(self, on_change: Callable[[frozenset[str]], None]) -> None:
        """Call `on_change(plans)` when what `orchestrator_of`, `worktree_of` or `disagreements_of` says of these plans
        changed: from any thread."""
        self._subscribers.append(on_change)
        self.board.subscribe(on_change)

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        orchestrator_routes(api, self)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The orchestrators."""
        return {"orchestrators": {one.id: one for one in self.board.orchestrators()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{orchestrators}`."""
        return {"orchestrators": self.board.orchestrators()}

    def metrics(self) -> Iterable[Metric]:
        """Orchestrators by status."""
        from prometheus_client.core import GaugeMetricFamily

        found = self.board.orchestrators()
        metric = GaugeMetricFamily("llm_service_orchestrators", "Orchestrators of plans.", labels=["status"])
        for status in ("running", "starting", "crashed"):
            metric.add_metric([status], sum(one.status == status for one in found))
        yield metric

    def troubles(self) -> Iterable[Trouble]:
        """What is wrong with the registry."""
        if (problem := self.board.problem) is not None:
            yield Trouble(os.path.join(self._workspace, self._registry_path), "registry", problem)

    def examine(self) -> Iterator[Finding]:
        """Whether the registry can be read, whether a plan could be started, whether worktrees are read."""
        registry = self._read_registry()
        if registry.problem is not None:
            yield Finding("problem", "orchestrators", registry.problem)
        elif registry.entries:
            yield Finding("ok", "orchestrators", f"{len(registry.entries):,} orchestrators are registered")
        if self._supervisor.control and self._plans.names() and (reason := self._why_no_start()) is not None:
            yield Finding("note", "orchestrators", reason)
        if list_worktrees(self._workspace) is not None and not self._helper.is_installed:
            yield Finding("note", "worktrees", ABSENT)

    # What the routes and other features ask.

    def project_of(self, plan: str) -> str:
        """The project of a plan, "" for none."""
        return self._plans.project_of(plan)

    def overview(self) -> dict[str, Any]:
        """`{orchestrators, control, start{allowed, reason, profile, needsApproval}, problem}`."""
        reason = self._why_no_start()
        profile = self._own.orchestrator_profile
        needs_approval = reason is not None and self._supervisor.control and self.control.profile() is not None
        return {
            "orchestrators": self.board.orchestrators(),
            "control": self._supervisor.control,
            "start": {
                "allowed": reason is None,
                "reason": reason,
                "profile": profile,
                "needsApproval": needs_approval,
            },
            "problem": self.board.problem,
        }

    def details(self, orchestrator_id: str) -> dict[str, Any]:
        """`{orchestrator, usage, runs, staleAfterS}`; `usage` is null for one that does not run. Raises NotFound."""
        known = self.board.get(orchestrator_id)
        identity = known.identity
        if identity is None and known.shim is not None and known.shown.is_alive:
            identity = next(iter(program_of(known.shim)), None)
        return {
            "orchestrator": known.shown,
            "usage": None if identity is None else self._meter.measure(identity),
            "runs": list(self._supervisor.runs(f"{OWNER}{known.shown.plan}"))[-_MOST_RUNS:],
            "staleAfterS": self._own.orchestrator_stale_s,
        }

    def orchestrator_of(self, plan: str) -> dict[str, Any] | None:
        """`{running, pid}` of a plan as `GET /api/plans` says it; None if none was ever registered."""
        state = self.board.state_of(plan)
        return None if state is None else {"running": state[0], "pid": state[1]}

    def worktree_of(self, plan: str) -> dict[str, Any] | None:
        """`{active, path}` of the worktree of a plan; None if it has none. From memory."""
        found = self._watch.of_plan(plan)
        return None if found is None else {"active": found["status"] == "active", "path": found["path"]}

    def disagreements_of(self, plan: str, knowledge: PlanKnowledge) -> tuple[Difference, ...]:
        """Where its status file, registry, process, worktree and git differ. From memory."""
        found = self.board.last_known(plan)
        return disagreements(knowledge, found, self._watch.of_plan(plan), self.board.seen_at(plan))

    def start_plan(self, plan: str, order: StartOrder) -> Outcome:
        """See `OrchestratorControl.start`."""
        return self.control.start(plan, order)

    def stop_plan(self, plan: str, force: bool, timeout_s: float | None) -> Outcome:
        """See `OrchestratorControl.stop`."""
        return self.control.stop(plan, force, timeout_s)

    def resources(self) -> dict[str, Any]:
        """What there is room for."""
        running = sum(one.is_alive for one in self.board.orchestrators())
        return resources(self._workspace, self._limits(), self.view.linked(), running, self._machine.measure())

    def worktrees(self) -> dict[str, Any]:
        """The worktrees of the repository."""
        return self.view.answer()

    # Parts.

    def _on_worktrees(self, plans: frozenset[str]) -> None:
        for subscriber in self._subscribers:
            subscriber(plans)

    def _limits(self) -> WorkflowLimits:
        own = self._own
        limits = WorkflowLimits(
            self._limit("max_worktrees", own.max_worktrees),
            self._limit("worktree_stale_days", own.worktree_stale_days),
            self._limit("min_disk_space_mb", self._min_disk_mb),
            self._limit("warn_disk_space_mb", own.warn_disk_space_mb),
        )
        return limits_in_force(self._workspace, os.path.normpath(own.git_workflow_file).replace(os.sep, "/"), limits)

    def _limit(self, setting: str, value: float) -> Limit:
        origin = self._origins.get(setting)
        return Limit(value) if origin is None else Limit(value, tilde(origin.where))

    def _approved_profile(self) -> Profile | None:
        profile = self.control.profile()
        return profile if profile is not None and self._supervisor.is_approved(profile) else None

    def _why_no_start(self) -> str | None:
        if not self._supervisor.control:
            return CONTROL_IS_OFF
        profile = self.control.profile()
        if profile is None:
            return f"There is no profile {self._own.orchestrator_profile}, and no program scripts/plan_orchestrator.py."
        if not self._supervisor.is_approved(profile):
            return f"The profile {profile.name} is not approved; `llm-service approve` shows what it starts."
        return None

    def _plan_file(self, plan: str) -> str | None:
        path = self._plans.path_of(plan)
        return None if path is None else os.path.join(self._workspace, path)

    def _read_registry(self) -> Registry:
        return read_registry(self._workspace, self._registry_path)

    def _registry_status(self) -> Signature | None:
        try:
            with SafeRoot(self._workspace) as root:
                status = root.status(self._registry_path)
        except FileVanished:
            return None
        except FileRefused:
            raise
        return Signature(status.st_ino, status.st_size, status.st_mtime_ns)
