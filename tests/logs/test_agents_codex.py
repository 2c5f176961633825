"""Codex's events (`codex exec --json`), in their real shapes."""

import json
from typing import Any

from llm_service.logs.model import ParsedLine
from llm_service.logs.parser import LineParser


def parse(*events: dict[str, Any]) -> list[ParsedLine]:
    return LineParser("/work/project").parse("".join(f"{json.dumps(event)}\n" for event in events).encode())


def item(kind: str, what: str = "completed", **more: Any) -> dict[str, Any]:
    return {"type": f"item.{what}", "item": {"id": "item_1", "type": kind, **more}}


def facts(line: ParsedLine, kind: str) -> list[dict[str, Any]]:
    return [fact.data for fact in line.facts if fact.kind == kind]


def test_a_thread_and_its_turns() -> None:
    started, turn, said, done, failed, error = parse(
        {"type": "thread.started", "thread_id": "0199a213"},
        {"type": "turn.started"},
        item("agent_message", text="I build it.\nFACT: it needs node 22"),
        {"type": "turn.completed", "usage": {"input_tokens": 5, "cached_input_tokens": 1, "output_tokens": 2}},
        {"type": "turn.failed", "error": {"message": "You hit your usage limit. Try later."}},
        {"type": "error", "message": "stream disconnected"},
    )
    assert facts(started, "session") == [{"id": "0199a213", "agent": "codex", "model": None}]
    assert facts(turn, "turn") == [{"id": None, "agent": "codex", "status": "started", "usage": None}]
    assert said.is_shown and facts(said, "fact") == [{"text": "it needs node 22"}]
    assert facts(done, "turn")[0]["usage"] == {"input_tokens": 5, "cached_input_tokens": 1, "output_tokens": 2}
    assert failed.level == error.level == "error"
    assert facts(failed, "turn")[0]["error"] == "You hit your usage limit. Try later."
    assert [(fact.kind, fact.is_recorded) for fact in failed.facts] == [("turn", True), ("rate_limit", False)]


def test_commands_files_and_to_dos() -> None:
    begun, ended, failed, changed, refused, todos = parse(
        item("command_execution", "started", command="bash -lc 'npm test'", aggregated_output="", status="in_progress"),
        item("command_execution", command="npm test", aggregated_output="ok", exit_code=0, status="completed"),
        item("command_execution", command="npm test", aggregated_output="1 bad", exit_code=2, status="failed"),
        item("file_change", changes=[{"path": "/work/project/a.py", "kind": "add"}, {"path": "b", "kind": "x"}]),
        item("file_change", changes=[{"path": "a.py", "kind": "add"}], status="failed"),
        item("todo_list", "updated", items=[{"text": "a", "completed": True}, {"text": "b", "completed": False}]),
    )
    assert (begun.message, begun.facts) == ("Runs: bash -lc 'npm test'", ())
    assert facts(ended, "command") == [{"command": "npm test", "exit_code": 0, "is_error": False}]
    assert ended.message == "npm test (exit code 0)"
    assert facts(failed, "command") == [{"command": "npm test", "exit_code": 2, "is_error": True}]
    assert (failed.level, failed.message) == ("warning", "npm test (exit code 2) ⏎ 1 bad")
    assert facts(changed, "files") == [{"changes": [{"path": "a.py", "kind": "add"}, {"path": "b", "kind": "update"}]}]
    assert changed.message == "Files: a.py (add), b (update)"
    assert refused.facts == () and refused.level == "warning"
    assert facts(todos, "todos")[0] | {"items": []} == {"items": [], "done": 1, "total": 2, "current": None}


def test_questions_and_the_rest() -> None:
    asked, again, thought, search, unknown = parse(
        {"type": "request_user_input", "id": "t", "call_id": "c", "questions": [{"id": "q", "question": "Which db?"}]},
        item("request_user_input", questions=[]),
        item("reasoning", text="Hm"),
        item("mcp_tool_call", server="docs", tool="search", status="failed"),
        item("a_new_kind", status="completed"),
    )
    assert facts(asked, "waiting") == [{"question": "Which db?"}]
    assert len(facts(again, "waiting")) == 1
    assert not thought.is_shown
    assert (search.level, search.message) == ("warning", "mcp_tool_call: docs: search: failed")
    assert unknown.message == "a_new_kind: completed"


def test_json_of_other_programs_is_no_event() -> None:
    (line,) = parse({"type": "error", "level": "warn", "message": "no event", "time": 1796016162123})
    assert (line.level, line.message) == ("warning", "no event type=error")
