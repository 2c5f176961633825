"""An hour of moderate load: does the worker's memory stop growing?

Each second two tasks go on by a lane, two artifacts are written, calls come as a log, by REST and by OTLP, ten
addresses are read, and clients of each transport come and go. What is there stays of one size: old tasks and files go.
The slope is that of the least squares through the samples of the second half.

`python -m benchmarks soak --minutes 10` is short enough for CI: there the ring is small, so that it is full before the
second half as it is in a long run. The exit code is 1 if the slope is over the limit or something that was done failed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import websocket
from kit.processes import Server, dashboard
from kit.tables import table
from kit.workspaces import full_task_text, workspace

from .telemetry import calls

LIMIT_MB_PER_MINUTE = 0.3
SHORT_MINUTES, SHORT_RING = 30, 1_000
"""A shorter run has a ring of so many events: ten thousand take a quarter of an hour."""
SAMPLE_S = 5.0
EARLIER_CALLS = 40_000
"""What a few days of work leave: SQLite's caches are full with that."""
FILES, TASKS, STAYING_TASKS, STEADY_CLIENTS = 300, 200, 30, 8
READ = (
    "/health", "/metrics", "/api/tasks", "/api/tasks?q=soak&sort=priority", "/api/stats", "/api/snapshot",
    "/api/artifacts?project=soak", "/api/artifacts/soak/search?q=number", "/api/telemetry", "/api/overview",
    "/api/telemetry/trends?bucket=hour&by=model", "/api/telemetry/calls?limit=100", "/api/events?since=0&limit=200",
    "/api/artifacts/soak/file?path=part-3/file-033.py", "/api/artifacts/soak/versions?path=part-3/file-033.py",
    "/api/telemetry/models", "/api/evidence", "/api/projects", "/",
)  # fmt: skip


