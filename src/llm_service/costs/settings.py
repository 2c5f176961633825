"""The settings of the costs: budgets, and the address to notify."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import MISSING, dataclass, field
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from ..calls.model import NANOS
from ..settings.entries import Text, amount, read_entries, text
from ..settings.fields import BadValue, display, setting
from ..settings.section import Section

_SENDS = "would send what you spend to an address that this file names"


def _webhook_problem(value: str) -> str | None:
    """What is expected instead of this address to notify; does not show the address, which may hold secrets."""
    try:
        parts = urlsplit(value)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not re.fullmatch(r"[!-~]+", value):
        return "an address such as https://hooks.example.org/budget (the value is not shown here)"
    if parts.scheme in ("http", "https"):
        return None
    if importlib.util.find_spec("apprise") is None:
        return (
            f"an http:// or https:// address; for {display(parts.scheme)}:// the package apprise is needed, "
            "which is not installed here (pip install apprise)"
        )
    apprise: Any = importlib.import_module("apprise")
    return None if apprise.Apprise().add(value) else "an address that apprise knows (the value is not shown here)"


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

    name: Text | None = text(None, "a text")
    period: Literal["day", "month"] = setting(MISSING, expected="day or month")
    limit_usd: Decimal = amount(MISSING, "a number above 0", least=Decimal(1) / NANOS)
    agent: Text | None = text(None, "the name of one agent")
    project: Text | None = text(None, "the name of one project")
    webhook: Text | None = setting(None, expected="an address", check=_webhook_problem, secret=True)
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
        limit_nanos = int(self.limit_usd * NANOS)
        return BudgetRule(name, self.period, limit_nanos, scope, subject, self.webhook, self.stop_runs)


def _read_budgets(value: Any) -> list[BudgetRule]:
    """The budgets. Raises BadValue."""
    rules = [entry.rule() for entry in read_entries(value, _BudgetEntry)]
    names: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.name in names:
            raise BadValue(
                f"has the name of another budget, {display(rule.name)}; give it a `name` of its own", (number,)
            )
        names.add(rule.name)
    return rules


@dataclass(frozen=True)
class CostSettings(Section):
    """What may be spent, and the address to notify."""

    budgets: list[BudgetRule] = setting(
        [],
        "Limits, each `{period: day or month, limit_usd, name?, agent? or project?, webhook?, stop_runs?}`; "
        "warns at 80 %, alerts at 100 %.",
        reader=_read_budgets,
        workspace=lambda rules: not any(rule.webhook for rule in rules),
        harm=_SENDS,
    )
    webhook: str | None = setting(
        None,
        "Address that budgets are reported to by HTTP POST; never printed.",
        check=_webhook_problem,
        secret=True,
        workspace="never",
        harm=_SENDS,
    )

    def secrets(self) -> list[str]:
        """The addresses."""
        return [*super().secrets(), *(rule.webhook for rule in self.budgets if rule.webhook)]
