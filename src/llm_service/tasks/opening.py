"""The tasks that a page shows first: `first_of_lanes(tasks)`, in the order in which the board shows them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from .model import TaskSummary
from .written_times import sort_key

CARDS = 24
"""Of each lane: what a column of a large window shows."""


def first_of_lanes(tasks: Iterable[TaskSummary], cards: int = CARDS) -> list[TaskSummary]:
    """The newest of each lane: those that were created last, of these the last changed (`byAge` in the page's view)."""
    lanes: dict[str, list[TaskSummary]] = {}
    for task in tasks:
        lanes.setdefault(task.lane, []).append(task)
    found = []
    for members in lanes.values():
        # By key first: of what is equal otherwise both sorts keep the order.
        found += heapq.nlargest(cards, sorted(members, key=lambda task: task.key), key=_age)
    return found


def _age(task: TaskSummary) -> tuple[str, str]:
    changed = task.modified_at
    return sort_key(task.created_at) or sort_key(changed) or changed, changed
