"""`PriceBook(overrides).cost_nanos(call)`: what a call cost at the time it was made.

The user's own prices take precedence over those of the library (`price_library`); both are those of the day and the
hour of the call. Service tier and region multiply either, and web searches are added (`surcharges`). A model without a
price has no cost: None, never 0.
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
from .library import CostFunction
from .model_names import candidates, normalize_model, normalize_name, provider_id
from .rates import Usage, make_rate
from .surcharges import search_fee_nanos, surcharged

__all__ = ["PriceBook", "PriceOverride"]

_ALGORITHM_VERSION = 2
"""Incremented when the same price list would give other costs."""

_DAY_MS = 86_400_000
_SAMPLE_TOKENS = 1_000
"""Fewer than where any price list has another price for long prompts."""
_MAX_CACHED_MODELS = 5_000
"""Real histories have dozens; but names come from agents and may be anything."""


@dataclass(frozen=True, slots=True)
class _PriceSchedule:
    """All prices of one model at one provider, by the dates and times of day from which they apply."""

    dates_ms: tuple[int, ...]
    times_ms: tuple[int, ...]
    prices: tuple[CostFunction | None, ...]
    """One for each (range of dates, range within the day), in order; None: no price."""
    provider: str | None = None
    model: str = ""
    """By what surcharges are found: the ids of the library, or what the call says."""

    def at(self, timestamp_ms: int) -> CostFunction | None:
        if len(self.prices) == 1:
            return self.prices[0]
        row = bisect_right(self.dates_ms, timestamp_ms) * (len(self.times_ms) + 1)
        return self.prices[row + bisect_right(self.times_ms, timestamp_ms % _DAY_MS)]


class PriceBook:
    """Prices calls. Thread-safe."""

    def __init__(self, overrides: Sequence[PriceOverride] = ()) -> None:
        self._overrides = tuple(overrides)
        self._schedules: dict[tuple[str | None, str | None], _PriceSchedule] = {}

    def cost_nanos(self, call: Call) -> int | None:
        """The cost in nano-dollars at the time of the call; None if its model or a type of its tokens has no price."""
        key = (call.provider, call.model_name)
        schedule = self._schedules.get(key)
        if schedule is None:
            schedule = self._cache_schedule(key)
        price = schedule.at(call.timestamp_ms)
        prompt, completion, read, write, write_1h, searches, tier, geo = call[11:19]
        if price is not None:
            cost = price(Usage(prompt, prompt - read - write, read, write - write_1h, write_1h, completion))
        else:  # searches alone cost the same with any model
            cost = 0 if searches and not (prompt or completion) else None
        if cost is None or not (tier or geo or searches):
            return cost
        cost = surcharged(cost, schedule.provider, schedule.model, tier, geo, call.timestamp_ms)
        fee = search_fee_nanos(schedule.provider, schedule.model, searches, call.timestamp_ms)
        return cost + fee if fee is not None else None

    def cache_prices(self, model: str | None, provider: str | None, at_ms: int) -> tuple[float, float] | None:
        """(nano-dollars saved by a token that is read from a cache, paid more for one that is written to it) at list
        prices, for short prompts; None if the model has no price then. Often 0: not every price list knows caches."""
        key = (provider, model)
        schedule = self._schedules.get(key) or self._cache_schedule(key)
        price = schedule.at(at_ms)
        if price is None:
            return None
        number = _SAMPLE_TOKENS
        plain = price(Usage(number, number, 0, 0, 0, 0))
        read = price(Usage(number, 0, number, 0, 0, 0))
        write = price(Usage(number, 0, 0, number, 0, 0))
        if plain is None or read is None or write is None:
            return None
        return (plain - read) / number, (write - plain) / number

    def version(self) -> str:
        """A version that changes when prices may have changed: by an upgrade, or by the user's own prices."""
        own = json.dumps([asdict(price) for price in self._overrides], default=str)
        digest = blake2b(own.encode(), digest_size=4).hexdigest()
        return f"genai-prices {price_library.version()}/{_ALGORITHM_VERSION}" + (
            f", own {digest}" if self._overrides else ""
        )

    def resolved_model(self, model: str | None, provider: str | None) -> str | None:
        """`provider/model` in the library for a model as an agent writes it; None if the library does not have it."""
        found = _find_in_library(model, provider)
        return f"{found.provider}/{found.model}" if found else None

    def _cache_schedule(self, key: tuple[str | None, str | None]) -> _PriceSchedule:
        if len(self._schedules) >= _MAX_CACHED_MODELS:
            self._schedules = {}
        schedule = self._schedules[key] = self._make_schedule(*key)
        return schedule

    def _make_schedule(self, provider: str | None, model: str | None) -> _PriceSchedule:
        name = normalize_model(model)
        if model is None or name is None:
            return _PriceSchedule((), (), (None,), provider_id(provider))
        own = [price for price in self._overrides if _applies_to(price, {model.strip().lower(), name}, provider)]
        found = _find_in_library(model, provider)
        dates = {_start_ms(price) for price in own if price.since} | set(found.dates_ms if found else ())
        times = found.times_ms if found else ()
        prices: list[CostFunction | None] = []
        for day_ms in (0, *sorted(dates)):
            override = _override_at(own, day_ms)
            for time_ms in (0, *times):
                if override is not None:
                    prices.append(_override_cost(override))
                else:
                    prices.append(found.cost_function(day_ms + time_ms) if found else None)
        seller = found.provider if found else provider_id(provider)
        return _PriceSchedule(tuple(sorted(dates)), times, tuple(prices), seller, found.model if found else name)


def _find_in_library(model: str | None, provider: str | None) -> price_library.LibraryModel | None:
    name = normalize_model(model)
    if name is None:
        return None
    for seller, name_form in candidates(name, provider_id(provider)):
        found = price_library.find(seller, name_form)
        if found is not None:
            return found
    return None


def _applies_to(price: PriceOverride, names: set[str], provider: str | None) -> bool:
    if price.provider is not None:
        if provider is None:
            return False
        known = provider_id(price.provider)
        same = (
            known == provider_id(provider)
            if known not in (None, "local")
            else normalize_name(price.provider) == normalize_name(provider)
        )
        if not same:
            return False
    pattern = price.model.lower()
    if pattern.endswith("*"):
        return any(name.startswith(pattern[:-1]) for name in names)
    return pattern in names


def _override_at(own: Sequence[PriceOverride], at_ms: int) -> PriceOverride | None:
    """The user's price that applies to a model: the most specific name, then with a provider, then the newest."""
    started = [price for price in own if _start_ms(price) <= at_ms]
    return max(started, key=_rank, default=None)


def _rank(price: PriceOverride) -> tuple[bool, int, bool, int]:
    return not price.model.endswith("*"), len(price.model), price.provider is not None, _start_ms(price)


def _start_ms(price: PriceOverride) -> int:
    if price.since is None:
        return 0
    return int(datetime.combine(price.since, time(), UTC).timestamp()) * 1000


def _override_cost(price: PriceOverride) -> CostFunction:
    prices: dict[str, Decimal | None] = {
        "input": price.input_per_mtok,
        "output": price.output_per_mtok,
        "cache_read": price.cache_read_per_mtok,
        "cache_write": price.cache_write_per_mtok,
        "cache_write_1h": price.cache_write_1h_per_mtok,
    }
    return make_rate(prices).cost_nanos
