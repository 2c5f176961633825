"""The feature `Plans`: implementation plans, their progress, findings and logs. Used by `app`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, problems
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.settle import Settler
from .board import PlanBoard, View
from .current import CurrentTracker
from .events import EVENTS
from .follow import OUTPUT_FILES, PLAN_FILES, WINDOW_S, OutputTracker, PlanTracker
from .log_file import PlanLogs
from .log_watch import LogBell, LogTracker, log_filter
from .model import Disagreement, Plan
from .offline import read_all
from .queries import PlanQueries
from .routes import PlanRoutes, plan_routes
from .settings import PlanSettings
from .shapes import Companion
from .sockets import plan_sockets

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_WATCH_SHARE = 0.2


class Plans(Feature):
    """The plans of a workspace. `board.refresh(names)`: what `companion` says of plans changed."""

    name = topic = "plans"
    events = EVENTS
    collections = MappingProxyType({"plans": dict[str, Any]})

    def __init__(
        self,
        kernel: Kernel,
        companion: Callable[[str], Companion] = lambda plan: Companion(),
        log_of: Callable[[str], str | None] = lambda plan: None,
        differences: Callable[[Plan], tuple[Disagreement, ...]] = lambda plan: (),
    ) -> None:
        """`companion(plan)` is its worktree and orchestrator; `log_of(plan)` the log of its running orchestrator, if
        that is at another place below the workspace than the setting says; `differences(plan)` where others say
        something else than its files. All are called from any thread, with a lock held: they answer from memory."""
        settings, own = kernel.settings, kernel.settings.of(PlanSettings)
        self._workspace = os.path.abspath(settings.workspace)
        self._own, self._journal = own, kernel.journal
        self._outputs = settings.folder(own.plan_outputs_dir)
        self.board = PlanBoard(kernel.hub.publish, project_rule(own.plan_projects), companion, differences)
        self.queries = PlanQueries(self.board)
        self.logs = PlanLogs(self._workspace, own.plan_logs, log_of)
        self._bell = LogBell()
        self._hub = kernel.hub
        self._is_started = False
        self._plan_follower = self._follow_plans(kernel, settings.folder(own.plans_dir))
        self._output_follower = self._follow_outputs(kernel)
        self._log_follower = self._follow_logs(kernel)
        self._current_follower = self._follow_current(kernel)

    @property
    def followers(self) -> Sequence[Follower]:
        """Those of the plans, of their outputs, of the logs, and of the file that names the current plan."""
        return (self._output_follower, self._plan_follower, self._log_follower, self._current_follower)

    def start(self) -> None:
        """Start reading and watching; returns at once."""
        self._is_started = True
        super().start()

    def stop(self) -> None:
        """End every thread."""
        self._bell.close()
        super().stop()

    @property
    def view(self) -> View:
        """The plans as they were read last, and before the start as they are on the disk."""
        return self.board.view if self._is_started else read_all(self._workspace, self._own)

    def routes(self, api: Api) -> None:
        """Declare the REST routes and the WebSockets."""
        outputs = self._own.plan_outputs_dir.strip("/")
        parts = PlanRoutes(self.board, self.queries, self.logs, self._bell, self._journal, self._outputs, outputs)
        plan_routes(api, parts)
        sockets = plan_sockets(self._hub, self.queries)
        api.other(sockets, "`GET /ws/plans/<name>`", "The status of a plan over a WebSocket, now and at each change.")
        api.other(None, "`GET /ws/all`", "All plans over a WebSocket, then each row that changes.")

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of the plans."""
        return {"plans": {str(row["name"]): row for row in self.queries.rows()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{plans: [row]}`, by name."""
        return {"plans": self.queries.rows()}

    def stats(self) -> Mapping[str, Any]:
        """The number of plans by status."""
        return {"plans": dict(Counter(plan.status for plan in self.board.view.plans.values()))}

    def metrics(self) -> Iterable[Metric]:
        """Plans by status, and tasks of plans by status."""
        from prometheus_client.core import GaugeMetricFamily

        view = self.board.view
        plans = GaugeMetricFamily("llm_service_plans", "Plans, by status.", labels=["status"])
        for status, count in Counter(plan.status for plan in view.plans.values()).items():
            plans.add_metric([status], count)
        yield plans
        tasks = GaugeMetricFamily("llm_service_plan_tasks", "Tasks of plans, by status.", labels=["status"])
        found = Counter(task.status for plan in view.plans.values() for task in plan.tasks)
        for status, count in found.items():
            tasks.add_metric([status], count)
        yield tasks

    def examine(self) -> Iterator[Finding]:
        """How many plans there are, and what of their files cannot be used."""
        view = read_all(self._workspace, self._own)
        if view.plans:
            yield Finding("ok", "plans", f"{len(view.plans):,} plans in {self._own.plans_dir}")
        found = [f"{plan.name}: {text}" for plan in view.plans.values() for text in plan.problems]
        yield from problems("plans", found, "things in files of plans cannot be used")

    def _follow_plans(self, kernel: Kernel, folder: str) -> Follower:
        inbox = HintInbox()
        root = kernel.watched_root(folder, PLAN_FILES.folder, inbox.put, optional=True)
        settler = Settler(WINDOW_S, kernel.settings.max_wait_ms / 1000)
        return Follower(PlanTracker(root, settler, self.board, self._own.plans_dir), root, inbox)

    def _follow_outputs(self, kernel: Kernel) -> Follower:
        inbox = HintInbox()
        root = kernel.watched_root(
            self._outputs, OUTPUT_FILES.folder, inbox.put, optional=True, watch_share=_WATCH_SHARE
        )
        settler = Settler(WINDOW_S, kernel.settings.max_wait_ms / 1000)
        patience_s = kernel.settings.debounce_ms / 1000
        return Follower(OutputTracker(root, settler, self.board, patience_s), root, inbox)

    def _follow_current(self, kernel: Kernel) -> Follower:
        inbox = HintInbox()
        folder, name = os.path.split(os.path.normpath(self._own.current_plan_file))
        root = kernel.watched_root(
            os.path.join(self._workspace, folder), lambda path: not path, inbox.put, optional=True
        )
        settler = Settler(WINDOW_S, kernel.settings.max_wait_ms / 1000)
        return Follower(CurrentTracker(root, settler, self.board, name), root, inbox)

    def _follow_logs(self, kernel: Kernel) -> Follower:
        inbox, files = HintInbox(), log_filter(self._own.plan_logs)
        root = kernel.watched_root(self._workspace, files.folder, inbox.put, optional=True)
        return Follower(LogTracker(root, files, self._bell), root, inbox)


def project_rule(entries: Sequence[str]) -> Callable[[str], str]:
    """The project of a plan, by `<pattern>=<project>`, the first that fits; "" if none does."""
    rules = [(pattern.strip(), project.strip()) for pattern, _, project in (entry.partition("=") for entry in entries)]
    return lambda plan: next((project for pattern, project in rules if fnmatchcase(plan, pattern)), "")
