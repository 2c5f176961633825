"""Counts in attributes whose value is JSON: `add_vercel` and `add_langfuse` add them to a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..usage_shapes import chat_counts, message_counts
from .attributes import LANGFUSE_COST, LANGFUSE_USAGE, VERCEL_METADATA
from .records import Value

_MAX_CHARACTERS = 100_000
_LANGFUSE_NAMES = {
    "completion_tokens": ("output", "output_tokens", "completion_tokens", "completion"),
    "cache_read_tokens": (
        "input_cached_tokens", "input_cache_read", "cache_read_input_tokens", "cache_read", "cached_tokens",
    ),
    "cache_write_tokens": (
        "input_cache_creation", "input_cache_write", "cache_creation_input_tokens", "cache_write", "cache_creation",
    ),
}  # fmt: skip
_LANGFUSE_WRITE_1H = ("input_cache_creation_1h", "cache_creation_1h", "ephemeral_1h_input_tokens")
_LANGFUSE_WRITE_5M = ("input_cache_creation_5m", "cache_creation_5m", "ephemeral_5m_input_tokens")


def add_vercel(document: dict[str, Any], attributes: Mapping[str, Value]) -> None:
    """Add to a call what only Anthropic's own usage says, which Vercel's AI SDK passes on.

    That is how long cache writes live, in every version; cached tokens at all in those of `generateObject`, and writes
    in version 5, whose input tokens are Anthropic's, without the cached ones.
    """
    anthropic = _json_object(attributes, VERCEL_METADATA).get("anthropic")
    usage = anthropic.get("usage") if isinstance(anthropic, dict) else None
    if not isinstance(usage, dict):
        return
    counts = {name: value for name, value in message_counts(usage).items() if type(value) is int}
    for name in ("cache_read_tokens", "cache_write_tokens"):
        if counts.get(name):
            document.setdefault(name, counts[name])
    if counts.get("cache_write_1h_tokens", 0) <= document.get("cache_write_tokens", 0):
        document.setdefault("cache_write_1h_tokens", counts.get("cache_write_1h_tokens", 0))
    if document.get("prompt_tokens") == usage.get("input_tokens") and "prompt_tokens" in counts:
        document["prompt_tokens"] = counts["prompt_tokens"]


def add_langfuse(document: dict[str, Any], attributes: Mapping[str, Value]) -> None:
    """Add to a call the usage and cost of an observation of Langfuse, where it has none yet.

    Types of usage do not overlap in Langfuse (the cost is the sum over all of them), so cached tokens are added to
    the input. OpenAI's own usage, which has them included, is recognised by its names.
    Source: langfuse.com/docs/observability/features/token-and-cost-tracking.
    """
    usage = _json_object(attributes, LANGFUSE_USAGE)
    if usage and "prompt_tokens" not in document and "completion_tokens" not in document:
        document |= {name: value for name, value in _langfuse_counts(usage).items() if value is not None}
    costs = _json_object(attributes, LANGFUSE_COST)
    if costs and "cost_usd" not in document:
        parts = [value for name, value in costs.items() if name != "total" and _is_number(value)]
        total = costs.get("total")
        if _is_number(total) or parts:
            document["cost_usd"] = total if _is_number(total) else sum(parts)


def _langfuse_counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    if "prompt_tokens" in usage:
        return chat_counts(usage)
    counts = {name: _first(usage, names) for name, names in _LANGFUSE_NAMES.items()}
    one_hour, five_minutes = _first(usage, _LANGFUSE_WRITE_1H), _first(usage, _LANGFUSE_WRITE_5M)
    # The general type has the writes of which the lifetime is not known, besides the two others.
    writes = [counts["cache_write_tokens"], one_hour, five_minutes]
    if any(value is not None for value in writes):
        counts["cache_write_tokens"] = sum(value or 0 for value in writes)
        counts["cache_write_1h_tokens"] = one_hour
    parts = (
        _first(usage, ("input", "input_tokens", "prompt")),
        counts["cache_read_tokens"],
        counts["cache_write_tokens"],
    )
    present = [value for value in parts if value is not None]
    return counts | {"prompt_tokens": sum(present) if present else None}


def _json_object(attributes: Mapping[str, Value], name: str) -> dict[str, Any]:
    """The JSON object in an attribute; {} for anything else."""
    text = attributes.get(name)
    if not isinstance(text, str) or len(text) > _MAX_CHARACTERS:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first(usage: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((usage[name] for name in names if _is_number(usage.get(name))), None)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
