"""Lists of tasks: filter, sort, page, count. Answered from memory; 20,000 tasks within a few milliseconds.

Sorted orders are kept per board version and search texts per summary, because sorting and joining text for
every request would cost more than everything else.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..domain.tasks import PRIORITIES, TaskSummary
from ..errors import BadRequest
from .tasks import TaskBoard

_Key = tuple[Any, ...]

SORTS: dict[str, tuple[Callable[[TaskSummary], _Key], bool]] = {
    "newest": (lambda task: (task.created_at or task.modified_at, task.id), True),
    "oldest": (lambda task: (task.created_at or task.modified_at, task.id), False),
    "changed": (lambda task: (task.modified_at, task.id), True),
    "priority": (lambda task: (_priority_rank(task.priority), task.id), False),
    "title": (lambda task: (task.title.lower(), task.id), False),
    "id": (lambda task: (task.id,), False),
}
"""Sort name -> (key, descending). Unknown priorities come last."""


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
    """One page. `counts` are per lane and `total` over all pages, both of what matches the filters but `lane`
    for the counts; `cursor` continues, None on the last page."""

    tasks: tuple[TaskSummary, ...]
    counts: dict[str, int]
    total: int
    cursor: str | None


class TaskList:
    """Answers queries about one board. Thread-safe: caches are replaced whole, never changed in place."""

    def __init__(self, board: TaskBoard, lanes: Iterable[str]) -> None:
        self._board = board
        self._lanes = tuple(lanes)
        self._orders: dict[str, tuple[int, list[TaskSummary]]] = {}
        self._texts: dict[str, tuple[TaskSummary, str]] = {}

    def select(self, query: TaskQuery) -> TaskPage:
        """The page a query asks for. Raises BadRequest for an unknown sort or a foreign cursor."""
        if query.sort not in SORTS:
            raise BadRequest(f"There is no sort “{query.sort}”.", known=list(SORTS))
        key, descending = SORTS[query.sort]
        after = decode_cursor(query.cursor, query.sort) if query.cursor else None
        words = query.q.lower().split()
        counts: Counter[str] = Counter()
        page: list[TaskSummary] = []
        total, more = 0, False
        for task in self._order(query.sort):
            if not (_matches(task, query) and self._contains(task, words)):
                continue
            counts[task.lane] += 1
            if query.lane and task.lane not in query.lane:
                continue
            total += 1
            if more:
                continue
            if after is not None:
                place = key(task)
                if (place >= after) if descending else (place <= after):
                    continue
            if len(page) == query.limit:
                more = True
            else:
                page.append(task)
        lanes = {lane: counts.get(lane, 0) for lane in self._lanes}
        cursor = encode_cursor(query.sort, key(page[-1])) if more and page else None
        return TaskPage(tuple(page), lanes, total, cursor)

    def _order(self, sort: str) -> list[TaskSummary]:
        version = self._board.version
        cached = self._orders.get(sort)
        if cached is None or cached[0] != version:
            key, descending = SORTS[sort]
            cached = (version, sorted(self._board.tasks(), key=key, reverse=descending))
            self._orders[sort] = cached
        return cached[1]

    def _contains(self, task: TaskSummary, words: list[str]) -> bool:
        if not words:
            return True
        cached = self._texts.get(task.id)
        if cached is None or cached[0] is not task:
            if len(self._texts) > 2 * len(self._order("newest")) + 1000:
                self._texts = {}
            cached = self._texts[task.id] = (task, search_text(task))
        return all(word in cached[1] for word in words)


def search_text(task: TaskSummary) -> str:
    """The lower-case text that a search looks through: id, title, agent, path, tags and the short fields."""
    parts = (
        task.id, task.title, task.agent, task.status, task.priority, task.path, task.batch, task.milestone,
        task.initiative, task.specification, task.mode, *task.tags,
    )  # fmt: skip
    return "\n".join(part for part in parts if part).lower()


def encode_cursor(sort: str, key: _Key) -> str:
    """An opaque text for "after this one"."""
    return base64.urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str) -> _Key:
    """The key in a cursor. Raises BadRequest if it is not one of ours, or was made for another sort."""
    try:
        made_for, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        wanted: tuple[type, ...] = (int, str) if sort == "priority" else (str,) if sort == "id" else (str, str)
        if made_for != sort or tuple(type(part) for part in key) != wanted:
            raise ValueError
    except (ValueError, TypeError, binascii.Error) as problem:
        raise BadRequest("This cursor does not belong to this list; begin again without one.") from problem
    return tuple(key)


def _matches(task: TaskSummary, query: TaskQuery) -> bool:
    return (
        (not query.agent or (task.agent or "") in query.agent)
        and (not query.status or (task.status or "") in query.status)
        and (not query.priority or task.priority in query.priority)
        and (not query.tag or not query.tag.isdisjoint(task.tags))
        and (not query.flag or not query.flag.isdisjoint(task.flags))
    )


def _priority_rank(priority: str) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
