"""`Rate`: the prices of tokens during one period, evaluated with integers; `make_rate(prices)`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

Tiered = tuple[Decimal, Sequence[tuple[int, Decimal]]]
"""(base price, [(start, price)]): `price` is for all tokens of a call with more than `start` input tokens."""

_NANOS_PER_TOKEN_EXPONENT = 3
"""One dollar per million tokens is 10^3 nano-dollars per token."""


class Usage(NamedTuple):
    """Tokens of a call in parts that do not overlap, except `prompt`, which is all input."""

    prompt: int
    uncached: int
    cache_read: int
    cache_write: int
    """Written to the cache for the default lifetime."""
    cache_write_1h: int
    completion: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Prices by tier, six numbers each: per uncached, read, written, written for 1 h and output token; and per call.

    Tier `n` is for calls with more than `starts[n - 1]` input tokens.
    """

    starts: tuple[int, ...]
    tiers: tuple[tuple[int, int, int, int, int, int], ...]
    divisor: int
    """The numbers in `tiers` are nano-dollars times this."""
    has_input: bool
    has_output: bool

    def cost_nanos(self, usage: Usage) -> int | None:
        """The cost of a call in nano-dollars, rounded half to even; None if some of its tokens have no price."""
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
        nanos, remainder = divmod(total, self.divisor)
        return nanos + (remainder * 2 > self.divisor or (remainder * 2 == self.divisor and nanos & 1))


def make_rate(
    prices: Mapping[str, Decimal | Tiered | None], per_thousand_calls: Decimal = Decimal(0), free: bool = False
) -> Rate:
    """A rate from dollars per million tokens: `input`, `cache_read`, `cache_write`, `cache_write_1h`, `output`.

    A missing cache price is replaced: reads and writes by input, writes for one hour by writes. `free`: missing
    prices are 0, not unknown. Raises ValueError for a price that is not finite.
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
    places = max(_NANOS_PER_TOKEN_EXPONENT, *(_decimal_places(number) for row in rows for number in row))
    return Rate(
        tuple(starts),
        tuple(tuple(int(number.scaleb(places)) for number in row) for row in rows),  # type: ignore[misc]
        10 ** (places - _NANOS_PER_TOKEN_EXPONENT),
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


def _decimal_places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("A price has to be a number.")
    return -exponent
