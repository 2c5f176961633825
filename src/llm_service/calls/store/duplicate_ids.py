"""Ids of calls that come twice: from an agent's session log, and from its OpenTelemetry exporter. Pure functions.

The log has an id of its own for each call, and what the exporter tells of it too: from that both make the same id.
"""

from __future__ import annotations


def claude_request(request_id: str) -> str:
    """A call of Claude Code by the id of its request."""
    return f"claude-otel:{request_id}"


def codex_response(session_id: str, prompt_tokens: int, cache_read_tokens: int, completion_tokens: int) -> str:
    """A call of Codex, whose exporter knows no id, by what it used: a session's context grows with every call."""
    return f"codex-otel:{session_id}:{prompt_tokens}:{cache_read_tokens}:{completion_tokens}"
