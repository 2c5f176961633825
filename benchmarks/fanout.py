"""One event to many clients: when does the last one have it? The clients are in a process of their own."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from typing import Any

from kit.paths import ROOT
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import full_task_text, workspace

EVENTS = 100


class FanClients:
    """So many clients of a kind, each with its snapshot."""

    def __init__(self, url: str, kind: str, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.fan_clients", url, kind, str(count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def wait_ready(self) -> None:
        """Until all are connected."""
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ConnectionError("the clients have ended")
        return line

    def wait(self, text: str) -> tuple[float, int]:
        """(when the last one had received this text, how many had not)."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        last, missing = self._line().split()
        return float(last), int(missing)

    def stop(self) -> None:
        """Disconnect all."""
        self._process.communicate()


def measure(server: Server, kind: str, count: int) -> list[Any]:
    """A row: of how many clients, how long it took until the last one had each event."""
    clients = FanClients(server.url, kind, count)
    clients.wait_ready()
    taken, lost = [], 0
    for number in range(EVENTS):
        name = f"fan-{kind}-{count}-{number:04d}"
        path = server.root / f"inbox/{name}.yaml"
        began = time.perf_counter()
        path.write_text(full_task_text(name))
        last, missing = clients.wait(name)
        taken.append((last - began) * 1000)
        lost += missing
        time.sleep(0.05)
    threads = max(process.num_threads() for process in server.processes())
    memory = server.worker_rss_mb()
    clients.stop()
    return [f"{count:,} {kind}", *spread(taken), lost, threads, memory]


def floor(count: int) -> list[Any]:
    """A row: as many calls of `send` one after the other, with an event's bytes that are there already, and the same
    clients. What the system takes for waking them is in it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=count)
    clients = FanClients(f"http://127.0.0.1:{listener.getsockname()[1]}", "bare", count)
    connections = [listener.accept()[0] for _ in range(count)]
    clients.wait_ready()
    taken, lost = [], 0
    for number in range(EVENTS):
        name = f"floor-{number:04d}"
        event = full_task_text(name).encode()
        began = time.perf_counter()
        for connection in connections:
            connection.send(event)
        last, missing = clients.wait(name)
        taken.append((last - began) * 1000)
        lost += missing
        time.sleep(0.05)
    clients.stop()
    for connection in (listener, *connections):
        connection.close()
    return [f"floor: {count:,} × send", *spread(taken), lost, 1, ""]


def main() -> None:
    """Print the table."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    rows = [floor(100), floor(1_000)]
    for kind, counts in (("socketio", (1, 20, 100, 1_000)), ("ws", (100, 400)), ("sse", (100, 400))):
        with workspace(117) as root, dashboard(root) as server:
            rows += [measure(server, kind, count) for count in counts]
    head = ["clients", "median", "p95", "p99", "lost", "threads of the worker", "its memory MB"]
    table("Plain write → last of n clients has it (ms)", head, rows)
