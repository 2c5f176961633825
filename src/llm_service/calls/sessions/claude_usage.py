"""Tokens, id, provider and failure of one response in a log of Claude Code. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import Call, CallRefused
from .line_reader import clean_text, token_count

_LONG_ID = 20
_MAX_MESSAGE = 500


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


def advisor_calls(call: Call, iterations: list[Any]) -> Iterable[Call]:
    """The calls of an advisor, another model that is asked within a response and not included in its usage."""
    for index, used in enumerate(iterations):
        if isinstance(used, dict) and used.get("type") == "advisor_message":
            prompt, read, write, write_1h = input_tokens(used)
            model = clean_text(used.get("model"))
            yield call._replace(
                invocation_id=f"{call.invocation_id}:advisor:{index}",
                tool_name="advisor",
                model_name=model,
                provider=provider_of(model, call.invocation_id.removeprefix("claude:")),
                prompt_tokens=prompt,
                completion_tokens=token_count(used, "output_tokens"),
                cache_read_tokens=read,
                cache_write_tokens=write,
                cache_write_1h_tokens=write_1h,
                cost_nanos=None,
                latency_ms=None,
                duplicate_id=None,
            )


def text_blocks(content: object) -> list[str]:
    """The text blocks of a message, without tool inputs and results."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    blocks = [block for block in content if isinstance(block, dict) and block.get("type") == "text"]
    return [block["text"] for block in blocks if isinstance(block.get("text"), str)]
