"""The sample workspace, and real files where they are: all are read, and nothing of them is lost in silence."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually
from kit.plans import REAL, WORKSPACES, PlanFiles, dashboard_with_plans

from llm_service.plans.findings import task_of_finding
from llm_service.plans.graph import graph_of
from llm_service.plans.offline import read_all
from llm_service.plans.settings import PlanSettings
from llm_service.plans.status_file import read_status

STATUS_FILES = [path for workspace in WORKSPACES for path in sorted(workspace.glob("docs/plan-outputs/*/status.json"))]
STATUS_FILES += sorted((REAL / "history").glob("*.json"))


@pytest.mark.parametrize("path", STATUS_FILES, ids=lambda path: "/".join(path.parts[-2:])[:50])
def test_a_status_file_is_read_whole(path: Path) -> None:
    data = path.read_bytes()
    written: dict[str, Any] = json.loads(data)
    found = read_status(data)
    assert [task.id for task in found.tasks] == [task["id"] for task in written["tasks"]]
    assert Counter(task.status for task in found.tasks) == Counter(task["status"] for task in written["tasks"])
    assert [task.duration_ms for task in found.tasks] == [task.get("duration") for task in written["tasks"]]
    assert [task.started_at for task in found.tasks] == [task.get("startedAt") for task in written["tasks"]]
    assert [task.description for task in found.tasks] == [
        task.get("description") or task["title"] for task in written["tasks"]
    ]
    assert len(found.runs) == len(written["runs"])
    assert found.problems == ()


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_all_plans_are_shown(workspace: Path) -> None:
    view = read_all(str(workspace), PlanSettings())
    files = {path.stem for path in (workspace / "docs/plans").glob("*.md")} - {"README"}
    assert set(view.plans) == files
    for name, plan in view.plans.items():
        assert plan.problems == ()
        assert sum(phase.progress.total for phase in plan.phases) == len(plan.tasks) > 0
        graph = graph_of(plan)
        assert len(graph["nodes"]) == len(plan.tasks)
        assert graph["cycles"] == [] and graph["missing"] == []
        folder = workspace / "docs/plan-outputs" / name / "findings"
        assert set(view.findings.get(name, {})) == {path.name for path in folder.glob("*.md")}
        for file in view.findings.get(name, {}):
            begin = file.replace("-", ".").split(".")[:2]
            expected = ".".join(begin) if begin[1].isdigit() else None
            known = {task.id for task in plan.tasks}
            assert task_of_finding(file, known) == (
                expected if expected in known else "V1" if "V1" in known and "verify" in file else None
            )


def test_successive_versions_of_a_status_file_are_events(workspace: Path) -> None:
    """Replayed over a live dashboard: the last state is that of the last file, and each change was an event."""
    versions = sorted(STATUS_FILES, key=lambda path: json.loads(path.read_bytes())["lastUpdatedAt"])
    files = PlanFiles(workspace)
    files.plan("replayed")
    live = dashboard_with_plans(workspace)
    try:
        listener = live.listen()
        last: dict[str, str] = {}
        for path in versions:
            files.status("replayed", path.read_bytes())
            live.sync()
            last = {task["id"]: task["status"] for task in json.loads(path.read_bytes())["tasks"]}
            assert {task["id"]: task["status"] for task in live.json("/api/plans/replayed/tasks")["data"]} == last

        def heard() -> dict[str, str]:
            """What a client knows that began with the plan file and applied each event."""
            known: dict[str, str | None] = {"1.1": "pending", "1.2": "pending", "2.1": "pending"}
            known |= {body["task"]: body["status"] for name, body in list(listener.got) if name == "plan.task_changed"}
            return {task: status for task, status in known.items() if status is not None}

        eventually(lambda: heard() == last)
    finally:
        live.stop()
