"""What one event costs the service: 20,000 tasks, 5,000 pipelines, 500 plans, and one of them changes.

The CPU time of all processes of the dashboard, user and system, for one change on the disk; what it uses without any
change in the same time is subtracted. "Apart": one change every 1.2 s, so that each causes all that follows of it.
"In a row": a change every 20 ms, as agents report, so that what follows is joined.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from kit.hook_payloads import claude
from kit.hook_reports import report
from kit.pipelines import reporter_of
from kit.plans import PlanFiles
from kit.processes import Server, dashboard
from kit.tables import table
from kit.workspaces import full_task_text, workspace

from llm_service.pipelines.ids import job_id

from .pipelines import PIPELINES, fill
from .plans import add_plans, many_tasks

TASKS, PLANS = 20_000, 500
APART, IN_A_ROW = 12, 150
APART_S, IN_A_ROW_S = 1.2, 0.02
QUIET_MS = 60
"""In a second, of one that has nothing to do."""
_SETTLE_S = 1.5
"""What follows of the last change has happened then."""


def cpu_ms(server: Server) -> float:
    """What all processes of the service have used so far."""
    return sum(map(_process_ms, server.processes()))


def _process_ms(process: psutil.Process) -> float:
    """To the nanosecond where the system says it: a tick of ten milliseconds is more than an event takes."""
    try:
        threads = list(Path(f"/proc/{process.pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e6
    except OSError:
        used = process.cpu_times()
        return float(used.user + used.system) * 1000


def used_ms(server: Server, change: Callable[[], object], times: int, pause_s: float) -> float:
    """What the service uses for each change, more than without one."""
    time.sleep(_SETTLE_S)
    before, began = cpu_ms(server), time.monotonic()
    for _ in range(times):
        change()
        time.sleep(pause_s)
    time.sleep(_SETTLE_S)
    busy, took = cpu_ms(server) - before, time.monotonic() - began
    before, began = cpu_ms(server), time.monotonic()
    time.sleep(min(took, 5))
    idle = (cpu_ms(server) - before) / (time.monotonic() - began)
    return (busy - idle * took) / times


def until_quiet(server: Server) -> None:
    """Wait until what is read at a start has been read: files that tasks claim come last."""
    quiet, until = 0, time.monotonic() + 180
    while quiet < 4:
        before = cpu_ms(server)
        time.sleep(1)
        quiet = quiet + 1 if cpu_ms(server) - before < QUIET_MS else 0
        if time.monotonic() > until:
            raise TimeoutError("the service does not come to rest")


def changes(root: Path, ids: list[str]) -> dict[str, Callable[[], object]]:
    """What can change."""
    numbers = itertools.count()
    reporter = reporter_of(root, time.time)
    job = job_id(ids[0], 3)
    task = sorted((root / "work/collaboration/assigned").rglob("*.yaml"))[0]
    plans = PlanFiles(root)

    def replace_task() -> None:
        new = task.with_suffix(".tmp")
        new.write_text(full_task_text(task.stem, task.parent.name, "assigned", str(next(numbers))))
        new.replace(task)

    def change_plan() -> None:
        plan = many_tasks()
        plan[0]["description"] = f"change {next(numbers)}"
        plans.tasks("plan-000", *plan)

    return {
        "a job is updated": lambda: reporter.update_pipeline_job(job, summary=f"change {next(numbers)}"),
        "an entry in a log": lambda: reporter.append_job_log(job, f"An entry {next(numbers)}."),
        "a task is rewritten": replace_task,
        "a plan is rewritten": change_plan,
        "a hook reports": lambda: report(root, claude("UserPromptSubmit")),
    }


def main() -> None:
    """Print the table."""
    rows: list[list[Any]] = []
    with workspace(TASKS) as root:
        ids = fill(root)
        add_plans(root, PLANS)
        with dashboard(root) as server:
            until_quiet(server)
            assert server.get("/api/pipelines")["total"] == PIPELINES
            for name, change in changes(root, ids).items():
                apart = used_ms(server, change, APART, APART_S)
                in_a_row = used_ms(server, change, IN_A_ROW, IN_A_ROW_S)
                rows.append([name, f"{apart:.1f}", f"{in_a_row:.1f}"])
    head = ["change", "apart", "in a row"]
    table(f"CPU of the service for a change (ms): {TASKS:,} tasks, {PIPELINES:,} pipelines, {PLANS} plans", head, rows)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")
