"""OpenCode's sessions: what an entry says (`sessions/opencode/` reads them; source: `calls/sessions/opencode.py`).

An entry is a message (who said it, its tokens, its end), a part of one (a text, a tool with its state and result), or,
in the tables of the second form, a message with all its parts (`session_message`). An entry is written several times:
while `is_open`, it may change.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ...logs.agents.values import todos_fact
from ...times import iso_time_ms
from ..model import Facts, Part, Turn
from .opencode_tools import asked, files_of, tool_parts
from .values import (
    JSON_ERRORS,
    MAX_PART,
    first_line,
    has_parts,
    joined,
    number_sum,
    object_of,
    objects_of,
    text_of,
    whole_of,
)

_PRIMARY = ("build", "plan")
_UNNAMED = ("New session - ", "Child session - ")
_BETWEEN = ("tool-calls", "unknown", "")
"""Reasons of an end after which the same turn goes on."""
_RUNNING = ("pending", "running")
_SAID = ("text", "reasoning")
_SHOWN = frozenset(("tool", "file", "subtask", "compaction", "retry"))


class _Head(Struct):
    entry: str = ""
    type: str = ""
    text: str = ""
    error: Any = None


_head = msgspec.json.Decoder(_Head).decode


class OpenCodeFormat:
    """Reads the entries of one session."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        """What tools wrote since the last list of changed files."""

    def is_shown(self, line: bytes) -> bool | None:
        """See `Format`."""
        try:
            head = _head(line)
        except JSON_ERRORS:
            return has_parts(line, self.parts)
        if head.entry == "part":
            return bool(head.text.strip()) if head.type in _SAID else head.type in _SHOWN
        if head.entry == "message":
            return bool(object_of(head.error))
        return has_parts(line, self.parts)

    def counts(self, line: bytes) -> bool:
        """See `Format`."""
        return True

    def is_open(self, line: dict[str, Any]) -> bool:
        """True if the entry is still being written."""
        if line.get("entry") == "part":
            times = object_of(line.get("time"))
            state = object_of(line.get("state"))
            return state.get("status") in _RUNNING or ("start" in times and "end" not in times)
        is_answer = line.get("role") == "assistant" or line.get("type") in ("assistant", "shell")
        return is_answer and "completed" not in object_of(line.get("time")) and line.get("error") is None

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What an entry shows; [] if it is no part of the conversation."""
        entry, kind = line.get("entry"), line.get("type")
        if entry == "part":
            return _part(line, text_of(kind, 100))
        failure = _failure(line)
        if entry == "message":
            return failure
        if kind in ("user", "synthetic"):
            text = text_of(line.get("text"), MAX_PART)
            found = [Part("prompt" if kind == "user" else "note", text)] if text.strip() else []
            return found + [Part("note", _file(each)) for each in objects_of(line.get("files"))]
        if kind == "shell":
            use = {"tool": "shell", "callID": line.get("callID"), "state": {"input": {"command": line.get("command")}}}
            return [*tool_parts(use), Part("result", text_of(line.get("output"), MAX_PART), tool="shell")]
        if kind == "compaction":
            return [Part("note", text_of(line.get("summary"), MAX_PART) or "The conversation was compacted")]
        if kind != "assistant":
            return []
        return [each for block in objects_of(line.get("content")) for each in _block(block)] + failure

    def facts(self, line: dict[str, Any]) -> Facts:
        """What an entry says about the session."""
        entry, time = line.get("entry"), text_of(line.get("timestamp"), 40) or None
        if entry == "session":
            return _session(line, time)
        if entry == "part":
            return self._part_facts(line, time)
        return self._message_facts(line, time)

    def _part_facts(self, line: dict[str, Any], time: str | None) -> Facts:
        kind, is_user = line.get("type"), line.get("role") == "user"
        text = text_of(line.get("text"), 10_000)
        if kind == "text" and is_user and line.get("synthetic") is not True and text.strip():
            return Facts(time, title=first_line(text) or None, turn="prompt")
        if kind == "tool":
            return self._use(line, time)
        if kind == "patch":
            files = line.get("files")
            listed = [path for each in files if (path := text_of(each, 4_096))] if isinstance(files, list) else []
            others = tuple((path, "update") for path in listed if path not in self._written)
            self._written.clear()
            return Facts(time, files=others)
        says = kind in _SAID and not is_user and text.strip()
        return Facts(time, turn="text" if says else "")

    def _use(self, use: dict[str, Any], time: str | None) -> Facts:
        name, state = text_of(use.get("tool"), 200) or "tool", object_of(use.get("state"))
        status, todos = state.get("status"), None
        if status in _RUNNING:
            question = asked(name, state)
            return Facts(time, turn="question" if question else "tool", question=question, pending=(name,))
        if name == "todowrite" and status == "completed":
            todos = todos_of(objects_of(object_of(state.get("input")).get("todos")))
        changed = files_of(name, state) if status == "completed" else ()
        self._written.update(path for path, _ in changed)
        return Facts(time, turn="result", tools=(name,), files=changed, todos=todos)

    def _message_facts(self, line: dict[str, Any], time: str | None) -> Facts:
        kind = line.get("role") or line.get("type")
        if kind == "user":
            text = text_of(line.get("text"), 10_000)
            return Facts(time, title=first_line(text) or None, turn="prompt")
        if kind == "model-switched":
            return Facts(time, model=text_of(object_of(line.get("model")).get("id"), 200) or None)
        if kind != "assistant":
            return Facts(time)
        usage, agent = object_of(line.get("tokens")), text_of(line.get("agent") or line.get("mode"), 200)
        cache = object_of(usage.get("cache"))
        given = number_sum({"input": usage.get("input"), "read": cache.get("read"), "write": cache.get("write")},
                           "input", "read", "write")  # fmt: skip
        model = text_of(line.get("modelID"), 200) or text_of(object_of(line.get("model")).get("id"), 200)
        uses = [each for each in objects_of(line.get("content")) if each.get("type") == "tool"]
        inner = [self._use({"tool": each.get("name"), "state": each.get("state")}, time) for each in uses]
        turn, question = _end_of(line), next((each.question for each in inner if each.question), None)
        if not turn and inner:
            turn = "question" if question else inner[-1].turn
        return Facts(
            _completed(line) or time,
            model=model or None,
            agent=agent if agent and agent not in _PRIMARY else None,
            context=given or None,
            turn=turn or ("text" if line.get("content") else ""),
            question=question,
            tools=tuple(name for each in inner for name in each.tools),
            pending=tuple(name for each in inner for name in each.pending),
            files=tuple(changed for each in inner for changed in each.files),
            todos=next((each.todos for each in reversed(inner) if each.todos is not None), None),
        )


