"""`evaluate(rule, spent)`: the level of a budget, and whether to notify someone (`has_risen`). Pure.

A level rises at 80 and 100 % of the limit. Spending can also fall, when calls are repriced: within a period a level
falls only below 75 and 95 %, so that spending that varies around a threshold is notified once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..calls.model import NANOS
from .settings import BudgetRule

OK, WARN, ALERT = LEVELS = ("ok", "warn", "alert")
RISES_AT = {WARN: 80, ALERT: 100}
"""Percent of the limit."""
FALLS_BELOW = {WARN: 75, ALERT: 95}


@dataclass(frozen=True, slots=True)
class BudgetNotice:
    """The last state of a budget that was published: its period, limit and level."""

    period_start: str
    limit_nanos: int
    level: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """The current state of a budget. `unpriced_calls` have no known cost and are not in `spent_nanos`."""

    rule: BudgetRule
    spent_nanos: int
    unpriced_calls: int
    period_start: str
    """ISO 8601 with the offset of the user's time zone."""
    level: str

    def as_json(self) -> dict[str, Any]:
        """`{name, period, scope, subject, limit_usd, spent_usd, share, level, unpriced_calls, ...}`."""
        return {
            "name": self.rule.name,
            "period": self.rule.period,
            "scope": self.rule.scope,
            "subject": self.rule.subject,
            "limit_usd": self.rule.limit_nanos / NANOS,
            "spent_usd": self.spent_nanos / NANOS,
            "share": self.spent_nanos / self.rule.limit_nanos,
            "level": self.level,
            "unpriced_calls": self.unpriced_calls,
            "period_start": self.period_start,
            "stop_runs": self.rule.stop_runs,
        }

    def notice(self) -> BudgetNotice:
        """What is stored of this state."""
        return BudgetNotice(self.period_start, self.rule.limit_nanos, self.level)


def evaluate(
    rule: BudgetRule, spent_nanos: int, unpriced_calls: int, period_start: str, before: BudgetNotice | None
) -> BudgetState:
    """The current state; `before` is the last published one, of any period."""
    level = level_of(spent_nanos, rule.limit_nanos)
    if before is not None and (before.period_start, before.limit_nanos) == (period_start, rule.limit_nanos):
        while LEVELS.index(level) < LEVELS.index(before.level):
            above = LEVELS[LEVELS.index(level) + 1]
            if spent_nanos * 100 < FALLS_BELOW[above] * rule.limit_nanos:
                break
            level = above
    return BudgetState(rule, spent_nanos, unpriced_calls, period_start, level)


def level_of(spent_nanos: int, limit_nanos: int) -> str:
    """ok, warn or alert, by the spending alone."""
    reached = [level for level, percent in RISES_AT.items() if spent_nanos * 100 >= percent * limit_nanos]
    return reached[-1] if reached else OK


def has_risen(state: BudgetState, before: BudgetNotice | None) -> bool:
    """True if the level is higher than any published in this period with this limit."""
    if before is None or (before.period_start, before.limit_nanos) != (state.period_start, state.rule.limit_nanos):
        return state.level != OK
    return LEVELS.index(state.level) > LEVELS.index(before.level)


def budget_text(state: Mapping[str, Any]) -> str:
    """A sentence about a budget in the form of `as_json`: `Budget “daily”: $4.10 of $5.00 spent (82%) since ...`."""
    spender = f" by {state['scope']} “{state['subject']}”" if state["subject"] else ""
    text = (
        f"Budget “{state['name']}”: ${state['spent_usd']:,.2f} of ${state['limit_usd']:,.2f} spent{spender} "
        f"({state['share']:.0%}) since {state['period_start'][:10]}."
    )
    calls = state["unpriced_calls"]
    return text + (
        f" {calls:,} {'call' if calls == 1 else 'calls'} without a known price not included." if calls else ""
    )
