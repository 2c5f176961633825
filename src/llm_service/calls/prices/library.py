"""`find(provider, name)`: the dated prices of a model in genai-prices. The only module that imports the library.

Importing it takes a quarter of a second and 29 MB, so that is done when the first model is looked up. Pricing a call
with it takes 170 µs, so each price is converted once to a `Rate`. Each rate is compared with the library on a few
sample calls; where they differ, because the library has a feature that `Rate` lacks, the library prices every call.
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
"""Makers that sell their own models, for names that no provider in the library claims."""
_MAKER_ALIASES = {"zhipuai": ("zai",)}
"""Makers under two ids: the library assigns `glm-4.6` to one and has its price under the other."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)

CostFunction = Callable[[Usage], int | None]
"""Cost of a call in nano-dollars; None: no price for some of its tokens."""


@dataclass(frozen=True, slots=True)
class LibraryModel:
    """A model in the library: when its price may change, and the price between two such times."""

    provider: str
    model: str
    dates_ms: tuple[int, ...]
    """Midnights, UTC, from which another price may apply."""
    times_ms: tuple[int, ...]
    """Times of day, UTC, in milliseconds, from which another price may apply."""
    _info: Any

    def cost_function(self, at_ms: int) -> CostFunction | None:
        """The price at an instant, valid until the next of those times; None: no price."""
        return _cost_function(self._info, _to_datetime(at_ms))


def version() -> str:
    """The version of the library and its prices. Does not import it."""
    return importlib.metadata.version("genai-prices")


def find(provider: str | None, name: str) -> LibraryModel | None:
    """The model `name` (lower case) at a provider; provider None: at its maker, if exactly one is known."""
    from genai_prices.data import providers

    known = {one.id: one for one in providers}
    if provider is not None:
        return _find_at_provider(known.get(provider), name, providers)
    claims = [one.id for one in providers if one.model_match is not None and one.model_match.is_match(name)][:1]
    if claims:
        makers = (*claims, *_MAKER_ALIASES.get(claims[0], ()))
        return next((found for maker in makers if (found := _find_at_provider(known.get(maker), name, ()))), None)
    sold = [found for maker in _MAKERS if (found := _find_at_provider(known.get(maker), name, (), at_start=True))]
    return sold[0] if len(sold) == 1 else None


def _find_at_provider(provider: Any, name: str, others: Sequence[Any], at_start: bool = False) -> LibraryModel | None:
    """The model, unless the library matched only a part of another model's name."""
    info = provider.find_model(name, all_providers=list(others)) if provider is not None else None
    if info is None or not _matches_whole_name(info.match, name, at_start):
        return None
    dates, times = _change_points(info)
    return LibraryModel(provider.id, info.id, dates, times, info)


def _matches_whole_name(match: Any, name: str, at_start: bool) -> bool:
    """False if a model matches only because `claude-opus-4-1` is the beginning of `claude-opus-4-10`.

    `at_start`: it must not be the end of another name either.
    """
    for several in ("or_", "and_"):
        clauses = getattr(match, several, None)
        if clauses is not None:
            matching = [clause for clause in clauses if clause.is_match(name)]
            return not matching or any(_matches_whole_name(clause, name, at_start) for clause in matching)
    text = getattr(match, "starts_with", None) or getattr(match, "contains", None)
    if not isinstance(text, str):
        return True
    places = [found.span() for found in re.finditer(re.escape(text.lower()), name)]
    return any(not (at_start and start) and not _splits_number(name, end) for start, end in places)


def _splits_number(name: str, end: int) -> bool:
    """True if `end` is within a number of up to three digits: a version. Numbers of four or more are dates."""
    before, after = re.search(r"\d+$", name[:end]), re.match(r"\d+", name[end:])
    return bool(before and after and len(before.group() + after.group()) < 4)


def _change_points(info: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The dates and times of day at which one of the model's price conditions starts or ends."""
    dates, times = set(), set()
    for condition in info.prices if isinstance(info.prices, list) else []:
        constraint = condition.constraint
        if (start := getattr(constraint, "start_date", None)) is not None:
            dates.add(_to_ms(datetime.combine(start, time(), UTC)))
        for name in ("start_time", "end_time"):
            if (moment := getattr(constraint, name, None)) is not None:
                at = datetime.combine(_EPOCH.date(), moment, moment.tzinfo or UTC).astimezone(UTC)
                times.add(_to_ms(datetime.combine(_EPOCH.date(), at.timetz())))
    return tuple(sorted(dates)), tuple(sorted(times))


def _cost_function(info: Any, moment: datetime) -> CostFunction | None:
    prices = info.get_prices(moment)
    free = info.id.endswith(":free")
    if not free and all(getattr(prices, key) is None for key in (*_PRICE_KEYS.values(), _PER_CALL_KEY)):
        # An empty price may mean free or not listed; a price per hour or picture is not a price of tokens.
        return None
    try:
        rate = _make_rate(prices, free)
        lengths = [0, 1_000, *(start + past for start in rate.starts for past in (0, 1))]
        samples = [_sample_usage(length, completion) for length in lengths for completion in (0, 1_013)]
        same = all(rate.cost_nanos(sample) == _library_cost(prices, sample, free) for sample in samples)
    except (ValueError, TypeError, ArithmeticError):
        same = False
    return rate.cost_nanos if same else lambda usage: _library_cost(prices, usage, free)


def _make_rate(prices: Any, free: bool) -> Rate:
    per_call = getattr(prices, _PER_CALL_KEY) or Decimal(0)
    if not isinstance(per_call, Decimal):
        raise TypeError("Tiered prices per call are not supported.")
    return make_rate({kind: _tiered(getattr(prices, key)) for kind, key in _PRICE_KEYS.items()}, per_call, free)


def _tiered(price: Any) -> Decimal | Tiered | None:
    if price is None or isinstance(price, Decimal):
        return price
    return price.base, [(tier.start, tier.price) for tier in price.tiers]


def _library_cost(prices: Any, usage: Usage, free: bool) -> int | None:
    """The cost by the library, rounded half to even to nano-dollars; None where it has no price."""
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
            return int((total * NANOS).to_integral_value())
    except (ValueError, ArithmeticError):
        return None


def _sample_usage(prompt: int, completion: int) -> Usage:
    """A sample call with all types of input, in coprime numbers so that mixed-up prices cannot cancel out."""
    read, write, hour = prompt // 3, prompt // 7, prompt // 11
    return Usage(prompt, prompt - read - write - hour, read, write, hour, completion)


def _to_datetime(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def _to_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
