"""Prices and budgets of the user: `read_prices(value)`, `read_budgets(value)`. Amounts are exact, never floats."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from .checks import text_problem, webhook_problem
from .entries import read_entries
from .fields import BadValue, setting, shown

PERIODS = ("day", "month")
_MAX_USD = 1_000_000_000
_NANOS = 1_000_000_000
_Text = Annotated[str, msgspec.Meta(max_length=512)]


def _amount_problem(value: Decimal) -> str | None:
    good = value.is_finite() and 0 <= value <= _MAX_USD
    return None if good else "a number of US dollars per million tokens, 0 or more"


def _limit_problem(value: Decimal) -> str | None:
    return "a number above 0" if _amount_problem(value) or value * _NANOS < 1 else None


def _text(default: Any, expected: str) -> Any:
    return setting(default, expected=expected, check=lambda value: expected if text_problem(value) else None)


def _rate(default: Any = None) -> Any:
    return setting(default, expected="a number of US dollars per million tokens, 0 or more", check=_amount_problem)


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A price of the user's own, in US dollars per million tokens; it outranks the library's.

    `model` ends with `*` if it is a prefix. Without a price of their own, tokens read from or written to a cache
    cost what other input costs, and those written for one hour what other writes cost.
    """

    model: _Text = _text(MISSING, "the name of a model, or its beginning with a * behind it")
    provider: _Text | None = _text(MISSING, "the name of a provider")
    input_per_mtok: Decimal = _rate(MISSING)
    output_per_mtok: Decimal = _rate(MISSING)
    cache_read_per_mtok: Decimal | None = _rate()
    cache_write_per_mtok: Decimal | None = _rate()
    cache_write_1h_per_mtok: Decimal | None = _rate()
    since: date | None = setting(None, expected="a date, YYYY-MM-DD")
    """The first day, UTC, of this price; None: it always held."""

    def __post_init__(self) -> None:
        if "*" in self.model[:-1]:
            raise BadValue(f"may have a * only at its end, not {shown(self.model)}", ("model",))
        if self.model == "*" and self.provider is None:
            raise BadValue("may be * only with a provider, or no other price would count", ("model",))


@dataclass(frozen=True, slots=True)
class BudgetRule:
    """A limit on what may be spent in a period. `name` is unique among the budgets."""

    name: str
    period: str
    limit_nanos: int
    scope: str = "all"
    """all, agent or project"""
    subject: str | None = None
    """The agent or project that is meant; None with scope "all"."""
    webhook: str | None = field(default=None, repr=False)
    """The address to notify; None: that of the setting `webhook`, if it is set. Such addresses hold secrets."""
    stop_runs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _BudgetEntry:
    """A budget as the user writes it."""

    name: _Text | None = _text(None, "a text")
    period: Literal["day", "month"] = setting(MISSING, expected="day or month")
    limit_usd: Decimal = setting(MISSING, expected="a number above 0", check=_limit_problem)
    agent: _Text | None = _text(None, "the name of one agent")
    project: _Text | None = _text(None, "the name of one project")
    webhook: _Text | None = setting(None, expected="an address", check=webhook_problem, secret=True)
    stop_runs: bool = setting(False, expected="yes or no (true or false)")

    def __post_init__(self) -> None:
        if self.agent and self.project:
            raise BadValue("can be for an agent or for a project, not for both")

    def rule(self) -> BudgetRule:
        """The budget, with a name if the user gave it none."""
        scope = "agent" if self.agent else "project" if self.project else "all"
        subject = self.agent or self.project
        every = {"day": "daily", "month": "monthly"}[self.period]
        name = self.name or (f"{every}, {scope} {subject}" if subject else every)
        limit_nanos = int(self.limit_usd * _NANOS)
        return BudgetRule(name, self.period, limit_nanos, scope, subject, self.webhook, self.stop_runs)


def read_prices(value: Any) -> list[PriceOverride]:
    """The user's prices. Raises BadValue."""
    return read_entries(value, PriceOverride)


def read_budgets(value: Any) -> list[BudgetRule]:
    """The budgets. Raises BadValue."""
    rules = [entry.rule() for entry in read_entries(value, _BudgetEntry)]
    names: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.name in names:
            raise BadValue(
                f"has the name of another budget, {shown(rule.name)}; give it a `name` of its own", (number,)
            )
        names.add(rule.name)
    return rules
