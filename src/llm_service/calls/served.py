"""How a call was served, as far as its price depends on it: service tier and region, in one spelling."""

from __future__ import annotations

_STANDARD_TIERS = frozenset(("standard", "standard_only", "normal", "default", "auto", "on_demand", "none"))
"""Names of what has the list price, and of leaving the choice to the provider: of Anthropic (in Claude Code's events
"normal"), OpenAI, Google and Groq."""
_ANYWHERE = frozenset(("global", "not_available", "default", "none"))
"""Anthropic's `inference_geo` of calls at the list price, and of models that do not support the parameter."""


def normalize_tier(tier: str | None) -> str | None:
    """A tier in lower case; None for a standard tier."""
    name = (tier or "").strip().lower()
    return None if name in _STANDARD_TIERS else name or None


def normalize_geo(geo: str | None) -> str | None:
    """A region in lower case; None if the model may run anywhere."""
    name = (geo or "").strip().lower()
    return None if name in _ANYWHERE else name or None
