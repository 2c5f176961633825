"""Copilot CLI's sessions: `~/.copilot/session-state/<id>/events.jsonl`, before version 0.0.342 `<id>.jsonl` there.

Lines are `{"type", "data": {...}, "id", "timestamp", "parentId"}`, events of its SDK (github.com/github/copilot-sdk,
`session_events`). A response is `assistant.message`, whose `toolRequests` come again as `tool.execution_start`, also
those of sub-agents; costs are in its spans only (`calls/sessions/copilot.py`).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from ...logs.agents.values import todos_fact
from ..model import Facts, Part
from .values import (
    JSON_ERRORS,
    MAX_PART,
    files_written,
    first_line,
    has_parts,
    input_text,
    input_title,
    object_of,
    objects_of,
    text_of,
    whole_of,
)

_NOTES = {"session.error": True, "session.warning": False, "session.info": False}
_ASKS = frozenset(("user_input.requested", "permission.requested", "elicitation.requested", "exit_plan_mode.requested"))
_ENDS = frozenset(("session.idle", "session.task_complete", "session.shutdown"))
_SHOWN = frozenset(
    ("user.message", "tool.execution_start", "tool.execution_complete", "abort", "session.compaction_complete", *_NOTES)
)
_TODO = re.compile(r"^\s*[-*] \[([ xX~/-])\] (.{1,2000})$", re.M)
_STATUSES = {" ": "pending", "x": "completed", "X": "completed"}


class _Head(Struct):
    type: str = ""


_head = msgspec.json.Decoder(_Head).decode


class CopilotFormat:
    """Reads the lines of one log."""

    def is_shown(self, line: bytes) -> bool | None:
        """See `Format`."""
        try:
            kind = _head(line).type
        except JSON_ERRORS:
            kind = "assistant.message"  # it has to be read to say it
        if kind != "assistant.message":
            return kind in _SHOWN
        return has_parts(line, self.parts)

    def counts(self, line: bytes) -> bool:
        """See `Format`."""
        return b"tool.execution_start" in line or b"user.message" in line

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        kind, data = text_of(line.get("type"), 100), object_of(line.get("data"))
        call = text_of(data.get("toolCallId"), 200) or None
        if kind == "user.message":
            return [Part("prompt", text_of(data.get("content"), MAX_PART))]
        if kind == "assistant.message":
            said = (
                ("thinking", text_of(data.get("reasoningText"), MAX_PART)),
                ("text", text_of(data.get("content"), MAX_PART)),
            )
            return [Part(each, text) for each, text in said if text]
        if kind == "tool.execution_start":
            given = data.get("arguments")
            return [Part("tool", input_text(given), input_title(given), _tool(data), call)]
        if kind == "tool.execution_complete":
            failed = data.get("success") is False
            result, error = object_of(data.get("result")), object_of(data.get("error"))
            text = text_of(result.get("content"), MAX_PART) or text_of(error.get("message"), MAX_PART)
            return [Part("result", text, call=call, is_error=failed)]
        if kind in _NOTES:
            return [Part("note", text_of(data.get("message"), MAX_PART), is_error=_NOTES[kind])]
        if kind == "abort":
            return [Part("note", f"The turn was ended: {text_of(data.get('reason'), 200) or 'no reason said'}")]
        if kind == "session.compaction_complete":
            return [Part("note", text_of(data.get("summaryContent"), MAX_PART) or "The conversation was compacted")]
        return []

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        kind, data = text_of(line.get("type"), 100), object_of(line.get("data"))
        time = text_of(line.get("timestamp"), 40) or None
        if kind in ("session.start", "session.resume"):
            return _start(data, time)
        if kind == "session.model_change":
            return Facts(time, model=text_of(data.get("newModel"), 200) or None)
        if kind == "session.title_changed":
            return Facts(time, title=first_line(text_of(data.get("title"))) or None, title_rank=2)
        if kind == "session.usage_info":
            return Facts(time, context=whole_of(data.get("currentTokens")), window=whole_of(data.get("tokenLimit")))
        if kind == "user.message":
            return Facts(time, title=first_line(text_of(data.get("content"), 10_000)) or None, turn="prompt")
        if kind == "assistant.message":
            turn = "tool" if objects_of(data.get("toolRequests")) else "text"
            return Facts(time, model=text_of(data.get("model"), 200) or None, turn=turn)  # type: ignore[arg-type]
        if kind == "tool.execution_start":
            return _use(data, time)
        if kind in _ASKS:
            asked = object_of(data.get("permissionRequest"))
            question = text_of(data.get("question"), 500) or text_of(asked.get("intention"), 500)
            return Facts(time, turn="question", question=question or None)
        if kind == "tool.execution_complete":
            return Facts(time, turn="result")
        if kind in ("session.error", "abort"):
            return Facts(time, turn="failed" if kind == "session.error" else "interrupted")
        return Facts(time, turn="ended" if kind in _ENDS else "")


def _tool(data: dict[str, Any]) -> str:
    return text_of(data.get("toolName"), 200) or "tool"


def _start(data: dict[str, Any], time: str | None) -> Facts:
    place = object_of(data.get("context"))
    return Facts(
        time,
        text_of(data.get("sessionId"), 200) or None,
        cwd=text_of(place.get("cwd"), 4_096) or None,
        branch=text_of(place.get("branch"), 200) or None,
        model=text_of(data.get("selectedModel"), 200) or None,
    )


def _use(data: dict[str, Any], time: str | None) -> Facts:
    name, given = _tool(data), data.get("arguments")
    todos: Any = None
    if name == "update_todo" and (found := _TODO.findall(text_of(object_of(given).get("todos"), 100_000))):
        items = [{"text": text[:200], "status": _STATUSES.get(mark, "in_progress")} for mark, text in found]
        todos = todos_fact(items).data
    return Facts(time, turn="tool", tools=(name,), files=files_written([(name, given)]), todos=todos)
