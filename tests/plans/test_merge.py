"""A plan of two files: what is shown, how far it is, and where the files disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kit.plans import PLAN, status_of, task

from llm_service.plans.merge import merge
from llm_service.plans.model import Plan, plan_status, progress_of
from llm_service.plans.plan_file import read_plan
from llm_service.plans.sources import PlanSource, StatusSource
from llm_service.plans.status_file import read_status

PLAN_AT, STATUS_AT = "2026-11-20T08:00:00.000Z", "2026-11-20T09:00:00.000Z"
TEXTS = {"1.1": "Read the table", "1.2": "Check the hours", "2.1": "Serve the next tide"}


def merged(tasks: list[dict[str, Any]] | None, plan: str = PLAN, **fields: Any) -> Plan:
    source = PlanSource("docs/plans/tide.md", read_plan(plan), PLAN_AT)
    if tasks is None:
        return merge("tide", source, None)
    data = json.dumps(status_of(tasks, **fields)).encode()
    return merge("tide", source, StatusSource(STATUS_AT, read_status(data)))


def good(**statuses: str) -> list[dict[str, Any]]:
    """The tasks of the plan, as its file has them."""
    phases = {"1": "Phase 1: Parser", "2": "Phase 2: Service"}
    return [
        task(each, statuses.get(f"t{each.replace('.', '_')}", "pending"), description=text, phase=phases[each[0]])
        for each, text in TEXTS.items()
    ]


def kinds(plan: Plan) -> list[str]:
    return [each.kind for each in plan.disagreements]


def test_a_plan_that_nobody_began_is_what_its_file_says() -> None:
    plan = merged(None)
    assert (plan.title, plan.status, plan.progress, plan.current_phase) == (
        "Tide import",
        "pending",
        None,
        "Phase 1: Parser",
    )
    assert [(each.id, each.line, each.dependencies, each.dependents) for each in plan.tasks] == [
        ("1.1", 4, (), ("1.2",)),
        ("1.2", 5, ("1.1",), ("2.1",)),
        ("2.1", 8, ("1.2",), ()),
    ]
    assert (plan.plan_file_at, plan.status_file_at, plan.last_updated_at) == (PLAN_AT, None, None)


def test_checked_boxes_count_until_there_is_a_status_file() -> None:
    plan = merged(None, PLAN.replace("- [ ] 1.1", "- [x] 1.1"))
    assert (plan.status, plan.tasks[0].status) == ("in_progress", "completed")


def test_the_status_file_is_the_truth_and_the_plan_file_adds_to_it() -> None:
    plan = merged(good(t1_1="completed", t1_2="in_progress"))
    assert plan.disagreements == ()
    assert plan.progress is not None
    assert (plan.progress.total, plan.progress.completed, plan.progress.in_progress, plan.progress.percentage) == (
        3,
        1,
        1,
        33,
    )
    assert plan.current_task is not None
    assert (plan.current_task.id, plan.current_phase, plan.status) == ("1.2", "Phase 1: Parser", "in_progress")
    assert [(each.line, each.dependencies) for each in plan.tasks] == [(4, ()), (5, ("1.1",)), (8, ("1.2",))]
    assert [(phase.key, phase.label, phase.progress.total) for phase in plan.phases] == [
        ("1", "Phase 1: Parser", 2), ("2", "Phase 2: Service", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "status", "percentage"),
    [
        ([], "pending", 0),
        (["pending"], "pending", 0),
        (["completed", "skipped"], "completed", 100),
        (["completed", "failed"], "failed", 50),
        (["failed"], "failed", 0),
        (["failed", "pending"], "in_progress", 0),
        (["failed", "in_progress"], "in_progress", 0),
        (["skipped", "pending", "pending"], "in_progress", 33),
        (["completed"] * 999 + ["pending"], "in_progress", 99),
    ],
)
def test_how_far_a_plan_is(statuses: list[str], status: str, percentage: int) -> None:
    progress = progress_of(statuses)
    assert (plan_status(progress), progress.percentage) == (status, percentage)


@pytest.mark.parametrize(
    ("statuses", "phase"),
    [
        ({}, "Phase 1: Parser"),
        ({"t1_1": "completed", "t1_2": "skipped"}, "Phase 2: Service"),
        ({"t2_1": "in_progress"}, "Phase 2: Service"),
        ({"t1_1": "completed", "t1_2": "failed"}, "Phase 2: Service"),
        ({"t1_1": "completed", "t1_2": "completed", "t2_1": "completed"}, "Phase 2: Service"),
    ],
)
def test_the_current_phase_is_worked_out(statuses: dict[str, str], phase: str) -> None:
    assert merged(good(**statuses), currentPhase="Phase 1: Parser").current_phase == phase


def test_of_several_current_tasks_the_one_that_began_last_counts() -> None:
    tasks = good(t1_1="in_progress", t1_2="in_progress")
    tasks[0]["startedAt"], tasks[1]["startedAt"] = "2026-11-20T08:30:00Z", "2026-11-20T08:10:00Z"
    current = merged(tasks).current_task
    assert current is not None and current.id == "1.1"


def test_free_phases_get_the_numbers_of_their_tasks() -> None:
    plan = merged([task("0.1", phase="Setup"), task("1.1", phase="Work"), task("V1", phase="Checks")])
    assert [(phase.key, phase.number, phase.label) for phase in plan.phases] == [
        ("Setup", 0, "Phase 0: Setup"), ("Work", 1, "Phase 1: Work"), ("Checks", None, "Checks"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("summary", "says"),
    [
        (
            {"totalTasks": 3, "completed": 3, "pending": 0, "in_progress": 0, "failed": 0, "skipped": 0},
            "pending 0, completed 3",
        ),
        ({"totalTasks": 3, "completed": 0, "pending": 3, "failed": 0, "skipped": 0}, "no in_progress"),
        ({}, "no totalTasks, no pending, no in_progress, no completed, no failed, no skipped"),
        ("none", "no totalTasks, no pending, no in_progress, no completed, no failed, no skipped"),
    ],
)
def test_a_summary_that_is_not_that_of_the_tasks_is_said(summary: Any, says: str) -> None:
    plan = merged(good(), summary=summary)
    (found,) = plan.disagreements
    assert found.kind == "summary_mismatch"
    assert [(each.source, each.at) for each in found.statements] == [("summary", STATUS_AT), ("tasks", STATUS_AT)]
    assert found.statements[0].says == says
    assert plan.progress is not None and plan.progress.pending == 3


def test_a_phase_that_was_never_advanced_is_said() -> None:
    plan = merged(good(t1_1="completed", t1_2="completed"), currentPhase="Phase 1: Parser")
    (found,) = plan.disagreements
    assert [(each.source, each.says) for each in found.statements] == [
        ("status", "Phase 1: Parser"), ("tasks", "Phase 2: Service"),
    ]  # fmt: skip
    assert kinds(merged(good(), currentPhase="1")) == []


def test_tasks_of_one_file_only_are_said() -> None:
    tasks = [each for each in good() if each["id"] != "2.1"] + [task("V1", phase="Phase 2: Service")]
    (found,) = merged(tasks).disagreements
    assert (found.kind, found.tasks) == ("task_ids", ("2.1", "V1"))
    assert [(each.source, each.says, each.at) for each in found.statements] == [
        ("plan", "3 tasks; only here: 2.1", PLAN_AT),
        ("status", "3 tasks; only here: V1", STATUS_AT),
    ]


def test_the_same_id_for_another_task_is_said() -> None:
    tasks = good()
    tasks[0]["description"] = "1.1 Read the table"  # with its id in front it is the same
    tasks[1]["description"] = "Something else"
    (found,) = merged(tasks).disagreements
    assert (found.kind, found.tasks) == ("task_texts", ("1.2",))


def test_phases_that_differ_are_said() -> None:
    tasks = good()
    tasks[2]["phase"] = "Phase 2: Deployment"
    (found,) = merged(tasks).disagreements
    assert (found.kind, [each.says for each in found.statements]) == ("phases", ["2: Service", "2: Deployment"])


def test_dependencies_that_differ_are_said_and_those_of_the_status_file_count() -> None:
    tasks = good()
    tasks[1]["dependencies"] = []
    plan = merged(tasks)
    (found,) = plan.disagreements
    assert (found.kind, [each.says for each in found.statements]) == ("dependencies", ["1.2: 1.1", "1.2: nothing"])
    assert plan.tasks[1].dependencies == ()


def test_a_checked_box_of_an_unfinished_task_is_said() -> None:
    (found,) = merged(good(t1_1="failed"), PLAN.replace("- [ ] 1.1", "- [x] 1.1")).disagreements
    assert (found.kind, found.tasks, found.statements[1].says) == ("checked", ("1.1",), "1.1 failed")


def test_a_checked_box_of_a_finished_task_is_no_disagreement() -> None:
    text = PLAN.replace("- [ ] 1.1", "- [x] 1.1").replace("- [ ] 1.2", "- [x] 1.2")
    assert kinds(merged(good(t1_1="completed", t1_2="skipped"), text)) == []


def test_a_status_file_of_another_plan_is_said() -> None:
    (found,) = merged(good(), planPath="docs/completed plans/other.md").disagreements
    assert (found.kind, found.statements[1].says) == ("plan_path", "docs/completed plans/other.md")


def test_a_status_file_that_cannot_be_used_leaves_the_plan_as_its_file_has_it() -> None:
    source = PlanSource("docs/plans/tide.md", read_plan(PLAN), PLAN_AT)
    plan = merge("tide", source, StatusSource(STATUS_AT, None, "It is not JSON: x."))
    assert (plan.progress, len(plan.tasks), plan.problems) == (None, 3, ("Status file: It is not JSON: x.",))
    empty = merge("tide", source, StatusSource(STATUS_AT, read_status(b"{}")))
    assert (empty.progress, len(empty.tasks), empty.problems) == (None, 3, ("Status file: It has no list of tasks.",))


def test_tasks_that_name_no_phase_are_shown_as_without_one() -> None:
    plan = merged([task("V1", "in_progress", phase=""), task("1.1")])
    assert [phase.label for phase in plan.phases] == ["Without a phase", "Phase 1: Parser"]
    assert plan.current_phase == "Without a phase"
