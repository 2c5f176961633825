"""MCP: a tool's call over stdio and HTTP with 5,000 pipelines, beside the SDK alone; start, memory, a further agent.

The clients are plain: a pipe and a kept connection, so that what is measured is the server. The floor is the SDK's
server with one tool that returns a constant, over the same transport, in the same run.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml
from kit.mcp_agents import mcp_agents
from kit.plain_mcp import HELLO, Http, Refused, Stdio, server_command
from kit.processes import Server, dashboard, free_port
from kit.tables import spread, table
from kit.workspaces import workspace

from .pipelines import PIPELINES, fill

CALLS = 200
SPACED = 20
AGENTS = 200
STARTS = 3
KILLED = 3
Call = Callable[..., Any]
FLOOR = """
import sys
from mcp.server.mcpserver import MCPServer
server = MCPServer("floor", log_level="ERROR")
def echo(text: str) -> dict[str, str]:
    return {"text": text}
server.add_tool(echo)
if sys.argv[1] == "stdio":
    server.run("stdio")
else:
    server.run("streamable-http", port=int(sys.argv[1]), stateless_http=True, json_response=True)
"""


def times(call: Callable[[], Any], calls: int = CALLS, pause_s: float = 0.0) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for _ in range(calls):
        time.sleep(pause_s)
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return found


def computed_ms(process: psutil.Process) -> float:
    """What it has computed so far, user and system: a busy machine takes time from a call, and not this."""
    used = process.cpu_times()
    return float(used.user + used.system) * 1000


def measured(
    transport: str, name: str, call: Callable[[], Any], process: psutil.Process, calls: int = CALLS, pause_s: float = 0
) -> list[Any]:
    """A row: the times of a tool, and what the server computed for a call."""
    before, late = computed_ms(process), 0

    def called() -> None:
        nonlocal late
        try:
            call()
        except Refused:  # it says that it was too slow: on a machine whose other jobs leave it no core for a second
            late += 1

    found = times(called, calls, pause_s)
    computed = (computed_ms(process) - before) / calls
    p50, p95 = spread(found)[:2]
    return [transport, name, *(f"{value:.2f}" for value in (p50, p95, max(found), computed)), late]


def first_row(transport: str, call: Call, process: psutil.Process) -> list[Any]:
    """The first list of a process, which imports what it needs and reads the index, or all pipelines."""
    before, began, tries = computed_ms(process), time.perf_counter(), 1
    while call("tools/call", {"name": "list_pipelines", "arguments": {}})["result"].get("isError"):
        tries += 1  # it says that it takes longer than a second, and that the call is to be repeated
    took = (time.perf_counter() - began) * 1000
    computed = f"{computed_ms(process) - before:.0f}"
    return [transport, "list_pipelines, the first call of a process", f"{took:.0f}", "", "", computed, tries - 1]


def rows_of(call: Call, ids: list[str], transport: str, process: psutil.Process) -> Iterator[list[Any]]:
    """Each tool's times."""
    chosen, numbers, running = random.Random(1), itertools.count(), ids[::10]
    job = call("create_pipeline_job", pipeline_id=running[0], step="coding", name="x", agent_type="y")["job_id"]
    new: list[str] = []

    def create() -> None:
        made = call("create_pipeline", pipeline_type="ticket_work", ticket_id=f"B-{next(numbers)}")
        new.append(made["pipeline_id"])

    work: dict[str, Callable[[], Any]] = {
        "create_pipeline": create,
        "create_pipeline_job": lambda: call(
            "create_pipeline_job", pipeline_id=chosen.choice(running), step="coding", name="x", agent_type="y"
        ),
        "update_pipeline_job": lambda: call("update_pipeline_job", job_id=job, status="running", score=5),
        "append_job_log": lambda: call("append_job_log", job_id=job, content="An entry. " * 30),
        "finish_pipeline": lambda: call("finish_pipeline", pipeline_id=new.pop()),
        "list_pipelines": lambda: call("list_pipelines"),
        "list_pipelines, filtered": lambda: call("list_pipelines", status="running", project="project-3"),
        "get_pipeline": lambda: call("get_pipeline", pipeline_id=chosen.choice(ids)),
        "get_pipeline_job_log, 60 kB": lambda: call("get_pipeline_job_log", job_id=job),
        "clean_pipeline_logs": lambda: call("clean_pipeline_logs", sprint_id=f"none-{next(numbers)}"),
        "list_tasks": lambda: call("list_tasks"),
    }
    for name, one in work.items():
        yield measured(transport, name, one, process)
    for name in ("list_pipelines", "clean_pipeline_logs"):
        yield measured(transport, f"{name}, once a second", work[name], process, SPACED, 1.2)


