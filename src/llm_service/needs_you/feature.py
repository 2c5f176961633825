"""The feature `NeedsYou`: everything that waits for a person, in one list, with what it rests on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..costs.events import CostBudget
from ..costs.feature import Costs
from ..costs.settings import CostSettings
from ..errors import HistoryUnavailable
from ..feature import Feature, Kernel
from ..hooks.feature import Hooks
from ..hooks.model import Session
from ..hub.event import Event, ServiceReady
from ..jobs.events import JobRemoved, JobUpdated
from ..jobs.feature import Jobs
from ..jobs.model import Job, JobStatus
from ..json_values import as_json
from ..notify import Notifier
from ..pipelines.events import PipelineRemoved, PipelineUpdated
from ..pipelines.feature import Pipelines
from ..sessions.events import SessionGrew
from ..sessions.feature import Sessions
from ..sessions.known_logs import KnownLogs
from ..settings.state_folder import remake
from ..tasks.events import TaskEvent
from ..tasks.feature import Tasks
from ..times import iso_time
from .board import MOST_NEEDS, Found, NeedBoard
from .desk import NeedDesk
from .events import EVENTS, TOPIC
from .followed import PipelineNeeds, TaskNeeds
from .messenger import EVENTS as REPORTED
from .messenger import Messenger
from .model import Need, SourceState
from .routes import need_routes, notify_routes
from .settings import NotifySettings, quiet_minutes
from .sources import (
    budget_needs,
    job_needs,
    jobs_at_work,
    session_needs,
    sessions_at_work,
)

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api


class NeedsYou(Feature):
    """What waits for a person. It stores only what people decide about it."""

    name = topic = TOPIC
    events = EVENTS
    collections = MappingProxyType({"needs": Need})

    def __init__(
        self,
        kernel: Kernel,
        hooks: Hooks,
        jobs: Jobs,
        tasks: Tasks,
        costs: Costs,
        pipelines: Pipelines,
        session_logs: Sessions,
    ) -> None:
        settings, hub = kernel.settings, kernel.hub
        self._hooks, self._jobs, self._tasks, self._costs = hooks, jobs, tasks, costs
        self._pipelines, self._session_logs = pipelines, session_logs
        self._logs = KnownLogs(session_logs.transcript_of)
        self._pipeline_needs = PipelineNeeds(pipelines, MOST_NEEDS)
        self._task_needs = TaskNeeds(tasks.board, tasks.stale_after_s, self._last_calls, MOST_NEEDS)
        self._publish = hub.publish
        reclaim = kernel.keeper.reclaim if kernel.keeper else partial(remake, settings.workspace, settings.state_path)
        self.desk = NeedDesk(settings.state_path, remake=reclaim)
        looks = {
            "hooks": self._sessions,
            "jobs": self._job_list,
            "pipelines": self._pipeline_list,
            "tasks": self._task_list,
            "costs": self._budgets,
        }
        self.board = NeedBoard(looks, hub.publish)
        hooks.board.subscribe(lambda: self.board.wake("hooks"))
        hub.listen(self._on_log, SessionGrew)
        hub.listen(self._on_job, JobUpdated, JobRemoved)
        hub.listen(self._on_task, TaskEvent, ServiceReady)
        hub.listen(self._on_budget, CostBudget)
        hub.listen(self._on_pipeline, PipelineUpdated, PipelineRemoved)
        own = settings.of(NotifySettings)
        quiet = quiet_minutes(own.quiet_hours) if own.quiet_hours else None
        self._notifier = Notifier()
        address = settings.of(CostSettings).webhook
        self.messenger = Messenger(address, own.notify, quiet, settings.zone(), self._notifier.send)
        if self.messenger.is_on:
            hub.listen(self.messenger.on_event, *REPORTED)

    def start(self) -> None:
        """Begin to look and to report; returns at once."""
        self._notifier.start()
        self.messenger.start()
        self.board.start()

    def stop(self) -> None:
        """End the threads."""
        self.board.stop()
        self.messenger.stop()
        self._notifier.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        need_routes(api, self.board, self.desk, self._publish)
        notify_routes(api, self.messenger)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The needs that are not done."""
        shown = (self.desk.shown(need, None) for need in self.board.needs())
        return {"needs": {one.need.id: one.need for one in shown if one.done_at is None}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{needs_you: {needs}}`: those that are not done. For what one person gets, see `GET /api/needs-you`."""
        shown = (self.desk.shown(need, None) for need in self.board.needs())
        return {"needs_you": {"needs": [as_json(one.need) for one in shown if one.done_at is None]}}

    def stats(self) -> Mapping[str, Any]:
        """`{needs_you: {kind: n}}`."""
        return {"needs_you": dict(Counter(need.kind for need in self.board.needs()))}

    def metrics(self) -> Iterable[Metric]:
        """Needs by kind and certainty."""
        from prometheus_client.core import GaugeMetricFamily

        needs = GaugeMetricFamily("llm_service_needs", "What waits for a person.", labels=["kind", "certainty"])
        for (kind, certainty), count in Counter((need.kind, need.certainty) for need in self.board.needs()).items():
            needs.add_metric([kind, certainty], count)
        yield needs

    # The sources, asked by the thread of the board.

    def _sessions(self) -> Found:
        self._logs.forget()
        sessions = self._hooks.board.sessions()
        is_on = self._hooks.is_on()
        text = f"{len(sessions):,} sessions have reported" if len(sessions) != 1 else "1 session has reported"
        state = SourceState(
            name="hooks", is_on=is_on, tells_of_agents=True, text=text if is_on else self._hooks.why_off()
        )
        next_at = self._hooks.board.next_change()
        return Found([*session_needs(sessions, self._transcript_of)], state, [*sessions_at_work(sessions)], next_at)

    def _transcript_of(self, session: Session) -> str | None:
        """Its log, if who sees the session may see that too."""
        found = self._logs.find(session.id, None)
        is_seen = found is not None and self._session_logs.transcript_of(session.id, (session.project or "",)) == found
        return found if is_seen else None

    def _job_list(self) -> Found:
        jobs = self._jobs.store.jobs()
        running = sum(job.status is JobStatus.IN_PROGRESS for job in jobs)
        text = f"{running:,} of {len(jobs):,} jobs run"
        state = SourceState(
            name="jobs", is_on=running > 0, tells_of_agents=True, text=text if jobs else "there are no jobs"
        )
        return Found([*job_needs(jobs, self._was_ours)], state, [*jobs_at_work(jobs)])

    def _pipeline_list(self) -> Found:
        count = self._pipelines.count()
        text = f"{count:,} pipelines" if count != 1 else "1 pipeline"
        state = SourceState(name="pipelines", is_on=count > 0, tells_of_agents=False, text=text)
        needs, next_at = self._pipeline_needs.look(time.time())
        return Found(needs, state, next_at=next_at)

    def _was_ours(self, job: Job) -> bool:
        runs = self._jobs.store.runs_of(job.id)
        return bool(runs) and runs[-1].is_proven and runs[-1].exit is not None

    def _task_list(self) -> Found:
        is_ready, count = self._tasks.progress.ready, len(self._tasks.board)
        text = f"{count:,} {'task' if count == 1 else 'tasks'}" if is_ready else "the board is loading"
        state = SourceState(name="tasks", is_on=is_ready, tells_of_agents=False, text=text)
        needs, next_at = self._task_needs.look(time.time()) if is_ready else ((), None)
        return Found(needs, state, next_at=next_at)

    def _budgets(self) -> Found:
        summary = self._costs.summary
        is_on, text, budgets = False, "calls are not counted", list[dict[str, Any]]()
        if summary is not None:
            try:
                budgets = summary.budgets.states() if summary.budgets else []
                is_on, text = True, f"{len(budgets):,} {'budget' if len(budgets) == 1 else 'budgets'}"
            except HistoryUnavailable:
                text = "the database cannot be read"
        return Found([*budget_needs(budgets)], SourceState(name="costs", is_on=is_on, tells_of_agents=False, text=text))

    def _last_calls(self, ids: list[str]) -> Mapping[str, str]:
        summary = self._costs.summary
        if summary is None:
            return {}
        try:
            found = summary.queries.by_task_id(ids)
        except HistoryUnavailable:
            return {}
        return {task: iso_time(last_ms / 1000) for task, (_, last_ms) in found.items()}

    # Called by the threads that publish.

    def _on_log(self, _event: Event) -> None:
        if self._logs.are_others():
            self.board.wake("hooks")

    def _on_job(self, _event: Event) -> None:
        self.board.wake("jobs")

    def _on_task(self, _event: Event) -> None:
        self.board.wake("tasks")

    def _on_pipeline(self, _event: Event) -> None:
        self.board.wake("pipelines")

    def _on_budget(self, _event: Event) -> None:
        self.board.wake("costs")
