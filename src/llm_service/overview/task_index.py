"""`TaskIndex`: what the tasks of each agent say, brought up to date by the tasks that changed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..tasks.model import TaskSummary
from ..tasks.status_words import is_under_way
from ..times import unix_time
from .world import TaskFacts


class TaskCards(Protocol):
    """The board of tasks."""

    def tasks(self) -> Sequence[TaskSummary]:
        """All."""

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the version now, key -> task, None: it is gone), None: too much changed."""


class TaskIndex:
    """`facts` by agent; the same mapping as long as nothing changed. Used by one thread at a time."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self._lanes = lanes
        self._version = -1
        self._tasks: dict[str, TaskSummary] = {}
        self._agents: dict[str, _AgentTasks] = {}
        self._done: list[tuple[float, str]] = []
        self.facts: Mapping[str, TaskFacts] = {}

    def follow(self, board: TaskCards) -> None:
        """Take what changed on the board since the last time; of another board, all."""
        version, changed = board.changed_since(self._version)
        self._version = -1  # if this fails, the next time is from the beginning
        if changed is None:
            self._tasks, self._agents, self._done, self.facts = {}, {}, [], {}
            changed = {task.key: task for task in board.tasks()}
        self.put(changed)
        self._version = version

    def put(self, changed: Mapping[str, TaskSummary | None]) -> None:
        """Key -> task as it is now; None: it is gone."""
        agents = set[str]()
        for key, task in changed.items():
            before = self._tasks.pop(key, None)
            if before is not None:
                agents |= self._remove(before)
            if task is not None:
                self._tasks[key] = task
                agents |= self._add(task)
        if not agents:
            return
        facts = dict(self.facts)
        for agent in agents:
            found = self._agents[agent]
            if found.count:
                facts[agent] = found.facts(self._lanes, self._tasks)
            else:
                facts.pop(agent, None)
                del self._agents[agent]
        self.facts = facts

    def done_since(self, since: float) -> int:
        """How many came to `done/` since then: as was seen, else as their files say."""
        return len(self._done) - bisect_left(self._done, (since, ""))

    def _add(self, task: TaskSummary) -> set[str]:
        if task.lane == "done":
            insort(self._done, _done_at(task))
        if not task.agent:
            return set()
        self._agents.setdefault(task.agent, _AgentTasks()).add(task)
        return {task.agent}

    def _remove(self, task: TaskSummary) -> set[str]:
        if task.lane == "done":
            _take(self._done, _done_at(task))
        if not task.agent:
            return set()
        self._agents[task.agent].remove(task)
        return {task.agent}


class _AgentTasks:
    """Those of one agent, in the orders that are asked for."""

    def __init__(self) -> None:
        self.count = 0
        self._lanes = Counter[str]()
        self._signs: list[tuple[str, str, str]] = []
        self._assigned: list[tuple[str, str]] = []
        self._started: list[tuple[str, str]] = []

    def add(self, task: TaskSummary) -> None:
        self._count(task, 1, insort)

    def remove(self, task: TaskSummary) -> None:
        self._count(task, -1, _take)

    def _count(self, task: TaskSummary, by: int, change: Callable[[list[Any], Any], None]) -> None:
        self.count += by
        self._lanes[task.lane] += by
        for sign in _signs(task):
            change(self._signs, sign)
        place = task.modified_at, task.key
        if task.lane == "assigned":
            change(self._assigned, place)
            if _is_started(task):
                change(self._started, place)

    def facts(self, lanes: Iterable[str], tasks: Mapping[str, TaskSummary]) -> TaskFacts:
        """Of those assigned that say they are under way, the one changed last is at hand; if none does, of all."""
        at_hand = self._started or self._assigned
        current = tasks[at_hand[-1][1]] if at_hand else None
        last_at, kind, _ = self._signs[-1] if self._signs else (None, "file", "")
        return TaskFacts({lane: self._lanes[lane] for lane in lanes}, current, unix_time(last_at), kind)


def _is_started(task: TaskSummary) -> bool:
    return bool(task.status) and is_under_way(task.status or "")


def _signs(task: TaskSummary) -> Iterator[tuple[str, str, str]]:
    """As text: all are written by `iso_time`. In the inbox nobody has done anything yet: others write its files."""
    if task.lane == "inbox":
        return
    yield task.modified_at, "file", task.key
    if task.lane_since is not None:
        yield task.lane_since, "lane", task.key


def _done_at(task: TaskSummary) -> tuple[float, str]:
    return unix_time(task.lane_since or task.completed_at) or 0.0, task.key


def _take(ordered: list, value: tuple) -> None:  # type: ignore[type-arg]
    del ordered[bisect_left(ordered, value)]
