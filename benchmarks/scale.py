"""20,000 tasks: start, memory, idle CPU, lists; and the bytes of one change."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

from kit.arrivals import ArrivalTimes
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import full_task_text, workspace

PATHS = (
    "/api/tasks",
    "/api/tasks?agent=agent-03",
    "/api/tasks?lane=done&sort=priority",
    "/api/tasks?q=task-0001",
    "/api/stats",
)


def timings(server: Server, path: str, count: int = 60) -> tuple[float, float, float]:
    """(median, p95, p99) in ms of a GET."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        with urllib.request.urlopen(server.url + path) as answer:
            answer.read()
        taken.append((time.perf_counter() - began) * 1000)
    return spread(taken)


def wire_bytes(server: Server) -> int:
    """The size of the event that one edit of one task causes."""
    listener = ArrivalTimes(server)
    path = server.root / "inbox/wire.yaml"
    path.write_text(full_task_text("wire"))
    listener.wait("task.created", "wire", 0)
    path.write_text(full_task_text("wire", note="edited"))
    listener.wait("task.updated", "wire", 0)
    body = next(body for _, name, _, body in listener.arrived if name == "task.updated")
    listener.close()
    return len(json.dumps(body, separators=(",", ":"))) + len('42/dashboard,["task.updated",]')


def main(idle_s: float = 60) -> None:
    """Print the tables."""
    rows: list[list[Any]] = []
    lists: list[list[Any]] = []
    for tasks in (0, 117, 20_000):
        with workspace(tasks) as root, dashboard(root) as server:
            ready_s: float = server.ready_s  # type: ignore[attr-defined]
            for path in PATHS:
                lists.append([tasks, path, *timings(server, path)])
            rss, pss = server.worker_rss_mb(), server.pss_mb()
            before = server.cpu_s()
            time.sleep(idle_s)
            idle = (server.cpu_s() - before) / idle_s * 100
            rows.append(
                [tasks, f"{server.answered_s:.2f}", f"{ready_s:.2f}", rss, pss, f"{idle:.2f}", wire_bytes(server)]
            )
    head = [
        "tasks",
        "/health after s",
        "complete after s",
        "RSS of the worker MB",
        "PSS of all MB",
        "idle CPU %",
        "bytes of one change",
    ]
    table("Size", head, rows)
    table("Lists (ms)", ["tasks", "path", "median", "p95", "p99"], lists)
