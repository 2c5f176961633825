"""`cache_use(...)`: how many input tokens came from a cache, over time and by model, and what that saved.

What it saved rests on list prices: for each day and model, tokens read from the cache at what they would have cost as
plain input, less what was paid for them, less what writing to the cache cost more than plain input. The prices are
those of the model's latest provider on that day, for short prompts in the standard tier; writes count as those of the
default lifetime. So it is an estimate, also where agents reported what calls cost.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..calendar_days import DAY, HOUR
from ..calls.store.totals import SPAN_CODES

CachePrices = Callable[[str | None, str | None, int], tuple[float, float] | None]
"""(model, provider, time in ms) -> (saved by a token read, paid more for a token written), in nano-dollars; None: the
model has no known price then."""

_ROWS = (
    "SELECT key, start, input, cache_read, cache_write FROM rollups"
    " WHERE span = ? AND dimension = 1 AND start >= ? AND start < ? AND key IN (SELECT value FROM json_each(?))"
)


@dataclass(slots=True)
class CacheUse:
    """Tokens of the input by where they came from, and nano-dollars: not paid for reads, paid more for writes.
    `unknown` are the cached tokens of models without a known price, which are in neither."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    read_nanos: float = 0.0
    write_nanos: float = 0.0
    unknown: int = 0

    @property
    def hit_rate(self) -> float | None:
        """The share of the input that was read from a cache; None without input."""
        whole = self.input + self.cache_read + self.cache_write
        return self.cache_read / whole if whole else None

    @property
    def saved_usd(self) -> float | None:
        """Dollars, below 0 if writing cost more than reading saved; None if no price of what was cached is known."""
        cached = self.cache_read + self.cache_write
        if cached and cached == self.unknown:
            return None
        return (self.read_nanos - self.write_nanos) / 1e9

    def add(self, plain: int, read: int, write: int, prices: tuple[float, float] | None) -> None:
        """Add the tokens of a model, with its prices then."""
        self.input += plain
        self.cache_read += read
        self.cache_write += write
        if prices is None:
            self.unknown += read + write
        else:
            self.read_nanos += read * prices[0]
            self.write_nanos += write * prices[1]


@dataclass(slots=True)
class CacheTable:
    """The use of caches in all, for each bucket, and for each model (its number)."""

    buckets: list[CacheUse]
    whole: CacheUse = field(default_factory=CacheUse)
    models: dict[int, CacheUse] = field(default_factory=dict)


def cache_use(
    connection: sqlite3.Connection,
    bucket: str,
    starts: Sequence[int],
    end: int,
    models: Mapping[int, tuple[str | None, str | None]],
    keys: str,
    prices: CachePrices,
) -> CacheTable:
    """The use of caches by `models` (number -> name, provider; `keys`: the numbers as JSON) in the buckets that begin
    at `starts`. Prices are those of each day, or of each hour if the buckets are hours."""
    found = CacheTable([CacheUse() for _ in starts])
    span = HOUR if bucket == HOUR else DAY
    for key, start, plain, read, write in connection.execute(_ROWS, (SPAN_CODES[span], starts[0], end, keys)):
        known = prices(*models[key], start * 1000) if read or write else (0.0, 0.0)
        for use in (
            found.whole,
            found.buckets[bisect_right(starts, start) - 1],
            found.models.setdefault(key, CacheUse()),
        ):
            use.add(plain, read, write, known)
    return found
