"""What one answer in a log of Claude Code says of tokens, of who sold it, and of how it failed. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import Call, CallRefused
from .line_reader import count, text

_LONG_ID = 20
_MAX_MESSAGE = 500


def input_tokens(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """(all input tokens, cache reads, cache writes, writes for one hour). Anthropic's `input_tokens` leave out both."""
    values = dict(usage)
    read, write = count(values, "cache_read_input_tokens"), count(values, "cache_creation_input_tokens")
    write_1h, lifetimes = 0, usage.get("cache_creation")
    if isinstance(lifetimes, dict):
        write_1h = count(lifetimes, "ephemeral_1h_input_tokens")
        write = write or write_1h + count(lifetimes, "ephemeral_5m_input_tokens")
        write_1h = min(write_1h, write)
    return count(values, "input_tokens") + read + write, read, write, write_1h


def identity(line: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """What is the same on every line that tells of the same call, in whichever file. Raises CallRefused."""
    message_id, request_id = text(message.get("id")), text(line.get("requestId"))
    if message_id is None:
        line_id = request_id or text(line.get("uuid"))
        if line_id is None:
            raise CallRefused("This answer has neither a message id nor a request id.")
        return f"claude:{line_id}"
    if len(message_id) >= _LONG_ID:
        return f"claude:{message_id}"
    # A gateway's own counter, which other sessions use again.
    return f"claude:{message_id}:{request_id or text(line.get('sessionId')) or ''}"


def provider_of(model: str | None, message_id: object) -> str | None:
    """Who sold the answer, as far as its id tells."""
    known = message_id if isinstance(message_id, str) else ""
    if known.startswith("msg_bdrk_"):
        return "aws"
    if known.startswith("msg_vrtx_"):
        return "google"
    return "anthropic" if model is not None and model.startswith("claude") else None


def positive(value: object, unit: int) -> int | None:
    """A number that was measured, in units; None for 0, which is written where nothing was."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return None
    return round(value * unit)


def as_failed(call: Call, message: Mapping[str, Any]) -> Call:
    """A call that the API refused, in the words that the user saw. It used no tokens, so it cost nothing."""
    said = text(" ".join(texts(message.get("content"))), _MAX_MESSAGE)
    late = said is not None and ("timed out" in said.lower() or "timeout" in said.lower())
    nothing = not call.prompt_tokens and not call.completion_tokens
    return call._replace(
        status="timeout" if late else "error", error_message=said, cost_nanos=0 if nothing else call.cost_nanos
    )


def advice(call: Call, iterations: list[Any]) -> Iterable[Call]:
    """What an advisor, another model asked within an answer, used: not contained in the answer's own usage."""
    for index, used in enumerate(iterations):
        if isinstance(used, dict) and used.get("type") == "advisor_message":
            prompt, read, write, write_1h = input_tokens(used)
            model = text(used.get("model"))
            yield call._replace(
                invocation_id=f"{call.invocation_id}:advisor:{index}",
                tool_name="advisor",
                model_name=model,
                provider=provider_of(model, call.invocation_id.removeprefix("claude:")),
                prompt_tokens=prompt,
                completion_tokens=count(used, "output_tokens"),
                cache_read_tokens=read,
                cache_write_tokens=write,
                cache_write_1h_tokens=write_1h,
                cost_nanos=None,
                latency_ms=None,
                twin_id=None,
            )


def texts(content: object) -> list[str]:
    """The texts of a message, without what tools were given or gave."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    blocks = [block for block in content if isinstance(block, dict) and block.get("type") == "text"]
    return [block["text"] for block in blocks if isinstance(block.get("text"), str)]
