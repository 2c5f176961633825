"""Claude Code's sessions: the format is in `calls/sessions/claude.py`, its tools in `logs/agents/claude_tools.py`.

- One line for each block of a response. A line of type `user` is a prompt, the result of a tool, or text that Claude
  Code adds itself (`isMeta`); `toolUseResult` names the sub-agent that a call started (`agentId`).
- `summary`, `ai-title` and `custom-title` are titles, the later ones chosen by a person.
- `stop_reason` is null in most lines, so the last line of a turn is recognised by that nothing follows.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ...logs.agents.claude_tools import ClaudeTools
from ..model import Facts, Part, Turn
from .values import (
    JSON_ERRORS,
    MAX_PART,
    first_line,
    has_parts,
    input_text,
    input_title,
    joined,
    number_sum,
    object_of,
    objects_of,
    text_of,
)

_TITLE_RANKS = {"summary": 1, "ai-title": 2, "custom-title": 3}
_INTERRUPTED = "[Request interrupted"
_INJECTED = ("<system-reminder>", "<local-command", "<command-", "Caveat:", "<task-notification")
_ASKS = ("AskUserQuestion", "ExitPlanMode")
_NOTES = frozenset(("compact_boundary", "api_error", "informational", "local_command", "model_refusal_fallback"))
_TOOL_USES = ("tool_use", "server_tool_use", "mcp_tool_use")


class _Head(Struct):
    type: str = ""
    subtype: str = ""


_head = msgspec.json.Decoder(_Head).decode


class ClaudeFormat:
    """Reads the lines of one log; `facts` in order."""

    def __init__(self) -> None:
        self._tools = ClaudeTools({})

    def is_shown(self, line: bytes) -> bool | None:
        """See `Format`."""
        try:
            head = _head(line)
        except JSON_ERRORS:
            return has_parts(line, self.parts)
        return head.type in ("user", "assistant") or (head.type == "system" and head.subtype in _NOTES)

    def counts(self, line: bytes) -> bool:
        """See `Format`."""
        return b'"tool_use' in line or b'"type":"user"' in line or b'"type": "user"' in line

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        kind = text_of(line.get("type"), 100)
        if kind == "assistant":
            return _assistant(line)
        if kind == "user":
            return _user(line)
        if kind == "system" and text_of(line.get("subtype"), 100) in _NOTES:
            text = text_of(line.get("content"), MAX_PART) or text_of(object_of(line.get("error")).get("message"))
            return [Part("note", text or str(line["subtype"]), is_error=line.get("subtype") == "api_error")]
        return []

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        kind, message = text_of(line.get("type"), 100), object_of(line.get("message"))
        if kind in _TITLE_RANKS:
            title = next(
                (text for key in ("customTitle", "aiTitle", "title", "summary") if (text := text_of(line.get(key)))), ""
            )
            return Facts(title=first_line(title) or None, title_rank=_TITLE_RANKS[kind])
        if kind == "agent-setting":
            setting = text_of(line.get("agentSetting"), 200)
            return Facts(session=_id(line), agent=None if setting == "default" else setting or None)
        if kind not in ("assistant", "user", "system"):
            return Facts()
        found = Facts(
            time=text_of(line.get("timestamp"), 40) or None,
            session=_id(line),
            cwd=text_of(line.get("cwd"), 4_096) or None,
            branch=text_of(line.get("gitBranch"), 200) or None,
        )
        if kind == "assistant":
            return _with_response(found, line, message, self._tools)
        if kind == "user":
            return _with_input(found, line, message, self._tools)
        return found


def _id(line: dict[str, Any]) -> str | None:
    return text_of(line.get("sessionId"), 200) or None


def _assistant(line: dict[str, Any]) -> list[Part]:
    message = object_of(line.get("message"))
    content, failed = message.get("content"), line.get("isApiErrorMessage") is True
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    found = []
    for block in objects_of(content):
        kind = block.get("type")
        if kind == "text":
            text = text_of(block.get("text"), MAX_PART)
            found.append(Part("note" if failed else "text", text, is_error=failed))
        elif kind == "thinking":
            found.append(Part("thinking", text_of(block.get("thinking"), MAX_PART)))
        elif kind in _TOOL_USES:
            name, given = text_of(block.get("name"), 200) or "tool", block.get("input")
            found.append(
                Part("tool", input_text(given), input_title(given), name, text_of(block.get("id"), 200) or None)
            )
        elif isinstance(kind, str) and kind.endswith("_tool_result"):
            found.append(
                Part("result", joined(block.get("content")), call=text_of(block.get("tool_use_id"), 200) or None)
            )
    return found or [Part("note", "(nothing that is shown)")]


def _user(line: dict[str, Any]) -> list[Part]:
    content = object_of(line.get("message")).get("content")
    note = "note" if line.get("isMeta") is True or line.get("isCompactSummary") is True else "prompt"
    if isinstance(content, str):
        return [Part("note" if content.lstrip().startswith(_INJECTED) else note, content[:MAX_PART])]
    agent = text_of(object_of(line.get("toolUseResult")).get("agentId"), 200)
    found = []
    for block in objects_of(content):
        kind = block.get("type")
        if kind == "tool_result":
            call, failed = text_of(block.get("tool_use_id"), 200) or None, block.get("is_error") is True
            text = joined(block.get("content", ""))
            found.append(Part("result", text, call=call, is_error=failed, agent=f"agent-{agent}" if agent else None))
        elif kind == "text":
            text = text_of(block.get("text"), MAX_PART)
            found.append(Part("note" if text.lstrip().startswith(_INJECTED) else note, text))
        else:
            found.append(Part("note", f"({text_of(kind, 50) or 'no text'})"))
    return found or [Part("note", "(nothing that is shown)")]


def _with_response(found: Facts, line: dict[str, Any], message: dict[str, Any], tools: ClaudeTools) -> Facts:
    model, failed = text_of(message.get("model"), 200), line.get("isApiErrorMessage") is True
    uses = [block for block in objects_of(message.get("content")) if block.get("type") in _TOOL_USES]
    facts = [fact for block in uses for fact in tools.use(block).facts]
    names = tuple(text_of(block.get("name"), 200) or "tool" for block in uses)
    turn: Turn = "failed" if failed else "tool" if uses else "text"
    if message.get("stop_reason") in ("end_turn", "stop_sequence", "refusal") and not uses:
        turn = "ended"
    question = next((str(fact.data["question"]) for fact in facts if fact.kind == "waiting"), None)
    if any(name in _ASKS for name in names):
        turn = "question"
    context = number_sum(
        object_of(message.get("usage")), "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"
    )
    return Facts(
        found.time, found.session, cwd=found.cwd, branch=found.branch,
        model=model if model and model != "<synthetic>" else None,
        agent=text_of(line.get("agentName"), 200) or None,
        context=context or None, turn=turn, question=question, tools=names, todos=_todos(facts),
    )  # fmt: skip


def _with_input(found: Facts, line: dict[str, Any], message: dict[str, Any], tools: ClaudeTools) -> Facts:
    content = message.get("content")
    blocks = objects_of(content)
    is_result = any(block.get("type") == "tool_result" for block in blocks)
    event = {"message": message, "tool_use_result": object_of(line.get("toolUseResult"))}
    facts = tools.user(event).facts if is_result else ()
    files = tuple(
        (str(change["path"]), str(change["kind"]))
        for fact in facts
        if fact.kind == "files"
        for change in fact.data["changes"]
    )
    typed = content if isinstance(content, str) else "\n".join(text_of(each.get("text"), 10_000) for each in blocks)
    is_typed = not is_result and line.get("isMeta") is not True and not typed.lstrip().startswith(_INJECTED)
    is_summary = line.get("isCompactSummary") is True
    turn: Turn = "result" if is_result else "prompt" if is_typed else ""
    if typed.startswith(_INTERRUPTED):
        turn, is_typed = "interrupted", False
    return Facts(
        found.time, found.session, cwd=found.cwd, branch=found.branch,
        title=first_line(typed) or None if is_typed and not is_summary else None,
        turn=turn, files=files, todos=_todos(facts),
    )  # fmt: skip


def _todos(facts: Any) -> Any:
    return next((fact.data for fact in reversed([*facts]) if fact.kind == "todos"), None)
