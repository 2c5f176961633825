"""Budgets: how a sum of money stands against its limit, and when that is news. Pure.

A level rises at 80 and 100 % of the limit. Sums may also shrink, when calls are priced anew: within its period a level
falls only when the sum is clearly below, so that one that hovers at a threshold is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..calls.model import NANOS
from .settings import BudgetRule

OK, WARN, ALERT = LEVELS = ("ok", "warn", "alert")
RISES_AT = {WARN: 80, ALERT: 100}
"""Per cent of the limit."""
FALLS_BELOW = {WARN: 75, ALERT: 95}


@dataclass(frozen=True, slots=True)
class Told:
    """What was last said of a budget: in which period, against which limit, at which level."""

    period_start: str
    limit_nanos: int
    level: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget as it stands. `unpriced_calls`: calls it covers whose cost is not known, and so not in the sum."""

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

    def told(self) -> Told:
        """What there is to remember of it."""
        return Told(self.period_start, self.rule.limit_nanos, self.level)


def judge(
    rule: BudgetRule, spent_nanos: int, unpriced_calls: int, period_start: str, before: Told | None
) -> BudgetState:
    """The budget as it stands now; `before` is what was last said of it, in any period."""
    level = level_of(spent_nanos, rule.limit_nanos)
    if before is not None and (before.period_start, before.limit_nanos) == (period_start, rule.limit_nanos):
        while LEVELS.index(level) < LEVELS.index(before.level):
            above = LEVELS[LEVELS.index(level) + 1]
            if spent_nanos * 100 < FALLS_BELOW[above] * rule.limit_nanos:
                break
            level = above
    return BudgetState(rule, spent_nanos, unpriced_calls, period_start, level)


def level_of(spent_nanos: int, limit_nanos: int) -> str:
    """ok, warn or alert, by the sum alone."""
    reached = [level for level, percent in RISES_AT.items() if spent_nanos * 100 >= percent * limit_nanos]
    return reached[-1] if reached else OK


def has_risen(state: BudgetState, before: Told | None) -> bool:
    """True if this is worth a message: a level that was not yet said in this period against this limit."""
    if before is None or (before.period_start, before.limit_nanos) != (state.period_start, state.rule.limit_nanos):
        return state.level != OK
    return LEVELS.index(state.level) > LEVELS.index(before.level)


def sentence(state: Mapping[str, Any]) -> str:
    """A budget, as `as_json` gives it, for people: `Budget “daily”: $4.10 of $5.00 spent (82 %) since ...`."""
    whose = f" by {state['scope']} “{state['subject']}”" if state["subject"] else ""
    text = (
        f"Budget “{state['name']}”: ${state['spent_usd']:,.2f} of ${state['limit_usd']:,.2f} spent{whose} "
        f"({state['share']:.0%}) since {state['period_start'][:10]}."
    )
    calls = state["unpriced_calls"]
    return text + (
        f" {calls:,} {'call' if calls == 1 else 'calls'} without a known price not included." if calls else ""
    )
