"""Codex' sessions; see `calls/sessions/codex.py` for the format.

What was said and done is in `response_item`s; `event_msg`s repeat most of it for the screen. But what a person typed
is read from `user_message`, as Codex adds texts of its own to the items of the role user. A fork and a sub-agent begin
with a copy of their parent's log, headed by that one's `session_meta`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec import Struct

from ...logs.agents.values import todos_fact
from ..model import Facts, Part, Turn
from .values import (
    JSON_ERRORS,
    MAX_PART,
    first_line,
    has_parts,
    input_text,
    input_title,
    joined,
    object_of,
    objects_of,
    text_of,
    whole_of,
)

_USES = ("function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_PATCHED = re.compile(r"^\*\*\* (Add|Update|Delete) File: (.{1,1000})$", re.M)
_STATUSES = ("pending", "in_progress", "completed")
_TURNS: dict[str, Turn] = {
    "task_started": "prompt",
    "turn_started": "prompt",
    "user_message": "prompt",
    "task_complete": "ended",
    "turn_complete": "ended",
    "turn_aborted": "interrupted",
    "error": "failed",
    "exec_approval_request": "question",
    "apply_patch_approval_request": "question",
    "request_user_input": "question",
}
_EXIT = re.compile(r"(?:Exit code:|exited with code) (\d{1,3})\b")


class _Payload(Struct):
    type: str = ""
    role: str = ""


class _Head(Struct):
    type: str = ""
    payload: _Payload = msgspec.field(default_factory=_Payload)


_head = msgspec.json.Decoder(_Head).decode
_SHOWN = {*_USES, *_OUTPUTS}
_SHOWN_EVENTS = frozenset(("user_message", "error", "stream_error", "warning", "turn_aborted"))


class CodexFormat:
    """Reads the lines of one log; `facts` in order."""

    def __init__(self) -> None:
        self._session: str | None = None
        self._is_copy = False

    def is_shown(self, line: bytes) -> bool | None:
        """See `Format`."""
        try:
            head = _head(line)
        except JSON_ERRORS:
            head = None
        if head is None or head.payload.type == "reasoning":
            return has_parts(line, self.parts)
        what = head.payload.type
        if head.type == "response_item":
            return what in _SHOWN or (what == "message" and head.payload.role == "assistant")
        return (head.type == "event_msg" and what in _SHOWN_EVENTS) or head.type == "compacted"

    def counts(self, line: bytes) -> bool:
        """See `Format`."""
        return b'_call"' in line or b'"user_message"' in line or b'"session_meta"' in line

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        payload = object_of(line.get("payload"))
        kind, what = line.get("type"), text_of(payload.get("type"), 100)
        if kind == "response_item":
            return _item(payload)
        if kind == "event_msg":
            if what == "user_message":
                return [Part("prompt", text_of(payload.get("message"), MAX_PART))]
            if what in ("error", "stream_error", "warning"):
                return [Part("note", text_of(payload.get("message"), MAX_PART), is_error=what != "warning")]
            if what == "turn_aborted":
                return [Part("note", f"The turn was ended: {text_of(payload.get('reason'), 200) or 'no reason said'}")]
        if kind == "compacted":
            text = text_of(payload.get("message"), MAX_PART)
            return [Part("note", text or "The conversation was compacted")]
        return []

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        payload = object_of(line.get("payload"))
        kind, time = line.get("type"), text_of(line.get("timestamp"), 40) or None
        if kind == "session_meta":
            return self._meta(payload, time)
        if kind == "turn_context":
            return Facts(
                time, cwd=text_of(payload.get("cwd"), 4_096) or None, model=text_of(payload.get("model"), 200) or None
            )
        if kind == "event_msg":
            return _event(payload, time)
        if kind == "response_item":
            return _item_facts(payload, time)
        return Facts(time)

    def _meta(self, meta: dict[str, Any], time: str | None) -> Facts:
        session = text_of(meta.get("id"), 200) or None
        if self._session is not None:  # the header of the log that the next lines are copied from
            return Facts(time)
        self._session = session
        source = object_of(meta.get("source"))
        sub = source.get("subagent", source.get("subAgent"))
        spawn = object_of(object_of(sub).get("thread_spawn"))
        parent = text_of(spawn.get("parent_thread_id"), 200) or text_of(meta.get("parent_thread_id"), 200)
        names = (
            spawn.get("agent_role"),
            spawn.get("agent_nickname"),
            meta.get("agent_role"),
            meta.get("agent_nickname"),
        )
        return Facts(
            time,
            session,
            parent or None,
            cwd=text_of(meta.get("cwd"), 4_096) or None,
            branch=text_of(object_of(meta.get("git")).get("branch"), 200) or None,
            agent=next((name for name in (text_of(each, 200) for each in names) if name and name != "default"), None),
        )


def _item(item: dict[str, Any]) -> list[Part]:
    kind = item.get("type")
    if kind == "message":
        role = item.get("role")
        if role == "assistant":
            return [Part("text", joined(item.get("content")))]
        return []
    if kind == "reasoning":
        text = joined(item.get("summary")) or joined(item.get("content") or "")
        return [Part("thinking", text)] if text else []
    if kind in _USES:
        name, given = _use(item)
        call = text_of(item.get("call_id"), 200) or text_of(item.get("id"), 200) or None
        return [Part("tool", input_text(given), input_title(given), name, call)]
    if kind in _OUTPUTS:
        text, failed = _output(item.get("output"))
        return [Part("result", text, call=text_of(item.get("call_id"), 200) or None, is_error=failed)]
    return []


def _use(item: dict[str, Any]) -> tuple[str, Any]:
    """(name, input) of a tool's use."""
    kind, name = item.get("type"), text_of(item.get("name"), 200)
    if kind == "local_shell_call":
        return "shell", object_of(item.get("action"))
    if kind == "web_search_call":
        return "web_search", object_of(item.get("action"))
    given = item.get("arguments", item.get("input"))
    return name or str(kind), _parsed(given) if kind == "function_call" else given


