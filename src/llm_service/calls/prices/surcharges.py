"""What a call costs beside its tokens' list prices: factors by service tier and region, and fees for web searches.

genai-prices has the list prices of tokens only. Each entry applies from its date on; of the entries for a model the
first with a matching name counts, of its dates the latest. A tier or region without an entry has the list price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from ..model import NANOS


@dataclass(frozen=True, slots=True)
class Factor:
    """By what the price of all tokens is multiplied, from a day on, for models with one of these prefixes."""

    names: tuple[str, ...]
    """Tiers, or regions."""
    models: tuple[str, ...]
    since_ms: int
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Fee:
    """Dollars for a thousand web searches, from a day on."""

    since_ms: int
    usd_per_thousand: Fraction


def _factor(names: str, models: str, since: str, factor: str) -> Factor:
    """`models` "": all."""
    return Factor(tuple(names.split()), tuple(models.split()) or ("",), _to_ms(since), Fraction(factor))


def _to_ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


_CLAUDE_TIERS = (
    # https://platform.claude.com/docs/en/build-with-claude/fast-mode: $30/$150 for Opus 4.6 and 4.7, from 7 February
    # 2026; twice the standard rates for Opus 4.8 (28 May 2026), Opus 5, Opus 5.5, Fable 5.2 and Mythos 5.2. For all
    # kinds of tokens, also of caches and of long inputs.
    _factor("fast", "claude-opus-4-6 claude-opus-4-7", "2026-02-07", "6"),
    _factor("fast", "claude-", "2026-05-28", "2"),
    # https://platform.claude.com/docs/en/about-claude/pricing, "Batch processing": half of all token prices; generally
    # available since 8 October 2024.
    _factor("batch", "claude-", "2024-10-08", "1/2"),
    # https://platform.claude.com/docs/en/api/service-tiers: committed capacity; its price is agreed with the customer,
    # so such a call is shown at the list price.
    _factor("priority", "claude-", "2025-05-22", "1"),
)
_CLAUDE_REGIONS = (
    # https://platform.claude.com/docs/en/manage-claude/data-residency: 1.1 on all token prices, for Claude Opus 4.6 and
    # later models; earlier ones do not accept the parameter.
    _factor("us", "claude-", "2026-02-05", "11/10"),
)
_OPENAI_TIERS = (
    # https://developers.openai.com/api/docs/guides/ultrafast-mode: six times the standard rates, GPT-6 Astra from 29
    # September 2026, GPT-6.1 Sol from 8 October 2026.
    _factor("ultrafast", "gpt-6-astra", "2026-09-29", "6"),
    _factor("ultrafast", "gpt-", "2026-10-08", "6"),
    # https://openai.com/api-fast-mode ("Priority processing" until 30 July 2026; `priority` and `fast` mean the same):
    # the dollars listed there, divided by the standard prices of the same day.
    _factor("priority fast", "gpt-5.5", "2026-04-24", "5/2"),
    _factor("priority fast", "gpt-5-mini", "2025-08-07", "9/5"),
    _factor("priority fast", "gpt-4.1-nano", "2025-06-05", "2"),
    _factor("priority fast", "gpt-4.1 gpt-4o-2024-05-13 o3", "2025-06-05", "7/4"),
    _factor("priority fast", "gpt-4o-mini", "2025-06-05", "5/3"),
    _factor("priority fast", "gpt-4o", "2025-06-05", "17/10"),
    _factor("priority fast", "o4-mini", "2025-06-05", "20/11"),
    _factor("priority fast", "gpt-", "2025-08-07", "2"),  # GPT-5, 5.1, 5.2, 5.3, 5.4, 5.6 and 6 in all sizes
    # https://developers.openai.com/api/docs/pricing, tabs "Batch" and "Flex": half of all token prices.
    _factor("batch", "", "2024-04-15", "1/2"),
    _factor("flex", "", "2025-04-17", "1/2"),
)
_GEMINI_TIERS = (
    # https://ai.google.dev/gemini-api/docs/batch-api: half of the standard price.
    _factor("batch", "gemini-", "2025-07-07", "1/2"),
)

TIERS = {"anthropic": _CLAUDE_TIERS, "openai": _OPENAI_TIERS, "google": _GEMINI_TIERS}
REGIONS = {"anthropic": _CLAUDE_REGIONS}
FEES = {
    # https://platform.claude.com/docs/en/about-claude/pricing, "Web search tool": $10 per 1,000 searches, in all tiers.
    "anthropic": (Fee(_to_ms("2025-05-07"), Fraction(10)),),
    # https://developers.openai.com/api/docs/pricing, "Web search": $10 per 1,000 calls.
    "openai": (Fee(_to_ms("2025-03-11"), Fraction(10)),),
}


def surcharged(
    cost_nanos: int, provider: str | None, model: str, tier: str | None, geo: str | None, timestamp_ms: int
) -> int:
    """The cost of tokens at this tier and in this region, from the cost at list prices; rounded half to even.

    `provider` and `model` are ids of genai-prices.
    """
    factor = Fraction(1)
    if tier is not None:
        factor *= _find(TIERS.get(provider or "", ()), tier, model, timestamp_ms)
    if geo is not None:
        factor *= _find(REGIONS.get(provider or "", ()), geo, model, timestamp_ms)
    return round(cost_nanos * factor)


def search_fee_nanos(provider: str | None, model: str, searches: int, timestamp_ms: int) -> int | None:
    """What a number of web searches costs; None if the provider's fee is not known."""
    if not searches:
        return 0
    seller = "anthropic" if "claude" in model else provider  # the same fee wherever Claude runs
    fees = [fee for fee in FEES.get(seller or "", ()) if fee.since_ms <= timestamp_ms]
    return round(searches * fees[-1].usd_per_thousand * NANOS / 1000) if fees else None


def _find(factors: Iterable[Factor], name: str, model: str, timestamp_ms: int) -> Fraction:
    found: Factor | None = None
    for entry in factors:
        if name not in entry.names or not model.startswith(entry.models) or entry.since_ms > timestamp_ms:
            continue
        if found is None or (entry.models == found.models and entry.since_ms > found.since_ms):
            found = entry
    return found.factor if found else Fraction(1)
