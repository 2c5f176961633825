"""What tokens cost in one span of time: a rate, evaluated in whole numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

Tiered = tuple[Decimal, Sequence[tuple[int, Decimal]]]
"""A base price, and prices for all tokens of a call whose input is longer than so many tokens."""

_USD_PER_MTOK_IN_NANOS = 3
"""One dollar per million tokens is 10^3 nano-dollars per token."""


class Usage(NamedTuple):
    """Tokens of a call in parts that do not overlap, but for `prompt`, which is all input."""

    prompt: int
    uncached: int
    cache_read: int
    cache_write: int
    """Written to the cache for the usual time."""
    cache_write_1h: int
    completion: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Prices per token. Each tier has six numbers: uncached, read, write, write for 1 h, output; and per call."""

    starts: tuple[int, ...]
    tiers: tuple[tuple[int, int, int, int, int, int], ...]
    divisor: int
    """The numbers are this many times nano-dollars."""
    has_input: bool
    has_output: bool

    def nanos(self, usage: Usage) -> int | None:
        """What a call costs in nano-dollars, half to even; None where tokens have no price."""
        prompt, uncached, read, write, write_1h, completion = usage
        if (prompt and not self.has_input) or (completion and not self.has_output) or uncached < 0 or write < 0:
            return None
        per_input, per_read, per_write, per_1h, per_output, per_call = self.tiers[bisect_left(self.starts, prompt)]
        total = (
            uncached * per_input
            + read * per_read
            + write * per_write
            + write_1h * per_1h
            + completion * per_output
            + per_call
        )
        if self.divisor == 1:
            return total
        nanos, rest = divmod(total, self.divisor)
        return nanos + (rest * 2 > self.divisor or (rest * 2 == self.divisor and nanos & 1))


def make_rate(
    prices: Mapping[str, Decimal | Tiered | None], per_thousand_calls: Decimal = Decimal(0), free: bool = False
) -> Rate:
    """A rate of dollars per million tokens: `input`, `cache_read`, `cache_write`, `cache_write_1h`, `output`.

    A cache price that is missing is that of the tokens around it: what is read or written is input, what is written
    for an hour is written. `free`: missing prices are 0, not unknown.
    """
    given = {kind: price for kind, price in prices.items() if price is not None}
    source = {
        "input": "input",
        "cache_read": "cache_read" if "cache_read" in given else "input",
        "cache_write": "cache_write" if "cache_write" in given else "input",
        "output": "output",
    }
    source["cache_write_1h"] = "cache_write_1h" if "cache_write_1h" in given else source["cache_write"]
    starts = sorted({start for price in given.values() if isinstance(price, tuple) for start, _ in price[1]})
    rows = []
    for longer_than in (-1, *starts):
        row = [_price_at(given.get(source[kind], Decimal(0)), longer_than) for kind in _KINDS]
        rows.append([*row, per_thousand_calls * 1000])  # dollars for a million calls
    places = max(_USD_PER_MTOK_IN_NANOS, *(_places(number) for row in rows for number in row))
    return Rate(
        tuple(starts),
        tuple(tuple(int(number.scaleb(places)) for number in row) for row in rows),  # type: ignore[misc]
        10 ** (places - _USD_PER_MTOK_IN_NANOS),
        free or "input" in given,
        free or "output" in given,
    )


_KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")


def _price_at(price: Decimal | Tiered, longer_than: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    base, tiers = price
    reached = [amount for start, amount in sorted(tiers) if start <= longer_than]
    return reached[-1] if reached else base


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("A price has to be a number.")
    return max(0, -exponent)
