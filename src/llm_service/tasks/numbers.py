"""How many tasks there are, by lane, priority and agent: `BoardNumbers`, followed by the tasks that changed."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

from .board import TaskBoard
from .model import TaskSummary


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of cards at one moment: all, those of broken files, by lane and by priority; and of agents."""

    total: int
    invalid: int
    lanes: Counter[str]
    priorities: Counter[str]
    agents: int


class BoardNumbers:
    """The numbers of a board, which are asked for again and again while thousands of files come. For any thread."""

    def __init__(self, board: TaskBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._version = -1
        self._clear()

    def now(self) -> Numbers:
        """The numbers as they are now."""
        with self._lock:
            self._follow()
            counters = self._lanes.copy(), self._priorities.copy()
            return Numbers(len(self._tasks), self._invalid, *counters, len(self._agents))

    def _clear(self) -> None:
        self._tasks: dict[str, TaskSummary] = {}
        self._lanes, self._priorities, self._agents = Counter[str](), Counter[str](), Counter[str]()
        self._invalid = 0

    def _follow(self) -> None:
        version, changed = self._board.changed_since(self._version)
        if changed is None:
            self._clear()
            changed = {task.key: task for task in self._board.tasks()}
        for key, task in changed.items():
            before = self._tasks.pop(key, None)
            if before is not None:
                self._count(before, -1)
            if task is not None:
                self._tasks[key] = task
                self._count(task, 1)
        self._version = version

    def _count(self, task: TaskSummary, by: int) -> None:
        _add(self._lanes, task.lane, by)
        _add(self._priorities, task.priority, by)
        if task.agent:
            _add(self._agents, task.agent, by)
        if task.error:
            self._invalid += by


def _add(counter: Counter[str], name: str, by: int) -> None:
    """Names that no task has any more are not kept: whoever writes tasks invents them."""
    counter[name] += by
    if not counter[name]:
        del counter[name]