def at_once(server: Server, root: Path, folder: Path, work: str, each: int) -> list[Any]:
    """Eight agents, half of them over stdio, that report `each` times, while others are killed: what was lost."""
    client = Http(server.url)
    pipeline = client.call("create_pipeline", pipeline_type="ticket_work", ticket_id="T")["pipeline_id"]
    made = {"pipeline_id": pipeline, "step": "coding", "name": "x", "agent_type": "y", "status": "running"}
    job = client.call("create_pipeline_job", **made)["job_id"]
    reads = broken = 0
    began = time.perf_counter()
    with (
        mcp_agents(folder, [server.url, str(root)] * KILLED, job, work, 10**6, "victim") as victims,
        mcp_agents(folder, [server.url, str(root)] * 4, job, work, each, "agent") as agents,
    ):
        left = list(victims)
        while any(agent.process.poll() is None for agent in agents):
            reads += 1
            broken += client.call("get_pipeline", pipeline_id=pipeline)["problem"] is not None
            if left and len(left[0].acknowledged()) > 20 * (2 * KILLED - len(left) + 1):
                left.pop(0).kill()
        took = time.perf_counter() - began
        said = {agent.name: agent.acknowledged() for agent in agents}
        killed = {agent.name: agent.acknowledged() for agent in victims}
    client.close()
    place = root / "work/pipelines" / pipeline
    if work == "append":
        there = (place / f"logs/{job}.md").read_text()
        lost = sum(f"<{text}>" not in there for texts in (*said.values(), *killed.values()) for text in texts)
    else:
        last = yaml.safe_load((place / "pipeline.yaml").read_text())["jobs"][0]["summary"]
        every, name = said | killed, last.strip("<>").rpartition("-")[0]
        lost = int(last.strip("<>") < every[name][-1])  # the last one of somebody, or one that was being written
    known, others = sum(map(len, said.values())), sum(map(len, killed.values()))
    return [f"8 × {each} {work}", known, others, lost, broken, reads, f"{took:.1f}", f"{(known + others) / took:.0f}"]


def process_of(agent: Stdio) -> psutil.Process:
    """The process of a server."""
    return psutil.Process(agent.process.pid)


def rss_mb(agent: Stdio) -> float:
    """Its resident memory."""
    return float(process_of(agent).memory_info().rss) / 1e6


