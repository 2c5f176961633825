"""`SessionNeighbours`: what costs, hooks, projects, tasks, jobs and pipelines know of a session."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ..calls.feature import Calls
from ..calls.store.session_cost import SessionCost, session_cost, session_points
from ..errors import HistoryUnavailable
from ..hooks.feature import Hooks
from ..jobs.feature import Jobs
from ..pipelines.feature import Pipelines
from ..sessions.needs import CostPoint, Reported
from ..tasks.feature import Tasks
from ..times import iso_time_ms, unix_time
from .projects import ArtifactProjects

_AROUND_MS = 120_000
"""A call may be stored with a time a little before or behind the lines of its session."""
_MOST_KNOWN, _RECHECK_S = 2_000, 2.0
_OLD_S, _RECHECK_OLD_S = 3_600.0, 5.0
"""Of a session that ended so long ago calls are hardly stored any more."""
_MOST_LINKS = 20


class SessionNeighbours:
    """The `Neighbours` of the sessions. A cost is asked for again only when calls were stored since."""

    def __init__(
        self,
        calls: Calls,
        hooks: Hooks,
        projects: ArtifactProjects,
        tasks: Tasks,
        jobs: Jobs,
        pipelines: Pipelines,
        may_see: Callable[[str | None], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._core, self._hooks, self._projects = calls.core, hooks, projects
        self._tasks, self._jobs, self._pipelines = tasks, jobs, pipelines
        self._may_see, self._clock = may_see, clock
        self._stored = 0
        self._known: OrderedDict[tuple[str, str, str], tuple[int, float, SessionCost]] = OrderedDict()
        calls.subscribe(self._on_stored)

    def cost(self, session: str, first: str | None, last: str | None) -> SessionCost | None:
        """See `Neighbours`."""
        if self._core is None or first is None or last is None:
            return None
        key, now, stored = (session, first, last), self._clock(), self._stored
        known = self._known.get(key)
        is_old = (unix_time(last) or 0) < time.time() - _OLD_S
        if known is not None and (known[0] == stored or now - known[1] < (_RECHECK_OLD_S if is_old else _RECHECK_S)):
            return known[2]
        try:
            cost = session_cost(self._core.database, session, *_range(first, last))
        except HistoryUnavailable:
            return None if known is None else known[2]
        self._known[key] = (stored, now, cost)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return cost

    def points(self, session: str, first: str | None, last: str | None) -> list[CostPoint]:
        """See `Neighbours`."""
        if self._core is None or first is None or last is None:
            return []
        try:
            found = session_points(self._core.database, session, *_range(first, last))
        except HistoryUnavailable:
            return []
        return [CostPoint(iso_time_ms(time_ms), cost, tokens) for time_ms, cost, tokens in found]

    def reported(self) -> dict[str, Reported]:
        """See `Neighbours`."""
        return {
            each.id: Reported(each.state, each.certainty, each.rests_on, each.text)
            for each in reversed(self._hooks.board.sessions())
        }

    def project_of(self, folder: str) -> str | None:
        """See `Neighbours`."""
        return self._projects.of_folder(folder)

    def place_of(self, path: str) -> tuple[str, str] | None:
        """See `Neighbours`."""
        root = os.path.abspath(self._projects.root)
        if not path.startswith(root + os.sep):
            return None
        project, _, place = path[len(root) + 1 :].replace(os.sep, "/").partition("/")
        return (project, place) if project and place else None

    def related(self, session: str, tasks: Sequence[str], jobs: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """See `Neighbours`."""
        found = [task for name in tasks[:_MOST_LINKS] if (task := self._tasks.board.get(name)) is not None]
        pipelines = [
            {"id": row.id, "status": row.status}
            for row in self._pipelines.rows()
            if row.ticket_id is not None and row.ticket_id in tasks and self._may_see(row.project)
        ]
        return {
            "tasks": [{"id": task.id, "title": task.title, "lane": task.lane} for task in found],
            "jobs": self._jobs_of(session, jobs)[:_MOST_LINKS],
            "pipelines": pipelines[:_MOST_LINKS],
        }

    def _jobs_of(self, session: str, named: Sequence[str]) -> list[dict[str, Any]]:
        """Jobs that calls of the session name, and those with a run whose log names the session."""
        found = []
        for job in self._jobs.store.jobs():
            runs = [run for run in self._jobs.store.runs_of(job.id) if self._names(run.run_id, session)]
            if (runs or job.id in named) and self._may_see(job.project):
                found.append({"id": job.id, "status": job.status, "run": runs[-1].run_id if runs else None})
        return found

    def _names(self, run_id: str, session: str) -> bool:
        progress = self._jobs.store.progress_of(run_id)
        return progress is not None and session in progress.sessions

    def _on_stored(self, batch: object) -> None:
        self._stored += 1


def _range(first: str, last: str) -> tuple[int, int]:
    """[first, end) in ms around two times."""
    begin, end = (int(datetime.fromisoformat(text).timestamp() * 1000) for text in (first, last))
    return begin - _AROUND_MS, max(begin, end) + _AROUND_MS
