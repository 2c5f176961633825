"""Session logs as Claude Code and Codex write them, of any length, for tests and benchmarks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MODEL = "claude-sonnet-4-5-20250929"
SECRET = "AKIA" + "Z7QX3M5WPLRT2BNC"
"""Looks like a key of AWS, so redaction finds it."""


class ClaudeLog:
    """The log of one session; `lines` are JSON objects."""

    def __init__(self, session: str, cwd: str, branch: str = "main", start: datetime = START) -> None:
        self.session, self.cwd, self.branch, self.at = session, cwd, branch, start
        self.lines: list[dict[str, Any]] = []

    def add(self, kind: str, **fields: Any) -> None:
        """A line of a type."""
        self.at += timedelta(seconds=5)
        stamp = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.lines.append(
            {
                "parentUuid": None,
                "isSidechain": False,
                "cwd": self.cwd,
                "sessionId": self.session,
                "gitBranch": self.branch,
                "version": "2.1.138",
                "type": kind,
                "uuid": f"{self.session[:8]}-{len(self.lines)}",
                "timestamp": stamp,
                **fields,
            }
        )

    def prompt(self, text: str) -> None:
        """What a person typed."""
        self.add("user", message={"role": "user", "content": text})

    def answer(self, *content: dict[str, Any], stop: str | None = None, tokens: int = 0, model: str = MODEL) -> None:
        """A response of the model."""
        message: dict[str, Any] = {
            "model": model,
            "id": f"msg_{self.session[:8]}{len(self.lines):08d}",
            "type": "message",
            "role": "assistant",
            "content": list(content),
            "stop_reason": stop,
        }
        if tokens:
            message["usage"] = {"input_tokens": 5, "cache_read_input_tokens": tokens - 5, "output_tokens": 120}
        self.add("assistant", message=message, requestId=f"req_{self.session[:8]}{len(self.lines):08d}")

    def say(self, text: str, stop: str | None = None, tokens: int = 0) -> None:
        """A message of the model."""
        self.answer({"type": "text", "text": text}, stop=stop, tokens=tokens)

    def use(self, call: str, name: str, result: str | None, is_error: bool = False, **given: Any) -> None:
        """A use of a tool, and its result if there is one."""
        self.answer({"type": "tool_use", "id": call, "name": name, "input": given})
        if result is not None:
            block = {"type": "tool_result", "tool_use_id": call, "content": result}
            self.add("user", message={"role": "user", "content": [block | ({"is_error": True} if is_error else {})]})

    def write(self, path: Path) -> Path:
        """Write all lines to a file."""
        return write_lines(path, self.lines)


def write_lines(path: Path, lines: Iterable[Any], mode: str = "w") -> Path:
    """Write values as lines of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, mode, encoding="utf-8") as file:
        file.writelines(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    return path


def claude_session(session: str, cwd: str, branch: str = "main") -> ClaudeLog:
    """A session with a prompt, to-dos, a command, an edit, thinking, an answer: 11 lines, 10 in the conversation."""
    log = ClaudeLog(session, cwd, branch)
    log.lines.append({"type": "file-history-snapshot", "messageId": "m1", "snapshot": {}})
    log.prompt("Show the state of each berth\nas a word beside its colour.")
    log.answer({"type": "thinking", "thinking": "The colour alone says too little."}, tokens=12_000)
    todos = [
        {"content": "Find the places", "status": "completed", "activeForm": "Finding"},
        {"content": "Write the words", "status": "in_progress", "activeForm": "Writing"},
    ]
    log.use("toolu_1", "TodoWrite", "Todos have been modified successfully.", todos=todos)
    log.use("toolu_2", "Bash", "Exit code 1\n2 failed, 40 passed", is_error=True, command="npm test", description="Run")
    log.use(
        "toolu_3", "Edit", "The file has been updated.", file_path=f"{cwd}/web/berth.js", old_string="a", new_string="b"
    )
    log.lines[-1]["toolUseResult"] = {"type": "update", "filePath": f"{cwd}/web/berth.js"}
    log.say(f"The key {SECRET} is in the settings; berths say their state now.", tokens=25_000)
    return log


def codex_lines(session: str, cwd: str, parent: str | None = None) -> list[dict[str, Any]]:
    """A session of Codex with a plan, a patch, a command and an answer."""
    meta: dict[str, Any] = {"id": session, "cwd": cwd, "originator": "codex_cli_rs", "git": {"branch": "tide"}}
    if parent is not None:
        spawn = {"parent_thread_id": parent, "agent_role": "explorer"}
        meta |= {"source": {"subagent": {"thread_spawn": spawn}}, "thread_source": "subagent"}
    usage = {"input_tokens": 68_000, "cached_input_tokens": 60_000, "output_tokens": 400}
    patch = (
        "*** Begin Patch\n*** Add File: tides.py\n+HOURS = 12\n*** Update File: README.md\n@@\n-a\n+b\n*** End Patch"
    )
    plan = [{"step": "Read the table", "status": "completed"}, {"step": "Import it", "status": "in_progress"}]
    payloads = [
        ("session_meta", meta),
        ("turn_context", {"cwd": cwd, "model": "gpt-5.3-codex"}),
        ("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<env>"}]}),
        ("event_msg", {"type": "user_message", "message": "Import the tide table"}),
        ("response_item", {"type": "reasoning", "summary": [{"type": "summary_text", "text": "A table of hours"}]}),
        ("response_item", {"type": "function_call", "name": "update_plan", "call_id": "c1",
                           "arguments": json.dumps({"plan": plan})}),
        ("response_item", {"type": "function_call_output", "call_id": "c1", "output": "Plan updated"}),
        ("response_item", {"type": "custom_tool_call", "name": "apply_patch", "call_id": "c2", "input": patch}),
        ("response_item", {"type": "custom_tool_call_output", "call_id": "c2", "output": "Success"}),
        ("response_item", {"type": "function_call", "name": "shell", "call_id": "c3",
                           "arguments": json.dumps({"command": ["pytest", "-q"]})}),
        ("response_item", {"type": "function_call_output", "call_id": "c3",
                           "output": json.dumps({"output": "1 failed", "metadata": {"exit_code": 1}})}),
        ("response_item", {"type": "message", "role": "assistant",
                           "content": [{"type": "output_text", "text": "The table is imported."}]}),
        ("event_msg", {"type": "agent_message", "message": "The table is imported."}),
        ("event_msg", {"type": "token_count", "info": {"last_token_usage": usage, "total_token_usage": usage,
                                                       "model_context_window": 272_000}}),
        ("event_msg", {"type": "task_complete", "last_agent_message": "The table is imported."}),
    ]  # fmt: skip
    return [
        {"timestamp": f"2026-11-19T10:00:{second:02d}.000Z", "type": kind, "payload": payload}
        for second, (kind, payload) in enumerate(payloads)
    ]


