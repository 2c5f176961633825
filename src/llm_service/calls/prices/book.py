"""What a call cost when it was made: `PriceBook(overrides).cost_nanos(call)`.

Prices are the user's own where there are any, else those of the library (`price_library`), each as it was on the
day, and at the hour, of the call. A model that neither knows has no price: None, never 0.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from hashlib import blake2b

from ..model import Call
from ..settings import PriceOverride
from . import library as price_library
from .library import Nanos
from .model_names import candidates, model_name, plain, provider_id
from .rates import Usage, make_rate

__all__ = ["PriceBook", "PriceOverride"]

_ALGORITHM = 1
"""Counted up when the same price list would give other costs."""

_DAY_MS = 86_400_000
_MOST_MODELS = 5_000
"""Remembered at once. Real histories have dozens; names come from agents and might be anything."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """All prices of one model as its provider sells it, by the days since which and times of day at which they hold."""

    dates_ms: tuple[int, ...]
    times_ms: tuple[int, ...]
    prices: tuple[Nanos | None, ...]
    """For each span of days in turn: for each span of the day."""

    def at(self, timestamp_ms: int) -> Nanos | None:
        if len(self.prices) == 1:
            return self.prices[0]
        row = bisect_right(self.dates_ms, timestamp_ms) * (len(self.times_ms) + 1)
        return self.prices[row + bisect_right(self.times_ms, timestamp_ms % _DAY_MS)]


class PriceBook:
    """Prices calls. Thread-safe."""

    def __init__(self, overrides: Sequence[PriceOverride] = ()) -> None:
        self._overrides = tuple(overrides)
        self._plans: dict[tuple[str | None, str | None], _Plan] = {}

    def cost_nanos(self, call: Call) -> int | None:
        """What the call cost in nano-dollars at its time; None if its model, or a kind of its tokens, has no price."""
        key = (call.provider, call.model_name)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._remember(key)
        price = plan.at(call.timestamp_ms)
        if price is None:
            return None
        prompt, completion, read, write, write_1h = call[11:16]
        return price(Usage(prompt, prompt - read - write, read, write - write_1h, write_1h, completion))

    def version(self) -> str:
        """A text that is another one when prices may be others: after an upgrade, or with other prices of the user."""
        own = json.dumps([asdict(price) for price in self._overrides], default=str, sort_keys=True)
        mark = blake2b(own.encode(), digest_size=4).hexdigest()
        return f"genai-prices {price_library.version()}/{_ALGORITHM}" + (f", own {mark}" if self._overrides else "")

    def priced_as(self, model: str | None, provider: str | None) -> str | None:
        """The library's name of a model as an agent writes it, `provider/model`; None if the library has no such."""
        found = _in_library(model, provider)
        return f"{found.provider}/{found.model}" if found else None

    def _remember(self, key: tuple[str | None, str | None]) -> _Plan:
        if len(self._plans) >= _MOST_MODELS:
            self._plans = {}
        plan = self._plans[key] = self._plan(*key)
        return plan

    def _plan(self, provider: str | None, model: str | None) -> _Plan:
        if model_name(model) is None:
            return _Plan((), (), (None,))
        own = [price for price in self._overrides if _is_for(price, model or "", provider)]
        found = _in_library(model, provider)
        dates = {_start_ms(price) for price in own if price.since} | set(found.dates_ms if found else ())
        times = found.times_ms if found else ()
        prices: list[Nanos | None] = []
        for day_ms in (0, *sorted(dates)):
            override = _in_force(own, day_ms)
            for time_ms in (0, *times):
                if override is not None:
                    prices.append(_rate(override))
                else:
                    prices.append(found.price(day_ms + time_ms) if found else None)
        return _Plan(tuple(sorted(dates)), times, tuple(prices))


def _in_library(model: str | None, provider: str | None) -> price_library.LibraryModel | None:
    name = model_name(model)
    if name is None:
        return None
    for seller, form in candidates(name, provider_id(provider)):
        found = price_library.find(seller, form)
        if found is not None:
            return found
    return None


def _is_for(price: PriceOverride, model: str, provider: str | None) -> bool:
    if price.provider is not None:
        if provider is None:
            return False
        known = provider_id(price.provider)
        same = (
            known == provider_id(provider) if known not in (None, "local") else plain(price.provider) == plain(provider)
        )
        if not same:
            return False
    pattern = price.model.lower()
    names = {model.strip().lower(), model_name(model) or ""}
    if pattern.endswith("*"):
        return any(name.startswith(pattern[:-1]) for name in names)
    return pattern in names


def _in_force(own: Sequence[PriceOverride], at_ms: int) -> PriceOverride | None:
    """Of the user's prices for one model the one that counts: the closest name, the provider's own, the newest."""
    begun = [price for price in own if price.since is None or _start_ms(price) <= at_ms]
    return max(begun, key=_rank, default=None)


def _rank(price: PriceOverride) -> tuple[bool, int, bool, int]:
    start = _start_ms(price) if price.since else -1
    return not price.model.endswith("*"), len(price.model), price.provider is not None, start


def _start_ms(price: PriceOverride) -> int:
    if price.since is None:
        return 0
    return int(datetime.combine(price.since, time(), UTC).timestamp()) * 1000


def _rate(price: PriceOverride) -> Nanos:
    prices: dict[str, Decimal | None] = {
        "input": price.input_per_mtok,
        "output": price.output_per_mtok,
        "cache_read": price.cache_read_per_mtok,
        "cache_write": price.cache_write_per_mtok,
        "cache_write_1h": price.cache_write_1h_per_mtok,
    }
    return make_rate(prices).nanos
