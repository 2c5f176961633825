"""Generated files by the hundred thousand: how soon one is told, how soon all are listed, what a flood costs.

Everything is compared in the same run with the least that can be done. `main` takes about ten minutes and 8 GB of disk
with the million files; `python -m benchmarks artifacts` leaves nothing behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.processes import Server, dashboard, free_port
from kit.tables import spread, table

from .artifact_trees import (
    FILES_OF_A_PROJECT,
    FOLDERS_OF_A_PROJECT,
    RAM,
    Counting,
    Pulse,
    Watcher,
    on_disk,
    run_floor,
    tree,
)
from .scale import timings

ROUNDS = 200
FLOOD, FLOOD_FOLDERS = 20_000, 200
RACES = 1_000
QUIET_S = 30


@contextmanager
def ours(root: Path) -> Iterator[Server]:
    """Our dashboard, all files listed and their lines counted."""
    with dashboard(root) as server:
        until_listed(server)
        settle(server)
        yield server


@contextmanager
def bare(root: Path) -> Iterator[Server]:
    """watchdog -> emit on the same folder."""
    port = free_port()
    folder = str(root / "work/generated_projects")
    server = Server([sys.executable, "-m", "benchmarks.artifact_floor", "emit", folder, str(port)], port, root)
    try:
        yield server
    finally:
        server.stop()


def until_listed(server: Server, limit_s: float = 300) -> float:
    """When every file was listed for the first time."""
    end = time.perf_counter() + limit_s
    while time.perf_counter() < end:
        if server.get("/api/projects")["loading"] is None:
            return time.perf_counter()
        time.sleep(0.1)  # asking more often would be measured too
    raise TimeoutError("the projects were not listed")


def settle(server: Server, limit_s: float = 1800) -> None:
    """Wait until all lines are counted."""
    end = time.perf_counter() + limit_s
    while any(project["uncounted"] for project in server.get("/api/projects")["projects"]):
        if time.perf_counter() > end:
            raise TimeoutError("not all lines were counted")
        time.sleep(0.2)


def latency(projects: int = 10, rounds: int = ROUNDS) -> None:
    """One file written into a large tree until a client is told."""
    rows = []
    with tree(projects) as root:
        for name, serve in (("floor: watchdog -> emit", bare), ("ours", ours), ("floor again", bare), ("again", ours)):
            with serve(root) as server:
                watcher = Watcher(server)
                taken, lost = [], 0
                for number in range(rounds):
                    folder = f"package_{number % 50:02d}/part_{number % 20:02d}"
                    path = f"{folder}/latency_{name[:5].strip()}_{number:04d}.py"
                    time.sleep(0.03)
                    began = time.perf_counter()
                    (root / f"work/generated_projects/project_{number % projects:03d}" / path).write_text("value = 1\n")
                    if watcher.until_told(path, 3):
                        taken.append((watcher.sum.paths[path] - began) * 1000)
                    else:
                        lost += 1
                watcher.close()
            for written in (root / "work/generated_projects").rglob("latency_*.py"):
                written.unlink()
            rows.append([name, len(taken), *spread(taken), lost])
    files = projects * FILES_OF_A_PROJECT
    table(f"One file written → client, {files:,} files (ms)", ["", "n", "median", "p95", "p99", "lost"], rows)


def start(sizes: tuple[int, ...] = (10, 100)) -> None:
    """The first listing, warm, and what each file weighs."""
    with tree(0) as root, dashboard(root) as server:
        until_listed(server)
        base_mb = server.worker_rss_mb()
    rows: list[list[Any]] = []
    for projects in sizes:
        with tree(projects) as root:
            folder = root / "work/generated_projects"
            files, folders = projects * FILES_OF_A_PROJECT, projects * FOLDERS_OF_A_PROJECT
            run_floor("scan", folder)
            scanned_s = run_floor("scan", folder)["scan_s"]
            counting = Counting(folder)
            counting.stop()
            with dashboard(root) as server:
                pulse = Pulse(server)
                listed = until_listed(server)
                since_start_s = listed - server.started_at
                (ready,) = (
                    event for event in server.get("/api/events?topics=artifacts&limit=10000")["events"]
                    if event["type"] == "artifact.ready"
                )  # fmt: skip
                at_once_mb = server.worker_rss_mb()
                pulse.stop()
                began = time.perf_counter()
                settle(server)
                counted_s = time.perf_counter() - began
                at_rest_mb = server.worker_rss_mb()
                (root_status,) = (
                    one for one in server.get("/health")["watchers"] if one["root"].endswith("generated_projects")
                )
            bytes_each = [(size - base_mb) * 1e6 / files for size in (at_once_mb, at_rest_mb)]
            rows.append([
                f"{files:,} / {folders:,}", f"{scanned_s:.2f}", f"{counting.start_s:.2f}",
                f"{ready['load_ms'] / 1000:.2f}", f"{since_start_s:.2f}", f"{server.answered_s:.2f}",
                pulse.longest_ms, f"{bytes_each[0]:.0f}", f"{bytes_each[1]:.0f}", f"{counted_s:.1f}",
                root_status["mode"],
            ])  # fmt: skip
    head = [
        "files / folders", "bare scan s", "watchdog's watches s", "listed and watched s", "since the process began s",
        "/health after s", "longest /health meanwhile ms", "bytes a file", "with lines counted", "counting s", "mode",
    ]  # fmt: skip
    table(f"Start, warm (base {base_mb:.0f} MB)", head, rows)


def flood(projects: int = 1, files: int = FLOOD) -> None:
    """Many files written as fast as one process can. The bare watchdog counts them all; ours has the usual queue, which
    overflows on a RAM disk."""
    rows = []
    expected = 3 * files + FLOOD_FOLDERS + 1  # made, modified, closed; the folders. What is missing overflowed.
    for name, where in (("disk", None), ("RAM disk", RAM)):
        with tree(projects, where) as root:
            target = root / "work/generated_projects/project_000"
            counting = Counting(target.parent)
            written = run_floor("write", target / "a", files, FLOOD_FOLDERS)
            time.sleep(2)
            told = counting.stop()
            with ours(root) as server:
                watcher = Watcher(server)
                before_cpu, before, announced = server.cpu_s(), on_disk(root), watcher.sum.net
                written = run_floor("write", target / "b", files, FLOOD_FOLDERS)
                whole = watcher.until(announced + files, QUIET_S)
                after_s = watcher.sum.at - written["ended"]
                time.sleep(2)
                cpu_s = server.cpu_s() - before_cpu
                settle(server)
                with_lines_s = server.cpu_s() - before_cpu
                net, there = watcher.sum.net - announced, on_disk(root) - before
                listed = sum(project["files"] for project in server.get("/api/projects")["projects"])
                watcher.close()
            assert whole and net == there and listed == on_disk(root), (net, there, listed, on_disk(root))
            rows.append([
                name, f"{(written['ended'] - written['began']):.2f}", f"{told['events']:,} of {expected:,}",
                f"{told['cpu_s']:.2f}", f"{cpu_s:.2f}", f"{cpu_s / told['cpu_s']:.2f}", f"{with_lines_s:.2f}",
                f"{after_s:.2f}", watcher.sum.events, f"{net:,} = {there:,}",
            ])  # fmt: skip
    head = [
        "on a", "written in s", "watchdog reported", "its CPU s", "our CPU s", "ours / its", "with all lines counted",
        "announced s after the last write", "events", "announced = on disk",
    ]  # fmt: skip
    table(f"{files:,} files at once, in {FLOOD_FOLDERS} new folders", head, rows)


def removal(projects: int = 10) -> None:
    """`rm -rf` of everything."""
    with tree(projects) as root, ours(root) as server:
        watcher = Watcher(server)
        files = projects * FILES_OF_A_PROJECT
        began = time.perf_counter()
        subprocess.run(["rm", "-rf", *(root / "work/generated_projects").iterdir()], check=True)
        removed_s = time.perf_counter() - began
        whole = watcher.until(-files, QUIET_S)
        gone_s = watcher.sum.at - began
        there = server.get("/api/projects")["projects"]
        watcher.close()
        rows = [[f"{files:,}", f"{removed_s:.2f}", f"{gone_s:.2f}", f"{gone_s - removed_s:.2f}", -watcher.sum.net]]
        assert whole and there == [], (watcher.sum.net, there)
    head = ["files", "removed in s", "all announced s after the beginning", "after the end", "announced"]
    table("rm -rf", head, rows)


def lists(projects: int = 10) -> None:
    """What the page asks for, over a large tree."""
    paths = (
        "/api/projects",
        "/api/artifacts/project_003/tree",
        "/api/artifacts/project_003/tree?under=package_07",
        "/api/artifacts?limit=100",
        "/api/artifacts?project=project_003&type=documentation",
        "/api/artifacts?type=code&limit=500",
        "/api/artifacts?q=module_07",
        "/api/artifacts?q=package_49%20part_19%20module_09",
        "/api/artifacts?q=nothing-of-that-name",
        "/api/evidence",
    )
    with tree(projects) as root, ours(root) as server:
        rows = [[path, *timings(server, path, 30)] for path in paths]
    table(f"Lists over {projects * FILES_OF_A_PROJECT:,} files (ms)", ["path", "median", "p95", "p99"], rows)


def race(rounds: int = RACES) -> None:
    """Nested folders made and filled before a watch can stand: nothing but the watch may find them."""
    with tree(0) as root:
        projects = root / "work/generated_projects"
        (projects / "race").mkdir()
        with ours(root) as server:
            watcher = Watcher(server)
            for number in range(rounds):
                folder = f"{projects}/race/r{number}/a/b/c"
                os.makedirs(folder)
                for name in (f"{folder}/last.py", f"{folder}/../first.py", f"{folder}/../../../top.py"):
                    handle = os.open(name, os.O_CREAT | os.O_WRONLY)
                    os.close(handle)
                if number % 50 == 0:
                    time.sleep(0.3)
            expected = rounds * 3
            whole = watcher.until(expected, QUIET_S)
            listed = sum(project["files"] for project in server.get("/api/projects")["projects"])
            watcher.close()
            rows = [[rounds, expected, watcher.sum.net, listed, expected - listed, whole]]
    head = ["rounds", "files", "announced", "in the tree", "missed", "announced in time"]
    table("Race against the watch", head, rows)


def main() -> None:
    """Print the tables."""
    for part in (latency, start, flood, removal, lists, race):
        part()