def copilot_lines(session: str, cwd: str) -> list[dict[str, Any]]:
    """A session of Copilot CLI with to-dos, a file, a command that fails and an answer, as version 1.0 writes it."""
    todos = "- [x] Read the rota\n- [ ] Write the rota"
    context = {"cwd": cwd, "gitRoot": cwd, "branch": "rota", "repository": "quayside/office"}
    use = {"toolCallId": "c2", "name": "create", "arguments": {"path": f"{cwd}/web/rota.md", "file_text": "# Rota"}}
    events: list[tuple[str, dict[str, Any]]] = [
        ("session.start", {"sessionId": session, "version": 1, "producer": "copilot-agent", "copilotVersion": "1.0.80",
                           "startTime": "2026-11-21T10:00:00.000Z", "context": context}),
        ("session.model_change", {"newModel": "claude-sonnet-4.5"}),
        ("session.info", {"infoType": "folder_trust", "message": "The folder is trusted."}),
        ("user.message", {"content": "Write the rota of the harbour", "transformedContent": "<now>…"}),
        ("assistant.turn_start", {"turnId": "0"}),
        ("assistant.message", {"messageId": "m1", "content": "", "reasoningText": "A table by week.",
                               "model": "claude-sonnet-4.5", "toolRequests": [use]}),
        ("tool.execution_start", {"toolCallId": "c1", "toolName": "update_todo", "arguments": {"todos": todos}}),
        ("tool.execution_complete", {"toolCallId": "c1", "success": True, "result": {"content": "TODO list updated"}}),
        ("tool.execution_start", {"toolCallId": "c2", "toolName": "create", "arguments": use["arguments"]}),
        ("tool.execution_complete", {"toolCallId": "c2", "success": True, "result": {"content": "Created file"}}),
        ("tool.execution_start", {"toolCallId": "c3", "toolName": "bash", "arguments": {"command": "make rota"}}),
        ("tool.execution_complete", {"toolCallId": "c3", "success": False, "error": {"message": "exit 2"}}),
        ("assistant.turn_end", {"turnId": "0"}),
        ("assistant.message", {"messageId": "m2", "content": "The rota is written.", "toolRequests": []}),
    ]  # fmt: skip
    return [
        {"type": kind, "data": data, "id": f"e{number}", "timestamp": f"2026-11-21T10:00:{number:02d}.000Z",
         "parentId": None}
        for number, (kind, data) in enumerate(events)
    ]  # fmt: skip


def long_session(session: str, cwd: str, lines: int) -> Iterator[dict[str, Any]]:
    """So many lines, as of a session that went on for days: of five lines two are a use of a tool with its result."""
    log = ClaudeLog(session, cwd)
    number = 0
    while number < lines:
        log.lines.clear()
        turn = number // 8
        log.prompt(f"Turn {turn}: make the harbour board quicker, and keep berth {turn % 40} green.")
        log.say(f"I read what belongs to turn {turn} first.", tokens=20_000 + turn % 100_000)
        log.use(
            f"toolu_{turn}a",
            "Bash",
            f"result {turn}\n" + "ok: a line of the output of the tests\n" * 12,
            command="npm test",
        )
        log.use(f"toolu_{turn}b", "Edit", "The file has been updated.", file_path=f"{cwd}/web/file{turn % 90}.js",
                old_string="a" * 80, new_string="b" * 120)  # fmt: skip
        log.say(f"Turn {turn} is done.\n" + "It is quicker by a tenth, measured three times.\n" * 3)
        log.add("progress", data={"type": "hook_progress"})
        for line in log.lines:
            if number < lines:
                number += 1
                yield line
