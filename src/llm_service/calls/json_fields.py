"""Single values of a call in its generic JSON form, as `read_call` in `model.py` needs them.

`get(name)` is the value of a field, None where it is missing. A value of another type raises CallRefused.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, TypeGuard

NANOS = 1_000_000_000
"""Nano-dollars in a dollar."""
MAX_COST_NANOS = 100_000 * NANOS
"""Per call."""
_MAX_NUMBER = 10**30


class CallRefused(ValueError):
    """A call that cannot be counted. The text is the reason, one sentence."""


def count(get: Any, names: tuple[str, ...]) -> int:
    """The first of these fields that is there, as a whole number; 0 without one."""
    value = first_present(get, names)
    if type(value) is int:
        return value
    return integer(value, names[0]) or 0


def integer(value: object, name: str) -> int | None:
    """A whole number; a fraction is rounded. `name` is for the error."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, float) and is_number(value):
        return round(value)
    raise CallRefused(f"{name} has to be a number, not {_quote(value)}.")


def is_number(value: object) -> TypeGuard[int | float]:
    """True for numbers that can be counted with: no booleans, not infinite, not absurdly large."""
    if type(value) is int:
        return -_MAX_NUMBER < value < _MAX_NUMBER  # larger ones do not fit a float, and are no time, count or price
    return isinstance(value, float) and math.isfinite(value)


def read_cost(get: Any) -> tuple[int | None, str | None]:
    """(cost in nano-dollars, source): an export says whose cost it is, or that it is unknown; others report costs."""
    nanos, source = _cost_nanos(get("cost_usd")), get("cost_source")
    if source == "unknown":
        return None, source
    return nanos, source if source in ("priced", "reported") and nanos is not None else None


def _cost_nanos(value: object) -> int | None:
    if value is None:
        return None
    number = value if isinstance(value, Decimal) and value.is_finite() else None
    if number is None and is_number(value):
        number = Decimal(value)
    if number is not None:
        if abs(number) > MAX_COST_NANOS:
            raise CallRefused("cost_usd is too large.")
        return round(number * NANOS)
    raise CallRefused(f"cost_usd has to be a number, not {_quote(value)}.")


def text_value(value: object, name: str, limit: int) -> str | None:
    """Text that can be stored and sent, truncated to `limit` characters; a number as its text."""
    if type(value) is str:
        if not value.isascii():  # JSON can escape lone surrogates, which cannot be stored or sent
            value = value.encode("utf-8", "replace").decode()
        return value if len(value) <= limit else value[: limit - 1] + "…"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise CallRefused(f"{name} has to be text, not {_quote(value)}.")


def first_present(get: Any, names: tuple[str, ...]) -> Any:
    """The first of these fields that is neither missing nor null."""
    for name in names:
        value = get(name)
        if value is not None:
            return value
    return None


def _quote(value: object) -> str:
    return repr(value)[:50]
