"""The routes of plans: what they answer, whom they refuse, and that they leave the disk as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, eventually, running
from kit.plans import PLAN, PlanFiles, dashboard_with_plans, features_with_plans, task

from llm_service.plans.board import MAX_TASK_EVENT_CHARACTERS
from llm_service.plans.feature import Plans, project_rule
from llm_service.plans.shapes import Companion
from llm_service.plans.status_values import MAX_TEXT


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    files.plan("tide")
    files.tasks(
        "tide",
        task(
            "1.1", "completed", startedAt="2026-11-20T08:00:00Z", completedAt="2026-11-20T08:10:00Z", duration=600_000
        ),
        task("1.2", "in_progress", startedAt="2026-11-20T08:20:00Z", notes="half way", findingsPath="findings/1-2.md"),
        task("2.1", findingsPath="findings/nowhere.md"),
        runs=[{"runId": "r1", "startedAt": "2026-11-20T08:00:00Z"}],
    )
    files.finding("tide", "1-2.md", "# Hours\n")
    files.finding("tide", "summary.md")
    files.plan("rates", "# Rates\n## Phase 1: A\n- [ ] 1.1 a\n")
    files.plan("README", "# Index\n")
    (files.plans / "archive").mkdir()
    (files.plans / "archive/old.md").write_text(PLAN)
    files.tasks("gone", task("1.1"))
    return files


def test_plans_are_listed(live: Live) -> None:
    body = live.json("/api/plans")
    assert [row["name"] for row in body["data"]] == ["rates", "tide"]
    tide = body["data"][1]
    assert tide == {
        "name": "tide",
        "path": "docs/plans/tide.md",
        "title": "Tide import",
        "status": "in_progress",
        "progress": {
            "total": 3, "completed": 1, "pending": 1, "in_progress": 1, "failed": 0, "skipped": 0, "percentage": 33,
        },
        "currentPhase": "Phase 1: Parser",
        "currentTask": {"id": "1.2", "description": "Task 1.2", "startedAt": "2026-11-20T08:20:00Z"},
        "worktree": None,
        "orchestrator": None,
        "lastUpdatedAt": "2026-11-20T09:00:00.000Z",
        "project": "",
        "findings": 2,
        "disagreements": 1,
        "problems": 0,
        "isCurrent": False,
    }  # fmt: skip
    assert (body["data"][0]["progress"], body["data"][0]["status"]) == (None, "pending")
    assert body["summary"] == {
        "totalPlans": 2, "running": 0, "pending": 1, "completed": 0, "failed": 0, "inProgress": 1,
    }  # fmt: skip
    assert body["withoutPlan"] == ["gone"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=pending", ["rates"]),
        ("status=pending,in_progress", ["rates", "tide"]),
        ("status=completed", []),
        ("status=running", ["tide"]),
        ("worktree=true", ["tide"]),
        ("worktree=false", ["rates"]),
        ("worktree=/w/tide", ["tide"]),
        ("worktree=/w/other", []),
    ],
)
def test_the_list_is_filtered(files: PlanFiles, query: str, names: list[str]) -> None:
    def companion(plan: str) -> Companion:
        if plan != "tide":
            return Companion()
        return Companion({"active": True, "path": "/w/tide"}, {"running": True, "pid": 7})

    live = running(files.workspace, features=features_with_plans(companion))
    try:
        live.sync()
        assert [row["name"] for row in live.json(f"/api/plans?{query}")["data"]] == names
        assert live.json("/api/plans")["summary"]["running"] == 1
        assert live.json("/api/plans/tide/status")["data"]["orchestrator"] == {"running": True, "pid": 7}
    finally:
        live.stop()


def test_a_plan_is_shown_whole(live: Live) -> None:
    data = live.json("/api/plans/tide")["data"]
    assert [(phase["number"], phase["total"], phase["completed"], phase["percentage"]) for phase in data["phases"]] == [
        (1, 2, 1, 50), (2, 1, 0, 0),
    ]  # fmt: skip
    assert [(each["id"], each["line"], each["dependencies"]) for each in data["tasks"]] == [
        ("1.1", 4, []), ("1.2", 5, ["1.1"]), ("2.1", 8, ["1.2"]),
    ]  # fmt: skip
    assert [each["findingsPath"] for each in data["tasks"]] == [None, "findings/1-2.md", None]
    assert [(each["task"], each["status"]) for each in data["recentActivity"]] == [
        ("1.2", "in_progress"), ("1.1", "completed"),
    ]  # fmt: skip
    assert data["runs"] == [
        {
            "runId": "r1",
            "startedAt": "2026-11-20T08:00:00Z",
            "completedAt": None,
            "tasksCompleted": None,
            "tasksFailed": None,
        }
    ]
    assert [each["kind"] for each in data["disagreementList"]] == ["task_texts"]
    assert live.json("/api/plans/tide/tasks")["data"] == data["tasks"]
    assert live.json("/api/plans/tide/status")["data"]["progress"] == data["progress"]
    assert len(live.json("/api/plans/tide/graph")["data"]["edges"]) == 2


def test_findings_are_shown_by_task(live: Live) -> None:
    found = live.json("/api/plans/tide/findings")["data"]
    assert [(each["taskId"], each["path"], each["size"]) for each in found] == [
        ("1.2", "docs/plan-outputs/tide/findings/1-2.md", 8),
        (None, "docs/plan-outputs/tide/findings/summary.md", 8),
    ]
    body = live.json("/api/plans/tide/findings/1.2")
    assert (body["taskId"], body["content"]) == ("1.2", "# Hours\n")
    assert live.get("/api/plans/tide/findings/1.1").status_code == 404


def test_activity_and_summary_are_about_all_plans(live: Live) -> None:
    assert [(each["plan"], each["task"]) for each in live.json("/api/activity?limit=1")["data"]] == [("tide", "1.2")]
    data = live.json("/api/summary")["data"]
    assert data["tasks"]["total"] == 3
    assert [row["name"] for row in data["running"]] == ["tide"]


@pytest.mark.parametrize(
    "name",
    [
        "README",
        "gone",
        "nothing",
        "archive",
        "..",
        "%2e%2e",
        "..%2f..%2fsecret",
        "tide%2f..",
        "tide.md",
        "%00",
        "a" * 300,
    ],
)
@pytest.mark.parametrize("rest", ["", "/status", "/tasks", "/graph", "/findings", "/findings/1.1", "/logs", "/history"])
def test_only_names_of_plans_have_an_answer(live: Live, name: str, rest: str) -> None:
    assert live.get(f"/api/plans/{name}{rest}").status_code in ((404, 200) if name == ".." and rest else (404,))


def test_findings_that_are_links_are_not_read(files: PlanFiles, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    (files.outputs / "tide/findings/1.1.md").symlink_to(secret)
    os.mkfifo(files.outputs / "tide/findings/2.1.md")
    live = dashboard_with_plans(files.workspace)
    try:
        for each in ("1.1", "2.1"):
            response = live.get(f"/api/plans/tide/findings/{each}")
            assert response.status_code in (404, 422)
            assert "secret" not in response.text
    finally:
        live.stop()


def test_hostile_files_are_plans_or_none(files: PlanFiles) -> None:
    os.mkfifo(files.plans / "fifo.md")
    (files.plans / "link.md").symlink_to(files.plans / "tide.md")
    (files.plans / "folder.md").mkdir()
    files.plan("bytes", "x")
    (files.plans / "bytes.md").write_bytes(b"# \xff\xfe\n## Phase 1: A\n- [ ] 1.1 \xff\n")
    files.status("rates", "[" * 100_000)
    (files.outputs / "bytes").mkdir()
    os.mkfifo(files.outputs / "bytes/status.json")
    live = dashboard_with_plans(files.workspace)
    try:
        rows = {row["name"]: row for row in live.json("/api/plans")["data"]}
        assert sorted(rows) == ["bytes", "rates", "tide"]
        assert (rows["rates"]["progress"], rows["rates"]["problems"]) == (None, 1)
        assert rows["bytes"]["problems"] == 1
    finally:
        live.stop()


def test_reading_leaves_the_disk_byte_for_byte(live: Live, files: PlanFiles) -> None:
    files.log("tide", "10:00:00 [INFO] begin\n")
    before = state_of(files.workspace)
    paths = [
        "",
        "/tide",
        *(f"/tide/{rest}" for rest in ("status", "tasks", "graph", "findings", "findings/1.2", "logs")),
    ]
    for path in paths:
        live.json(f"/api/plans{path}")
    live.json("/api/activity")
    live.json("/api/summary")
    assert state_of(files.workspace) == before


def state_of(workspace: Path) -> dict[str, Any]:
    """(bytes, time of change) of every file of the plans and beside them."""
    paths = [*(workspace / "docs").rglob("*"), *workspace.glob("*.log")]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths if path.is_file()}


def test_the_history_is_that_of_the_journal_and_of_the_files(live: Live, files: PlanFiles) -> None:
    listener = live.listen(topics=["plans:tide"])
    listener.first("snapshot")
    done = task("1.1", "completed", startedAt="2026-11-20T08:00:00Z", completedAt="2026-11-20T08:10:00Z")
    files.tasks("tide", done, task("1.2", "completed"), task("2.1"))
    listener.first("plan.task_changed", task="1.2", status="completed")
    files.tasks("tide", done, task("1.2", "completed"), task("2.1", "failed"))
    body = listener.first("plan.task_changed", task="2.1")
    assert (body["previousStatus"], body["status"], body["detail"]["id"]) == ("pending", "failed", "2.1")
    assert live.dashboard.journal is not None
    assert live.dashboard.journal.flush(60)
    found = live.json("/api/plans/tide/history")
    assert [(each["task"], each["previousStatus"], each["status"], each["source"]) for each in found["data"]] == [
        ("1.1", "pending", "in_progress", "status"),
        ("1.1", "in_progress", "completed", "status"),
        ("1.2", "in_progress", "completed", "journal"),
        ("2.1", "pending", "failed", "journal"),
    ]
    assert found["isComplete"] is True


def test_a_task_that_changed_is_an_event_with_the_whole_task(live: Live, files: PlanFiles) -> None:
    listener = live.listen()
    files.tasks("tide", task("1.1", "failed", error="no table", retryCount=2), task("1.2"), task("3.1"))
    body = listener.first("plan.task_changed", task="1.1")
    assert (body["plan"], body["previousStatus"], body["status"]) == ("tide", "completed", "failed")
    assert (body["detail"]["error"], body["detail"]["retryCount"]) == ("no table", 2)
    gone = listener.first("plan.task_changed", task="2.1")
    assert (gone["previousStatus"], gone["status"], gone["detail"]) == ("pending", None, None)
    new = listener.first("plan.task_changed", task="3.1")
    assert (new["previousStatus"], new["status"]) == (None, "pending")
    updated = listener.first("plan.updated", plan="tide")
    assert (updated["changes"], updated["skipped"], updated["data"]["progress"]["failed"]) == (4, 0, 1)
    (files.plans / "tide.md").unlink()
    assert listener.first("plan.removed")["plan"] == "tide"


def test_of_very_many_changes_not_all_are_published(live: Live, files: PlanFiles) -> None:
    listener = live.listen()
    files.tasks("rates", *(task(f"1.{number}", "completed") for number in range(700)))
    updated = listener.first("plan.updated", plan="rates")
    assert (updated["changes"], updated["skipped"]) == (700, 200)


def test_of_changes_with_very_long_texts_fewer_are_published(live: Live, files: PlanFiles) -> None:
    listener = live.listen()
    text = "x" * MAX_TEXT
    files.tasks("rates", *(task(f"1.{number}", "completed", notes=text, error=text) for number in range(300)))
    first = listener.first("plan.task_changed", plan="rates")
    assert first["detail"]["notes"] == text
    updated = listener.first("plan.updated", plan="rates")
    assert updated["changes"] == 300
    assert 0 < (300 - updated["skipped"]) * 2 * MAX_TEXT <= MAX_TASK_EVENT_CHARACTERS


def test_what_others_know_of_a_plan_is_an_event(files: PlanFiles) -> None:
    known = {"tide": Companion()}
    live = running(files.workspace, features=features_with_plans(lambda plan: known.get(plan, Companion())))
    try:
        live.sync()
        listener = live.listen()
        known["tide"] = Companion(None, {"running": True, "pid": 9})
        live.feature(Plans).board.refresh(["tide"])
        assert listener.first("plan.updated")["data"]["orchestrator"] == {"running": True, "pid": 9}
        seq = live.dashboard.hub.seq
        live.feature(Plans).board.refresh()
        since = live.dashboard.hub.since(seq)
        assert since is not None and not [one for one in since if one.type == "plan.updated"]
    finally:
        live.stop()


def test_a_half_written_status_file_is_given_time(live: Live, files: PlanFiles) -> None:
    path = files.outputs / "tide/status.json"
    whole = path.read_text().replace("half way", "done with it")
    listener = live.listen()
    with path.open("w") as file:
        file.write(whole[: len(whole) // 2])
        file.flush()
        file.write(whole[len(whole) // 2 :])
    assert listener.first("plan.task_changed", task="1.2")["detail"]["notes"] == "done with it"
    assert all(body["data"]["problems"] == 0 for name, body in listener.got if name == "plan.updated")
    files.status("tide", whole[:100])
    eventually(lambda: live.json("/api/plans/tide")["data"]["problems"] == 1)


def test_a_folder_of_outputs_that_is_moved_into_place_is_seen(live: Live, files: PlanFiles) -> None:
    listener = live.listen()
    (files.outputs / "gone").rename(files.outputs / "rates")
    assert listener.first("plan.updated", plan="rates")["data"]["progress"]["total"] == 1
    eventually(lambda: live.json("/api/plans")["withoutPlan"] == [])


def test_projects_of_plans_are_those_of_the_first_pattern() -> None:
    project_of = project_rule(["tide-*=harbour", "*=office"])
    assert [project_of(name) for name in ("tide-import", "rates")] == ["harbour", "office"]
    assert project_rule([])("tide") == ""


def test_metrics_count_plans_and_tasks(live: Live) -> None:
    text = live.get("/metrics").text
    assert 'llm_service_plans{status="in_progress"} 1.0' in text
    assert 'llm_service_plan_tasks{status="pending"} 2.0' in text
    assert live.json("/api/stats")["plans"] == {"in_progress": 1, "pending": 1}


def test_the_snapshot_has_the_rows(live: Live) -> None:
    listener = live.listen(topics=["plans"])
    assert [row["name"] for row in listener.first("snapshot")["plans"]] == ["rates", "tide"]
