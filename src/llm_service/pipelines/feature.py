"""The feature `Pipelines`: what agents report about their own work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, problems
from ..json_values import as_json
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.settle import Settler
from .board import PipelineBoard
from .events import EVENTS
from .follow import FILTER, PipelineTracker
from .limits import MAX_CALL_BYTES
from .links import Links
from .live_catalog import LiveCatalog
from .log_page import LogPart, read_part
from .model import PipelineRow, RunningStep
from .queries import PipelineList, PipelinePage, PipelineQuery
from .reporter import PipelineReporter, places
from .routes import Visible, pipeline_routes
from .rows import as_of, next_change, row_of, tree_of
from .running import RunningPipelines, RunningSteps
from .settings import PipelineSettings
from .store import PipelineStore

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api


class Pipelines(Feature):
    """The pipelines of a workspace. The dashboard shows them; only agents' tools write."""

    name = topic = "pipelines"
    events = EVENTS
    collections = MappingProxyType({"pipelines": PipelineRow})

    def __init__(
        self,
        kernel: Kernel,
        may_see: Visible = lambda project: True,
        links: Links | None = None,
        redact: Callable[[bytes], bytes] = lambda data: data,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`may_see(project)`: whether the sender of the current request may see it; `redact` replaces secrets in the
        logs that are shown."""
        settings, own = kernel.settings, kernel.settings.of(PipelineSettings)
        self.stale_after_s = own.pipeline_stale_after_h * 3600
        self._settings = settings
        self._may_see, self._links, self._redact, self._clock = may_see, links or Links(), redact, clock
        self._store = PipelineStore(*places(settings.workspace, own.pipelines_dir))
        self._board = PipelineBoard()
        self._list = PipelineList()
        self._running = RunningPipelines(self._store)
        self._steps = RunningSteps(self._board, self._running)
        inbox = HintInbox()
        root = kernel.watched_root(self._store.root, FILTER.folder, inbox.put, optional=True)
        settler = Settler(settings.debounce_ms / 1000, settings.max_wait_ms / 1000)
        publish = kernel.hub.publish
        tracker = PipelineTracker(root, settler, self._store, self._board, self._running, self.as_of_now, publish)
        self._follower = Follower(tracker, root, inbox)
        self.catalog = LiveCatalog(self._store, self._board, tracker.is_loaded.wait, self._running.logs)

    @property
    def followers(self) -> Sequence[Follower]:
        """That of the folder of pipelines."""
        return (self._follower,)

    def reporter(self, may_see: Visible, caller: Callable[[], str | None]) -> PipelineReporter:
        """The tools for agents that call this dashboard: what the caller of a tool may see, and who it is."""
        return PipelineReporter(self._settings.workspace, self._settings, self._clock, may_see, caller, self.catalog)

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        pipeline_routes(api, self)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The pipelines."""
        return {"pipelines": {row.id: row for row in self._board.rows()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{pipelines: {rows, total, counts, stale_after_s}}`, where `rows` is the first page."""
        return self._snapshot(lambda project: True)

    def snapshot_of(self, projects: frozenset[str]) -> Mapping[str, Any]:
        """The same for who may see these projects only."""
        return self._snapshot(lambda project: project is None or project in projects)

    def stats(self) -> Mapping[str, Any]:
        """The number of pipelines by status."""
        return {"pipelines": self._list.select(self._board.rows(), PipelineQuery()).counts}

    def metrics(self) -> Iterable[Metric]:
        """Pipelines by status."""
        from prometheus_client.core import GaugeMetricFamily

        found = GaugeMetricFamily("llm_service_pipelines", "Pipelines, by status.", labels=["status"])
        for status, count in self._list.select(self._board.rows(), PipelineQuery()).counts.items():
            found.add_metric([status], count)
        yield found

    def examine(self) -> Iterator[Finding]:
        """Which files of pipelines have errors."""
        files = [self._store.read(name) for name in sorted(self._store.signatures())]
        broken = [f"{file.path}: {file.problem}" for file in files if file is not None and file.problem is not None]
        if files:
            yield Finding("ok", "pipelines", f"{len(files) - len(broken):,} pipelines can be read")
        yield from problems("pipelines", broken, "files of pipelines have errors, and tools do not overwrite them")

    def count(self) -> int:
        """How many pipelines there are."""
        return len(self._board)

    def rows(self) -> Sequence[PipelineRow]:
        """All as they were last written, the newest first; see `as_of_now`."""
        return self._board.rows()

    def row(self, pipeline_id: str) -> PipelineRow | None:
        """One as it was last written; None if there is none."""
        return self._board.get(pipeline_id)

    def changed_since(self, version: int) -> tuple[int, dict[str, PipelineRow | None] | None]:
        """(the version now, id -> row of those that changed after `version`, or got an entry in a log). The row is None
        if the pipeline is gone; the dict is None if `version` is too old, so that all have to be asked for."""
        return self._board.changed_since(version)

    def running_steps(self) -> tuple[RunningStep, ...]:
        """The jobs that agents have reported as running, of running pipelines; the same object as long as they are the
        same."""
        return self._steps.all(self._clock())

    # What the routes ask.

    def page(self, query: PipelineQuery) -> PipelinePage:
        """A page of what the sender of the request may see."""
        return self._page(query, self._may_see)

    def details(self, pipeline_id: str) -> dict[str, Any] | None:
        """`{pipeline, links}`; None if there is none that the sender may see."""
        known = self._board.get(pipeline_id)
        if known is None or not self._may_see(known.project):
            return None
        file = self._store.read(pipeline_id)
        if file is None or not self._may_see(file.project):
            return None
        row = known if file.pipeline is None else row_of(file)
        logs, now = self._store.log_times(pipeline_id), self._clock()
        url = f"/api/pipelines/{pipeline_id}/jobs/{{job}}/log"
        row = as_of(row, now, self.stale_after_s, logs)
        return {"pipeline": tree_of(row, file.pipeline, now, logs, url), "links": self._links.of(file.pipeline)}

    def log(self, pipeline_id: str, job_id: str, before: int | None, after: int | None) -> LogPart | None:
        """A part of a job's log; None if there is none that the sender may see. Raises FileRefused."""
        known = self._board.get(pipeline_id)
        if known is None or not self._may_see(known.project):
            return None
        file = self._store.read(pipeline_id)
        if file is None or file.pipeline is None or file.pipeline.job(job_id) is None:
            return None
        return read_part(self._store.root, pipeline_id, job_id, MAX_CALL_BYTES, before, self._redact, after)

    def as_of_now(self, row: PipelineRow) -> PipelineRow:
        """The row with its duration, and whether it is stale; from memory."""
        logs = self._running.logs(row.id) if row.status == "running" else {}
        return as_of(row, self._clock(), self.stale_after_s, logs)

    def next_change(self, row: PipelineRow) -> float | None:
        """When (Unix time) time alone changes `as_of_now` of a row but for its duration; None: never."""
        if row.status != "running":
            return None
        now, logs = self._clock(), self._running.logs(row.id)
        return next_change(row.updated_at, now, self.stale_after_s, logs)

    def _page(self, query: PipelineQuery, may_see: Visible) -> PipelinePage:
        found = self._list.select(self._board.rows(), query, may_see)
        return found.with_rows(tuple(self.as_of_now(row) for row in found.rows))

    def _snapshot(self, may_see: Visible) -> Mapping[str, Any]:
        found = self._page(PipelineQuery(), may_see)
        return {
            "pipelines": {
                "rows": as_json(found.rows),
                "total": found.total,
                "counts": found.counts,
                "stale_after_s": self.stale_after_s,
            }
        }
