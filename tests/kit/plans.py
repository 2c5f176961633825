"""Plans for tests: files as an orchestrator writes them, a dashboard that has them, and clients of the WebSockets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import websocket
from kit.live import Live, running
from kit.paths import ROOT, SHARED

from llm_service.feature import Feature, Kernel
from llm_service.plans.feature import Plans
from llm_service.plans.shapes import Companion
from llm_service.tasks.feature import Tasks

SAMPLE = ROOT / "work"
REAL = SHARED / "data/plans"
"""Files of a real repository, which are no part of this one: tests use them where they are."""
WORKSPACES = [path for path in (SAMPLE, REAL) if (path / "docs/plans").is_dir()]

PLAN = """# Tide import

## Phase 1: Parser
- [ ] 1.1 Read the table
- [ ] 1.2 Check the hours (depends: 1.1)

## Phase 2: Service
- [ ] 2.1 Serve the next tide (depends: 1.2)
"""


def task(task_id: str, status: str = "pending", **fields: Any) -> dict[str, Any]:
    """A task of a status file."""
    number = task_id.partition(".")[0]
    return {"id": task_id, "phase": f"Phase {number}", "description": f"Task {task_id}", "status": status} | fields


def status_of(tasks: Iterable[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A status file without an oddity, but for what `fields` says."""
    items = list(tasks)
    names = ("completed", "pending", "in_progress", "failed", "skipped")
    counts = {name: sum(1 for item in items if item.get("status") == name) for name in names}
    return {
        "planPath": "docs/plans/tide.md",
        "planName": "Tide import",
        "createdAt": "2026-11-20T08:00:00.000Z",
        "lastUpdatedAt": "2026-11-20T09:00:00.000Z",
        "tasks": items,
        "summary": {"totalTasks": len(items)} | counts,
        "runs": [],
    } | fields


class PlanFiles:
    """The files of plans in a workspace, written as an orchestrator writes them."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.plans = workspace / "docs/plans"
        self.outputs = workspace / "docs/plan-outputs"
        self.plans.mkdir(parents=True, exist_ok=True)
        self.outputs.mkdir(parents=True, exist_ok=True)

    def plan(self, name: str, text: str = PLAN) -> Path:
        """Write a plan file."""
        return _replace(self.plans / f"{name}.md", text)

    def status(self, name: str, value: Any) -> Path:
        """Replace a status file: a temporary one beside it, then a rename."""
        text = value if isinstance(value, str | bytes) else json.dumps(value, indent=2)
        return _replace(self.outputs / name / "status.json", text)

    def tasks(self, name: str, *tasks: dict[str, Any], **fields: Any) -> Path:
        """Replace a status file by one with these tasks."""
        return self.status(name, status_of(tasks, **fields))

    def finding(self, name: str, file: str, text: str = "# Found\n") -> Path:
        """Write a file of findings."""
        return _replace(self.outputs / name / "findings" / file, text)

    def log(self, name: str, text: str) -> Path:
        """Add text to the log of an orchestrator."""
        path = self.workspace / f"orchestrator-{name}.log"
        with path.open("a") as file:
            file.write(text)
        return path


def _replace(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp.{os.getpid()}")
    temporary.write_bytes(text.encode() if isinstance(text, str) else text)
    temporary.replace(path)
    return path


def features_with_plans(
    companion: Callable[[str], Companion] = lambda plan: Companion(),
) -> Callable[[Kernel], list[Feature]]:
    """The tasks, without which no dashboard is ready, and the plans."""

    def build(kernel: Kernel) -> list[Feature]:
        return [Tasks(kernel), Plans(kernel, companion)]

    return build


def dashboard_with_plans(workspace: Path, **settings: Any) -> Live:
    """A running dashboard that has read all plans."""
    live = running(workspace, features=features_with_plans(), **settings)
    live.sync()
    return live


class Socket:
    """A client of a WebSocket that reads JSON."""

    def __init__(self, live: Live, path: str) -> None:
        self._connection = websocket.create_connection(f"ws://127.0.0.1:{live.port}{path}", timeout=60)

    def next(self) -> dict[str, Any]:
        """The next message."""
        found: dict[str, Any] = json.loads(self._connection.recv())
        return found

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that is wanted."""
        while not wanted(message := self.next()):
            pass
        return message

    def close(self) -> None:
        """Leave."""
        self._connection.close()
