"""Ids under which an agent's OpenTelemetry exporter reports the calls that are in its session log. Pure functions.

The log has an id of its own for each call and also the values that the exporter sends; both derive the same id from
them.
"""

from __future__ import annotations


def claude_request(request_id: str) -> str:
    """The id of a call of Claude Code, from the id of its request."""
    return f"claude-otel:{request_id}"


def codex_response(session_id: str, prompt_tokens: int, cache_read_tokens: int, completion_tokens: int) -> str:
    """The id of a call of Codex, whose exporter sends none, from its tokens: they differ as the context grows."""
    return f"codex-otel:{session_id}:{prompt_tokens}:{cache_read_tokens}:{completion_tokens}"
