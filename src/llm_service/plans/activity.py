"""What happened lately, as the tasks of status files say: `recent_activity(plans, limit)`. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from .model import Plan
from .status_values import seconds_of


def recent_activity(plans: Iterable[Plan], limit: int) -> list[dict[str, Any]]:
    """`{time, plan, task, description, status}` of tasks that began or ended, the newest first. A task that ended
    counts once, at its end."""
    found = ((at, number, entry) for number, (at, entry) in enumerate(each for plan in plans for each in _of(plan)))
    return [entry for _, _, entry in heapq.nlargest(limit, found)]


def _of(plan: Plan) -> Iterator[tuple[float, dict[str, Any]]]:
    for task in plan.tasks:
        text = (task.started_at if task.status == "in_progress" else task.completed_at) or task.started_at
        at = seconds_of(text) if text is not None else None
        if text is None or at is None or task.status == "pending":
            continue
        yield (
            at,
            {
                "time": text,
                "plan": plan.name,
                "task": task.id,
                "description": task.description[:300],
                "status": task.status,
            },
        )
