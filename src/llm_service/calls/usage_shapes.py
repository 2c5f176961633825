"""`with_usage(document)`: a call whose tokens are in a nested `usage`, as the APIs of the providers answer.

Three shapes, told apart by their names:

- Anthropic's Messages: `input_tokens` leave out `cache_read_input_tokens` and `cache_creation_input_tokens`;
  `cache_creation` says how many of the latter live for an hour. Speed, tier, region and searches are taken along.
  Source: docs.claude.com/en/api/messages, "usage".
- OpenAI's Responses: `input_tokens` include `input_tokens_details.cached_tokens`.
- OpenAI's Chat Completions, and all who offer that API: `prompt_tokens` include `prompt_tokens_details.cached_tokens`
  (DeepSeek: `prompt_cache_hit_tokens`). OpenRouter adds `prompt_tokens_details.cache_write_tokens` and `cost`.
  Sources: platform.openai.com/docs/api-reference, openrouter.ai/docs "Usage Accounting".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROMPT_NAMES = ("prompt_tokens", "input_tokens")
COMPLETION_NAMES = ("completion_tokens", "output_tokens")
CACHE_READ_NAMES = ("cache_read_tokens", "cache_read_input_tokens", "cached_tokens")
CACHE_WRITE_NAMES = ("cache_write_tokens", "cache_creation_input_tokens")
COUNT_NAMES = (*PROMPT_NAMES, *COMPLETION_NAMES, *CACHE_READ_NAMES, *CACHE_WRITE_NAMES)
"""Fields of which a call has at least one."""

_STATUSES = {"completed": "success", "incomplete": "success", "failed": "error", "cancelled": "error"}
"""`status` of OpenAI's Responses -> ours."""


def with_usage(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with the counts of its `usage` in fields of `read_call`; as it is if it has counts of its own.

    A count that is no number stays what it is, for `read_call` to refuse.
    """
    usage = document.get("usage")
    if not isinstance(usage, dict) or any(document.get(name) is not None for name in COUNT_NAMES):
        return document
    counts = chat_counts(usage) if usage.get("prompt_tokens") is not None else message_counts(usage)
    found = {name: value for name, value in counts.items() if value is not None}
    if not found:
        return document
    flat = {**_how_served(usage), **document, **found}
    if flat.get("cost_usd") is None:
        flat["cost_usd"] = usage.get("cost")
    if all(flat.get(name) is None for name in ("timestamp", "time", "timestamp_ms")):
        flat["time"] = _first(flat, ("created", "created_at"))
    status = flat.get("status")
    if isinstance(status, str):
        flat["status"] = _STATUSES.get(status, status)
    return flat


def _how_served(usage: Mapping[str, Any]) -> dict[str, Any]:
    """What else the price depends on, as Anthropic says it: speed or tier, region, searches."""
    tools = usage.get("server_tool_use")
    served = {
        "service_tier": "fast" if usage.get("speed") == "fast" else usage.get("service_tier"),
        "inference_geo": usage.get("inference_geo"),
        "web_searches": tools.get("web_search_requests") if isinstance(tools, dict) else None,
    }
    return {name: value for name, value in served.items() if value is not None}


def message_counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of a usage with `input_tokens`: Anthropic's, or that of OpenAI's Responses."""
    completion = usage.get("output_tokens")
    details = usage.get("input_tokens_details")
    if isinstance(details, dict):
        return {
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": completion,
            "cache_read_tokens": details.get("cached_tokens"),
        }
    read, write = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    write_1h, lifetimes = None, usage.get("cache_creation")
    if isinstance(lifetimes, dict):
        write_1h = lifetimes.get("ephemeral_1h_input_tokens")
        write = write or _sum(write_1h, lifetimes.get("ephemeral_5m_input_tokens"))
    return {
        "prompt_tokens": _sum(usage.get("input_tokens"), read, write),
        "completion_tokens": completion,
        "cache_read_tokens": read,
        "cache_write_tokens": write,
        "cache_write_1h_tokens": write_1h,
    }


def chat_counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of a usage with `prompt_tokens`, as in OpenAI's Chat Completions."""
    details = usage.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    read, write = details.get("cached_tokens"), details.get("cache_write_tokens")
    if read is None:
        read = _first(usage, ("prompt_cache_hit_tokens", *CACHE_READ_NAMES))
    if write is None:
        write = _first(usage, CACHE_WRITE_NAMES)
    return {
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage.get("completion_tokens"),
        "cache_read_tokens": read,
        "cache_write_tokens": write,
        "total_tokens": usage.get("total_tokens"),
    }


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _sum(*counts: Any) -> Any:
    """Their sum, None without any; the first that is no number, if there is one."""
    present = [count for count in counts if count is not None]
    bad = [count for count in present if isinstance(count, bool) or not isinstance(count, (int, float))]
    if bad:
        return bad[0]
    return sum(present) if present else None
