"""`COMPARE`, the parameter of routes that compare a range with the one before, and what they answer then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..calls.core import CallCore
from ..calls.parameters import time_range
from ..web.params import OptionalChoice
from .range_before import KINDS, range_before
from .rollups import Totals
from .summary import CostSummary, amount_as_json

COMPARE = OptionalChoice(
    "compare", "compare with the range before: of the same length, or the same part of the month or year before", KINDS
)

JsonObject = dict[str, Any]


def requested_before(costs: CostSummary, core: CallCore) -> tuple[int, int] | None:
    """`[first, end)` of the range that the request is to be compared with; None if it says none, or has no start."""
    kind = COMPARE.value()
    first, end = time_range(core)
    if kind is None or first is None:
        return None
    now = costs.now_s() + 1
    until = now if end is None else min(end, now)
    if until <= first:  # it is yet to come
        until = end if end is not None else first
    return range_before(core.calendar, first, until, kind) if until > first else None


def before_as_json(core: CallCore, before: tuple[int, int], **more: Any) -> JsonObject:
    """`{from, to, ...}` of the range before."""
    return {"from": core.calendar.format(before[0]), "to": core.calendar.format(before[1]), **more}


def add_amounts_before(
    rows: Sequence[JsonObject], name: str, totals_of: Callable[[Sequence[str | None]], dict[str | None, Totals]]
) -> None:
    """Add `before` to each row: cost, calls and tokens of what its field `name` names, in the range before."""
    found = totals_of([row[name] for row in rows])
    for row in rows:
        row["before"] = amount_as_json(found.get(row[name]))
