"""What lies ahead: how budgets stand, who is told when one comes to a limit, and the forecast for the month."""

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
from ..errors import FileRefused
from ..files import read_file, write_atomic
from ..hub.event import Event
from ..settings.load import Settings
from .budgets import BudgetState, Told, has_risen, judge, sentence
from .events import CostBudget
from .forecast import first_day, forecast
from .queries import CostQueries
from .settings import BudgetRule, CostSettings
from .summary import CostSummary

log = logging.getLogger(__name__)

_SUMS = {"day": "today", "month": "month"}

Notify = Callable[[str, str, dict[str, Any]], object]
"""Tells an address: (address, sentence for people, facts). Never blocks."""


def month_forecast(calendar: Calendar) -> Callable[[CostQueries, float], dict[str, Any] | None]:
    """The forecast as `Costs` asks for it. Raises HistoryUnavailable."""

    def look(queries: CostQueries, now_s: float) -> dict[str, Any] | None:
        now = int(now_s)
        found = forecast(queries.daily_costs(first_day(calendar, now), now + 1), now, calendar)
        return found.as_json() if found else None

    return look


def summary_with_budgets(
    settings: Settings,
    core: CallCore,
    notify: Notify = lambda address, text, facts: None,
    refused: Callable[[], int] = lambda: 0,
) -> CostSummary:
    """The summary of the calls in a database, with the budgets and the forecast that the settings ask for."""
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
    """The budgets of the settings (`costs.BudgetWatch`). What was said is kept, so that a restart says nothing twice.

    `webhook` is where budgets without an address of their own are told; None: nowhere.
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
        self._told = self._load()

    def look(self, now_s: float) -> list[Event]:
        """The changes of level since the last look. Addresses have been told of those that rose.

        Raises HistoryUnavailable.
        """
        states = [self._state(rule, int(now_s)) for rule in self._rules]
        before, self._told = self._told, {state.rule.name: state.told() for state in states}
        events: list[Event] = []
        for state in states:
            last = before.get(state.rule.name)
            previous = last.level if last else "ok"
            budget = state.as_json()
            if has_risen(state, last):
                self._tell(state.rule, budget, previous)
            elif state.level == previous:
                continue
            events.append(CostBudget(budget=budget, previous_level=previous))
        if self._told != before:
            self._save()
        return events

    def states(self) -> list[dict[str, Any]]:
        """Every budget as it stands. Raises HistoryUnavailable."""
        return [self._state(rule, int(self._clock())).as_json() for rule in self._rules]

    def _state(self, rule: BudgetRule, now_s: int) -> BudgetState:
        # The subject of scope "all" is None.
        total = self._queries.sums(now_s, rule.scope, rule.subject)[_SUMS[rule.period]]
        start = self._calendar.text(self._calendar.start(rule.period, now_s))
        return judge(rule, total.cost_nanos, total.unpriced, start, self._told.get(rule.name))

    def _tell(self, rule: BudgetRule, budget: dict[str, Any], previous: str) -> None:
        address = rule.webhook or self._webhook
        log.warning("%s", sentence(budget))
        if address:
            self._notify(address, sentence(budget), {"budget": budget, "previous_level": previous})

    def _load(self) -> dict[str, Told]:
        try:
            document = json.loads(read_file(str(self._path.parent), self._path.name).data)
            return {str(name): Told(**told) for name, told in document.items()}
        except (FileRefused, ValueError, TypeError, AttributeError):
            return {}  # as if nothing had been said yet

    def _save(self) -> None:
        try:
            write_atomic(self._path, json.dumps({name: asdict(told) for name, told in self._told.items()}).encode())
        except OSError as problem:
            log.warning("What was said of budgets is not kept: %s", problem.strerror)
