"""Codex's events (`codex exec --json`), one JSON object a line: `codex-rs/exec/src/exec_events.rs` in openai/codex.

Facts, all recorded: "session" `{id, agent: "codex", model: null}`; "turn" `{id: null, agent, status: started|
completed|failed, usage, error?}`; "command" `{command, exit_code, is_error}`; "files" `{changes: [{path, kind: add|
update|delete}]}`; "todos"; "waiting" `{question}`. Codex names no cost; its session log has it.
"""

from __future__ import annotations

from typing import Any

from ..model import Fact
from .values import AgentLine, command_fact, number_of, object_of, objects_of, text_of, todos_fact, todos_text, whole_of

AGENT = "codex"
_KINDS = frozenset(("add", "update", "delete"))


def read_codex(event: dict[str, Any]) -> AgentLine | None:
    """The line of an event; None if it is none of Codex's."""
    kind = event.get("type")
    if not isinstance(kind, str):
        return None
    area, dot, what = kind.partition(".")
    if area == "item" and dot and isinstance(event.get("item"), dict):
        return _item(event["item"], what)
    if area == "turn" and dot:
        return _turn(event, what)
    if kind == "thread.started":
        session = text_of(event.get("thread_id"))
        return AgentLine("Session started", "info", "system", (_session(session),) if session else ())
    if kind == "request_user_input":
        return _question(event)
    if kind == "error" and isinstance(event.get("message"), str) and not event.keys() & {"level", "time", "timestamp"}:
        return AgentLine(text_of(event["message"], 1 << 16), "error", is_prose=True)
    if kind == "item.plan.delta" or (area == "thread" and dot):
        return AgentLine(text_of(event.get("delta")) or kind, "debug")
    return None


def _session(session: str) -> Fact:
    return Fact("session", {"id": session, "agent": AGENT, "model": None})


def _turn(event: dict[str, Any], status: str) -> AgentLine | None:
    if status not in ("started", "completed", "failed"):
        return None
    usage = {key: value for key, value in object_of(event.get("usage")).items() if number_of(value) is not None}
    data = {"id": None, "agent": AGENT, "status": status, "usage": usage or None}
    fact = Fact("turn", data)
    if status == "failed":
        reason = text_of(object_of(event.get("error")).get("message"), 1 << 16)
        fact = Fact("turn", data | {"error": text_of(reason)})
        return AgentLine(f"The turn failed: {reason}", "error", facts=(fact,), is_prose=True)
    return AgentLine(f"Turn {status}", "debug", "system", (fact,))


def _item(item: dict[str, Any], what: str) -> AgentLine | None:
    kind = item.get("type", item.get("item_type"))
    is_done = what == "completed"
    status = text_of(item.get("status"))
    failed = status in ("failed", "declined")
    if kind in ("agent_message", "assistant_message"):
        return AgentLine(text_of(item.get("text"), 1 << 16), "info" if is_done else "debug", is_prose=is_done)
    if kind in ("reasoning", "plan"):
        return AgentLine(text_of(item.get("text"), 1 << 16), "debug")
    if kind == "command_execution":
        return _command(item, is_done)
    if kind == "file_change":
        changes = [
            {"path": text_of(each.get("path")), "kind": each.get("kind") if each.get("kind") in _KINDS else "update"}
            for each in objects_of(item.get("changes"))[:500]
        ]
        text = "Files: " + ", ".join(f"{change['path']} ({change['kind']})" for change in changes)
        facts = (Fact("files", {"changes": changes}),) if is_done and changes and not failed else ()
        return AgentLine(text[: 1 << 16], "warning" if failed else "info", facts=facts)
    if kind == "todo_list":
        items = [
            {
                "text": text_of(each.get("text"), 200),
                "status": "completed" if each.get("completed") is True else "pending",
            }
            for each in objects_of(item.get("items"))
        ]
        fact = todos_fact(items)
        return AgentLine(todos_text(fact), facts=(fact,))
    if kind == "request_user_input":
        return _question(item)
    if kind == "error":
        return AgentLine(text_of(item.get("message"), 1 << 16), "warning", is_prose=True)
    names = [text_of(item.get(key)) for key in ("server", "tool", "query")]
    text = ": ".join(part for part in (str(kind), *names, status) if part)
    return AgentLine(text[: 1 << 16], "warning" if failed else "info" if is_done else "debug")


def _command(item: dict[str, Any], is_done: bool) -> AgentLine:
    command = item.get("command")
    if isinstance(command, list):
        command = " ".join(part for part in command if isinstance(part, str))
    command, code = text_of(command, 1 << 16), whole_of(item.get("exit_code"))
    if not is_done:
        return AgentLine(f"Runs: {command}", "info")
    failed = code not in (0, None) or text_of(item.get("status")) in ("failed", "declined")
    ended = f"exit code {code}" if code is not None else text_of(item.get("status"))
    output = text_of(item.get("aggregated_output"), 1 << 16).rstrip()
    text = f"{command} ({ended})" + (f"\n{output}" if failed and output else "")
    return AgentLine(text, "warning" if failed else "info", facts=(command_fact(command, code, failed),))


def _question(event: dict[str, Any]) -> AgentLine:
    questions = [text_of(each.get("question")) for each in objects_of(event.get("questions"))]
    question = " ".join(filter(None, questions)) or text_of(event.get("question")) or "It waits for an answer."
    return AgentLine(question, "info", facts=(Fact("waiting", {"question": question}),))
