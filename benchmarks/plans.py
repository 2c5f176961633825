"""Plans: an atomic rewrite of a status file until each kind of client has it; lists and graphs by REST.

The floor, in the same run, is watchdog and emit: the same file (as one of its folder) renamed into place, nothing read.
"""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import socketio
import websocket
from kit.plans import PlanFiles, status_of, task
from kit.processes import Server, dashboard, floor
from kit.tables import spread, table
from kit.workspaces import workspace

from llm_service.plans.graph import graph_of
from llm_service.plans.merge import merge
from llm_service.plans.plan_file import read_plan
from llm_service.plans.sources import PlanSource, StatusSource
from llm_service.plans.status_file import read_status

_PAUSE_S = 0.04
_LIMIT_S = 3.0


class Arrivals:
    """When each message came, and how long it was."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._got: list[tuple[float, str]] = []

    def take(self, text: str) -> None:
        """A message came."""
        at = time.perf_counter()
        with self._changed:
            self._got.append((at, text))
            self._changed.notify_all()

    def wait(self, mark: str) -> tuple[float, int] | None:
        """(when, length) of the first message with `mark` in it; None if none came."""

        def find() -> tuple[float, int] | None:
            return next(((at, len(text)) for at, text in self._got if mark in text), None)

        with self._changed:
            self._changed.wait_for(lambda: find() is not None, _LIMIT_S)
            found = find()
            self._got.clear()
            return found


@contextmanager
def by_websocket(server: Server, path: str) -> Iterator[Arrivals]:
    """A client of a WebSocket that has its first message."""
    connection = websocket.create_connection(server.url.replace("http", "ws") + path, timeout=60)
    arrivals = Arrivals()
    connection.recv()

    def read() -> None:
        try:
            while True:
                arrivals.take(str(connection.recv()))
        except (OSError, websocket.WebSocketException):
            return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    yield arrivals
    connection.close()
    thread.join(5)


@contextmanager
def by_socketio(server: Server, name: str) -> Iterator[Arrivals]:
    """A plain Socket.IO client that listens to one event."""
    arrivals, client = Arrivals(), socketio.Client(reconnection=False)
    client.on(name, lambda body=None: arrivals.take(json.dumps(body)), namespace="/dashboard")
    client.connect(server.url, namespaces=["/dashboard"], transports=["websocket"])
    time.sleep(0.5)
    yield arrivals
    client.disconnect()


def many_tasks(count: int = 84) -> list[dict[str, Any]]:
    """Tasks whose status file has 28 KB, if there are 84."""
    return [task(f"{1 + number // 12}.{number % 12 + 1}", notes="x" * 190) for number in range(count)]


def rewrites(path: Path, arrivals: Arrivals, count: int, mark: Callable[[int], str]) -> tuple[list[float], int, int]:
    """(latencies in ms, lost, the longest message) of so many atomic rewrites."""
    tasks, latencies, lost, longest = many_tasks(), [], 0, 0
    for number in range(count):
        tasks[number % 84]["status"] = ("completed", "failed")[number // 84 % 2]
        text = json.dumps(status_of(tasks, lastUpdatedAt=_time(number)), indent=2)
        temporary = path.with_name(f"{path.stem}.tmp.{os.getpid()}")
        temporary.write_text(text)
        time.sleep(_PAUSE_S)
        since = time.perf_counter()
        temporary.replace(path)
        found = arrivals.wait(mark(number))
        if found is None:
            lost += 1
        else:
            latencies.append((found[0] - since) * 1000)
            longest = max(longest, found[1])
    return latencies, lost, longest


def _time(number: int) -> str:
    return f"2026-11-20T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"


def add_plans(root: Path, count: int) -> None:
    """So many plans with 84 tasks each."""
    files = PlanFiles(root)
    for number in range(count):
        files.plan(f"plan-{number:03}")
        files.tasks(f"plan-{number:03}", *many_tasks())


def latencies(count: int) -> list[list[Any]]:
    """Rows of the table of latencies."""
    rows = []
    with workspace(1) as root, floor(root) as server, by_socketio(server, "task.created") as arrivals:
        found, lost, longest = rewrites(server.root / "inbox/status.yaml", arrivals, count, lambda number: "status")
        rows.append(["floor: watchdog -> emit", len(found), *spread(found), lost, longest])
    for plans in (1, 50, 500):
        with workspace(1) as root:
            add_plans(root, plans)
            with dashboard(root) as server:
                server.get("/api/sync?timeout_ms=60000")
                path = root / "docs/plan-outputs/plan-000/status.json"
                kinds: list[tuple[str, Any]] = [("/ws/all", by_websocket(server, "/ws/all"))]
                if plans == 1:
                    kinds = [
                        ("/ws/plans/<name>", by_websocket(server, "/ws/plans/plan-000")),
                        ("Socket.IO", by_socketio(server, "plan.updated")),
                        *kinds,
                    ]
                for kind, client in kinds:
                    with client as arrivals:
                        found, lost, longest = rewrites(path, arrivals, count, _time)
                        rows.append([f"{kind}, {plans} plans", len(found), *spread(found), lost, longest])
    return rows


def lists() -> list[list[Any]]:
    """Rows of the table of GET /api/plans, over one connection."""
    rows = []
    for plans in (1, 50, 500):
        with workspace(1) as root:
            add_plans(root, plans)
            with dashboard(root) as server, requests.Session() as session:
                server.get("/api/sync?timeout_ms=60000")
                took = []
                for _ in range(60):
                    begin = time.perf_counter()
                    body = session.get(f"{server.url}/api/plans").content
                    took.append((time.perf_counter() - begin) * 1000)
                assert len(json.loads(body)["data"]) == plans
                rows.append([plans, *spread(took), len(body)])
    return rows


def graphs() -> list[list[Any]]:
    """Rows of the table of graphs, in this process."""
    rows = []
    for count in (1_000, 3_000):
        tasks = [
            task(
                f"{1 + number // 100}.{number % 100 + 1}",
                dependencies=[
                    f"{1 + before // 100}.{before % 100 + 1}" for step in (1, 7, 30) if (before := number - step) >= 0
                ],
                duration=number % 50 * 100,
            )
            for number in range(count)
        ]
        source = PlanSource("docs/plans/p.md", read_plan("## Phase 1: A\n- [ ] 1.1 x\n"), _time(0))
        plan = merge("p", source, StatusSource(None, read_status(json.dumps(status_of(tasks)).encode())))
        took = []
        for _ in range(15):
            begin = time.perf_counter()
            graph = graph_of(plan)
            took.append((time.perf_counter() - begin) * 1000)
        rows.append([count, len(graph["edges"]), statistics.median(took), max(took)])
    return rows


def log_lines(count: int) -> list[list[Any]]:
    """The row of lines added to a log until a client of the stream has them."""
    with workspace(1) as root:
        add_plans(root, 1)
        path = root / "orchestrator-plan-000.log"
        path.write_text("10:00:00 [INFO] begin\n")
        with dashboard(root) as server:
            server.get("/api/sync?timeout_ms=60000")
            arrivals = Arrivals()
            stream = requests.get(f"{server.url}/api/plans/plan-000/logs?follow=true&lines=1", stream=True, timeout=60)

            def read() -> None:
                try:
                    for line in stream.iter_lines(chunk_size=1):
                        arrivals.take(line.decode())
                except (OSError, AttributeError, requests.RequestException):
                    return

            threading.Thread(target=read, daemon=True).start()
            assert arrivals.wait("begin") is not None
            found = []
            for number in range(count):
                time.sleep(_PAUSE_S)
                with path.open("a") as file:
                    since = time.perf_counter()
                    file.write(f"10:00:00 [INFO] line <{number}>\n")
                at = arrivals.wait(f"<{number}>")
                if at is not None:
                    found.append((at[0] - since) * 1000)
            stream.close()
    return [["log line -> SSE", len(found), *spread(found), count - len(found)]]


def main(count: int = 60) -> None:
    """Print the tables."""
    head = ["", "n", "median", "p95", "p99", "lost", "longest message (bytes)"]
    table("Rewrite of a status file, 28 KB with 84 tasks -> client (ms)", head, latencies(count))
    table("Line added to a log -> client of the stream (ms)", head[:-1], log_lines(count))
    table("GET /api/plans (ms)", ["plans", "median", "p95", "p99", "bytes"], lists())
    table("Graph of a plan, worked out (ms)", ["tasks", "edges", "median", "max"], graphs())


if __name__ == "__main__":
    main()
