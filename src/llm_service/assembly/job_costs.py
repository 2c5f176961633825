"""What jobs cost, and the budgets that stop them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..calls.feature import Calls
from ..calls.store.job_calls import JobCalls, job_cost_usd
from ..costs.budgets import budget_text
from ..costs.feature import Costs
from ..errors import HistoryUnavailable
from ..jobs.store import JobStore

_EARLIER_MS = 60_000
"""The clock of an agent may be behind by so much."""
_MOST_JOBS = 1_000
_CHECK_S = 2.0


class JobCosts:
    """The cost of a job, asked anew only when calls were stored since."""

    def __init__(self, calls: Calls) -> None:
        self._core = calls.core
        self._stored = 0
        self._known: dict[tuple[str, tuple[str, ...]], tuple[int, float | None]] = {}
        calls.subscribe(self._on_stored)

    def __call__(self, sessions: Sequence[str], job: str, since: str) -> float | None:
        """Dollars of the calls with the id of this job, or of these sessions, since then; None if there are none."""
        if self._core is None:
            return None
        key, stored = (job, tuple(sessions)), self._stored
        known = self._known.get(key)
        if known is not None and known[0] == stored:
            return known[1]
        try:
            cost = job_cost_usd(self._core.database, _calls(job, sessions, since))
        except (HistoryUnavailable, ValueError, OverflowError):
            return None if known is None else known[1]
        if len(self._known) >= _MOST_JOBS:
            self._known.clear()
        self._known[key] = (stored, cost)
        return cost

    def _on_stored(self, batch: object) -> None:
        self._stored += 1


def calls_of_job(store: JobStore, job: str) -> JobCalls:
    """Those that the cost of a job is of: its last run's; of one that has not run, or has a wrong time: with its id."""
    runs = store.runs_of(job)
    with suppress(ValueError, OverflowError):
        return _calls(job, store.sessions_of(runs[-1]), runs[-1].started_at) if runs else JobCalls(job)
    return JobCalls(job)


def _calls(job: str, sessions: Sequence[str], since: str) -> JobCalls:
    """Raises ValueError, OverflowError where `since` is no time."""
    return JobCalls(job, tuple(sessions), int(datetime.fromisoformat(since).timestamp() * 1000) - _EARLIER_MS)


class StoppingBudgets:
    """Why a job must not run, by a budget with `stop_runs` that is used up; the budgets are read every 2 s."""

    def __init__(self, costs: Costs, clock: Callable[[], float] = time.monotonic) -> None:
        self._costs = costs
        self._clock = clock
        self._read_at = float("-inf")
        self._used_up: list[dict[str, Any]] = []

    def __call__(self, project: str, profile: str) -> str | None:
        """A sentence; None if it may run. A budget of an agent covers the runs of the profile of that name."""
        subjects = {"all": None, "project": project, "agent": profile}
        for state in self._states():
            if state["scope"] == "all" or subjects.get(state["scope"]) == state["subject"]:
                return budget_text(state)
        return None

    def _states(self) -> list[dict[str, Any]]:
        budgets = self._costs.summary.budgets if self._costs.summary else None
        now = self._clock()
        if budgets is None or now - self._read_at < _CHECK_S:
            return self._used_up
        self._read_at = now
        with suppress(HistoryUnavailable):  # then what was known of them holds
            self._used_up = [one for one in budgets.states() if one["stop_runs"] and one["share"] >= 1]
        return self._used_up
