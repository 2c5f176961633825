"""The feature `Tasks`: the board of a workspace, its events, lists, details and lane history."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import FileRefused, Unparseable
from ..feature import Feature, Finding, Kernel, problems
from ..files import parse_mapping, printable, read_file
from ..hub.event import ServiceReady
from ..watch.file_systems import unreported
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.scan import walk
from ..watch.settle import Settler
from .board import TaskBoard
from .editor import editor_link
from .events import EVENTS
from .follow import TaskUpdater
from .lane_history import LANE_EVENTS, LaneHistory
from .model import PRIORITIES, TaskFile, TaskSummary
from .numbers import BoardNumbers
from .opening import first_of_lanes
from .queries import TaskList, TaskQuery
from .reader import TaskSource, document_of
from .routes import task_routes
from .settings import TaskSettings, collaboration_path

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

Detail = Callable[[TaskFile], Any]
"""Returns a further field of a task's details, as plain JSON, for one of its files."""


class Tasks(Feature):
    """The task board of a workspace."""

    name = topic = "tasks"
    events = EVENTS
    collections = MappingProxyType({"tasks": TaskSummary})

    def __init__(self, kernel: Kernel) -> None:
        settings, own = kernel.settings, kernel.settings.of(TaskSettings)
        window_s, max_wait_s = settings.debounce_ms / 1000, settings.max_wait_ms / 1000
        self.lanes = tuple(own.lanes)
        self.board = TaskBoard(document_of, window_s, max_wait_s)
        self.list = TaskList(self.board, self.lanes)
        self._numbers = BoardNumbers(self.board)
        self.progress = kernel.hub.progress
        self.lane_history: LaneHistory | None = None
        if kernel.journal is not None:
            self.lane_history = LaneHistory(kernel.journal, kernel.database)
            kernel.hub.listen(self.lane_history.on_event, *LANE_EVENTS)
        self.stale_after_s = own.stale_after_h * 3600
        self._details: dict[str, Detail] = {"file_path": self._file_path, "editor_url": self._editor_url}
        self._editor_link = own.editor_link
        self._max_file_bytes = own.max_file_bytes
        self._started_at = kernel.started_at
        self._source = TaskSource(collaboration_path(settings), self.lanes, own.max_file_bytes)
        inbox = HintInbox()
        root = kernel.watched_root(self._source.root, self._source.filter.folder, inbox.put)
        settler = Settler(window_s, max_wait_s)
        arrivals = self.lane_history.arrivals if self.lane_history else dict
        updater = TaskUpdater(self._source, root, self.board, kernel.hub, settler, lane_arrivals=arrivals)
        self._follower = Follower(updater, root, inbox)
        kernel.hub.listen(self._warm_up_list, ServiceReady)

    @property
    def followers(self) -> Sequence[Follower]:
        """The follower of the root of the lanes."""
        return (self._follower,)

    def add_detail(self, key: str, detail: Detail) -> None:
        """Add a field to the answers of `GET /api/tasks/<id>`."""
        self._details[key] = detail

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        task_routes(api, self.board, self.list, self.progress, self._extra_details, self.lane_history, self._started_at)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The tasks by key."""
        return {"tasks": {task.key: task for task in self.board.tasks()}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{tasks, agents, counts, stale_after_s}`."""
        tasks = self.board.tasks()
        return {
            "tasks": tasks,
            "agents": sorted({task.agent for task in tasks if task.agent}),
            "counts": self.counts(tasks),
            "stale_after_s": self.stale_after_s,
        }

    def opening(self) -> Mapping[str, Any]:
        """`{tasks, counts}`: the tasks at the top of each lane, and how many there are."""
        tasks = self.board.tasks()
        return {"tasks": first_of_lanes(tasks), "counts": self.counts(tasks)}

    def counts(self, tasks: Iterable[TaskSummary] | None = None) -> dict[str, int]:
        """The number of tasks in each lane, also in empty ones; `tasks` are those of the board if None."""
        found = self._numbers.now().lanes if tasks is None else Counter(task.lane for task in tasks)
        return {lane: found.get(lane, 0) for lane in self.lanes}

    def health(self) -> Mapping[str, Any]:
        """The number of tasks."""
        return {"tasks": len(self.board)}

    def stats(self) -> Mapping[str, Any]:
        """Numbers of tasks by lane and priority, of broken ones, and of agents."""
        now = self._numbers.now()
        numbers = {
            "total": now.total,
            "invalid": now.invalid,
            "by_priority": {name: now.priorities[name] for name in sorted(now.priorities, key=_order_of_priority)},
            "agents": now.agents,
        }
        return {"tasks": {lane: now.lanes[lane] for lane in self.lanes} | numbers}

    def metrics(self) -> Iterable[Metric]:
        """Tasks by lane."""
        from prometheus_client.core import GaugeMetricFamily

        tasks = GaugeMetricFamily("llm_service_tasks", "Tasks on the board, by lane.", labels=["lane"])
        for lane, count in self.counts().items():
            tasks.add_metric([lane], count)
        yield tasks

    def banner(self) -> Iterable[tuple[str, str]]:
        """The number of tasks, or the progress of loading them."""
        loading = self.progress.as_json()
        if loading is not None:
            found = f"{loading['done']:,} of {loading['total']:,} " if loading["total"] else ""
            yield "tasks", f"loading {found}..."
            return
        now = self._numbers.now()
        lanes = ", ".join(f"{now.lanes[lane]:,} {lane}" for lane in self.lanes)
        yield "tasks", f"{now.total:,} ({lanes})" + (f", {now.invalid:,} of them broken" if now.invalid else "")

    def examine(self) -> Iterator[Finding]:
        """Whether all task files can be read, and the folder can be watched."""
        source = self._source
        found = walk(source.root, source.filter)
        broken = [reason for path in sorted(found.files) if (reason := self._problem_of(path)) is not None]
        readable = len(found.files) - len(broken)
        yield Finding("ok", "tasks", f"{readable:,} {_files(readable)} can be read")
        yield from problems("tasks", broken, f"{_files(len(broken))} cannot be read")
        for folder, reason in sorted(found.refused.items()):
            yield Finding("problem", "tasks", f"the folder {printable(folder)} cannot be listed: {reason}")
        for path, reason in sorted(found.skipped.items()):
            yield Finding("problem", "tasks", f"{printable(os.path.join(source.root, path))} is {reason}")
        reason = unreported(source.root, source.filter.folder)
        if reason:
            yield Finding("note", "watching", f"the tasks are polled as well as watched: {reason}")

    def _problem_of(self, path: str) -> str | None:
        try:
            parse_mapping(read_file(self._source.root, path, self._max_file_bytes).data)
        except Unparseable as problem:
            return f"{printable(path)}:{problem.problem.line or 1}: {problem.message}"
        except FileRefused as problem:
            return f"{printable(path)}: {problem.message}"
        return None

    def _extra_details(self, file: TaskFile) -> dict[str, Any]:
        return {key: detail(file) for key, detail in self._details.items()}

    def _file_path(self, file: TaskFile) -> str:
        """Where the file is, to be shown and copied."""
        return printable(os.path.join(self._source.root, file.summary.path))

    def _editor_url(self, file: TaskFile) -> str | None:
        """The link that opens the file in an editor; None where the user wants none."""
        path = self.board.path_of(file.summary.key)
        return None if path is None else editor_link(self._editor_link, self._source.root, path)

    def _warm_up_list(self, ready: ServiceReady) -> None:
        """Fill the caches of the list when the board is complete, not in the first request."""
        self.list.select(TaskQuery(q="-"))


def _files(count: int) -> str:
    return "task file" if count == 1 else "task files"


def _order_of_priority(name: str) -> tuple[int, str]:
    """Those of the contract by their rank, then all others by name."""
    return (PRIORITIES.index(name) if name in PRIORITIES else len(PRIORITIES)), name
