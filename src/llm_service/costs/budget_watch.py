"""`Budgets`: checks the budgets, notifies people when one reaches a level; and the summary with its forecast."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..calendar_days import Calendar
from ..calls.core import CallCore
from ..errors import FileRefused, FileUnreadable
from ..files import read_file, write_atomic
from ..hub.event import Event
from ..settings.load import Settings
from .budgets import BudgetNotice, BudgetState, budget_text, evaluate, has_risen
from .events import CostBudget
from .forecast import first_day, forecast
from .queries import CostQueries
from .settings import BudgetRule, CostSettings
from .summary import CostSummary

log = logging.getLogger(__name__)

_TOTAL_NAMES = {"day": "today", "month": "month"}

Notify = Callable[[str, str, dict[str, Any]], object]
"""Sends a notification: (address, text, data). Never blocks."""


def month_forecast(calendar: Calendar) -> Callable[[CostQueries, float], dict[str, Any] | None]:
    """The forecast function of `CostSummary`. Raises HistoryUnavailable."""

    def forecast_json(queries: CostQueries, now_s: float) -> dict[str, Any] | None:
        now = int(now_s)
        found = forecast(queries.daily_costs(first_day(calendar, now), now + 1), now, calendar)
        return found.as_json() if found else None

    return forecast_json


def summary_with_budgets(
    settings: Settings,
    core: CallCore,
    notify: Notify = lambda address, text, facts: None,
    refused: Callable[[], int] = lambda: 0,
) -> CostSummary:
    """The summary of the calls in a database, with the budgets in the settings and the forecast."""
    queries = CostQueries(core.database, core.calendar)
    own = settings.of(CostSettings)
    budgets = Budgets(own.budgets, queries, core.calendar, settings.state_path, notify, own.webhook)
    return CostSummary(
        queries,
        core.zone_name,
        month_forecast(core.calendar),
        budgets,
        refused=refused,
        price_version=core.prices.version,
    )


class Budgets:
    """The budgets in the settings; a `BudgetWatch`. Published levels are stored, so a restart repeats nothing.

    `webhook` is the address for budgets without their own; None: no notification.
    """

    def __init__(
        self,
        rules: Sequence[BudgetRule],
        queries: CostQueries,
        calendar: Calendar,
        state_dir: str,
        notify: Notify = lambda address, text, facts: None,
        webhook: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rules = tuple(rules)
        self._queries = queries
        self._calendar = calendar
        self._path = Path(state_dir) / "budgets.json"
        self._notify = notify
        self._webhook = webhook
        self._clock = clock
        self._notices = self._load()

    def check(self, now_s: float) -> list[Event]:
        """An event for each level that changed since the last check; notifies people of those that rose.

        Raises HistoryUnavailable.
        """
        if self._notices is None:
            self._notices = self._load()
        if self._notices is None:
            return []  # what was published is not known: people would be notified once more
        states = [self._state(rule, int(now_s)) for rule in self._rules]
        before, self._notices = self._notices, {state.rule.name: state.notice() for state in states}
        events: list[Event] = []
        for state in states:
            last = before.get(state.rule.name)
            previous = last.level if last else "ok"
            budget = state.as_json()
            if has_risen(state, last):
                self._notify_people(state.rule, budget, previous)
            elif state.level == previous:
                continue
            events.append(CostBudget(budget=budget, previous_level=previous))
        if self._notices != before:
            self._save()
        return events

    def states(self) -> list[dict[str, Any]]:
        """The current state of every budget, as JSON. Raises HistoryUnavailable."""
        return [self._state(rule, int(self._clock())).as_json() for rule in self._rules]

    def _state(self, rule: BudgetRule, now_s: int) -> BudgetState:
        # The subject of scope "all" is None.
        total = self._queries.totals(now_s, rule.scope, rule.subject)[_TOTAL_NAMES[rule.period]]
        start = self._calendar.format(self._calendar.start(rule.period, now_s))
        return evaluate(rule, total.cost_nanos, total.unpriced, start, (self._notices or {}).get(rule.name))

    def _notify_people(self, rule: BudgetRule, budget: dict[str, Any], previous: str) -> None:
        address = rule.webhook or self._webhook
        log.warning("%s", budget_text(budget))
        if address:
            self._notify(address, budget_text(budget), {"budget": budget, "previous_level": previous})

    def _load(self) -> dict[str, BudgetNotice] | None:
        """What was published; None if that cannot be read now."""
        try:
            document = json.loads(read_file(str(self._path.parent), self._path.name).data)
            return {str(name): BudgetNotice(**notice) for name, notice in document.items()}
        except FileUnreadable:
            return None
        except (FileRefused, ValueError, TypeError, AttributeError):
            return {}  # as if nothing had been published yet

    def _save(self) -> None:
        try:
            document = {name: asdict(notice) for name, notice in (self._notices or {}).items()}
            write_atomic(self._path, json.dumps(document).encode())
        except OSError as problem:
            log.warning("The budget levels that were published could not be stored: %s", problem.strerror)
