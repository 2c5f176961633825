"""Many files at once: 200 dropped until the last event, 10,000 dropped until the board equals the disk."""

from __future__ import annotations

import os
import time

from kit.arrivals import ArrivalTimes
from kit.processes import Server, dashboard
from kit.tables import table
from kit.workspaces import full_task_text, workspace


def drop(server: Server, count: int, prefix: str) -> tuple[float, float]:
    """(seconds of writing, seconds until the last `task.created` arrived) for files moved in from outside."""
    listener = ArrivalTimes(server)
    outside = server.root.parent
    names = [f"{prefix}-{number:05d}" for number in range(count)]
    for name in names:
        (outside / f".{name}.tmp").write_text(full_task_text(name))
    time.sleep(1)
    began = time.perf_counter()
    for name in names:
        os.rename(outside / f".{name}.tmp", server.root / f"inbox/{name}.yaml")
    wrote = time.perf_counter() - began
    last = listener.wait_count("task.created", count, 120) - began
    listener.close()
    for name in names:
        (server.root / f"inbox/{name}.yaml").unlink()
    server.get("/api/sync?timeout_ms=60000")
    return wrote, last


def equal(server: Server, count: int) -> tuple[float, float, float]:
    """(seconds of writing, seconds from the first of `count` files written in place until the board has them all,
    seconds of computing of the service until then)."""
    before, computed = server.get("/api/stats")["tasks"]["total"], server.cpu_s()
    began = time.perf_counter()
    for number in range(count):
        (server.root / f"inbox/equal-{number:05d}.yaml").write_text(full_task_text(f"equal-{number:05d}"))
    wrote = time.perf_counter() - began
    while server.get("/api/stats")["tasks"]["total"] < before + count:
        time.sleep(0.05)
    return wrote, time.perf_counter() - began, server.cpu_s() - computed


def main() -> None:
    """Print the table."""
    with workspace(117) as root, dashboard(root) as server:
        rows = []
        for number in range(5):
            wrote, last = drop(server, 200, f"burst-{number}")
            rows.append([f"200 dropped, run {number + 1}", wrote * 1000, last * 1000])
        table("200 files at once → last event (ms)", ["", "written in", "last event after"], rows)
        found = equal(server, 10_000)
        head = ["", "written in", "equal after", "computing of the service until then"]
        table("10,000 files at once → board equals disk (s)", head, [["ours", *found]])
