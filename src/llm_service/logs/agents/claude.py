"""Claude Code's events (`claude -p --output-format stream-json --verbose`), one JSON object a line.

The format is that of the Agent SDK's messages (code.claude.com/docs/en/agent-sdk); `system/task_*`, `hook_*`,
`rate_limit_event`, `conversation_reset` and further ones were observed in 2.1. Facts, all recorded:

- "session" `{id, agent: "claude-code", model}`, of `system/init`; of `conversation_reset` without a model.
- "turn" `{id, agent, status: "started", usage: null}`: a response of the model, once per message id.
- "todos", "files" `{changes: [{path, kind: add|update}]}`, "command": see `claude_tools.py` and `values.py`.
- "rate_limit" `{status: allowed|allowed_warning|rejected, type, resets_at, utilization}`.
- "waiting" `{question}`: a question or a permission that a person has to answer.
- "result" `{is_error, subtype, text, turns, duration_ms, session, denied: [tool]}`, "cost" `{session, cost_usd}`.

What a sub-agent does (`parent_tool_use_id`) is a line under the name of its task; its to-dos are not those of the run.
"""

from __future__ import annotations

from typing import Any

from ..model import Fact
from .claude_run import control, limit_fact, rate_limit, result_line
from .claude_tools import ClaudeTools
from .values import AgentLine, number_of, object_of, objects_of, text_of, whole_of

AGENT = "claude-code"
_CONTROL = ("control_request", "control_response", "control_cancel_request", "keep_alive", "prompt_suggestion")
_EVENTS = ("rate_limit_event", "conversation_reset", "stream_event", "tool_progress", "tool_use_summary", "auth_status")
_TYPES = frozenset(("system", "assistant", "user", "result", *_EVENTS, *_CONTROL))
_QUIET_SYSTEM = (
    "hook_", "thinking_tokens", "files_persisted", "status", "task_updated", "task_progress", "elicitation_complete",
)  # fmt: skip
_MOST_TURNS = 16
"""Of so many sub-agents at once it is known which response each is at."""


class ClaudeReader:
    """Reads the events of one log; `state` is what has to be known of earlier ones, plain JSON."""

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        known = state or {}
        self._turns = {key: text_of(turn) for key, turn in object_of(known.get("turns")).items()}
        """The response that the agent ("") and each of its sub-agents is at."""
        self._tools = ClaudeTools(object_of(known.get("tools")))

    def state(self) -> dict[str, Any]:
        """What a later reader needs to continue; {} if nothing."""
        tools = self._tools.state()
        return {"turns": self._turns, "tools": tools} if self._turns or tools else {}

    def read(self, event: dict[str, Any]) -> AgentLine | None:
        """The line of an event; None if it is none of Claude Code's."""
        kind = event.get("type")
        if kind not in _TYPES:
            return None
        if kind == "assistant" or kind == "user":
            if not isinstance(event.get("message"), dict):
                return None
            parent = text_of(event.get("parent_tool_use_id"), 200)
            line = self._assistant(event, parent) if kind == "assistant" else self._tools.user(event)
            return self._tools.under(parent, line, is_prompt=kind == "user") if parent else line
        if kind == "system":
            return self._system(event) if isinstance(event.get("subtype"), str) else None
        if kind == "result":
            return result_line(event) if "subtype" in event or "is_error" in event else None
        if kind == "rate_limit_event":
            return rate_limit(object_of(event.get("rate_limit_info")))
        if kind == "conversation_reset":
            session = text_of(event.get("new_conversation_id"))
            facts = (Fact("session", {"id": session, "agent": AGENT, "model": None}),) if session else ()
            return AgentLine("The conversation was cleared", source="system", facts=facts)
        if kind == "control_request":
            return control(object_of(event.get("request")))
        if kind == "tool_progress":
            seconds = number_of(event.get("elapsed_time_seconds"))
            return AgentLine(f"{text_of(event.get('tool_name'))} runs: {seconds or 0:.0f} s", "debug")
        text = text_of(event.get("summary")) or text_of(event.get("error")) or f"{kind}"
        return AgentLine(text, "warning" if kind == "auth_status" and event.get("error") else "debug", "system")

    def _system(self, event: dict[str, Any]) -> AgentLine:
        subtype = str(event["subtype"])
        if subtype == "init":
            session, model = text_of(event.get("session_id")), text_of(event.get("model")) or None
            facts = (Fact("session", {"id": session, "agent": AGENT, "model": model}),) if session else ()
            return AgentLine(f"Session started{f' ({model})' if model else ''}", source="system", facts=facts)
        if subtype == "api_retry":
            code, reason = whole_of(event.get("error_status")), text_of(event.get("error"))
            is_limit = code == 429 or reason == "rate_limit"
            facts = (limit_fact("rejected", None, None, None),) if is_limit else ()
            text = f"The API did not answer ({reason or code or 'no connection'}); attempt {event.get('attempt')}"
            return AgentLine(text, "warning", "system", facts)
        if subtype == "session_state_changed":
            state = text_of(event.get("state"))
            waits = state == "requires_action"
            facts = (Fact("waiting", {"question": text_of(event.get("detail")) or "It waits for a person."}),)
            return AgentLine(f"Session: {state}", "info" if waits else "debug", "system", facts if waits else ())
        if subtype == "compact_boundary":
            return AgentLine("The conversation was compacted", source="system")
        text = next(
            (
                value
                for key in ("description", "summary", "message", "stderr", "output")
                if (value := text_of(event.get(key)))
            ),
            "",
        )
        status = text_of(event.get("status")) or text_of(event.get("outcome"))
        level = "debug" if subtype.startswith(_QUIET_SYSTEM) else "info"
        if status in ("failed", "error") or subtype == "permission_denied":
            level = "warning"
        text = ": ".join(part for part in (subtype, text, status) if part)
        return AgentLine(text, level, "system")

    def _is_new_turn(self, turn: str, parent: str) -> bool:
        """Sub-agents work at the same time: the messages of several responses come in turn."""
        if not turn or self._turns.get(parent) == turn:
            return False
        self._turns.pop(parent, None)
        self._turns[parent] = turn
        if len(self._turns) > _MOST_TURNS:
            del self._turns[next(iter(self._turns))]
        return True

    def _assistant(self, event: dict[str, Any], parent: str) -> AgentLine:
        message = object_of(event.get("message"))
        facts: list[Fact] = []
        turn = text_of(message.get("id"))
        error = text_of(event.get("error"))
        if not error and self._is_new_turn(turn, parent):  # else no model has answered
            facts.append(Fact("turn", {"id": turn, "agent": AGENT, "status": "started", "usage": None}))
        content = message.get("content")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        said, done, thought, phase = [], [], [], None
        for block in objects_of(content):
            kind = block.get("type")
            if kind == "text":
                said.append(text_of(block.get("text"), 1 << 16))
            elif kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
                use = self._tools.use(block)
                done.append(use.text)
                facts += use.facts
                phase = phase or use.phase
            elif kind == "thinking":
                thought.append(text_of(block.get("thinking"), 1 << 16))
        if error == "rate_limit":
            facts.append(limit_fact("rejected", None, None, None))
        text = "\n".join([*said, *done]) or "\n".join(thought) or error or "(empty)"
        level = "error" if error else "info" if said or done else "debug"
        return AgentLine(text, level, "agent", tuple(facts), phase, is_prose=bool(said) and not error)