def _parsed(arguments: Any) -> Any:
    """The arguments of a function, which are JSON in a text."""
    if not isinstance(arguments, str) or len(arguments) > MAX_PART:
        return arguments
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


def _output(output: Any) -> tuple[str, bool]:
    """(text, did it fail) of the output of a tool, which may be JSON in a text."""
    if isinstance(output, str) and output.startswith("{"):
        value = object_of(_parsed(output))
        if isinstance(value.get("output"), str):
            code = whole_of(object_of(value.get("metadata")).get("exit_code"))
            return value["output"][:MAX_PART], bool(code)
    if isinstance(output, dict):
        return joined(output.get("content", "")), output.get("success") is False
    text = joined(output if output is not None else "")
    match = _EXIT.search(text[:500])
    return text, match is not None and match[1] != "0"


def _event(payload: dict[str, Any], time: str | None) -> Facts:
    what = text_of(payload.get("type"), 60)
    if what == "token_count":
        info = object_of(payload.get("info"))
        last = object_of(info.get("last_token_usage"))
        return Facts(
            time, context=whole_of(last.get("input_tokens")), window=whole_of(info.get("model_context_window"))
        )
    if what == "user_message":
        return Facts(time, title=first_line(text_of(payload.get("message"), 10_000)) or None, turn="prompt")
    turn = _TURNS.get(what, "")
    question = text_of(payload.get("reason"), 500) or text_of(payload.get("question"), 500)
    return Facts(time, turn=turn, question=question or None if turn == "question" else None)


def _item_facts(item: dict[str, Any], time: str | None) -> Facts:
    kind = item.get("type")
    if kind == "message":
        return Facts(time, turn="text" if item.get("role") == "assistant" else "")
    if kind in _OUTPUTS:
        return Facts(time, turn="result")
    if kind not in _USES:
        return Facts(time)
    name, given = _use(item)
    todos: Any = None
    files: tuple[tuple[str, str], ...] = ()
    if name == "update_plan":
        items = []
        for each in objects_of(object_of(given).get("plan")):
            status = text_of(each.get("status"), 40)
            known = status if status in _STATUSES else "pending"
            items.append({"text": text_of(each.get("step"), 200), "status": known})
        todos = todos_fact(items).data
    elif "*** Begin Patch" in (text := input_text(given)):
        files = tuple((path.strip(), "add" if how == "Add" else "update") for how, path in _PATCHED.findall(text))
    turn: Turn = "question" if name == "request_user_input" else "tool"
    return Facts(time, turn=turn, tools=(name,), files=files, todos=todos)
