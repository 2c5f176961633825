"""What the hook events of Claude Code and Codex mean: `meaning_of(line)`.

Claude Code: code.claude.com/docs/en/hooks; Codex: developers.openai.com/codex/hooks, which uses the same names, and its
older `notify`, whose types are in lower case.
"""

from __future__ import annotations

from enum import Enum, auto

from .model import HookLine

QUESTION_TOOLS = frozenset(("AskUserQuestion", "request_user_input"))
"""Calls of these tools are questions to the person."""


class Meaning(Enum):
    """What an event says. `OTHER`: nothing about what the session does."""

    START = auto()
    PROMPT = auto()
    CALL_BEGINS = auto()
    CALL_ENDS = auto()
    ASKS_PERMISSION = auto()
    PERMISSION_SHOWN = auto()
    ASKS = auto()
    ANSWERED = auto()
    IS_IDLE = auto()
    STOP = auto()
    STOP_FAILED = auto()
    INTERRUPTED = auto()
    SUBAGENT_STOP = auto()
    END = auto()
    OTHER = auto()


_EVENTS = {
    "SessionStart": Meaning.START,
    "UserPromptSubmit": Meaning.PROMPT,
    "PreToolUse": Meaning.CALL_BEGINS,
    "PostToolUse": Meaning.CALL_ENDS,
    "PostToolUseFailure": Meaning.CALL_ENDS,
    "PermissionDenied": Meaning.CALL_ENDS,
    "PermissionRequest": Meaning.ASKS_PERMISSION,
    "Elicitation": Meaning.ASKS,
    "ElicitationResult": Meaning.ANSWERED,
    "Stop": Meaning.STOP,
    "StopFailure": Meaning.STOP_FAILED,
    "Interrupt": Meaning.INTERRUPTED,
    "SubagentStop": Meaning.SUBAGENT_STOP,
    "SessionEnd": Meaning.END,
    "agent-turn-complete": Meaning.STOP,
    "approval-requested": Meaning.ASKS_PERMISSION,
    "user-input-requested": Meaning.ASKS,
}
_NOTIFICATIONS = {
    "permission_prompt": Meaning.PERMISSION_SHOWN,
    "worker_permission_prompt": Meaning.PERMISSION_SHOWN,
    "elicitation_dialog": Meaning.ASKS,
    "agent_needs_input": Meaning.ASKS,
    "elicitation_complete": Meaning.ANSWERED,
    "elicitation_response": Meaning.ANSWERED,
    "idle_prompt": Meaning.IS_IDLE,
}


def meaning_of(line: HookLine) -> Meaning:
    """What the event of a line says."""
    if line.event == "Notification":
        return _NOTIFICATIONS.get(line.kind or "", Meaning.OTHER)
    if line.event == "SessionStart" and line.kind == "compact":
        return Meaning.OTHER  # the same turn goes on
    found = _EVENTS.get(line.event, Meaning.OTHER)
    if found is Meaning.STOP and line.subagent is not None:
        return Meaning.SUBAGENT_STOP
    if found in (Meaning.CALL_BEGINS, Meaning.ASKS_PERMISSION) and line.tool in QUESTION_TOOLS:
        return Meaning.ASKS
    return found
