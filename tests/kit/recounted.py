"""What the second judges of the agents' logs have in common: one response, priced by `dollars`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from .dollars import Response as Listed


@dataclass(frozen=True)
class Response:
    """Tokens of one response: all input, of which some read from and some written to a cache, and all output."""

    model: str
    at_ms: float
    given: int
    read: int
    written: int
    output: int
    told_usd: Decimal | None = None
    provider: str | None = None

    def usd(self) -> Decimal | None:
        """What the agent wrote, else the list price; None for a model without one."""
        if self.told_usd:
            return self.told_usd
        fresh = self.given - self.read - self.written
        at = datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat()
        listed = Listed(self.model, at, fresh, self.read, self.written, output=self.output, provider=self.provider)
        return listed.standard_usd()


def summary(responses: Iterable[Response], failed: int = 0) -> dict[str, object]:
    """`{calls, given, read, written, output, usd, unpriced}`; `failed` responses without tokens are calls of $0."""
    found = list(responses)
    prices = [one.usd() for one in found]
    return {
        "calls": len(found) + failed,
        "given": sum(one.given for one in found),
        "read": sum(one.read for one in found),
        "written": sum(one.written for one in found),
        "output": sum(one.output for one in found),
        "usd": round(sum((price for price in prices if price is not None), Decimal(0)), 6),
        "unpriced": prices.count(None),
    }
