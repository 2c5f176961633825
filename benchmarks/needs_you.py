"""A line of a hook until a plain Socket.IO client has the event, beside the floor; and what the hook itself takes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import socketio
from kit.hook_payloads import SESSION, asked, bash, claude
from kit.hook_reports import report
from kit.processes import Server, dashboard, free_port
from kit.tables import spread, table
from kit.workspaces import workspace

from llm_service.hooks.install import SCRIPT

LIMIT_S = 2.0
EVENTS = ("agent.waiting", "agent.resumed", "agent.session")


class Arrivals:
    """A client that notes when each event about a session arrived."""

    def __init__(self, server: Server) -> None:
        self._arrived: list[tuple[float, str, str]] = []
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", self._take, namespace="/dashboard")
        self.client.connect(server.url, namespaces=["/dashboard"], transports=["websocket"])

    def _take(self, name: str, body: Any = None) -> None:
        at = time.perf_counter()
        if name in EVENTS:
            with self._news:
                self._arrived.append((at, name, body["session"]["id"]))
                self._news.notify_all()

    def wait(self, session: str, names: tuple[str, ...], since: float) -> float | None:
        """Milliseconds from `since` until the first of these events; None if there was none in time."""

        def find() -> float | None:
            found = (at for at, name, key in self._arrived if key == session and name in names and at >= since)
            return next(found, None)

        with self._news:
            self._news.wait_for(lambda: find() is not None, LIMIT_S)
            at = find()
            self._arrived.clear()
        return None if at is None else (at - since) * 1000

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()


@contextmanager
def floor(root: Path) -> Iterator[Server]:
    """The bare minimum on the same folder: watchdog -> emit, nothing read, nothing decided."""
    (root / "work/hooks").mkdir(parents=True, exist_ok=True)
    port = free_port()
    server = Server([sys.executable, "-m", "benchmarks.hook_floor", str(root / "work/hooks"), str(port)], port, root)
    try:
        yield server
    finally:
        server.stop()


def lines(server: Server, root: Path, count: int, is_floor: bool) -> tuple[list[float], int]:
    """(latencies in ms, events lost) of a session that asks and goes on, `count` times."""
    client = Arrivals(server)
    latencies, lost = [], 0
    report(root, claude("UserPromptSubmit"), claude("PreToolUse", **bash("t0")))
    time.sleep(0.3)
    for number in range(count):
        asks = number % 2 == 0
        part = asked() if asks else bash("t0", tool_response={})
        payload = claude("PermissionRequest" if asks else "PostToolUse", **part)
        time.sleep(0.03)
        since = time.perf_counter()
        report(root, payload)
        names = EVENTS if is_floor else ("agent.waiting",) if asks else ("agent.resumed",)
        at = client.wait(SESSION, names, since)
        if at is None:
            lost += 1
        else:
            latencies.append(at)
        report(root, *([] if asks else [claude("PreToolUse", **bash("t0"))]))
    client.close()
    return latencies, lost


@contextmanager
def busy(root: Path, sessions: int, per_second: float) -> Iterator[None]:
    """Other sessions use tools all the time."""
    ending = threading.Event()

    def write() -> None:
        number = 0
        while not ending.wait(1 / per_second):
            number += 1
            payload = claude("PreToolUse" if number % 2 else "PostToolUse", **bash(f"b{number // 2}"))
            report(root, payload | {"session_id": f"other-{number % sessions}"})

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield
    ending.set()
    thread.join()


def hook_itself(root: Path, count: int) -> list[float]:
    """How long the program of an agent waits for its hook."""
    command = [sys.executable, "-I", "-S", SCRIPT, "claude-code", str(root / "work/hooks"), str(root)]
    data = json.dumps(claude("PreToolUse", **bash("t0")) | {"cwd": str(root)}).encode()
    took = []
    for _ in range(count):
        since = time.perf_counter()
        subprocess.run(command, input=data, check=True)
        took.append((time.perf_counter() - since) * 1000)
    return took


def main(count: int = 300) -> None:
    """Print the tables."""
    rows: list[list[Any]] = []
    for name, serve, others in (
        ("floor: watchdog -> emit", floor, 0),
        ("ours", dashboard, 0),
        ("floor again", floor, 0),
        ("ours again", dashboard, 0),
        ("ours, 20 other sessions with 100 lines a second", dashboard, 20),
    ):
        with workspace(117) as root, serve(root) as server:
            if others:
                with busy(root, others, 100):
                    latencies, lost = lines(server, root, count, False)
            else:
                latencies, lost = lines(server, root, count, serve is floor)
            rows.append([name, len(latencies), *spread(latencies), lost])
    table("Line of a hook → Socket.IO client, 117 tasks (ms)", ["", "n", "median", "p95", "p99", "lost"], rows)
    ratio = (rows[1][2] + rows[3][2]) / (rows[0][2] + rows[2][2])
    print(f"\nours / floor (medians): {ratio:.2f}")
    with workspace(1) as root:
        took = hook_itself(root, 100)
    table("The hook itself (ms)", ["n", "median", "p95", "p99"], [[len(took), *spread(took)]])
