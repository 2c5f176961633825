"""The feature `OverviewFeature`: what all agents are at, joined from the other features. It stores nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..artifacts.events import ArtifactBatch, ArtifactEvent
from ..artifacts.feature import Artifacts
from ..calls.store.recent_calls import RecentCalls, recent_calls
from ..costs.events import CostUpdate
from ..costs.feature import Costs
from ..errors import BadRequest, HistoryUnavailable
from ..feature import Feature, Kernel
from ..hooks.feature import Hooks
from ..hub.event import Event, ServiceReady
from ..jobs.events import JobPhase, JobProgress, JobRemoved, JobUpdated
from ..jobs.feature import Jobs
from ..jobs.model import JobStatus
from ..json_values import as_json
from ..orchestrators.events import PlanStarted, PlanStopped
from ..orchestrators.feature import Orchestrators
from ..pipelines.events import PipelineRemoved, PipelineUpdated
from ..pipelines.feature import Pipelines
from ..plans.events import PlanRemoved, PlanUpdated
from ..plans.feature import Plans
from ..sessions.events import SessionGrew
from ..sessions.feature import Sessions
from ..sessions.known_logs import KnownLogs
from ..tasks.events import TaskEvent
from ..tasks.feature import Tasks
from ..tasks.model import TaskSummary
from ..times import iso_time, unix_time
from .board import Look, OverviewBoard
from .events import EVENTS, TOPIC
from .model import STATES
from .recent_files import TYPES, RecentFiles
from .routes import overview_routes
from .settings import OverviewSettings
from .shapes import Figures, Source
from .task_index import TaskIndex
from .work import totals_of
from .world import World

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_NOBODYS = ""
"""The project of what only who may see all projects gets."""
_DAY_S = 86_400.0
_AHEAD_S = 300.0
_RECALL_S = 3_600.0
_MOST_RECALLED = 200
_KINDS: tuple[tuple[str, tuple[type[Event], ...]], ...] = (
    ("tasks", (TaskEvent, ServiceReady)),
    ("jobs", (JobUpdated, JobRemoved, JobPhase, JobProgress)),
    ("pipelines", (PipelineUpdated, PipelineRemoved)),
    ("plans", (PlanUpdated, PlanRemoved, PlanStarted, PlanStopped)),
    ("calls", (CostUpdate,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewSources:
    """The features that it asks."""

    tasks: Tasks
    costs: Costs
    hooks: Hooks
    jobs: Jobs
    pipelines: Pipelines
    plans: Plans
    orchestrators: Orchestrators
    artifacts: Artifacts
    session_logs: Sessions


class OverviewFeature(Feature):
    """What all agents are at, how anybody knows, and the figures of today."""

    name = topic = TOPIC
    events = EVENTS
    collections = MappingProxyType({"agents": dict[str, Any]})

    def __init__(self, kernel: Kernel, sources: OverviewSources, clock: Callable[[], float] = time.time) -> None:
        self._from, self._clock, self._journal = sources, clock, kernel.journal
        stuck_after_s = kernel.settings.of(OverviewSettings).stuck_after_min * 60
        self.board = OverviewBoard(self._look, kernel.hub.publish, stuck_after_s, iso_time, clock)
        self._files = RecentFiles(clock)
        self._tasks = TaskIndex(sources.tasks.lanes)
        self._logs = KnownLogs(sources.session_logs.transcript_of)
        self._calls: tuple[float, list[RecentCalls] | None, str] | None = None
        for name, kinds in _KINDS:
            kernel.hub.listen(self._waker(name), *kinds)
        kernel.hub.listen(self._on_file, ArtifactEvent, ArtifactBatch)
        kernel.hub.listen(self._on_log, SessionGrew)
        sources.hooks.board.subscribe(lambda: self.board.wake("hooks"))

    def start(self) -> None:
        """Begin to look; returns at once."""
        if self._journal is not None:
            try:
                since = iso_time(self._clock() - _RECALL_S)
                page = self._journal.read(since, types=TYPES, limit=_MOST_RECALLED, is_backwards=True)
                self._files.recall(page.events)
            except (HistoryUnavailable, BadRequest):
                pass  # files are shown from now on
        self.board.start()

    def stop(self) -> None:
        """End the thread."""
        self.board.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST route."""
        overview_routes(api, self.board.overview)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """What agents are at. A row may be about several projects, so only who may see all gets it of other hosts."""
        return {"agents": {agent.name: as_json(agent) | {"project": _NOBODYS} for agent in self.board.latest().agents}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{overview}`, as `GET /api/overview` had it a moment ago."""
        return {"overview": as_json(self.board.latest())}

    def snapshot_of(self, projects: frozenset[str]) -> Mapping[str, Any]:
        """The same for who may see these projects only."""
        return {"overview": as_json(self.board.latest(projects))}

    def stats(self) -> Mapping[str, Any]:
        """`{agents: {state: n}}`, of the last look."""
        known = self.board.known()
        return {"agents": {} if known is None else dict(known.states)}

    def metrics(self) -> Iterable[Metric]:
        """Agents by state."""
        from prometheus_client.core import GaugeMetricFamily

        known = self.board.known()
        states = Counter({} if known is None else known.states)
        agents = GaugeMetricFamily("llm_service_agents", "Agents, by state.", labels=["state"])
        for state in STATES:
            agents.add_metric([state], states[state])
        yield agents

    # What is known, asked by who holds the lock of the board.

    def _look(self, changed: Collection[str] | None) -> Look:
        now, has = self._clock(), self._from
        summary = has.costs.summary
        today, ends = summary.queries.today_range(int(now)) if summary is not None else (int(now - now % _DAY_S), None)
        calls, state = self._recent_calls(now, today, changed)
        self._logs.forget()
        self._tasks.follow(has.tasks.board)
        tasks_done = self._tasks.done_since(today)
        jobs = has.jobs.store.jobs()
        sessions = has.hooks.board.sessions()
        tree = has.artifacts.tree
        world = World(
            tasks=self._tasks.facts,
            sessions=sessions,
            calls=calls,
            jobs=jobs,
            steps=has.pipelines.running_steps(),
            orchestrators=has.orchestrators.board.orchestrators(),
            plans=has.plans.board.view.rows,
            files=self._files.latest_first(),
            stale_after_s=has.tasks.stale_after_s,
            claims_of=self._claims_of,
            task_of=has.tasks.board.get,
            find_transcript=self._logs.find,
        )
        spent = None if calls is None else totals_of(calls)
        lines = None if tree is None else {one.name: one.lines_per_hour for one in tree.projects()}
        ended = [job for job in jobs if job.status is JobStatus.COMPLETED]
        done = Counter(job.project for job in ended if (unix_time(job.finished_at) or 0.0) >= today)

        def figures(projects: Collection[str] | None) -> Figures:
            return Figures(
                tasks_done=tasks_done,
                jobs_done=_sum(done, projects),
                lines_per_hour=None if lines is None else _sum(lines, projects),
                calls=None if spent is None else spent.calls,
                cost_usd=None if spent is None else spent.cost_usd,
                unpriced=None if spent is None else spent.unpriced,
            )

        zone = summary.zone_name if summary is not None else None
        sources = self._sources(world, state, len(jobs))
        return Look(world, figures, sources, now, state, None if ends is None else iso_time(ends), zone)

    def _recent_calls(
        self, now: float, today: int, changed: Collection[str] | None
    ) -> tuple[list[RecentCalls] | None, str]:
        """Read again only when calls came, or the day is over."""
        summary, core = self._from.costs.summary, self._from.costs.database
        if summary is None or core is None:
            return None, "off"
        known = self._calls
        if changed is not None and "calls" not in changed and known is not None and known[0] == today:
            return known[1], known[2]
        try:
            found, state = recent_calls(core, min(today, now - _DAY_S), today, now + _AHEAD_S), "known"
        except HistoryUnavailable:
            found, state = None, "unavailable"
        self._calls = today, found, state
        return found, state

    def _claims_of(self, task: TaskSummary) -> tuple[str, ...]:
        file = self._from.tasks.board.file_of(task.key)
        return () if file is None else file.claims.texts

    def _sources(self, world: World, calls: str, jobs: int) -> tuple[Source, ...]:
        hooks, tasks = self._from.hooks, self._from.tasks
        no_calls = {"off": "a setting switches them off", "unavailable": "the database cannot be read"}
        is_ready, tree = tasks.progress.ready, self._from.artifacts.tree
        running = sum(job.status is JobStatus.IN_PROGRESS for job in world.jobs)
        alive = sum(one.is_alive for one in world.orchestrators)
        reported = _count(len(world.sessions), "session has reported", "sessions have reported")
        recent = len({call.session for call in world.calls or () if call.session})
        return (
            _source("hooks", hooks.is_on(), reported, hooks.why_off()),
            _source("calls", calls == "known", _count(recent, "session") + " called a model in the last 24 hours",
                    no_calls.get(calls, "")),
            _source("tasks", is_ready, _count(len(tasks.board), "task"), "the board is loading"),
            _source("jobs", True, f"{running:,} of {jobs:,} jobs run"),
            _source("pipelines", True, _count(len(world.steps), "step is", "steps are") + " reported as running"),
            _source("orchestrators", True, _count(alive, "orchestrator runs", "orchestrators run")),
            _source("artifacts", tree is not None, "files of projects are watched", "a setting switches them off"),
        )  # fmt: skip

    # Called by the threads that publish.

    def _waker(self, name: str) -> Callable[[Event], None]:
        return lambda _event: self.board.wake(name)

    def _on_file(self, event: Event) -> None:
        self._files.on_event(event)
        self.board.wake("artifacts")

    def _on_log(self, _event: Event) -> None:
        if self._logs.are_others():
            self.board.wake("sessions")


def _sum(by_project: Mapping[str, int], projects: Collection[str] | None) -> int:
    return sum(count for project, count in by_project.items() if projects is None or project in projects)


def _count(number: int, one: str, more: str | None = None) -> str:
    """How many there are, in words: `1 task`, `2 tasks`."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def _source(name: str, is_on: bool, text: str, why_not: str = "") -> Source:
    return Source(name=name, is_on=is_on, text=text if is_on else why_not)
