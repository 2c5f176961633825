"""Workspaces of a given size, with task files like real ones."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def full_task_text(task_id: str, agent: str = "agent-00", status: str = "new", note: str = "") -> str:
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
        (folder / f"{task_id}.yaml").write_text(full_task_text(task_id, agent, status))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
