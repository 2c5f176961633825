"""What routes, sockets and the command line ask: `PlanQueries`. Each answer is about what the caller may see."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..errors import NotFound
from ..files import printable
from ..web.json_text import json_text
from .activity import recent_activity
from .board import PlanBoard, View
from .findings import findings_by_task
from .model import Plan, progress_of
from .shapes import plan_json, progress_json, summary_json

RECENT = 10
_MOST_LISTS = 64
Projects = frozenset[str] | None
"""The projects whose plans a caller may see; None: all plans."""


class PlanNotFound(NotFound):
    """There is no plan with that name."""

    code = "PLAN_NOT_FOUND"


class PlanQueries:
    """Thread-safe."""

    def __init__(self, board: PlanBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._lists: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def listing(self, statuses: frozenset[str], worktree: str, projects: Projects) -> bytes:
        """The JSON of the list of plans. `statuses` may contain "running"; `worktree` is "true", "false", or the path
        of one; made once for each state of the plans."""
        view = self._board.view
        key = view.revision, statuses, worktree, projects
        with self._lock:
            found = self._lists.get(key)
            if found is None:
                found = self._lists[key] = _listing(view, statuses, worktree, projects)
                while len(self._lists) > _MOST_LISTS:
                    self._lists.popitem(last=False)
        return found

    def rows(self, projects: Projects = None) -> list[Mapping[str, Any]]:
        """The rows of all plans."""
        return rows_of(self._board.view, projects)

    def aggregate(self, projects: Projects = None) -> dict[str, int]:
        """The counts of all plans, and of their tasks."""
        rows = self.rows(projects)
        tasks = [row["progress"] for row in rows if row["progress"] is not None]
        return {
            **summary_json(rows),
            "totalTasks": sum(each["total"] for each in tasks),
            "completedTasks": sum(each["completed"] + each["skipped"] for each in tasks),
        }

    def plan(self, name: str, projects: Projects = None) -> tuple[Plan, Mapping[str, Any]]:
        """A plan and its row. Raises PlanNotFound."""
        view = self._board.view
        plan, row = view.plans.get(name), view.rows.get(name)
        if plan is None or row is None or not _may_see(row, projects):
            raise PlanNotFound(f"There is no plan “{printable(name)[:200]}”.", plan=printable(name)[:200])
        return plan, row

    def whole(self, name: str, projects: Projects = None) -> dict[str, Any]:
        """A plan with everything. Raises PlanNotFound."""
        plan, row = self.plan(name, projects)
        return plan_json(plan, row, recent_activity((plan,), RECENT))

    def findings(self, name: str, projects: Projects = None) -> dict[str, str | None]:
        """The files of findings of a plan, by name -> id of the task that they belong to. Raises PlanNotFound."""
        plan, _ = self.plan(name, projects)
        names = sorted(self._board.view.findings.get(name, {}))
        found = dict(findings_by_task(names, [task.id for task in plan.tasks]))
        for task in plan.tasks:
            if task.findings_path is not None:
                file = task.findings_path.replace("\\", "/").rpartition("/")[2]
                if found.get(file, task.id) is None:
                    found[file] = task.id
        return found

    def activity(self, limit: int, projects: Projects = None) -> list[dict[str, Any]]:
        """What happened lately in all plans."""
        view = self._board.view
        plans = [plan for name, plan in view.plans.items() if _may_see(view.rows[name], projects)]
        return recent_activity(plans, limit)

    def summary(self, projects: Projects = None) -> dict[str, Any]:
        """The whole dashboard: counts of plans and of tasks, and the plans on which something is going on."""
        view = self._board.view
        rows = rows_of(view, projects)
        statuses = (task.status for row in rows if row["progress"] for task in view.plans[row["name"]].tasks)
        running = [row for row in rows if row["currentTask"] or (row["orchestrator"] or {}).get("running")]
        return {"plans": summary_json(rows), "tasks": progress_json(progress_of(statuses)), "running": running}


def rows_of(view: View, projects: Projects) -> list[Mapping[str, Any]]:
    """The rows of the plans that may be seen, by name."""
    return [view.rows[name] for name in sorted(view.rows) if _may_see(view.rows[name], projects)]


def _may_see(row: Mapping[str, Any], projects: Collection[str] | None) -> bool:
    return projects is None or row["project"] in projects


def _listing(view: View, statuses: frozenset[str], worktree: str, projects: Projects) -> bytes:
    rows = rows_of(view, projects)
    wanted = [row for row in rows if _has_status(row, statuses) and _has_worktree(row, worktree)]
    return json_text(list_json(view, rows, wanted, projects)).encode()


def list_json(
    view: View, rows: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]], projects: Projects = None
) -> dict[str, Any]:
    """The list of plans: of all `rows` that may be seen those that are `wanted`."""
    has_current = projects is None or any(row["isCurrent"] for row in rows)
    return {
        "data": list(wanted),
        "summary": summary_json(rows),
        "withoutPlan": list(view.without_plan) if projects is None else [],
        "currentPlan": view.current if has_current else None,
    }


def _has_status(row: Mapping[str, Any], statuses: Iterable[str]) -> bool:
    wanted = frozenset(statuses)
    is_running = bool((row["orchestrator"] or {}).get("running"))
    return not wanted or row["status"] in wanted or ("running" in wanted and is_running)


def _has_worktree(row: Mapping[str, Any], worktree: str) -> bool:
    found = row["worktree"] or {}
    if worktree in ("true", "1", "false", "0"):
        return bool(found.get("active")) == (worktree in ("true", "1"))
    return not worktree or found.get("path") == worktree
