"""The tools of OpenCode: what a use of one shows, which files it changed, what it asks a person."""

from __future__ import annotations

from typing import Any

from ..model import Part
from .values import MAX_PART, input_text, input_title, joined, object_of, objects_of, text_of

_WRITES = {"write": "add", "edit": "update", "multiedit": "update", "patch": "update", "apply_patch": "update"}
_KINDS = {"add": "add", "update": "update", "move": "update"}


def tool_parts(use: dict[str, Any]) -> list[Part]:
    """A use of a tool `{tool, callID, state}`, and its result as soon as there is one."""
    name, state = text_of(use.get("tool"), 200) or "tool", object_of(use.get("state"))
    call = text_of(use.get("callID"), 200) or None
    given = state.get("input")
    fields = object_of(given)
    path = text_of(fields.get("filePath"), 300)
    title = path or input_title(given) or text_of(state.get("title"), 300)
    found = [Part("tool", input_text(given), title, name, call)]
    status, metadata = state.get("status"), object_of(state.get("metadata"))
    agent = text_of(metadata.get("sessionId"), 200) or text_of(metadata.get("sessionID"), 200)
    child = agent if agent and name in ("task", "subtask") else None
    if status == "error":
        error = state.get("error")
        text = text_of(error, MAX_PART) or text_of(object_of(error).get("message"), MAX_PART)
        found.append(Part("result", text, tool=name, call=call, is_error=True, agent=child))
    elif status == "completed" or (status == "running" and (child or metadata.get("output") or state.get("content"))):
        text = text_of(state.get("output"), MAX_PART) or text_of(metadata.get("output"), MAX_PART)
        found.append(Part("result", text or joined(state.get("content") or ""), tool=name, call=call, agent=child))
    return found


def files_of(name: str, state: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """(path, kind) of the files that a use of a tool changed."""
    kind = _WRITES.get(name)
    if kind is None:
        return ()
    metadata = object_of(state.get("metadata"))
    listed = objects_of(metadata.get("files"))
    if listed:
        changes = ((text_of(each.get("movePath"), 4_096) or text_of(each.get("filePath"), 4_096), each.get("type"))
                   for each in listed)  # fmt: skip
        return tuple((path, _KINDS[how]) for path, how in changes if path and how in _KINDS)
    path = text_of(object_of(state.get("input")).get("filePath"), 4_096)
    existed = metadata.get("exists") is True
    return ((path, "update" if existed else kind),) if path else ()


def asked(name: str, state: dict[str, Any]) -> str | None:
    """What the tool asks a person, if it does."""
    if name != "question":
        return None
    given = object_of(state.get("input"))
    return next(
        (text for each in objects_of(given.get("questions")) if (text := text_of(each.get("question"), 500))), None
    )
