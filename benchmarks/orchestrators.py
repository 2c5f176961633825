"""Orchestrators: starts with proof of life, stops of one that ignores SIGTERM, 20 worktrees; the end of the dashboard.

`python -m benchmarks orchestrators`: the dashboard over HTTP, with our example as the orchestrator. The floor of a
start is the same command in a shell of its own, until its entry is in the registry.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

_STARTS, _STOPS, _READS, _WORKTREES = 20, 5, 20, 20
_ENDS, _SOCKETS = 5, 20
_STOP_S = 2.0


def main() -> None:
    """Print the tables."""
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = f"{folder}/user"
        _starts_and_stops(Path(folder, "ws"))
        _worktrees(Path(folder, "repo"))
    _ends()


def _starts_and_stops(place: Path) -> None:
    from kit.orchestrators import Desk, make_place, profile_of

    place.mkdir()
    desk = Desk(make_place(place), profile_of("--step-seconds", "60", "--ignore-term"))
    try:
        starts, stops, floors = [], [], []
        for number in range(_STARTS):
            floors.append(_floor_ms(place))
            starts.append(_timed(desk.start, 200))
            if number < _STOPS:
                stops.append(_timed(lambda: desk.stop(timeout=_STOP_S), 200))
            else:
                desk.stop(force=True)
        print("| orchestrator | median / p95 / worst |")
        print("|---|---|")
        print(f"| start, answered with proof of life | {_row(starts)} |")
        print(f"| the same command by hand, until it is registered | {_row(floors)} |")
        print(f"| stop of one that ignores SIGTERM, timeout {_STOP_S:g} s | {_row(stops)} |")
    finally:
        desk.stop(force=True)
        desk.close()


def _worktrees(place: Path) -> None:
    from kit.orchestrators import Desk, make_place
    from kit.repositories import add_worktree, change_line, git, make_repository

    make_repository(place)
    for number in range(200):
        path = place / f"src/module_{number % 20}/file_{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text {number}\n" * 50)
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "files")
    paths = []
    for number in range(_WORKTREES):
        path = add_worktree(place, f"w{number}")
        change_line(path, number + 1, f"of {number}", commit=True)
        change_line(path, 40 - number % 3, f"edited by {number}")
        paths.append(path)
    desk = Desk(make_place(place))
    try:
        first = _timed(lambda: desk.live.get("/api/worktrees"), 200)
        fresh, cached = [], []
        for number in range(_READS):
            change_line(paths[number % _WORKTREES], 20, f"again {number}")
            time.sleep(1.1)  # the answer before is used no longer
            fresh.append(_timed(lambda: desk.live.get("/api/worktrees"), 200))
            cached.append(_timed(lambda: desk.live.get("/api/worktrees"), 200))
        shown = desk.live.json("/api/worktrees")["worktrees"]
        overlaps = sum(len(one["overlaps"]) for one in shown) // 2
        began = time.perf_counter()
        for path in (place, *paths):
            subprocess.run(["git", "status", "--porcelain"], cwd=path, check=True, capture_output=True)
        status_ms = (time.perf_counter() - began) * 1000
        print()
        print(f"| {_WORKTREES} worktrees of 202 files, {overlaps} overlaps of pairs | median / p95 / worst |")
        print("|---|---|")
        print(f"| the first answer | {first:.0f} ms |")
        print(f"| after an edit | {_row(fresh)} |")
        print(f"| nothing changed | {_row(cached)} |")
        print(f"| `git status` in each, without ahead, behind and overlaps | {status_ms:.0f} ms |")
    finally:
        desk.close()


def _ends() -> None:
    """SIGTERM to a dashboard with WebSockets open, as a user started it, until its process has ended."""
    import websocket
    from kit.plans import PlanFiles
    from kit.processes import dashboard
    from kit.workspaces import workspace

    took = []
    for _ in range(_ENDS):
        with workspace(1) as root:
            PlanFiles(root).plan("tide")
            with dashboard(root) as server:
                paths = ["/ws/all", "/ws/plans/tide"] * (_SOCKETS // 2)
                sockets = [
                    websocket.create_connection(server.url.replace("http", "ws") + path, timeout=60) for path in paths
                ]
                for one in sockets:
                    one.recv()
                began = time.perf_counter()
                server.stop()
                took.append((time.perf_counter() - began) * 1000)
                for one in sockets:
                    one.shutdown()
    print()
    print("| the dashboard | median / p95 / worst |")
    print("|---|---|")
    print(f"| SIGTERM with {_SOCKETS} WebSockets open, until it has ended | {_row(took)} |")


def _floor_ms(place: Path) -> float:
    registry = place / ".claude/orchestrator-registry.json"
    before = registry.stat().st_ino if registry.exists() else 0
    command = [sys.executable, "scripts/plan_orchestrator.py", "--plan", "docs/plans/tide-import.md", "--daemon"]
    began = time.perf_counter()
    subprocess.Popen([*command, "--step-seconds", "60"], cwd=place).wait()
    while not registry.exists() or registry.stat().st_ino == before:
        time.sleep(0.001)
    took_ms = (time.perf_counter() - began) * 1000
    pid = json.loads(registry.read_text())["instances"][-1]["pid"]
    os.kill(pid, 9)
    registry.unlink()
    return took_ms


def _timed(ask: object, expected: int) -> float:
    began = time.perf_counter()
    response: requests.Response = ask()  # type: ignore[operator]
    took_ms = (time.perf_counter() - began) * 1000
    assert response.status_code == expected, response.text
    return took_ms


def _row(values: list[float]) -> str:
    values = sorted(values)
    return f"{statistics.median(values):.0f} / {values[int(len(values) * 0.95)]:.0f} / {values[-1]:.0f} ms"
