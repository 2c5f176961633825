"""What a response costs by the providers' price pages: the judges of the totals price with this, and with nothing else.

Standard prices are those of `genai_prices.calc_price`. Where a page lists dollars for fast mode, priority or batches,
those dollars are written down here; our product has factors instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from genai_prices import Usage, calc_price

D = Decimal
LISTED: dict[tuple[str, str], tuple[Decimal, Decimal, Decimal, Decimal]] = {
    # (model, tier): dollars for a million tokens of input, cached input, cache writes for 5 minutes, output
    # platform.claude.com/docs/en/build-with-claude/fast-mode: "caching multipliers apply on top": a tenth of the input
    # for reads, a twentieth for Opus 5.5, 1.25 times for writes
    ("claude-opus-4-6", "fast"): (D(30), D(3), D("37.5"), D(150)),
    ("claude-opus-5", "fast"): (D(10), D(1), D("12.5"), D(50)),
    ("claude-opus-5-5", "fast"): (D(8), D("0.4"), D("10"), D(40)),
    # platform.claude.com, "Batch processing"
    ("claude-opus-5", "batch"): (D("2.5"), D("0.25"), D("3.125"), D("12.5")),
    # openai.com/api-fast-mode, June and November 2026; since GPT-5.6 cache writes are billed at 1.25 times the input
    ("gpt-5.6-sol", "priority"): (D(8), D("0.8"), D("10"), D(40)),
    ("gpt-5.6-terra", "priority"): (D(4), D("0.4"), D("5"), D(24)),
    ("gpt-5.5", "priority"): (D("12.5"), D("1.25"), D("12.5"), D(75)),
    ("gpt-5.4", "priority"): (D(5), D("0.5"), D("5"), D(30)),
    ("gpt-5.1-codex", "priority"): (D("2.5"), D("0.25"), D("2.5"), D(20)),
    # developers.openai.com/api/docs/pricing, tab "Flex"
    ("gpt-5.4", "flex"): (D("1.25"), D("0.125"), D("1.25"), D("7.5")),
}
SEARCH = D("0.01")
"""Dollars for a web search: "$10 per 1,000 searches"."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Response:
    """One response: `fresh` input is neither read from nor written to a cache. `tier` None: standard."""

    model: str | None
    at: str
    fresh: int = 0
    read: int = 0
    written: int = 0
    written_1h: int = 0
    output: int = 0
    told_usd: Decimal | None = None
    tier: str | None = None
    in_us: bool = False
    searches: int = 0
    provider: str | None = None

    def usd(self) -> Decimal | None:
        """What the agent wrote, else what the pages say; None for a model without a price."""
        if self.told_usd is not None:
            return self.told_usd
        tokens = D(0)
        if self.fresh or self.read or self.written or self.written_1h or self.output:
            found = self._listed() if self.tier else self.standard_usd()
            if found is None:
                return None
            tokens = found
        return tokens * (D("1.1") if self.in_us else 1) + SEARCH * self.searches

    def _listed(self) -> Decimal:
        per_input, per_read, per_write, per_output = LISTED[self.model or "", self.tier or ""]
        # "1-hour cache writes are 2 times the base input price"
        input_dollars = (self.fresh + self.written_1h * 2) * per_input + self.written * per_write
        return (input_dollars + self.read * per_read + self.output * per_output) / MILLION

    def standard_usd(self) -> Decimal | None:
        """The price of the tokens in the standard tier; None for a model without one."""
        if self.model is None:
            return None
        written = self.written + self.written_1h
        usage = Usage(
            input_tokens=self.fresh + self.read + written,
            cache_read_tokens=self.read,
            cache_write_tokens=written,
            cache_write_1h_tokens=self.written_1h,
            output_tokens=self.output,
        )
        provider = self.provider or ("aws" if self.model.startswith("us.anthropic.") else None)
        moment = datetime.fromisoformat(self.at).astimezone(UTC)
        try:
            return calc_price(usage, self.model, provider_id=provider, genai_request_timestamp=moment).total_price
        except LookupError:
            return None


def tokens(responses: Iterable[Response]) -> dict[str, int]:
    """`{calls, input, read, write, write_1h, output, searches}`; input without cached ones, all cache writes."""
    found = list(responses)
    return {
        "calls": len(found),
        "input": sum(one.fresh for one in found),
        "read": sum(one.read for one in found),
        "write": sum(one.written + one.written_1h for one in found),
        "write_1h": sum(one.written_1h for one in found),
        "output": sum(one.output for one in found),
        "searches": sum(one.searches for one in found),
    }
