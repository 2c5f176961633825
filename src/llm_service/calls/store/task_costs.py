"""`task_costs(connection, tasks)`: what calls cost that name a task, or belong to it by their session or run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from ...database.interned_names import find

_NAMED = (
    "SELECT key, calls, unpriced, cost_nanos FROM rollups WHERE span = 3 AND dimension = 3 AND start = 0"
    " AND key IN (SELECT value FROM json_each(?))"
)
_BY_UNIT = (
    "WITH units AS (SELECT DISTINCT unit FROM session_tasks"
    " WHERE task IN (SELECT value FROM json_each(?)) AND calls > 0)"
    " SELECT MAX(task), SUM(calls) FILTER (WHERE task = 0), SUM(unpriced) FILTER (WHERE task = 0),"
    " SUM(cost_nanos) FILTER (WHERE task = 0) FROM session_tasks"
    " WHERE unit IN (SELECT unit FROM units) AND calls > 0 GROUP BY unit"
    " HAVING SUM(task = 0) = 1 AND SUM(task != 0) = 1"
)


@dataclass(frozen=True, slots=True)
class TaskCost:
    """What the calls of a task cost; `cost_nanos` is over those with a known cost. `unnamed_calls` of the calls name no
    task: their session, or without one their run, named this task and no other."""

    calls: int = 0
    unpriced: int = 0
    cost_nanos: int = 0
    unnamed_calls: int = 0


def task_costs(connection: sqlite3.Connection, task_ids: Collection[str]) -> dict[str, TaskCost]:
    """task id -> its cost over all time, for the tasks that have calls."""
    names = {number: text for text, number in find(connection, task_ids).items()}
    numbers = json.dumps([*names])
    found = {
        names[task]: TaskCost(calls, unpriced, nanos)
        for task, calls, unpriced, nanos in connection.execute(_NAMED, (numbers,))
    }
    for task, calls, unpriced, nanos in connection.execute(_BY_UNIT, (numbers,)):
        if task not in names:
            continue
        named = found.get(names[task], TaskCost())
        found[names[task]] = TaskCost(
            named.calls + calls, named.unpriced + unpriced, named.cost_nanos + nanos, named.unnamed_calls + calls
        )
    return found
