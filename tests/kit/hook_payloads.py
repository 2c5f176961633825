"""What Claude Code and Codex send to a hook, in the form of their documentation, and sequences with the right verdict.

Claude Code: code.claude.com/docs/en/hooks. Codex: developers.openai.com/codex/hooks and codex-rs/hooks/src/schema.rs;
`notify`: codex-rs/hooks/src/legacy_notify.rs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SESSION = "00893aaf-19fa-41d2-8238-13269b9b3ca0"
CWD = "/ws"
Payload = dict[str, Any]


def claude(event: str, **more: Any) -> Payload:
    """A payload of Claude Code."""
    return {
        "session_id": SESSION,
        "transcript_path": f"/home/ada/.claude/projects/-ws/{SESSION}.jsonl",
        "cwd": CWD,
        "permission_mode": "default",
        "hook_event_name": event,
    } | more


def codex(event: str, **more: Any) -> Payload:
    """A payload of Codex."""
    return {
        "session_id": SESSION,
        "turn_id": "t1",
        "transcript_path": None,
        "cwd": CWD,
        "hook_event_name": event,
        "model": "gpt-5.6-sol",
        "permission_mode": "default",
    } | more


def bash(call: str, command: str = "npm test", **more: Any) -> Payload:
    """The part of a payload about a call of a shell."""
    return {"tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": call} | more


def asked(command: str = "npm test", **more: Any) -> Payload:
    """The part of a payload that asks for a permission, which names no call."""
    return {"tool_name": "Bash", "tool_input": {"command": command}} | more


@dataclass(frozen=True)
class Sequence:
    """Hooks in their order, and the verdict after the last: what the session does, and how certain that is."""

    name: str
    client: str
    payloads: tuple[Payload, ...]
    state: str
    certainty: str
    waits_since: int | None = None
    """It waits since the payload with this number, from 0."""


def _notification(kind: str, message: str = "") -> Payload:
    return claude("Notification", notification_type=kind, message=message)


C_START, C_PROMPT = claude("SessionStart", source="startup"), claude("UserPromptSubmit", prompt="Make the tests pass")
X_START, X_PROMPT = codex("SessionStart", source="startup"), codex("UserPromptSubmit", prompt="Make the tests pass")
C_ASK = claude("PermissionRequest", **asked(), permission_suggestions=[{"type": "toolAlwaysAllow", "tool": "Bash"}])
READ = {"tool_name": "Read", "tool_input": {"file_path": "/ws/a.py"}}
QUESTION = {
    "tool_name": "AskUserQuestion",
    "tool_input": {"questions": [{"question": "Which port?", "options": [{"label": "80"}]}]},
    "tool_use_id": "toolu_q",
}


def _c(name: str, state: str, certainty: str, *payloads: Payload, since: int | None = None) -> Sequence:
    return Sequence(name, "claude-code", payloads, state, certainty, since)


def _x(name: str, state: str, certainty: str, *payloads: Payload, since: int | None = None) -> Sequence:
    return Sequence(name, "codex", payloads, state, certainty, since)


SEQUENCES = (
    _c("started, and not asked for anything", "idle", "confirmed", C_START),
    _c("given a prompt", "working", "confirmed", C_START, C_PROMPT),
    _c("uses a tool", "working", "confirmed", C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1"))),
    _c(
        "used a tool", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")),
        claude("PostToolUse", **bash("toolu_1"), tool_response={}),
    ),
    _c(
        "asks for a permission", "permission", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK, since=3,
    ),
    _c(
        "asks for a permission, and says so once more after six seconds", "permission", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        _notification("permission_prompt", "Claude needs your permission to use Bash"), since=3,
    ),
    _c(
        "an older release has only the notification", "permission", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")),
        _notification("permission_prompt", "Claude needs your permission to use Bash"), since=3,
    ),
    _c(
        "a permission was given", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        claude("PostToolUse", **bash("toolu_1"), tool_response={}),
    ),
    _c(
        "a permission was given, and the command failed", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        claude("PostToolUseFailure", **bash("toolu_1"), error="exit code 1", is_interrupt=False),
    ),
    _c(
        "a permission was refused by a rule", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        claude("PermissionDenied", **bash("toolu_1"), reason="classifier denied"),
    ),
    _c(
        "a permission was refused with another prompt", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        claude("UserPromptSubmit", prompt="Use make"),
    ),
    _c(
        "a permission was refused and the turn broken off: only the prompt that waits says so", "idle", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        _notification("idle_prompt", "Claude is waiting for your input"),
    ),
    _c(
        "a call beside it ends while a permission is asked", "permission", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **READ, tool_use_id="toolu_0"), claude("PreToolUse", **bash("toolu_1")),
        C_ASK, claude("PostToolUse", **READ, tool_use_id="toolu_0", tool_response={}), since=4,
    ),
    _c(
        "a call beside it begins while a permission is asked", "permission", "derived",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK,
        claude("PreToolUse", **READ, tool_use_id="toolu_2"), since=3,
    ),
    _c(
        "a subagent asks, and the session goes on", "permission", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1"), agent_id="a1"),
        claude("PermissionRequest", **asked(), agent_id="a1"),
        claude("PreToolUse", **READ, tool_use_id="toolu_2"),
        claude("PostToolUse", **READ, tool_use_id="toolu_2", tool_response={}), since=3,
    ),
    _c(
        "a subagent asked, and has ended", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1"), agent_id="a1"),
        claude("PermissionRequest", **asked(), agent_id="a1"), claude("SubagentStop", agent_id="a1"),
    ),
    _c(
        "of two permissions one was given", "permission", "confirmed",
        C_START, C_PROMPT,
        claude("PreToolUse", **bash("toolu_1"), agent_id="a1"), claude("PermissionRequest", **asked(), agent_id="a1"),
        claude("PreToolUse", **bash("toolu_2"), agent_id="a2"), claude("PermissionRequest", **asked(), agent_id="a2"),
        claude("PostToolUse", **bash("toolu_1"), agent_id="a1", tool_response={}), since=5,
    ),
    _c(
        "asks a question with its tool", "question", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **QUESTION), since=2,
    ),
    _c(
        "a question of its tool was answered", "working", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **QUESTION), claude("PostToolUse", **QUESTION, tool_response={}),
    ),
    _c(
        "a tool of an MCP server asks", "question", "confirmed",
        C_START, C_PROMPT, _notification("elicitation_dialog", "Which account?"), since=2,
    ),
    _c(
        "a tool of an MCP server was answered", "working", "confirmed",
        C_START, C_PROMPT, _notification("elicitation_dialog", "Which account?"), _notification("elicitation_complete"),
    ),
    _c(
        "its turn ended: idle is not blocked", "idle", "confirmed",
        C_START, C_PROMPT, claude("Stop", stop_hook_active=False, last_assistant_message="All tests pass."),
    ),
    _c(
        "its turn ended a minute ago: idle is not blocked", "idle", "confirmed",
        C_START, C_PROMPT, claude("Stop", stop_hook_active=False, last_assistant_message="All tests pass."),
        _notification("idle_prompt", "Claude is waiting for your input"),
    ),
    _c(
        "its last message asks", "question", "derived",
        C_START, C_PROMPT, claude("Stop", stop_hook_active=False, last_assistant_message="Done. Shall I push?"),
        since=2,
    ),
    _c(
        "its last message asks, a minute ago", "question", "derived",
        C_START, C_PROMPT, claude("Stop", stop_hook_active=False, last_assistant_message="Done. Shall I push it?"),
        _notification("idle_prompt", "Claude is waiting for your input"), since=2,
    ),
    _c(
        "its last question was answered", "working", "confirmed",
        C_START, C_PROMPT, claude("Stop", stop_hook_active=False, last_assistant_message="Shall I push it?"), C_PROMPT,
    ),
    _c(
        "its turn ended, and a task runs in the background", "working", "derived",
        C_START, C_PROMPT,
        claude("Stop", stop_hook_active=False, background_tasks=[{"id": "b1", "type": "shell", "status": "running"}]),
        _notification("idle_prompt", "Claude is waiting for your input"),
    ),
    _c(
        "its turn ended with an error", "failed", "confirmed",
        C_START, C_PROMPT, claude("StopFailure", error="rate_limit", last_assistant_message="API Error"), since=2,
    ),
    _c(
        "it compacts within a turn", "working", "confirmed",
        C_START, C_PROMPT, claude("PreCompact", trigger="auto"), claude("SessionStart", source="compact"),
    ),
    _c("it ended", "ended", "confirmed", C_START, C_PROMPT, claude("SessionEnd", reason="prompt_input_exit")),
    _c(
        "it ended while it asked", "ended", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), C_ASK, claude("SessionEnd", reason="other"),
    ),
    _c(
        "what was under way reports after the end", "ended", "confirmed",
        C_START, C_PROMPT, claude("PreToolUse", **bash("toolu_1")), claude("SessionEnd", reason="other"),
        claude("PostToolUse", **bash("toolu_1"), tool_response={}),
    ),
    _c(
        "it was resumed after its end", "idle", "confirmed",
        C_START, claude("SessionEnd", reason="other"), claude("SessionStart", source="resume"),
    ),
    _c("logging in is no question", "working", "confirmed", C_START, C_PROMPT, _notification("auth_success")),
    _c("an event of a later release", "working", "confirmed", C_START, C_PROMPT, claude("MessageDisplay", delta="A")),
    _c("nothing but an event of a later release", "working", "derived", claude("MessageDisplay", delta="Hello")),
    _x("started, and not asked for anything", "idle", "confirmed", X_START),
    _x("given a prompt", "working", "confirmed", X_START, X_PROMPT),
    _x(
        "asks for a permission", "permission", "confirmed",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()), since=3,
    ),
    _x(
        "a permission was given", "working", "confirmed",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()),
        codex("PostToolUse", **bash("c1"), tool_response="ok"),
    ),
    _x(
        "a permission was refused, of which no hook tells: a call begins", "permission", "derived",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()),
        codex("PreToolUse", **bash("c2", "ls")), since=3,
    ),
    _x(
        "a permission was refused: a second call shows that the model went on", "working", "confirmed",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()),
        codex("PreToolUse", **bash("c2", "ls")), codex("PostToolUse", **bash("c2", "ls"), tool_response="a.py"),
        codex("PreToolUse", **bash("c3", "cat a.py")),
    ),
    _x(
        "a permission was refused, and the turn ended", "idle", "confirmed",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()),
        codex("Stop", stop_hook_active=False, last_assistant_message="I did not push."),
    ),
    _x(
        "a person interrupted it while it asked", "idle", "confirmed",
        X_START, X_PROMPT, codex("PreToolUse", **bash("c1")), codex("PermissionRequest", **asked()), codex("Interrupt"),
    ),
    _x(
        "asks a question with its tool", "question", "confirmed",
        X_START, X_PROMPT,
        codex("PreToolUse", tool_name="request_user_input", tool_use_id="c1",
              tool_input={"questions": [{"id": "port", "question": "Which port?"}]}), since=2,
    ),
    _x(
        "its turn ended: idle is not blocked", "idle", "confirmed",
        X_START, X_PROMPT, codex("Stop", stop_hook_active=False, last_assistant_message="All tests pass."),
    ),
    _x(
        "its last message asks", "question", "derived",
        X_START, X_PROMPT, codex("Stop", stop_hook_active=False, last_assistant_message="**Shall I push?**"), since=2,
    ),
    _x(
        "`notify` of an older release: the turn is complete", "idle", "confirmed",
        {"type": "agent-turn-complete", "thread-id": SESSION, "turn-id": "12", "cwd": CWD,
         "input-messages": ["Rename foo"], "last-assistant-message": "Rename complete."},
    ),
    _x(
        "`notify` of an older release: its last message asks", "question", "derived",
        {"type": "agent-turn-complete", "thread-id": SESSION, "turn-id": "12", "cwd": CWD,
         "input-messages": ["Rename foo"], "last-assistant-message": "Renamed. Callers too?"}, since=0,
    ),
    _x("it ended", "ended", "confirmed", X_START, X_PROMPT, codex("SessionEnd", reason="other")),
)  # fmt: skip
