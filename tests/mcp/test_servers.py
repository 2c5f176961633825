"""The panel of MCP servers: nothing is started that was not approved as it was shown, and what runs is watched."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from click.testing import CliRunner
from kit import mcp
from kit.live import Live, eventually, running

from llm_service.cli.main import cli
from llm_service.mcp.feature import Mcp
from llm_service.mcp.model import DeclaredServer
from llm_service.mcp.tools import TOOLS

# As old servers are, which know `initialize` only; without the SDK, whose import takes a second each time.
SERVER = """
import json, sys
from pathlib import Path
with Path({trace!r}).open("a") as trace:
    trace.write("started ")
print("ready to serve", file=sys.stderr, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answer = dict(error=dict(code=-32601, message="no such method"))
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        info = dict(name="echo", version="1.2")
        answer = dict(result=dict(protocolVersion=version, capabilities=dict(tools=dict()), serverInfo=info))
    elif asked["method"] == "tools/list":
        answer = dict(result=dict(tools=[dict(name="echo", inputSchema=dict(type="object"))]))
    print(json.dumps(dict(jsonrpc="2.0", id=asked["id"], **answer)), flush=True)
"""
Start = Callable[..., Live]


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    made: list[Live] = []

    def begin(**settings: Any) -> Live:
        made.append(running(place, **{"control": True, "mcp_check_s": 0.2} | settings))
        return made[-1]

    yield begin
    for live in made:
        live.stop()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace"


@pytest.fixture
def declared(place: Path, tmp_path: Path, trace: Path) -> Path:
    """`.mcp.json` with a server that works and some that do not."""
    script = tmp_path / "server.py"
    script.write_text(SERVER.format(trace=str(trace)))
    servers = {
        "echo": {"command": sys.executable, "args": ["-I", "-S", str(script)], "env": {"SECRET": "s3cr3t"}},
        "missing": {"command": "/no/such/program"},
        "quits": {"command": "sh", "args": ["-c", f"echo boom >&2; echo x >> {trace}; exit 3"]},
        "silent": {"command": "sleep", "args": ["1000"]},
        "web": {"url": "http://127.0.0.1:1/mcp"},
        "unset": {"command": "${NO_SUCH_VARIABLE}"},
    }
    (place / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    return place / ".mcp.json"


def approve(place: Path) -> str:
    result = CliRunner().invoke(cli, ["approve", "--workspace", str(place), "--yes"])
    assert result.exit_code == 0, result.output
    return result.output


def act(live: Live, name: str, action: str) -> requests.Response:
    return requests.post(f"{live.url}/api/mcp/servers/{name}/{action}", timeout=60)


def row(live: Live, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in live.json("/api/mcp/servers")["servers"] if one["name"] == name)
    return found


def is_in(live: Live, name: str, *states: str) -> Callable[[], Any]:
    return lambda: (found := row(live, name))["status"] in states and found


def test_what_is_not_approved_is_shown_and_not_started(start: Start, declared: Path, trace: Path) -> None:
    live = start()
    for found in live.json("/api/mcp/servers")["servers"]:
        assert (found["status"], found["approved"], found["tools"]) == ("not approved", False, [])
        for action in ("start", "restart"):
            refused = act(live, found["name"], action)
            assert (refused.status_code, refused.json()["code"]) == (403, "NOT_APPROVED")
    assert row(live, "quits")["argv"][:2] == ["sh", "-c"]
    assert "s3cr3t" not in live.get("/api/mcp/servers").text
    assert not trace.exists()


def test_an_approved_server_is_started_watched_and_stopped(start: Start, declared: Path, place: Path) -> None:
    live = start()
    events = live.listen()
    shown = approve(place)
    assert "an MCP server, which would let this program be started" in shown and '"SECRET": "s3cr3t"' in shown
    assert act(live, "echo", "start").status_code == 202
    found = eventually(is_in(live, "echo", "running"))
    assert (found["tools"], found["version"]) == (["echo"], "echo 1.2")
    assert found["memory_bytes"] > 1_000_000 and found["cpu_percent"] is not None
    assert psutil.pid_exists(found["pid"]) and found["answer_ms"] > 0
    assert act(live, "echo", "start").json()["code"] == "BUSY"
    assert eventually(lambda: row(live, "echo")["checked_at"] > found["checked_at"])
    again = act(live, "echo", "restart").json()
    assert again["restarts"] == 1
    second = eventually(is_in(live, "echo", "running"))
    assert second["pid"] != found["pid"]
    eventually(lambda: not psutil.pid_exists(found["pid"]))
    assert act(live, "echo", "stop").json()["status"] == "stopped"
    eventually(lambda: not psutil.pid_exists(second["pid"]))
    assert row(live, "echo")["pid"] is None
    names = lambda: [name for name, _ in events.got if name.startswith("mcp.")]  # noqa: E731
    assert eventually(lambda: names() == ["mcp.server.started", "mcp.server.stopped"] * 2)


def test_why_a_server_does_not_run_is_told(start: Start, declared: Path, place: Path) -> None:
    live = start()
    approve(place)
    for name, error in (
        ("missing", "There is no program /no/such/program."),
        ("quits", "boom"),
        ("web", "connection"),
        ("unset", "The variable NO_SUCH_VARIABLE is not set."),
    ):
        assert act(live, name, "start").status_code == 202
        assert error in eventually(is_in(live, name, "failed"))["last_error"]


def test_a_server_that_never_answers_can_be_stopped(start: Start, declared: Path, place: Path) -> None:
    live = start()
    approve(place)
    act(live, "silent", "start")
    pid = eventually(lambda: row(live, "silent")["pid"])
    assert act(live, "silent", "stop").json()["status"] == "stopped"
    eventually(lambda: not psutil.pid_exists(pid))


@pytest.mark.parametrize("check_s", [0.2, 3600])
def test_a_server_that_dies_is_noticed(start: Start, declared: Path, place: Path, check_s: float) -> None:
    """Also long before it is asked again."""
    live = start(mcp_check_s=check_s)
    approve(place)
    act(live, "echo", "start")
    psutil.Process(eventually(is_in(live, "echo", "running"))["pid"]).kill()
    assert "ended by itself" in eventually(is_in(live, "echo", "failed"))["last_error"]
    act(live, "echo", "start")
    assert eventually(is_in(live, "echo", "running"))["last_error"] is None


def test_a_changed_declaration_asks_again(start: Start, declared: Path, place: Path, trace: Path) -> None:
    live = start()
    approve(place)
    servers = json.loads(declared.read_text())
    servers["mcpServers"]["quits"]["args"][1] += "; true"
    declared.write_text(json.dumps(servers))
    assert row(live, "quits")["status"] == "not approved"
    assert act(live, "quits", "start").json()["code"] == "NOT_APPROVED"
    assert not trace.exists()


def test_what_runs_stays_in_the_list_when_it_is_declared_no_longer_or_differently(
    start: Start, declared: Path, place: Path
) -> None:
    live = start()
    approve(place)
    act(live, "echo", "start")
    eventually(is_in(live, "echo", "running"))
    servers = json.loads(declared.read_text())
    servers["mcpServers"]["echo"]["args"].append("more")
    declared.write_text(json.dumps(servers))
    found = row(live, "echo")
    assert (found["status"], found["approved"]) == ("running", False)
    assert "declared differently" in found["last_error"]
    assert act(live, "echo", "restart").json()["code"] == "NOT_APPROVED"
    declared.unlink()
    assert row(live, "echo")["status"] == "running"
    assert act(live, "echo", "stop").json()["status"] == "stopped"  # what ran was approved
    assert live.json("/api/mcp/servers")["servers"] == []


def test_a_revoked_approval_counts_at_once(start: Start, declared: Path, place: Path) -> None:
    live = start()
    approve(place)
    assert CliRunner().invoke(cli, ["approve", "--workspace", str(place), "--revoke"]).exit_code == 0
    assert act(live, "echo", "start").json()["code"] == "NOT_APPROVED"


def test_nothing_is_started_where_control_is_off(start: Start, declared: Path, place: Path, trace: Path) -> None:
    live = start(control=False)
    approve(place)
    for action in ("start", "restart", "stop"):
        assert act(live, "echo", action).json()["code"] == "CONTROL_OFF"
    assert not trace.exists()


def test_the_end_of_the_dashboard_ends_the_servers(start: Start, declared: Path, place: Path) -> None:
    live = start()
    approve(place)
    act(live, "echo", "start")
    pid = eventually(is_in(live, "echo", "running"))["pid"]
    live.dashboard.stop()
    eventually(lambda: not psutil.pid_exists(pid))
    live.feature(Mcp).panel.close()


def test_servers_of_the_users_own_settings_need_no_approval(start: Start, place: Path, declared: Path) -> None:
    script = json.loads(declared.read_text())["mcpServers"]["echo"]["args"]
    own = DeclaredServer(name="echo", origin="user", argv=(sys.executable, *script))
    live = start(mcp_servers=[own])
    found = live.json("/api/mcp/servers")
    assert row(live, "echo")["origin"] == "user"
    assert found["problems"] == [{"where": ".mcp.json: echo", "reason": "Your settings have one of that name."}]
    assert act(live, "echo", "start").status_code == 202
    assert eventually(is_in(live, "echo", "running"))["tools"] == ["echo"]


def test_a_dashboard_can_watch_the_endpoint_of_another(start: Start, place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "work/collaboration/inbox").mkdir(parents=True)
    theirs = running(other)
    try:
        server = DeclaredServer(name="them", origin="user", url=f"{theirs.url}/mcp")
        live = start(mcp_servers=[server])
        act(live, "them", "start")
        assert len(eventually(is_in(live, "them", "running"))["tools"]) == len(TOOLS)
    finally:
        theirs.stop()
    assert eventually(is_in(live, "them", "unhealthy", "failed"))["last_error"]


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_no_call_of_a_tool_starts_a_program(
    start: Start, declared: Path, place: Path, trace: Path, transport: str
) -> None:
    """Every tool is called with texts that are commands, paths and names of servers, in every argument."""
    evil = f"$(touch {trace})"
    texts = (f"{evil}; touch {trace};", "quits", f"../../{trace}", "mcp:quits", "ticket_work", "T-1")
    live = start()
    me = psutil.Process()
    with mcp.http(live.url) if transport == "http" else mcp.stdio(place) as client:
        before = {child.pid for child in me.children(recursive=True)}
        for tool in client.tools():
            properties = tool.input_schema["properties"]
            for text in texts:
                arguments = {
                    name: 1 if "integer" in json.dumps(schema) else {"k": text} if name == "meta" else text
                    for name, schema in properties.items()
                    if "boolean" not in json.dumps(schema) and "number" not in json.dumps(schema)
                }
                client.result(tool.name, **arguments)
        for text in texts:
            client.result("create_pipeline", pipeline_type="ticket_work", ticket_id=text, meta={"argv": [evil]})
        assert {child.pid for child in me.children(recursive=True)} <= before
    assert not trace.exists()
    assert all(found["status"] == "not approved" for found in live.json("/api/mcp/servers")["servers"])
    assert not os.path.exists(place / "work/runs") or not list((place / "work/runs").iterdir())
