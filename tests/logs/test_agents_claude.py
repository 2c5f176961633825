"""Claude Code's events, in their real shapes."""

import json
from typing import Any

from llm_service.logs.model import Fact, ParsedLine
from llm_service.logs.parser import LineParser

IDS = {"session_id": "5f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d", "uuid": "0f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d"}
SESSION = IDS["session_id"]


def parse(*events: dict[str, Any], parser: LineParser | None = None) -> list[ParsedLine]:
    parser = parser or LineParser("/work/project")
    return parser.parse("".join(f"{json.dumps({**event, **IDS})}\n" for event in events).encode())


def assistant(*content: dict[str, Any], turn: str = "msg_1", **more: Any) -> dict[str, Any]:
    message = {"id": turn, "role": "assistant", "content": list(content)}
    return {"type": "assistant", "message": message, "parent_tool_use_id": None, **more}


def use(name: str, given: dict[str, Any], key: str = "toolu_1") -> dict[str, Any]:
    return {"type": "tool_use", "id": key, "name": name, "input": given}


def result(text: Any, key: str = "toolu_1", is_error: bool = False, **more: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": key, "content": text, "is_error": is_error}
    return {"type": "user", "message": {"role": "user", "content": [block]}, **more}


def facts(line: ParsedLine, kind: str) -> list[dict[str, Any]]:
    return [fact.data for fact in line.facts if fact.kind == kind]


def test_a_session_its_turns_and_its_result() -> None:
    denied = [{"tool_name": "Bash", "tool_input": {}}]
    ended = {"type": "result", "subtype": "success", "is_error": False, "num_turns": 2, "duration_ms": 4100}
    init, said, again, other, done = parse(
        {"type": "system", "subtype": "init", "cwd": "/work/project", "model": "opus", "tools": ["Bash"]},
        assistant({"type": "text", "text": "I read the\nspecification."}),
        assistant({"type": "thinking", "thinking": "Hm."}),
        assistant({"type": "text", "text": "Done."}, turn="msg_2"),
        {**ended, "result": "Built.", "total_cost_usd": 0.25, "permission_denials": denied},
    )
    assert (init.source, init.message) == ("system", "Session started (opus)")
    assert facts(init, "session") == [{"id": SESSION, "agent": "claude-code", "model": "opus"}]
    assert (said.message, said.source, said.level) == ("I read the ⏎ specification.", "agent", "info")
    assert [len(facts(line, "turn")) for line in (said, again, other)] == [1, 0, 1]
    assert (again.message, again.level, again.is_shown) == ("Hm.", "debug", False)
    assert facts(done, "cost") == [{"session": SESSION, "cost_usd": 0.25}]
    assert facts(done, "result") == [
        {"is_error": False, "subtype": "success", "text": "Built.", "turns": 2, "duration_ms": 4100, "session": SESSION,
         "denied": ["Bash"]}
    ]  # fmt: skip
    assert all(fact.is_recorded for line in (init, said, done) for fact in line.facts)


def test_a_failed_result_is_an_error() -> None:
    limit = {"is_error": True, "subtype": "success", "api_error_status": 429, "result": "limit", "type": "result"}
    (line,) = parse(limit)
    assert (line.level, line.message) == ("error", "limit")
    assert facts(line, "rate_limit")[0]["status"] == "rejected"
    (line,) = parse({"type": "result", "subtype": "error_max_turns", "is_error": False, "num_turns": 9})
    assert (line.level, line.message) == ("error", "Result: error_max_turns")
    ended = {"type": "result", "subtype": "error_during_execution", "is_error": True, "errors": ["No", "connection", 7]}
    (line,) = parse(ended)
    assert (line.message, facts(line, "result")[0]["text"]) == ("No ⏎ connection", "No\nconnection")


def test_commands_have_the_exit_code_of_their_result() -> None:
    run, ok, run_again, failed, denied = parse(
        assistant(use("Bash", {"command": "npm test", "description": "Test"})),
        result("3 passed", tool_use_result={"stdout": "3 passed", "stderr": "", "interrupted": False}),
        assistant(use("Bash", {"command": "npm test -- all"}, "toolu_2")),
        result("Exit code 1\n1 failed", "toolu_2", is_error=True),
        result("not known", "toolu_9"),
    )
    assert (run.message, run.is_shown) == ("Bash: npm test", True)
    assert facts(ok, "command") == [{"command": "npm test", "exit_code": 0, "is_error": False}]
    assert (ok.level, ok.is_shown) == ("debug", False)
    assert facts(run_again, "command") == []
    assert facts(failed, "command") == [{"command": "npm test -- all", "exit_code": 1, "is_error": True}]
    assert failed.level == "warning"
    assert denied.facts == ()


def test_files_are_those_that_were_written_below_the_project() -> None:
    _, made, _, refused = parse(
        assistant(use("Write", {"file_path": "/work/project/src/a.py", "content": "x"})),
        result("File created", tool_use_result={"type": "create", "filePath": "/work/project/src/a.py"}),
        assistant(use("Edit", {"file_path": "/work/project/b.py"}, "toolu_2")),
        result("no match", "toolu_2", is_error=True),
    )
    assert facts(made, "files") == [{"changes": [{"path": "src/a.py", "kind": "add"}]}]
    assert facts(refused, "files") == []


def test_to_dos_whole_and_one_by_one() -> None:
    todos = [{"content": "a", "status": "completed"}, {"content": "b", "status": "in_progress", "activeForm": "B"}]
    (line,) = parse(assistant(use("TodoWrite", {"todos": todos})))
    items = [{"text": "a", "status": "completed"}, {"text": "b", "status": "in_progress"}]
    assert facts(line, "todos") == [{"items": items, "done": 1, "total": 2, "current": "b"}]
    lines = parse(
        assistant(use("TaskCreate", {"subject": "Write the page"})),
        result("Task #1 created successfully: Write the page"),
        assistant(use("TaskCreate", {"subject": "Test it"}, "toolu_2")),
        result("ok", "toolu_2", tool_use_result={"task": {"id": "2", "subject": "Test it"}}),
        assistant(use("TaskUpdate", {"taskId": "1", "status": "in_progress"}, "toolu_3")),
        assistant(use("TaskUpdate", {"taskId": "2", "status": "deleted"}, "toolu_4")),
        assistant(use("TaskUpdate", {"taskId": "1", "status": "completed"}, "toolu_5")),
    )
    states = [fact["done"] * 100 + fact["total"] * 10 for line in lines for fact in facts(line, "todos")]
    assert states == [10, 20, 20, 10, 110]
    assert facts(lines[4], "todos")[0]["current"] == "Write the page"


def test_sub_agents_work_under_the_name_of_their_task() -> None:
    ask, tests, docs = "Which port?", {"parent_tool_use_id": "toolu_a"}, {"parent_tool_use_id": "toolu_b"}
    begun, prompt, grep, read, again, todos, asked, found, done, main = parse(
        assistant(use("Task", {"description": "Explore the tests", "prompt": "Run /speckit.plan"}, "toolu_a"),
                  use("Agent", {"description": "Explore the docs"}, "toolu_b")),
        {"type": "user", "message": {"role": "user", "content": [{"type": "text", "text": "/speckit.plan"}]}, **tests},
        assistant(use("Grep", {"pattern": "berth"}, "toolu_1"), turn="msg_a") | tests,
        assistant(use("Bash", {"command": "ls"}, "toolu_2"), turn="msg_b") | docs,
        assistant({"type": "text", "text": "I look further."}, turn="msg_a") | tests,
        assistant(use("TodoWrite", {"todos": [{"content": "own", "status": "x"}]}, "toolu_3"), turn="msg_a") | tests,
        assistant(use("AskUserQuestion", {"questions": [{"question": ask}]}, "toolu_4"), turn="msg_b") | docs,
        result("a.md", "toolu_2") | docs,
        result([{"type": "text", "text": "In tests/."}], "toolu_a", tool_use_result={"status": "completed"}),
        assistant(use("TodoWrite", {"todos": [{"content": "a", "status": "in_progress"}]}, "toolu_5"), turn="msg_1"),
    )  # fmt: skip
    assert begun.message == "Task: Explore the tests ⏎ Agent: Explore the docs"
    assert (prompt.source, prompt.phase, prompt.is_shown) == ("agent", None, False)
    assert grep.message == "Explore the tests: Grep: berth"
    assert read.message == "Explore the docs: Bash: ls"
    assert [len(facts(line, "turn")) for line in (begun, grep, read, again, asked, main)] == [1, 1, 1, 0, 0, 0]
    assert (todos.message, facts(todos, "todos")) == ("Explore the tests: To-dos: 0 of 1", [])
    assert facts(asked, "waiting") == [{"question": ask}]
    assert facts(found, "command") == [{"command": "ls", "exit_code": 0, "is_error": False}]
    assert done.facts == () and not done.is_shown
    assert main.message == "To-dos: 0 of 1, now: a" and len(facts(main, "todos")) == 1


def test_rate_limits() -> None:
    told = assistant({"type": "text", "text": "You've hit your limit"}, error="rate_limit")
    (line,) = parse(told)
    assert (line.level, [fact.kind for fact in line.facts]) == ("error", ["rate_limit"])
    info = {"status": "rejected", "resetsAt": 1796016162, "rateLimitType": "five_hour", "utilization": 1}
    allowed, rejected, retry = parse(
        {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed", "rateLimitType": "five_hour"}},
        {"type": "rate_limit_event", "rate_limit_info": info},
        {"type": "system", "subtype": "api_retry", "attempt": 2, "error_status": 429, "error": "rate_limit"},
    )
    assert (allowed.facts, allowed.is_shown) == ((), False)
    assert facts(rejected, "rate_limit") == [
        {"status": "rejected", "type": "five_hour", "resets_at": "2026-11-30T05:22:42.000Z", "utilization": 1}
    ]
    assert rejected.level == "error"
    assert (retry.level, len(facts(retry, "rate_limit"))) == ("warning", 1)


def test_waiting_for_a_person() -> None:
    asked, planned, permission, state = parse(
        assistant(use("AskUserQuestion", {"questions": [{"question": "Which port?"}]})),
        assistant(use("ExitPlanMode", {"plan": "..."})),
        {"type": "control_request", "request_id": "1",
         "request": {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": "rm -r x"}}},
        {"type": "system", "subtype": "session_state_changed", "state": "requires_action"},
    )  # fmt: skip
    assert facts(asked, "waiting") == [{"question": "Which port?"}]
    assert len(facts(planned, "waiting")) == 1
    assert facts(permission, "waiting") == [{"question": "May it use Bash: rm -r x?"}]
    assert len(facts(state, "waiting")) == 1 and state.is_shown


def test_phases_by_skill_command_and_text() -> None:
    lines = parse(
        assistant(use("Skill", {"skill": "speckit-plan"})),
        {"type": "user", "message": {"role": "user", "content": "<command-name>/speckit.implement</command-name>"}},
        {"type": "user", "message": {"role": "user", "content": [{"type": "text", "text": "/speckit.specify a shop"}]}},
        assistant({"type": "text", "text": "Running review"}),
        result("Running plan"),
    )
    assert [line.phase for line in lines] == ["plan", "implement", "specify", "review", None]
    assert [line.facts[-1].is_recorded for line in lines[:4]] == [True, True, False, False]
    assert lines[1].source == lines[2].source == "user"


def test_what_an_agent_states_is_proposed() -> None:
    (line,) = parse(assistant({"type": "text", "text": "Done.\nFACT: the port is 8080\nKNOWLEDGE: tests need redis"}))
    assert [fact for fact in line.facts if fact.kind == "fact"] == [
        Fact("fact", {"text": "the port is 8080"}),
        Fact("fact", {"text": "tests need redis"}),
    ]


def test_a_reset_tasks_hooks_and_unknown_types_are_lines_too() -> None:
    reset, started, hook, denied, boundary, unknown, progress, stream = parse(
        {"type": "conversation_reset", "new_conversation_id": "new"},
        {"type": "system", "subtype": "task_started", "task_id": "a", "description": "Explore"},
        {"type": "system", "subtype": "hook_started", "hook_name": "Stop"},
        {"type": "system", "subtype": "permission_denied", "tool_name": "Bash", "message": "denied by rule"},
        {"type": "system", "subtype": "compact_boundary", "compact_metadata": {}},
        {"type": "some_future_type", "payload": [1]},
        {"type": "tool_progress", "tool_name": "Bash", "elapsed_time_seconds": 3.2},
        {"type": "stream_event", "event": {"type": "message_start"}},
    )
    assert facts(reset, "session") == [{"id": "new", "agent": "claude-code", "model": None}]
    assert (started.message, started.is_shown) == ("task_started: Explore", True)
    assert not hook.is_shown
    assert (denied.level, denied.message) == ("warning", "permission_denied: denied by rule")
    assert boundary.message == "The conversation was compacted"
    assert "some_future_type" in unknown.message and unknown.is_shown
    assert progress.message == "Bash runs: 3 s"
    assert not stream.is_shown


def test_open_tools_and_to_dos_survive_in_the_state() -> None:
    first = LineParser()
    parse(assistant(use("Bash", {"command": "make"})), parser=first)
    second = LineParser(state=first.state())
    (line,) = parse(result("ok"), parser=second)
    assert facts(line, "command") == [{"command": "make", "exit_code": 0, "is_error": False}]
    assert LineParser(state=b"{nonsense").state() == b""


def test_values_of_any_type_do_no_harm() -> None:
    odd: list[Any] = [None, 7, "x", [], {}, [1], {"id": 1}, True]
    for value in odd:
        lines = parse(
            {"type": "assistant", "message": value},
            {"type": "assistant", "message": {"content": value, "id": value}},
            {
                "type": "assistant",
                "message": {"content": [{"type": "tool_use", "name": value, "input": value, "id": value}]},
            },
            {"type": "assistant", "message": {"content": [use("TodoWrite", {"todos": [value]})]}},
            {"type": "user", "message": {"content": [{"type": "tool_result", "content": value, "tool_use_id": value}]}},
            {"type": "system", "subtype": value, "description": value},
            {"type": "result", "subtype": value, "total_cost_usd": value, "permission_denials": value},
            {"type": "rate_limit_event", "rate_limit_info": value},
            {"type": "control_request", "request": value},
            {"type": value},
            {"type": "item.completed", "item": value},
            {"type": "item.completed", "item": {"type": "todo_list", "items": value}},
            {"type": "item.completed", "item": {"type": "command_execution", "command": value, "exit_code": value}},
            {"type": "item.completed", "item": {"type": "file_change", "changes": [value]}},
            {"type": "turn.completed", "usage": value},
            {"type": "request_user_input", "questions": value},
        )
        assert len(lines) == 16
