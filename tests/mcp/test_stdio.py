"""`llm-service mcp`: standard output carries the protocol only, and the process ends with its input."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kit import mcp

HELLO = {
    "jsonrpc": "2.0", "id": "first", "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def serve(place: Path, *messages: Any, program: Sequence[str] = ("-m", "llm_service")) -> tuple[int, list[Any], str]:
    """(exit code, the lines of standard output, standard error) of a session that says these messages at once, and
    ends its input when all requests in them are answered."""
    data = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in messages)
    command = [sys.executable, *program, "mcp", "--workspace", str(place)]
    waiting = {one["id"] for one in messages if isinstance(one, dict) and "id" in one}
    lines = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(data)
        process.stdin.flush()
        while waiting and (line := process.stdout.readline()):
            lines.append(json.loads(line))
            waiting.discard(lines[-1].get("id"))
        process.stdin.close()
        lines += [json.loads(line) for line in process.stdout]
        return process.wait(60), lines, process.stderr.read().decode()


def call(number: int, tool: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def test_each_request_is_answered_once_and_nothing_else_is_printed(place: Path) -> None:
    (place / "work/collaboration/inbox/broken.yaml").write_text("a: [")
    code, lines, _ = serve(place, HELLO, READY, {"jsonrpc": "2.0", "id": 2, "method": "ping"}, call(3, "list_tasks"))
    assert code == 0
    assert sorted(str(line["id"]) for line in lines) == ["2", "3", "first"]
    assert lines[0]["result"]["protocolVersion"] == "2025-06-18"


def test_what_a_tool_prints_goes_to_standard_error(place: Path) -> None:
    script = (
        "import sys, os; from llm_service.mcp import reports\n"
        "def say(*given): print('loud', flush=True); os.write(1, b'louder'); return {'topic': 'logs'}\n"
        "reports.say = say\n"
        "from llm_service.cli.entry import main; main()"
    )
    said = call(1, "broadcast", topic="logs", text="x", source="y")
    code, lines, errors = serve(place, HELLO, READY, said, program=("-c", script))
    assert (code, [line["id"] for line in lines]) == (0, ["first", 1])
    assert lines[1]["result"]["structuredContent"] == {"topic": "logs"}
    assert "louder" in errors


def test_nonsense_does_not_end_the_session(place: Path) -> None:
    nonsense = [b"no json", b"", b"[]", b"\xff\xfe", b"{" * 200_000]
    code, lines, _ = serve(place, *nonsense, HELLO, READY, {"jsonrpc": "2.0", "id": 2, "method": "ping"})
    assert code == 0
    assert {"first", 2} <= {line.get("id") for line in lines}


def test_an_input_that_ends_at_once_ends_the_process(place: Path) -> None:
    assert serve(place)[:2] == (0, [])


def test_settings_that_cannot_be_used_are_an_error_of_the_tool(place: Path) -> None:
    (place / "llm-service.yaml").write_text("lanes: 7\n")
    code, lines, _ = serve(place, HELLO, READY, call(1, "list_tasks"))
    assert code == 0
    answer = next(line for line in lines if line["id"] == 1)["result"]
    assert answer["isError"] and answer["structuredContent"]["code"] == "BAD_SETTINGS"


def test_without_the_sdk_one_sentence_says_what_to_install(place: Path) -> None:
    script = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'mcp' else find(name, *more)\n"
        "sys.argv = ['llm-service', 'mcp']; from llm_service.cli.entry import main; main()"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], input=b"", capture_output=True, text=False, timeout=60, check=False
    )
    assert (found.returncode, found.stdout) == (1, b"")
    assert found.stderr.decode().strip() == (
        "Error: MCP needs the package `mcp`, which is not installed here: pip install 'mcp>=2.3,<3'."
    )


def test_two_agents_at_once_lose_nothing(place: Path) -> None:
    with mcp.stdio(place) as ada, mcp.stdio(place) as bob:
        pipeline = ada.call("create_pipeline", pipeline_type="ticket_work", ticket_id="T-1")["pipeline_id"]
        for number in range(10):
            for client in (ada, bob):
                name, kind = f"job {number}", "coder"
                client.call("create_pipeline_job", pipeline_id=pipeline, step="coding", name=name, agent_type=kind)
        steps = {step["name"]: step for step in bob.call("get_pipeline", pipeline_id=pipeline)["steps"]}
        assert len(steps["coding"]["jobs"]) == 20
        # A call that is repeated, over another server too, takes effect once.
        call_ = {"pipeline_type": "ticket_work", "ticket_id": "T-2", "idempotency_key": "k"}
        answers = [client.call("create_pipeline", **call_)["pipeline_id"] for client in (ada, ada, bob)]
        assert len(set(answers)) == 1
        assert bob.call("list_pipelines")["total"] == 2