def todos_of(listed: list[dict[str, Any]]) -> Any:
    """To-dos of OpenCode, `{content, status}`, as `Facts.todos`; one that was cancelled is none any more."""
    items = []
    for each in listed:
        text, status = text_of(each.get("content"), 300), each.get("status")
        if text and status != "cancelled":
            items.append({"text": text, "status": status if status in ("in_progress", "completed") else "pending"})
    return todos_fact(items).data


def _part(line: dict[str, Any], kind: str) -> list[Part]:
    text, is_user = text_of(line.get("text"), MAX_PART), line.get("role") == "user"
    if kind == "text":
        added = line.get("synthetic") is True or line.get("ignored") is True
        shown = "note" if added else "prompt" if is_user else "text"
        return [Part(shown, text)] if text.strip() else []
    if kind == "reasoning":
        return [Part("thinking", text)] if text.strip() else []
    if kind == "tool":
        return tool_parts(line)
    if kind == "file":
        return [Part("note", _file(line))]
    if kind == "subtask":
        asked_for = text_of(line.get("prompt"), MAX_PART) or text_of(line.get("description"), MAX_PART)
        return [Part("prompt" if is_user else "text", asked_for)]
    if kind == "compaction":
        return [Part("note", "The conversation was compacted")]
    if kind == "retry":
        return [Part("note", _reason(object_of(line.get("error"))), is_error=True)]
    return []


def _block(block: dict[str, Any]) -> list[Part]:
    kind, text = block.get("type"), text_of(block.get("text"), MAX_PART)
    if kind == "tool":
        return tool_parts({"tool": block.get("name"), "callID": block.get("id"), "state": block.get("state")})
    if not text.strip():
        return []
    return [Part("thinking" if kind == "reasoning" else "text", text)] if kind in _SAID else []


def _file(part: dict[str, Any]) -> str:
    name = text_of(part.get("filename"), 1_000) or text_of(part.get("name"), 1_000)
    place = text_of(object_of(part.get("source")).get("path"), 1_000)
    return name or place or joined({"type": part.get("mime")})


def _failure(line: dict[str, Any]) -> list[Part]:
    error = object_of(line.get("error"))
    return [Part("note", _reason(error), is_error=not _is_abort(error))] if error else []


def _reason(error: dict[str, Any]) -> str:
    message = text_of(object_of(error.get("data")).get("message"), MAX_PART) or text_of(error.get("message"), MAX_PART)
    return message or text_of(error.get("name"), 200) or text_of(error.get("type"), 200) or "(no text)"


def _is_abort(error: dict[str, Any]) -> bool:
    return error.get("name") == "MessageAbortedError" or error.get("type") == "aborted"


def _end_of(line: dict[str, Any]) -> Turn:
    """How the message ended; "" if it did not, or if the turn goes on after it."""
    error = object_of(line.get("error"))
    if error:
        return "interrupted" if _is_abort(error) else "failed"
    is_over = "completed" in object_of(line.get("time"))
    return "ended" if is_over and text_of(line.get("finish"), 100) not in _BETWEEN else ""


def _completed(line: dict[str, Any]) -> str | None:
    time_ms = whole_of(object_of(line.get("time")).get("completed"))
    return iso_time_ms(time_ms) if time_ms is not None and 0 <= time_ms < 1 << 46 else None


def _session(line: dict[str, Any], time: str | None) -> Facts:
    title = first_line(text_of(line.get("title")))
    agent = text_of(line.get("agent"), 200)
    return Facts(
        time,
        session=text_of(line.get("id"), 200) or None,
        parent=text_of(line.get("parentID"), 200) or None,
        title=title if title and not title.startswith(_UNNAMED) else None,
        title_rank=2,
        cwd=text_of(line.get("directory"), 4_096) or None,
        branch=text_of(line.get("branch"), 200) or None,
        model=text_of(object_of(line.get("model")).get("id"), 200) or None,
        agent=agent if agent and agent not in _PRIMARY else None,
    )
