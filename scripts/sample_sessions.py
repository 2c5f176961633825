# ruff: noqa: E501
"""Write the session logs of the sample workspace anew: `PYTHONPATH=tests python scripts/sample_sessions.py`.

The backend's session has the id under which `work/telemetry/` counts its calls and `work/hooks/` reports, and no usage of
its own, so that nothing is counted twice.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kit.transcripts import ClaudeLog, write_lines

WORK = Path(__file__).resolve().parents[1] / "work"
BOOKING, WEB, TIDES = (f"work/generated_projects/quayside-{name}" for name in ("booking", "web", "tide-import"))
TESTS = "\n".join(
    f"tests/test_bookings.py::test_{name} PASSED" for name in ("overlap", "rafted", "cancelled", "deposit")
)


def todos(*items: tuple[str, str]) -> list[dict[str, str]]:
    """To-dos as (text, status)."""
    return [{"content": text, "status": status, "activeForm": text} for text, status in items]


def backend() -> ClaudeLog:
    """The calendar feed: ends with a question; its calls are in work/telemetry."""
    log = ClaudeLog("backend-11-20", BOOKING, "ical-feed", datetime(2026, 11, 20, 11, 32, 10, tzinfo=UTC))
    log.prompt(
        "Take work/collaboration/assigned/backend/2026-11-18T0845-backend-ical-feed.yaml and go on where it stopped."
    )
    log.answer(
        {"type": "thinking", "thinking": "The feed lists bookings. What is cancelled has to leave the calendars too."}
    )
    plan = [("Read the bookings", "completed"), ("Write the feed", "in_progress"), ("Test rafted berths", "pending")]
    log.use("toolu_b0", "TodoWrite", "Todos have been modified successfully.", todos=todos(*plan))
    log.use(
        "toolu_b1",
        "Read",
        "  1  class Booking:\n  2      berth: str\n  3      skipper: str",
        file_path="src/quayside/availability.py",
    )
    log.at += timedelta(minutes=7)
    log.use(
        "toolu_b2",
        "Edit",
        "The file has been updated.",
        file_path="src/quayside/booking.py",
        old_string="",
        new_string="def feed(bookings):",
    )
    log.use("toolu_b3", "Bash", TESTS + "\n4 passed in 0.41s", command="make test", description="Run the tests")
    log.use("toolu_b5", "Task", "Two calendars drop an event only if its status is CANCELLED.", description="How calendars forget",
            subagent_type="Explore", prompt="Which calendar programs remove a cancelled event?")  # fmt: skip
    log.lines[-1]["toolUseResult"] = {"agentId": "a11ca1e", "status": "completed"}
    log.at += timedelta(minutes=20)
    log.use(
        "toolu_b4",
        "Edit",
        "The file has been updated.",
        file_path="src/quayside/booking.py",
        old_string="yield event",
        new_string="yield event.cancelled()",
    )
    log.use("toolu_b6", "TodoWrite", "Todos have been modified successfully.",
            todos=todos(("Read the bookings", "completed"), ("Write the feed", "completed"), ("Test rafted berths", "in_progress")))  # fmt: skip
    log.say(
        "The feed is written and its tests pass.\n\nCancelled bookings: shall the feed keep them as CANCELLED for 30 days, or leave them out at once?"
    )
    return log


def explorer() -> ClaudeLog:
    """The sub-agent of the backend."""
    log = ClaudeLog("backend-11-20", BOOKING, "ical-feed", datetime(2026, 11, 20, 11, 44, tzinfo=UTC))
    log.prompt("Which calendar programs remove a cancelled event?")
    log.use(
        "toolu_e1",
        "WebSearch",
        "RFC 5545, section 3.8.1.11: STATUS",
        query="iCalendar STATUS CANCELLED subscribed feed",
    )
    log.use("toolu_e2", "Read", "STATUS = ('CONFIRMED', 'CANCELLED')", file_path="src/quayside/booking.py")
    log.say("Two calendars drop an event only if its status is CANCELLED.", stop="end_turn")
    for line in log.lines:
        line |= {"isSidechain": True, "agentId": "a11ca1e"}
    return log


def frontend() -> ClaudeLog:
    """The office board, with usage of its own."""
    log = ClaudeLog(
        "7c1d9a04-5b1e-4e52-9f0a-3d8c41e6b7f2", WEB, "office-board", datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    )
    log.prompt(
        "The office board is hard to read from the door. Make the berth numbers larger and say each state as a word."
    )
    log.say("I look at how the board draws a berth first.", tokens=18_400)
    log.use(
        "toolu_f1",
        "Grep",
        "web/office-board.js:41: cell.className = state\nweb/office-board.css:12: .free { background: green }",
        pattern="state|free",
        path="web",
    )
    log.say("Colour is all that says the state. I write the word beside it.", tokens=31_900)
    log.use(
        "toolu_f2",
        "Edit",
        "The file has been updated.",
        file_path="web/office-board.js",
        old_string="cell.className = state",
        new_string="cell.append(word(state))",
    )
    log.use(
        "toolu_f3",
        "Edit",
        "The file has been updated.",
        file_path="web/office-board.css",
        old_string="font-size: 1rem",
        new_string="font-size: 2.2rem",
    )
    log.use(
        "toolu_f4",
        "Bash",
        "Exit code 1\nnot ok 3 - a berth that is out of service says so\n  expected 'out of service', got ''",
        is_error=True,
        command="node --test tests/",
    )
    log.say("One state has no word yet: out of service.", tokens=64_200)
    log.use(
        "toolu_f5",
        "Edit",
        "The file has been updated.",
        file_path="web/office-board.js",
        old_string="free: ",
        new_string="out: 'out of service', free: ",
    )
    log.use("toolu_f6", "Bash", "ok 1\nok 2\nok 3\n# pass 3", command="node --test tests/")
    log.say("From the door one reads number and state now; all tests pass.", stop="end_turn", tokens=88_700)
    log.lines.append({"type": "ai-title", "aiTitle": "Readable office board", "sessionId": log.session})
    return log


def codex() -> list[dict[str, Any]]:
    """The tide tables, by Codex."""
    session = "019aa6c4-52d1-7f30-b1c8-6a0e9d3f4b21"
    plan = [
        {"step": "Read the table of the port", "status": "completed"},
        {"step": "Fill the gaps", "status": "in_progress"},
    ]
    patch = "*** Begin Patch\n*** Update File: tides.go\n@@\n-return nil\n+return fill(gaps)\n*** End Patch"
    usage = [
        {"input_tokens": size, "cached_input_tokens": size - 4_000, "output_tokens": 900} for size in (22_000, 61_000)
    ]
    payloads: list[tuple[str, dict[str, Any]]] = [
        ("session_meta", {"id": session, "cwd": TIDES, "originator": "codex_cli_rs", "cli_version": "0.154.0",
                          "model_provider": "openai", "git": {"branch": "fill-gaps"}}),
        ("turn_context", {"cwd": TIDES, "model": "gpt-5.3-codex"}),
        ("event_msg", {"type": "user_message", "message": "The table of the port has gaps at springs. Fill them, and say so in the file."}),
        ("response_item", {"type": "reasoning", "summary": [{"type": "summary_text", "text": "The gaps are hours, not days"}]}),
        ("response_item", {"type": "function_call", "name": "update_plan", "call_id": "c1", "arguments": json.dumps({"plan": plan})}),
        ("response_item", {"type": "function_call_output", "call_id": "c1", "output": "Plan updated"}),
        ("event_msg", {"type": "token_count", "info": {"last_token_usage": usage[0], "total_token_usage": usage[0], "model_context_window": 272_000}}),
        ("response_item", {"type": "custom_tool_call", "name": "apply_patch", "call_id": "c2", "input": patch}),
        ("response_item", {"type": "custom_tool_call_output", "call_id": "c2", "output": "Success. Updated tides.go"}),
        ("response_item", {"type": "function_call", "name": "shell", "call_id": "c3", "arguments": json.dumps({"command": ["go", "test", "./..."]})}),
        ("response_item", {"type": "function_call_output", "call_id": "c3",
                           "output": json.dumps({"output": "--- FAIL: TestSprings\n    want 12 hours, got 11", "metadata": {"exit_code": 1}})}),
        ("response_item", {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One hour is still missing at the October springs; the table of the port has it twice."}]}),
        ("event_msg", {"type": "token_count", "info": {"last_token_usage": usage[1], "model_context_window": 272_000,
                       "total_token_usage": {name: usage[0][name] + usage[1][name] for name in usage[0]}}}),
        ("event_msg", {"type": "task_complete", "last_agent_message": "One hour is still missing."}),
    ]  # fmt: skip
    start = datetime(2026, 11, 19, 15, 40, tzinfo=UTC)
    return [
        {
            "timestamp": f"{(start + timedelta(seconds=40 * number)).isoformat()[:19]}.000Z",
            "type": kind,
            "payload": payload,
        }
        for number, (kind, payload) in enumerate(payloads)
    ]


def main() -> None:
    """Write the files."""
    shutil.rmtree(WORK / "sessions", ignore_errors=True)
    claude = WORK / "sessions/claude"
    backend().write(claude / "quayside-booking/backend-11-20.jsonl")
    inner = claude / "quayside-booking/backend-11-20/subagents"
    explorer().write(inner / "agent-a11ca1e.jsonl")
    (inner / "agent-a11ca1e.meta.json").write_text('{"agentType": "Explore", "description": "How calendars forget"}\n')
    log = frontend()
    log.write(claude / f"quayside-web/{log.session}.jsonl")
    lines = codex()
    name = f"rollout-2026-11-19T15-40-00-{lines[0]['payload']['id']}.jsonl"
    write_lines(WORK / "sessions/codex/2026/11/19" / name, lines)


if __name__ == "__main__":
    main()