def connect(server: Server) -> websocket.WebSocket:
    """A client of `/dashboard` that has its snapshot."""
    connection = websocket.create_connection(f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket")
    connection.recv()
    connection.send("40/dashboard,")
    while '"snapshot"' not in str(connection.recv()):
        pass
    return connection


def slope(points: list[tuple[float, float]]) -> float:
    """The slope of the line of least squares through (x, y)."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x in xs)


class Load:
    """Threads that each do one thing again and again until `stop`; what they raise is counted, not hidden."""

    def __init__(self, server: Server, workspace: Path) -> None:
        self.done: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        self._server = server
        self._lanes = workspace / "work/collaboration"
        self._project = workspace / "generated_projects/soak"
        self._log = workspace / "work/telemetry/calls.jsonl"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._calls = itertools.cycle(calls(5_000))
        self._numbers = itertools.count()
        self._log_calls(EARLIER_CALLS)
        self._ended = threading.Event()
        for number in range(FILES):
            self._write_artifact(number)
        self._steady = [connect(server) for _ in range(STEADY_CLIENTS)]
        self._threads = [
            threading.Thread(target=self._repeat, args=(name, every_s, work), daemon=True)
            for name, every_s, work in (
                ("tasks", 0.5, self._move_task),
                ("artifacts", 0.5, self._write_artifact),
                ("log lines", 0.5, self._append_calls),
                ("REST calls", 1.0, self._post_calls),
                ("spans", 1.0, self._post_spans),
                ("requests", 0.1, self._read),
                ("Socket.IO clients", 1.0, self._visit),
                ("streams", 2.0, self._listen),
                ("WebSockets", 3.0, self._follow),
            )
        ]
        self._threads += [threading.Thread(target=self._drain, args=(one,), daemon=True) for one in self._steady]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads."""
        self._ended.set()
        for connection in self._steady:
            connection.shutdown()
        for thread in self._threads:
            thread.join(10)

    def _repeat(self, name: str, every_s: float, work: Callable[[int], None]) -> None:
        for number in itertools.count():
            try:
                work(number)
                self.done[name] = self.done.get(name, 0) + 1
            except (OSError, ValueError, websocket.WebSocketException):
                self.failed[name] = self.failed.get(name, 0) + 1
            if self._ended.wait(every_s):
                return

    def _drain(self, connection: websocket.WebSocket) -> None:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            while not self._ended.is_set():
                if connection.recv() == "2":  # a ping of Engine.IO
                    connection.send("3")

    def _move_task(self, number: int) -> None:
        """A task goes inbox, assigned, edited, done within four turns; the oldest one is removed."""
        task, step = divmod(number, 4)
        agent = f"agent-{task % 20:02d}"

        def path(lane: str, which: int = task) -> Path:
            return self._lanes / lane / f"soak-{which:07d}.yaml"

        if step == 0:
            path("inbox").write_text(full_task_text(f"soak-{task:07d}", agent))
        elif step == 1:
            os.rename(path("inbox"), path(f"assigned/{agent}"))
        elif step == 2:
            path(f"assigned/{agent}").write_text(full_task_text(f"soak-{task:07d}", agent, "in_progress", "edited"))
        else:
            os.rename(path(f"assigned/{agent}"), path(f"done/{agent}"))
            old = task - STAYING_TASKS
            if old >= 0:
                path(f"done/agent-{old % 20:02d}", old).unlink()

    def _write_artifact(self, number: int) -> None:
        place = number * 7 % FILES
        path = self._project / f"part-{place % 10}/file-{place:03d}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"value_{line} = {line * number}  # a number\n" for line in range(100))
        path.write_text(f"# version {number}\n{lines}")

    def _append_calls(self, number: int) -> None:
        self._log_calls(5)

    def _log_calls(self, count: int) -> None:
        with self._log.open("a") as log:
            log.writelines(json.dumps(self._new_call()) + "\n" for _ in range(count))

    def _new_call(self) -> dict[str, object]:
        return next(self._calls) | {"invocation_id": f"soak-{next(self._numbers)}"}

    def _post_calls(self, number: int) -> None:
        self._post("/api/telemetry", [self._new_call() for _ in range(5)])

    def _post_spans(self, number: int) -> None:
        now = time.time_ns()

        def attribute(key: str, value: str | int) -> dict[str, object]:
            return {"key": key, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}

        spans = [
            {
                "name": "chat",
                "traceId": f"{next(self._numbers):032x}",
                "spanId": f"{next(self._numbers):016x}",
                "startTimeUnixNano": str(now - 10**9),
                "endTimeUnixNano": str(now),
                "attributes": [
                    attribute("gen_ai.request.model", "gpt-5-codex"),
                    attribute("gen_ai.usage.input_tokens", 1_000),
                    attribute("gen_ai.usage.output_tokens", 100),
                ],
            }
            for _ in range(5)
        ]
        self._post("/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})

    def _post(self, path: str, body: object) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._server.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def _read(self, number: int) -> None:
        with urllib.request.urlopen(self._server.url + READ[number % len(READ)], timeout=30) as answer:
            answer.read()

    def _visit(self, number: int) -> None:
        """A client of Socket.IO takes its snapshot and leaves."""
        connect(self._server).close(timeout=0)

    def _listen(self, number: int) -> None:
        """A client of SSE takes its snapshot and some events, and leaves without a word."""
        host, port = self._server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"GET /streams/all HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            for _ in range(5):
                connection.recv(1_000_000)

    def _follow(self, number: int) -> None:
        """A client of `/ws` takes its first messages and leaves."""
        connection = websocket.create_connection(f"{self._server.url.replace('http', 'ws')}/ws/tasks", timeout=30)
        for _ in range(3):
            connection.recv()
        connection.close(timeout=0)


def samples(server: Server, minutes: float) -> Iterator[tuple[float, float]]:
    """(minute, MB) of the worker for so long."""
    began = time.monotonic()
    while (minute := (time.monotonic() - began) / 60) < minutes:
        yield minute, server.worker_rss_mb()
        time.sleep(SAMPLE_S)


def main(minutes: float = 60) -> None:
    """Print the memory and the slope of the second half; exit with code 1 if that is over the limit."""
    if minutes < SHORT_MINUTES:
        os.environ["LLM_SERVICE_RING_EVENTS"] = str(SHORT_RING)
    with workspace(TASKS) as root, dashboard(root) as server:
        load = Load(server, root)
        load.start()
        points = list(samples(server, minutes))
        used_cpu = server.cpu_s() / minutes / 60 * 100
        load.stop()
    second_half = [point for point in points if point[0] >= minutes / 2]
    growth = slope(second_half)
    shown = [points[int(part * (len(points) - 1) / 10)] for part in range(11)]
    table("Memory of the worker under moderate load", ["minute", "RSS MB"], [[f"{x:.1f}", y] for x, y in shown])
    rows = [[name, load.done.get(name, 0), load.failed.get(name, 0)] for name in sorted({*load.done, *load.failed})]
    table("What was done", ["what", "times", "failed"], rows)
    print(f"\nSecond half: {growth:+.2f} MB a minute (limit {LIMIT_MB_PER_MINUTE}); CPU {used_cpu:.0f} % of a core")
    if growth > LIMIT_MB_PER_MINUTE or any(load.failed.values()):
        sys.exit(1)
