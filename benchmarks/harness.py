"""What all benchmarks share: a workspace, a server in a process of its own, clients, and tables."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import socketio

REPOSITORY = Path(__file__).parents[1]


def task_text(task_id: str, agent: str = "agent-00", status: str = "new", note: str = "") -> str:
    """A task file of about 2,100 bytes, the median of real ones."""
    lines = "".join(f"    - Line {number} of the notes, as an agent writes them in passing.\n" for number in range(24))
    return (
        f"id: {task_id}\nagent: {agent}\nstatus: {status}\ntitle: Measured task {task_id} {note}\npriority: high\n"
        f"mode: /programming\ncreated_at: 2026-11-01T11:00:00Z\ncreated_by: bench\nartefacts:\n  - docs/{task_id}.md\n"
        f"context:\n  repo: example/repo\n  branch: main\n  notes:\n{lines}"
    )


@contextmanager
def workspace(tasks: int) -> Iterator[Path]:
    """A temporary workspace with so many tasks: 10 % inbox, 30 % assigned, 60 % done, 20 agents."""
    root = Path(tempfile.mkdtemp(prefix="llm-service-bench-"))
    lanes = root / "work/collaboration"
    agents = [f"agent-{number:02d}" for number in range(20)]
    for folder in ["inbox", *(f"{lane}/{agent}" for lane in ("assigned", "done") for agent in agents)]:
        (lanes / folder).mkdir(parents=True)
    random.seed(1)
    for number in range(tasks):
        agent = agents[number % 20]
        tenth = number % 10
        lane, status = ("inbox", "new") if tenth == 0 else ("assigned", "assigned") if tenth < 4 else ("done", "done")
        folder = lanes / lane if lane == "inbox" else lanes / lane / agent
        task_id = f"2026-11-01T{number % 2400:04d}-{agent}-task-{number:06d}"
        (folder / f"{task_id}.yaml").write_text(task_text(task_id, agent, status))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server process and all its children."""

    def __init__(self, command: list[str], port: int, root: Path, checkout: Path = REPOSITORY) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.root = root / "work/collaboration"
        self.started_at = time.perf_counter()
        environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
        self._process = subprocess.Popen(
            command, env=environment, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.answered_s = self._until(lambda: bool(self.get("/health")), 30)

    def until_ready(self) -> float:
        """Seconds from the start of the process until the board was complete."""
        return self._until(lambda: self.get("/health")["loading"] is None, 120)

    def _until(self, check: Callable[[], bool], limit_s: float) -> float:
        while time.perf_counter() - self.started_at < limit_s:
            try:
                if check():
                    return time.perf_counter() - self.started_at
            except OSError:
                pass
            time.sleep(0.02)
        raise TimeoutError("the server did not get there")

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def processes(self) -> list[psutil.Process]:
        """The process and its children."""
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    def worker_rss_mb(self) -> float:
        """Resident memory of the biggest process, the worker."""
        return max(process.memory_info().rss for process in self.processes()) / 1e6

    def pss_mb(self) -> float:
        """Proportional memory of all processes together."""
        return float(sum(process.memory_full_info().pss for process in self.processes())) / 1e6

    def cpu_s(self) -> float:
        """CPU seconds that all processes used so far."""
        return float(sum(sum(process.cpu_times()[:2]) for process in self.processes()))

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


@contextmanager
def dashboard(root: Path, checkout: Path = REPOSITORY) -> Iterator[Server]:
    """Our dashboard on a workspace, complete; that of another checkout of the repository, if one is given."""
    port = free_port()
    command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open"]
    server = Server([*command, "--workspace", str(root), "--port", str(port)], port, root, checkout)
    try:
        server.ready_s = server.until_ready()  # type: ignore[attr-defined]
        yield server
    finally:
        server.stop()


@contextmanager
def floor(root: Path) -> Iterator[Server]:
    """The bare minimum on the same folder: watchdog -> emit, nothing read, nothing decided."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.floor", str(root / "work/collaboration"), str(port)]
    server = Server(command, port, root)
    try:
        yield server
    finally:
        server.stop()


class Listener:
    """A plain Socket.IO client that notes when each event about each file arrived."""

    def __init__(self, server: Server) -> None:
        self.arrived: list[tuple[float, str, str, Any]] = []
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", self._take, namespace="/dashboard")
        self.client.connect(server.url, namespaces=["/dashboard"], transports=["websocket"])

    def _take(self, name: str, body: Any = None) -> None:
        at = time.perf_counter()
        task = (body or {}).get("task") if isinstance(body, dict) else None
        if task:
            with self._news:
                self.arrived.append((at, name, task["id"], body))
                self._news.notify_all()

    def wait(self, name: str, task_id: str, since: float, limit_s: float = 5) -> float | None:
        """When the event came, None if it did not."""

        def find() -> float | None:
            return next(
                (at for at, kind, key, _ in self.arrived if (kind, key) == (name, task_id) and at >= since), None
            )

        with self._news:
            self._news.wait_for(lambda: find() is not None, limit_s)
            return find()

    def wait_count(self, name: str, count: int, limit_s: float) -> float:
        """When the `count`th different task of that event came."""

        def found() -> dict[str, float]:
            times: dict[str, float] = {}
            for at, kind, key, _ in list(self.arrived):
                if kind == name:
                    times.setdefault(key, at)
            return times

        end = time.perf_counter() + limit_s
        while time.perf_counter() < end:
            times = found()
            if len(times) >= count:
                return max(times.values())
            time.sleep(0.02)
        raise TimeoutError(f"{len(found())} of {count} {name}")

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()


def spread(milliseconds: list[float]) -> tuple[float, float, float]:
    """(median, p95, p99)."""
    ordered = sorted(milliseconds)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[int(len(ordered) * 0.99)]


def table(title: str, head: list[str], rows: list[list[Any]]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print("| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    sys.stdout.flush()
