"""Settings that are lists of mappings, prices and budgets: `read_prices(value)`, `read_budgets(value)`.

A mapping that cannot be taken raises Misfit, which knows the place below the setting, so that the caller can name
the line: `budgets[1].limit_usd has to be a number above 0, not -5`. Amounts become exact: no float is kept.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .values import shown, webhook_problem

PERIODS = ("day", "month")
_MAX_USD = 1_000_000_000
_NANOS = 1_000_000_000
_MAX_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A price of the user's own, in US dollars per million tokens; it outranks the library's.

    `model` ends with `*` if it is a prefix. Without a price of their own, tokens read from or written to a cache
    cost what other input costs, and those written for one hour what other writes cost.
    """

    model: str
    provider: str | None
    input_per_mtok: Decimal
    output_per_mtok: Decimal
    cache_read_per_mtok: Decimal | None = None
    cache_write_per_mtok: Decimal | None = None
    cache_write_1h_per_mtok: Decimal | None = None
    since: date | None = None
    """The first day, UTC, of this price; None: it always held."""


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
    """Where to tell it; None: at the setting `webhook`, if that is set. Such addresses hold secrets."""
    stop_runs: bool = False


class Misfit(ValueError):
    """A value in a list that cannot be taken: its path below the setting, and what is wrong in words."""

    def __init__(self, path: tuple[str | int, ...], words: str) -> None:
        super().__init__(words)
        self.path = path

    def sentence(self, setting: str) -> str:
        """`budgets[1].limit_usd has to be a number above 0, not -5.`"""
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{setting}{place} {self}."


def read_prices(value: Any) -> list[PriceOverride]:
    """The user's prices from YAML, or from JSON text in the environment. Raises Misfit."""
    return [_price(_Entry(entry, number, PriceOverride)) for number, entry in enumerate(_mappings(value))]


def read_budgets(value: Any) -> list[BudgetRule]:
    """The budgets from YAML, or from JSON text in the environment. Raises Misfit."""
    rules: list[BudgetRule] = []
    for number, entry in enumerate(_mappings(value)):
        rule = _budget(_Entry(entry, number, BudgetRule))
        if any(rule.name == other.name for other in rules):
            raise Misfit((number,), f"has the name of another budget, {shown(rule.name)}; give it a `name` of its own")
        rules.append(rule)
    return rules


class _Entry:
    """One mapping of a list; each `get` names what is expected, and refuses everything else."""

    _NAMES: Mapping[type, tuple[str, ...]] = {
        PriceOverride: tuple(PriceOverride.__dataclass_fields__),
        BudgetRule: ("name", "period", "limit_usd", "agent", "project", "webhook", "stop_runs"),
    }

    def __init__(self, entry: Any, number: int, kind: type) -> None:
        self._number = number
        if not isinstance(entry, dict):
            raise Misfit((number,), f"has to be a mapping, not {shown(entry)}")
        names = self._NAMES[kind]
        for key in entry:
            if key not in names:
                close = difflib.get_close_matches(str(key).lower().replace("-", "_"), names, 1, 0.6)
                hint = f"did you mean {close[0]}?" if close else "known are " + ", ".join(names)
                raise Misfit((number, str(key)), f"is unknown; {hint}".removesuffix("."))
        self._entry = entry

    def get(self, name: str, read: Callable[[Any], Any], expected: str, needed: bool = False) -> Any:
        """The value as `read` makes it; None if it is not given. `read` raises ValueError or TypeError."""
        value = self._entry.get(name)
        if value is None:
            if needed:
                raise Misfit((self._number,), f"needs {name}, {expected}")
            return None
        try:
            return read(value)
        except (ValueError, TypeError, ArithmeticError):
            given = "" if name == "webhook" else f", not {shown(value)}"  # such an address is a secret
            raise Misfit((self._number, name), f"has to be {expected}{given}") from None

    def refuse(self, name: str, words: str) -> Misfit:
        """The refusal of one value."""
        return Misfit((self._number, name) if name else (self._number,), words)


def _price(entry: _Entry) -> PriceOverride:
    model = entry.get("model", _text, "the name of a model, or its beginning with a * behind it", needed=True)
    provider = entry.get("provider", _text, "the name of a provider")
    if "*" in model[:-1]:
        raise entry.refuse("model", f"may have a * only at its end, not {shown(model)}")
    if model == "*" and provider is None:
        raise entry.refuse("model", "may be * only with a provider, or no other price would count")
    amount = "a number of US dollars per million tokens, 0 or more"
    rates = {
        name: entry.get(name, _amount, amount, needed=name in ("input_per_mtok", "output_per_mtok"))
        for name in PriceOverride.__dataclass_fields__
        if name.endswith("_per_mtok")
    }
    return PriceOverride(model=model, provider=provider, since=entry.get("since", _date, "a date, YYYY-MM-DD"), **rates)


def _budget(entry: _Entry) -> BudgetRule:
    period = entry.get("period", _one_of(*PERIODS), "day or month", needed=True)
    limit = entry.get("limit_usd", _limit, "a number above 0", needed=True)
    subjects = {scope: entry.get(scope, _text, f"the name of one {scope}") for scope in ("agent", "project")}
    if all(subjects.values()):
        raise entry.refuse("", "can be for an agent or for a project, not for both")
    scope = next((scope for scope, subject in subjects.items() if subject), "all")
    subject = subjects.get(scope)
    webhook = entry.get("webhook", _text, "an address")
    problem = webhook_problem(webhook)
    if problem:
        raise entry.refuse("webhook", f"has to be {problem}")
    every = {"day": "daily", "month": "monthly"}[period]
    return BudgetRule(
        name=entry.get("name", _text, "a text") or (f"{every}, {scope} {subject}" if subject else every),
        period=period,
        limit_nanos=limit,
        scope=scope,
        subject=subject,
        webhook=webhook,
        stop_runs=bool(entry.get("stop_runs", _flag, "yes or no (true or false)")),
    )


def _mappings(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError as problem:
            raise Misfit((), f"has to be a list of mappings, written as JSON in the environment: {problem}") from None
    if not isinstance(value, list):
        raise Misfit((), f"has to be a list of mappings, not {shown(value)}")
    if len(value) > _MAX_ENTRIES:
        raise Misfit((), f"has to be a list of at most {_MAX_ENTRIES:,} mappings, not of {len(value):,}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 512:
        raise ValueError
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _one_of(*names: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in names:
            raise ValueError
        return str(value)

    return read


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    # The shortest text of a float is the number that the user wrote; YAML takes `5e-7` for a text.
    amount = Decimal(str(value)[:400])
    if not amount.is_finite() or not 0 <= amount <= _MAX_USD:
        raise ValueError
    return amount


def _limit(value: Any) -> int:
    nanos = int(_amount(value) * _NANOS)
    if nanos <= 0:
        raise ValueError
    return nanos


def _date(value: Any) -> date:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value)
