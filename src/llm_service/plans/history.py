"""`history_of(plan, journal)`: when each task changed its status, to replay a plan.

The journal has what the dashboard saw; for what happened while it did not run, the tasks' own times are taken.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..hub.journal import Journal
from .events import PlanTaskChanged
from .model import Plan
from .status_values import seconds_of

MAX_CHANGES = 20_000
_BUDGET_S = 2.0
_PAGE = 500
_FLUSH_S = 0.5


def history_of(plan: Plan, journal: Journal | None) -> dict[str, Any]:
    """`{changes: [{time, task, previousStatus, status, source}], isComplete}`, oldest first. `source` is "journal" or
    "status" (the file's own times); `isComplete` is false if the journal has more than was read in two seconds.

    Raises HistoryUnavailable.
    """
    seen, is_complete = _recorded(plan.name, journal)
    known = {(each["task"], each["status"]) for each in seen}
    stated = (each for each in _stated(plan) if (each["task"], each["status"]) not in known)
    changes = sorted([*seen, *stated], key=lambda each: seconds_of(each["time"]) or 0.0)
    return {"changes": changes[-MAX_CHANGES:], "isComplete": is_complete and len(changes) <= MAX_CHANGES}


def _recorded(name: str, journal: Journal | None) -> tuple[list[dict[str, Any]], bool]:
    if journal is None:
        return [], True
    journal.flush(_FLUSH_S)
    found: list[dict[str, Any]] = []
    cursor, deadline = None, time.monotonic() + _BUDGET_S
    while True:
        page = journal.read(types=(PlanTaskChanged.type,), limit=_PAGE, is_backwards=True, cursor=cursor)
        found += _changes(page.events, name)
        cursor = page.cursor
        if cursor is None or len(found) > MAX_CHANGES or time.monotonic() > deadline:
            return found[::-1], cursor is None


def _changes(events: Iterable[Mapping[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    for event in events:
        status, previous = event.get("status"), event.get("previousStatus")
        if event.get("plan") == name and status != previous:
            yield {
                "time": event.get("time"),
                "task": event.get("task"),
                "previousStatus": previous,
                "status": status,
                "source": "journal",
            }


def _stated(plan: Plan) -> Iterator[dict[str, Any]]:
    for task in plan.tasks:
        begun = task.started_at is not None and task.status != "pending"
        if begun:
            yield _change(task.started_at, task.id, "pending", "in_progress")
        if task.completed_at is not None and task.status not in ("pending", "in_progress"):
            yield _change(task.completed_at, task.id, "in_progress" if begun else "pending", task.status)


def _change(at: str | None, task: str, previous: str, status: str) -> dict[str, Any]:
    return {"time": at, "task": task, "previousStatus": previous, "status": status, "source": "status"}
