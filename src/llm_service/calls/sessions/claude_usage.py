"""Tokens, service, id, provider and failure of one response in a log of Claude Code. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from ..model import Call, CallRefused
from ..served import normalize_geo, normalize_tier
from .line_reader import clean_text, token_count

_LONG_ID = 20
_MAX_MESSAGE = 500
_INNER_CALLS = {"advisor_message": "advisor", "compaction": "compaction"}


def input_tokens(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """(all input tokens, cache reads, cache writes, cache writes for one hour).

    Anthropic's `input_tokens` include neither reads nor writes; here all input tokens include both.
    """
    values = dict(usage)
    read, write = token_count(values, "cache_read_input_tokens"), token_count(values, "cache_creation_input_tokens")
    write_1h, lifetimes = 0, usage.get("cache_creation")
    if isinstance(lifetimes, dict):
        write_1h = token_count(lifetimes, "ephemeral_1h_input_tokens")
        write = write or write_1h + token_count(lifetimes, "ephemeral_5m_input_tokens")
        write_1h = min(write_1h, write)
    return token_count(values, "input_tokens") + read + write, read, write, write_1h


def how_served(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Call` that say how it was served; a response reports what was served, not what was requested.

    `speed` is "fast" or "standard" (fast mode), `service_tier` "standard", "priority" or "batch", `inference_geo` "us",
    "global" or "not_available", `server_tool_use` the number of searches that are billed.
    """
    speed, tools = clean_text(usage.get("speed")), usage.get("server_tool_use")
    return {
        "web_searches": token_count(tools, "web_search_requests") if isinstance(tools, dict) else 0,
        "service_tier": normalize_tier(speed) or normalize_tier(clean_text(usage.get("service_tier"))),
        "inference_geo": normalize_geo(clean_text(usage.get("inference_geo"))),
    }


def search_count(line: Mapping[str, Any]) -> int:
    """The searches that the tool WebSearch reports in its result; the log does not have the request that it makes."""
    result = line.get("toolUseResult")
    if not isinstance(result, dict) or "query" not in result or not isinstance(result.get("results"), list):
        return 0  # the result of another tool
    count = result.get("searchCount")
    return count if type(count) is int else 0


def search_id(line: Mapping[str, Any]) -> str:
    """The invocation id of the searches of one use of the tool, the same in every copy. Raises CallRefused."""
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    blocks = content if isinstance(content, list) else []
    ids = [clean_text(block.get("tool_use_id")) for block in blocks if isinstance(block, dict)]
    found = next(filter(None, ids), None) or clean_text(line.get("uuid"))
    if found is None:
        raise CallRefused("This search has no id.")
    return f"claude:search:{found}"


def call_id(line: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """The invocation id: the same on every line about the same call, in any file. Raises CallRefused."""
    message_id, request_id = clean_text(message.get("id")), clean_text(line.get("requestId"))
    if message_id is None:
        line_id = request_id or clean_text(line.get("uuid"))
        if line_id is None:
            raise CallRefused("This response has neither a message id nor a request id.")
        return f"claude:{line_id}"
    if len(message_id) >= _LONG_ID:
        return f"claude:{message_id}"
    # A gateway's own counter, which other sessions reuse.
    return f"claude:{message_id}:{request_id or clean_text(line.get('sessionId')) or ''}"


def provider_of(model: str | None, message_id: object) -> str | None:
    """The provider, from the prefix of the message id or the model name; None: unknown."""
    prefix = message_id if isinstance(message_id, str) else ""
    if prefix.startswith("msg_bdrk_"):
        return "aws"
    if prefix.startswith("msg_vrtx_"):
        return "google"
    return "anthropic" if model is not None and model.startswith("claude") else None


def positive_or_none(value: object, unit: int) -> int | None:
    """`value * unit`, rounded; None if it is no number above 0 (0 is written where nothing was measured)."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return None
    return round(value * unit)


def mark_failed(call: Call, message: Mapping[str, Any]) -> Call:
    """A call that failed with an API error, with the message that the user saw; it cost 0 if it used no tokens."""
    message_text = clean_text(" ".join(text_blocks(message.get("content"))), _MAX_MESSAGE)
    timed_out = message_text is not None and ("timed out" in message_text.lower() or "timeout" in message_text.lower())
    unused = not call.prompt_tokens and not call.completion_tokens
    return call._replace(
        status="timeout" if timed_out else "error",
        error_message=message_text,
        cost_nanos=0 if unused else call.cost_nanos,
    )


def inner_calls(call: Call, iterations: list[Any]) -> Iterable[Call]:
    """The calls within a response that its usage does not include, as `usage.iterations` lists them.

    An advisor is another model that is asked; a compaction sums up the context, by the same model, before it goes on.
    The other iterations are those that the usage sums up.
    Source: https://platform.claude.com/docs/en/build-with-claude/compaction-threshold.
    """
    for index, used in enumerate(iterations):
        tool = _INNER_CALLS.get(str(used.get("type"))) if isinstance(used, dict) else None
        if tool is not None:
            prompt, read, write, write_1h = input_tokens(used)
            model = clean_text(used.get("model")) or (call.model_name if tool == "compaction" else None)
            other_speed = tool == "advisor" and call.service_tier == "fast"  # reported of the model that asked
            yield call._replace(
                invocation_id=f"{call.invocation_id}:{tool}:{index}",
                tool_name=tool,
                model_name=model,
                provider=provider_of(model, call.invocation_id.removeprefix("claude:")),
                prompt_tokens=prompt,
                web_searches=0,
                service_tier=None if other_speed else call.service_tier,
                unconfirmed=other_speed,
                completion_tokens=token_count(used, "output_tokens"),
                cache_read_tokens=read,
                cache_write_tokens=write,
                cache_write_1h_tokens=write_1h,
                cost_nanos=None,
                latency_ms=None,
                duplicate_id=None,
            )


def read_typed_text(line: Mapping[str, Any]) -> str | None:
    """The text typed in a line of type `user`; None for tool results."""
    if line.get("toolUseResult") is not None:
        return None
    message = line.get("message")
    return ("\n".join(text_blocks(message.get("content"))) if isinstance(message, dict) else "") or None


def text_digest(prompt: str | None) -> str | None:
    """A hash of a prompt, by which the log of a sub-agent is recognised."""
    if prompt is None:
        return None
    return blake2b(prompt.encode("utf-8", "replace"), digest_size=8).hexdigest()


def text_blocks(content: object) -> list[str]:
    """The text blocks of a message, without tool inputs and results."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    blocks = [block for block in content if isinstance(block, dict) and block.get("type") == "text"]
    return [block["text"] for block in blocks if isinstance(block.get("text"), str)]
