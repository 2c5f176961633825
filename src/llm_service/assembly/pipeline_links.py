"""`pipeline_links`: where the links of a pipeline lead, as its neighbours know it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from ..calls.feature import Calls
from ..calls.store.session_costs import session_costs
from ..errors import HistoryUnavailable
from ..pipelines.links import Links, Worktrees
from ..tasks.feature import Tasks
from .projects import ArtifactProjects

_RECHECK_S = 30.0
_MOST_KNOWN = 64


def pipeline_links(tasks: Tasks, projects: ArtifactProjects, calls: Calls, workspace: str) -> Links:
    """The links to the board, the generated files, the calls and the worktrees of the workspace."""

    def task_of(task_id: str) -> dict[str, Any] | None:
        task = tasks.board.get(task_id)
        return None if task is None else {"id": task.id, "key": task.key, "title": task.title, "lane": task.lane}

    return Links(task_of, projects.files, Worktrees(workspace).of, SessionCosts(calls).of)


class SessionCosts:
    """What the calls of sessions cost. All calls are read for that, as there is no index by session: not again for each
    page that is open, but when calls came, or after half a minute (prices may have changed)."""

    def __init__(self, calls: Calls, clock: Callable[[], float] = time.monotonic) -> None:
        self._core, self._clock = calls.core, clock
        self._stored = 0
        self._known: OrderedDict[tuple[str, ...], tuple[int, float, dict[str, Any]]] = OrderedDict()
        calls.subscribe(self._on_stored)

    def of(self, sessions: Sequence[str]) -> dict[str, Any] | None:
        """`{session: {calls, cost_usd, unpriced_calls}}`; None while calls are not counted, or cannot be read."""
        if self._core is None:
            return None
        if not sessions:
            return {}
        key, stored, now = tuple(sessions), self._stored, self._clock()
        known = self._known.get(key)
        if known is not None and known[0] == stored and now - known[1] < _RECHECK_S:
            return known[2]
        try:
            found = session_costs(self._core.database, sessions)
        except HistoryUnavailable:
            return None
        costs = {
            session: {"calls": count, "cost_usd": dollars, "unpriced_calls": unpriced}
            for session, (count, dollars, unpriced) in found.items()
        }
        self._known[key] = stored, now, costs
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return costs

    def _on_stored(self, batch: object) -> None:
        self._stored += 1
