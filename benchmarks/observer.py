"""What the observer costs, now and in another checkout, turn by turn in one run, each beside the floor of its turn.

`python -m benchmarks observer --against CHECKOUT --rounds 5` takes about three minutes a round on a quiet machine. The
last table has the medians beside the goals.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from kit.processes import Server, dashboard, floor
from kit.tables import spread, table
from kit.workspaces import workspace

from .artifact_trees import FILES_OF_A_PROJECT, Counting, Watcher, run_floor, tree
from .artifacts import FLOOD, FLOOD_FOLDERS, QUIET_S, settle, until_listed
from .latency import changes

Serve = Callable[[Path], AbstractContextManager[Server]]
Figures = dict[str, list[float]]
PROJECTS = 10
CHANGES = 100


def latency(name: str, serve: Serve, figures: Figures, rows: list[list[Any]]) -> None:
    """Rename until a client has the event, 117 tasks."""
    with workspace(117) as root, serve(root) as server:
        milliseconds, lost = changes(server, CHANGES)
    figures[name].append(spread(milliseconds)[0])
    rows.append([name, len(milliseconds), *spread(milliseconds), lost])


def start(name: str, serve: Serve, root: Path, base_mb: float, figures: Figures, rows: list[list[Any]]) -> None:
    """The first listing of a large tree, warm, beside a bare scan; and what a file weighs with its lines counted."""
    scan_s = run_floor("scan", root / "work/generated_projects")["scan_s"]
    files = PROJECTS * FILES_OF_A_PROJECT
    with serve(root) as server:
        until_listed(server)
        (ready,) = (
            event for event in server.get("/api/events?topics=artifacts&limit=10000")["events"]
            if event["type"] == "artifact.ready"
        )  # fmt: skip
        settle(server)
        bytes_each = (server.worker_rss_mb() - base_mb) * 1e6 / files
    figures[f"{name} start"].append(ready["load_ms"] / 1000 / scan_s)
    figures[f"{name} bytes"].append(bytes_each)
    rows.append([name, f"{scan_s:.2f}", f"{ready['load_ms'] / 1000:.2f}", figures[f"{name} start"][-1], bytes_each])


def empty_mb(serve: Serve) -> float:
    """Resident memory without any generated file."""
    with tree(0) as root, serve(root) as server:
        until_listed(server)
        return server.worker_rss_mb()


def flood(name: str, serve: Serve, figures: Figures, rows: list[list[Any]]) -> None:
    """20,000 files as fast as one process writes them: our CPU beside that of a watchdog that only counts."""
    with tree(1) as root:
        target = root / "work/generated_projects/project_000"
        counting = Counting(target.parent)
        run_floor("write", target / "a", FLOOD, FLOOD_FOLDERS)
        time.sleep(2)
        bare_s = counting.stop()["cpu_s"]
        with serve(root) as server:
            until_listed(server)
            settle(server)
            watcher = Watcher(server)
            before_s, announced = server.cpu_s(), watcher.sum.net
            written = run_floor("write", target / "b", FLOOD, FLOOD_FOLDERS)
            whole = watcher.until(announced + FLOOD, QUIET_S)
            after_s = watcher.sum.at - written["ended"]
            time.sleep(2)
            cpu_s = server.cpu_s() - before_s
            watcher.close()
    figures[f"{name} flood"].append(cpu_s / bare_s)
    rows.append([name, f"{bare_s:.2f}", f"{cpu_s:.2f}", f"{cpu_s / bare_s:.2f}", f"{after_s:.2f}", whole])


def main(against: Path | None = None, rounds: int = 3) -> None:
    """Print the tables."""
    contenders: dict[str, Serve] = {"now": dashboard}
    if against is not None:
        contenders = {"before": partial(dashboard, checkout=against), "now": dashboard}
    figures: Figures = defaultdict(list)
    rows: list[list[Any]] = []
    for _ in range(rounds):
        for name, serve in {"floor": floor, **contenders}.items():
            latency(name, serve, figures, rows)
    table("Rename → Socket.IO client, 117 tasks (ms)", ["", "n", "median", "p95", "p99", "lost"], rows)
    rows = []
    with tree(PROJECTS) as root:
        run_floor("scan", root / "work/generated_projects")
        base_mb = {name: empty_mb(serve) for name, serve in contenders.items()}
        for _ in range(rounds):
            for name, serve in contenders.items():
                start(name, serve, root, base_mb[name], figures, rows)
    head = ["", "bare scan s", "listed and watched s", "listed / scan", "bytes a file, lines counted"]
    table(f"Start, warm, {PROJECTS * FILES_OF_A_PROJECT:,} files", head, rows)
    rows = []
    for _ in range(rounds):
        for name, serve in contenders.items():
            flood(name, serve, figures, rows)
    head = ["", "bare watchdog CPU s", "our CPU s", "ours / its", "announced s after the last write", "all announced"]
    table(f"{FLOOD:,} files at once, in {FLOOD_FOLDERS} new folders, on disk", head, rows)
    summary(figures, list(contenders), rounds)


def summary(figures: Figures, names: list[str], rounds: int) -> None:
    """The medians of all rounds beside the goals."""
    middle = statistics.median

    def row(what: str, goal: str, figure: Callable[[str], float]) -> list[Any]:
        return [what, goal, *(f"{figure(name):.2f}" for name in names)]

    rows = [
        row("rename → client: median / floor", "≤ 1.5", lambda name: middle(figures[name]) / middle(figures["floor"])),
        row("start, 100,000 files / bare scan", "≤ 2.6", lambda name: middle(figures[f"{name} start"])),
        row("memory, bytes a file", "≤ 350", lambda name: middle(figures[f"{name} bytes"])),
        row("flood: CPU / bare watchdog", "≤ 2", lambda name: middle(figures[f"{name} flood"])),
    ]
    table(f"Goals, medians of {rounds} rounds", ["what", "to reach", *names], rows)
