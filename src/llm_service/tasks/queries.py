"""Lists of tasks: filter, sort, page, count. Answered from memory, within a few milliseconds for 20,000 tasks.

Sorted lists and search texts are cached and updated with the board's changes: sorting and joining text in each request
would take longer than all the rest.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ..errors import BadRequest
from .board import TaskBoard
from .model import PRIORITIES, TaskSummary
from .written_times import sort_key

_Key = tuple[Any, ...]

SORTS: dict[str, tuple[Callable[[TaskSummary], _Key], bool]] = {
    "newest": (lambda task: (_created(task), task.key), True),
    "oldest": (lambda task: (_created(task), task.key), False),
    "changed": (lambda task: (task.modified_at, task.key), True),
    "priority": (lambda task: (_priority_rank(task.priority), task.key), False),
    "title": (lambda task: (task.title.lower(), task.key), False),
    "id": (lambda task: (task.key,), False),
}
"""Sort name -> (key, descending). Unknown priorities come last."""


_FEW = 100
"""If more than these and an eighth of all changed, all are sorted: to put each in its place would take longer."""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """What to list. Empty filters match everything; `q` matches if each of its words is found."""

    lane: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    priority: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()
    flag: frozenset[str] = frozenset()
    q: str = ""
    sort: str = "newest"
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page. `total` is the number of matching tasks on all pages, `counts` the number per lane without the filter
    `lane`; `cursor` is that of the next page, None on the last."""

    tasks: tuple[TaskSummary, ...]
    counts: dict[str, int]
    total: int
    cursor: str | None


class _Order:
    """The board in one order, updated with the changed tasks rather than sorted again."""

    def __init__(self, board: TaskBoard, sort: str) -> None:
        self._board = board
        self.key, self.descending = SORTS[sort]
        self._version = -1
        self._entries: list[tuple[_Key, str]] = []
        self._tasks: dict[str, TaskSummary] = {}
        self._keys: dict[str, _Key] = {}
        self._sorted: list[TaskSummary] = []

    def tasks(self) -> list[TaskSummary]:
        """All tasks in this order."""
        version, changed = self._board.changed_since(self._version)
        if version == self._version:
            return self._sorted
        if changed is None or len(changed) > _FEW + len(self._entries) // 8:
            self._tasks = {task.key: task for task in self._board.tasks()}
            self._keys = {name: self.key(task) for name, task in self._tasks.items()}
            self._entries = sorted((key, name) for name, key in self._keys.items())
        else:
            for name, task in changed.items():
                self._replace(name, task)
        ordered = [self._tasks[name] for _, name in self._entries]
        if self.descending:
            ordered.reverse()
        self._version, self._sorted = version, ordered
        return ordered

    def _replace(self, name: str, task: TaskSummary | None) -> None:
        old_key = self._keys.pop(name, None)
        if old_key is not None:
            del self._entries[bisect_left(self._entries, (old_key, name))]
            del self._tasks[name]
        if task is not None:
            self._tasks[name], self._keys[name] = task, self.key(task)
            insort(self._entries, (self._keys[name], name))

    def index_after(self, tasks: list[TaskSummary], key: _Key) -> int:
        """The index in `tasks` (in this order) of the first task after a key."""
        if self.descending:
            return bisect_left(tasks, True, key=lambda task: self.key(task) < key)
        return bisect_left(tasks, True, key=lambda task: self.key(task) > key)


class TaskList:
    """Answers queries about one board. Thread-safe."""

    def __init__(self, board: TaskBoard, lanes: Iterable[str]) -> None:
        self.lanes = tuple(lanes)
        self._orders = {sort: _Order(board, sort) for sort in SORTS}
        self._texts: dict[str, tuple[TaskSummary, str]] = {}
        self._lock = threading.Lock()

    def select(self, query: TaskQuery) -> TaskPage:
        """The page for a query. Raises BadRequest for an unknown sort or a cursor of another list."""
        if query.sort not in SORTS:
            raise BadRequest(f"There is no sort “{query.sort}”.", known=list(SORTS))
        last_key = decode_cursor(query.cursor, query.sort) if query.cursor else None
        order = self._orders[query.sort]
        with self._lock:
            found = order.tasks()
            if query.q:
                found = self._search(found, query.q)
        found = _filter(found, query)
        counts = Counter(map(attrgetter("lane"), found))
        if query.lane:
            found = [task for task in found if task.lane in query.lane]
        start = order.index_after(found, last_key) if last_key is not None else 0
        page = tuple(found[start : start + query.limit])
        more = start + query.limit < len(found)
        cursor = encode_cursor(query.sort, order.key(page[-1])) if more and page else None
        return TaskPage(page, {lane: counts.get(lane, 0) for lane in self.lanes}, len(found), cursor)

    def last_changed(self) -> tuple[list[TaskSummary], list[str]]:
        """(all tasks, the last changed first; the text of each that is searched)."""
        with self._lock:
            tasks = self._orders["changed"].tasks()
            texts = self._texts_of(tasks)
            return tasks, [texts[task.key][1] for task in tasks]

    def _search(self, tasks: list[TaskSummary], q: str) -> list[TaskSummary]:
        texts = self._texts_of(tasks)
        for word in q.lower().split():
            tasks = [task for task in tasks if word in texts[task.key][1]]
        return tasks

    def _texts_of(self, tasks: list[TaskSummary]) -> dict[str, tuple[TaskSummary, str]]:
        texts = self._texts
        if len(texts) > 2 * len(tasks) + 1000:
            texts.clear()
        for task in tasks:
            known = texts.get(task.key)
            if known is None or known[0] is not task:
                texts[task.key] = (task, search_text(task))
        return texts


def search_text(task: TaskSummary) -> str:
    """The lower-case text that is searched: id, title, agent, path, tags and the short fields."""
    parts = (
        task.id, task.title, task.agent, task.status, task.priority, task.path, task.batch, task.milestone,
        task.initiative, task.specification, task.mode, *task.tags,
    )  # fmt: skip
    return "\n".join(part for part in parts if part).lower()


def encode_cursor(sort: str, key: _Key) -> str:
    """An opaque text for the position after a key."""
    return base64.urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str) -> _Key:
    """The key in a cursor. Raises BadRequest if it is not a cursor of this service, or was made for another sort."""
    try:
        cursor_sort, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        expected: tuple[type, ...] = (int, str) if sort == "priority" else (str,) if sort == "id" else (str, str)
        if cursor_sort != sort or tuple(type(part) for part in key) != expected:
            raise ValueError
    except (ValueError, TypeError, RecursionError, binascii.Error) as problem:
        raise BadRequest("This cursor does not belong to this list; start again without one.") from problem
    return tuple(key)


def _created(task: TaskSummary) -> str:
    """When a task was created, as text that sorts; if its file says no time, when the file was modified."""
    return sort_key(task.created_at) or sort_key(task.modified_at) or task.modified_at


def _filter(tasks: list[TaskSummary], query: TaskQuery) -> list[TaskSummary]:
    if query.agent:
        tasks = [task for task in tasks if (task.agent or "") in query.agent]
    if query.status:
        statuses = {status.lower() for status in query.status}
        tasks = [task for task in tasks if (task.status or "") in statuses]
    if query.priority:
        priorities = {priority.lower() for priority in query.priority}
        tasks = [task for task in tasks if task.priority in priorities]
    if query.tag:
        tasks = [task for task in tasks if not query.tag.isdisjoint(task.tags)]
    if query.flag:
        tasks = [task for task in tasks if not query.flag.isdisjoint(task.flags)]
    return tasks


def _priority_rank(priority: str) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