@contextmanager
def floor_at(script: Path) -> Iterator[tuple[Http, psutil.Process]]:
    """The SDK's own HTTP server, and its process."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL)
    try:
        client, deadline = Http(f"http://127.0.0.1:{port}"), time.monotonic() + 30
        while True:
            try:
                client.ask("ping", {})
                break
            except OSError:
                client.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield client, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def agent_cost(server: Server) -> list[list[Any]]:
    """What further agents cost the dashboard: each says hello, lists the tools, calls one, and stays connected."""

    def connect() -> Http:
        client = Http(server.url)
        client.ask("initialize", HELLO)
        client.ask("tools/list", {})
        client.call("list_pipelines")
        return client

    def now() -> tuple[float, int]:
        worker = max(server.processes(), key=lambda process: process.memory_info().rss)
        return worker.memory_info().rss / 1e6, worker.num_threads()

    warm = [connect() for _ in range(20)]
    memory, threads = now()
    more = [connect() for _ in range(AGENTS)]
    after, threads_after = now()
    for client in (*warm, *more):
        client.close()
    return [
        ["memory of a further agent", f"{(after - memory) / AGENTS * 1000:.0f} KB", "≤ 1 MB"],
        [f"threads before and after {AGENTS} further agents", f"{threads}, {threads_after}", "no thread of its own"],
    ]


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder, workspace(200) as root:
        script = Path(folder, "floor.py")
        script.write_text(FLOOR)
        ids = fill(root)
        floor = Stdio([sys.executable, str(script), "stdio"])
        constant = "the SDK alone: a constant"
        rows = [measured("stdio", constant, lambda: floor.call("echo", text="x"), process_of(floor))]
        floor_rss, floor_started = rss_mb(floor), floor.started_ms
        floor.close()
        starts, lists, memory = [], [], []
        for _ in range(STARTS):
            one = Stdio(server_command(root))
            starts.append(one.started_ms)
            lists.append(one.listed_ms)
            memory.append(rss_mb(one))
            one.close()
        for state in ("no index yet", "with the index"):
            agent = Stdio(server_command(root))
            rows.append([f"stdio, {state}", *first_row("", agent.ask, process_of(agent))[1:]])
            if state == "no index yet":
                until = time.monotonic() + 20
                while not (root / ".llm-service/pipelines.index").exists() and time.monotonic() < until:
                    time.sleep(0.05)
                agent.close()
        rows += rows_of(agent.call, ids, "stdio", process_of(agent))
        used = rss_mb(agent)
        agent.close()
        heads = ["transport", "tool", "p50", "p95", "max", "computed", "too slow"]
        table(f"MCP: a call over stdio, {PIPELINES:,} pipelines (ms)", heads, rows)
        rows.clear()
        with dashboard(root) as server:
            client = Http(server.url)
            before = server.worker_rss_mb()
            began = time.perf_counter()
            client.ask("initialize", HELLO)
            hello_ms = (time.perf_counter() - began) * 1000
            loaded = server.worker_rss_mb()
            with floor_at(script) as bare:
                rows.append(measured("HTTP", constant, lambda: bare[0].call("echo", text="x"), bare[1]))
            client = Http(server.url)  # the other one was idle meanwhile
            worker = max(server.processes(), key=lambda process: process.memory_info().rss)
            rows.append(first_row("HTTP", client.ask, worker))
            rows += rows_of(client.call, ids, "HTTP", worker)
            costs = agent_cost(server)
            together = [at_once(server, root, Path(folder), "append", 500)]
            together.append(at_once(server, root, Path(folder), "update", 200))
        table(f"MCP: a call over HTTP, {PIPELINES:,} pipelines (ms)", heads, rows)
        table(
            "MCP: an agent over stdio",
            ["what", "measured", "goal"],
            [
                ["start → `initialize` answered, median", f"{spread(starts)[0]:.0f} ms", "≤ 600 ms"],
                ["start → tools listed, median", f"{spread(lists)[0]:.0f} ms", ""],
                ["the SDK alone: start → `initialize` answered", f"{floor_started:.0f} ms", ""],
                ["resident memory, tools listed", f"{max(memory):.1f} MB", "≤ 75 MB"],
                ["the SDK alone", f"{floor_rss:.1f} MB", ""],
                ["resident memory after all these calls", f"{used:.1f} MB", ""],
            ],
        )
        table(
            "MCP: agents at a running dashboard",
            ["what", "measured", "goal"],
            [
                ["first request, which imports the SDK", f"{hello_ms:.0f} ms", ""],
                ["the SDK in the worker", f"{loaded - before:.1f} MB", ""],
                *costs,
            ],
        )
        head = ["", "acknowledged", "of killed ones", "lost", "reads that fail", "reads", "s", "calls a second"]
        table("Agents over stdio and HTTP at once, others killed meanwhile", head, together)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")
