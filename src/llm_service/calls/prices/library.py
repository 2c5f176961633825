"""The dated prices of genai-prices as rates of ours. The only module that knows the library.

It takes a quarter of a second and 29 MB to import, so that it is imported when the first model is looked up, and
170 µs to price one call, so that a price is taken from it once and evaluated by `Rate` from then on. Each rate is
compared with the library on a few calls when it is made; where they differ, because the library has learnt
something that is not known here, the library itself is asked for every call.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any

from ..model import NANOS
from .rates import Rate, Tiered, Usage, make_rate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRICE_KEYS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
}
_PER_CALL_KEY = "requests_kcount"
_MAKERS = ("anthropic", "openai", "google", "mistral", "deepseek", "x-ai", "moonshotai", "zai", "cohere", "perplexity")
"""Those who make models and sell them themselves, for names that no provider of the library claims as its own."""
_ALSO = {"zhipuai": ("zai",)}
"""Makers under two names: the library knows whose `glm-4.6` is, but has its price with the other."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)

Nanos = Callable[[Usage], int | None]


@dataclass(frozen=True, slots=True)
class LibraryModel:
    """A model that the library knows: when its price may change, and the price between two such times."""

    provider: str
    model: str
    dates_ms: tuple[int, ...]
    """Midnights, UTC, from which another price may hold."""
    times_ms: tuple[int, ...]
    """Times of the day, UTC, in milliseconds, from which another price may hold."""
    _info: Any

    def price(self, at_ms: int) -> Nanos | None:
        """What works out the cost of a call at an instant, or at any until the next of those times; None: no price."""
        return _price(self._info, _moment(at_ms))


def version() -> str:
    """The version of the library with its prices; does not import it."""
    return importlib.metadata.version("genai-prices")


def find(provider: str | None, name: str) -> LibraryModel | None:
    """The model of that name (small letters) with that provider; with None that of its maker, if it is just one."""
    from genai_prices.data import providers

    known = {one.id: one for one in providers}
    if provider is not None:
        return _known(known.get(provider), name, providers)
    claims = [one.id for one in providers if one.model_match is not None and one.model_match.is_match(name)][:1]
    if claims:
        makers = (*claims, *_ALSO.get(claims[0], ()))
        return next((found for maker in makers if (found := _known(known.get(maker), name, ()))), None)
    sold = [found for maker in _MAKERS if (found := _known(known.get(maker), name, (), whole=True))]
    return sold[0] if len(sold) == 1 else None


def _known(provider: Any, name: str, others: Sequence[Any], whole: bool = False) -> LibraryModel | None:
    """The model, if what the library matched is not merely a part of another one's name."""
    info = provider.find_model(name, all_providers=list(others)) if provider is not None else None
    if info is None or not _sound(info.match, name, whole):
        return None
    dates, times = _changes(info)
    return LibraryModel(provider.id, info.id, dates, times, info)


def _sound(match: Any, name: str, whole: bool) -> bool:
    """False if a model matches only because `claude-opus-4-1` is the beginning of `claude-opus-4-10`.

    `whole`: neither may it be the end of another name.
    """
    for several in ("or_", "and_"):
        clauses = getattr(match, several, None)
        if clauses is not None:
            matching = [clause for clause in clauses if clause.is_match(name)]
            return not matching or any(_sound(clause, name, whole) for clause in matching)
    text = getattr(match, "starts_with", None) or getattr(match, "contains", None)
    if not isinstance(text, str):
        return True
    places = [found.span() for found in re.finditer(re.escape(text.lower()), name)]
    return any(not (whole and start) and not _cuts_number(name, end) for start, end in places)


def _cuts_number(name: str, end: int) -> bool:
    """True if a number of up to three digits goes on behind `end`: a version, where four and more are a date."""
    before, after = re.search(r"\d+$", name[:end]), re.match(r"\d+", name[end:])
    return bool(before and after and len(before.group() + after.group()) < 4)


def _changes(info: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The dates and the times of day at which one of the model's conditions begins or ends to hold."""
    dates, times = set(), set()
    for condition in info.prices if isinstance(info.prices, list) else []:
        constraint = condition.constraint
        if (start := getattr(constraint, "start_date", None)) is not None:
            dates.add(_ms(datetime.combine(start, time(), UTC)))
        for name in ("start_time", "end_time"):
            if (moment := getattr(constraint, name, None)) is not None:
                at = datetime.combine(_EPOCH.date(), moment, moment.tzinfo or UTC).astimezone(UTC)
                times.add(_ms(datetime.combine(_EPOCH.date(), at.timetz())))
    return tuple(sorted(dates)), tuple(sorted(times))


def _price(info: Any, moment: datetime) -> Nanos | None:
    prices = info.get_prices(moment)
    free = info.id.endswith(":free")
    if not free and all(getattr(prices, key) is None for key in (*_PRICE_KEYS.values(), _PER_CALL_KEY)):
        # An empty price may mean free or not listed; one by the hour or picture does not say what tokens cost.
        return None
    try:
        rate = _rate(prices, free)
        probes = [_probe(start + past) for start in rate.starts for past in (0, 1)] + [_probe(1_000)]
        same = all(rate.nanos(probe) == _by_library(prices, probe, free) for probe in probes)
    except (ValueError, TypeError, ArithmeticError):
        same = False
    return rate.nanos if same else lambda usage: _by_library(prices, usage, free)


def _rate(prices: Any, free: bool) -> Rate:
    per_call = getattr(prices, _PER_CALL_KEY) or Decimal(0)
    if not isinstance(per_call, Decimal):
        raise TypeError("A price per call in tiers is the library's to evaluate.")
    return make_rate({kind: _tiered(getattr(prices, key)) for kind, key in _PRICE_KEYS.items()}, per_call, free)


def _tiered(price: Any) -> Decimal | Tiered | None:
    if price is None or isinstance(price, Decimal):
        return price
    return price.base, [(tier.start, tier.price) for tier in price.tiers]


def _by_library(prices: Any, usage: Usage, free: bool) -> int | None:
    """The cost as the library says, rounded to nano-dollars, half to even; None where it refuses."""
    from genai_prices import Usage as LibraryUsage

    priced = (free or prices.input_mtok is not None, free or prices.output_mtok is not None)
    if (usage.prompt and not priced[0]) or (usage.completion and not priced[1]):
        return None
    try:
        tokens: Mapping[str, int] = {
            "input_tokens": usage.prompt,
            "cache_read_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write + usage.cache_write_1h,
            "cache_write_1h_tokens": usage.cache_write_1h,
            "output_tokens": usage.completion,
        }
        with localcontext(_EXACT):
            total: Decimal = prices.calc_price(LibraryUsage(**tokens))["total_price"]
            return int((total * NANOS).to_integral_value(ROUND_HALF_EVEN))
    except (ValueError, ArithmeticError):
        return None


def _probe(prompt: int) -> Usage:
    """A call with tokens of every kind; their numbers share no factor, so that no mix-up of prices cancels out."""
    read, write, hour = prompt // 3, prompt // 7, prompt // 11
    return Usage(prompt, prompt - read - write - hour, read, write, hour, prompt + 13)


def _moment(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
