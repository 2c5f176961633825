"""From what other features know to needs: what counts, with which certainty, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llm_service.hooks.model import Session
from llm_service.jobs.model import Job, JobStatus
from llm_service.needs_you.model import (
    CERTAINTIES,
    KINDS,
    AtWork,
    Need,
    SourceState,
    need_id,
    oldest_first,
    summary_of,
)
from llm_service.needs_you.sources import (
    budget_needs,
    job_needs,
    jobs_at_work,
    next_stale,
    pipeline_needs,
    session_needs,
    sessions_at_work,
    task_needs,
)
from llm_service.pipelines.model import FileProblem, PipelineRow
from llm_service.tasks.model import TaskCounts, TaskError, TaskSummary

SESSION = Session(
    id="s/1", client="codex", agent=None, model=None, project="shop", folder="generated_projects/shop",
    state="permission", since="2026-11-20T12:00:00.000Z", certainty="confirmed", rests_on="a hook said so", tool="Bash",
    text="git push …", waits=1, started_at="2026-11-20T11:00:00.000Z", last_at="2026-11-20T12:00:00.000Z", lines=4,
    file="work/hooks/s1.jsonl",
)  # fmt: skip
JOB = Job(
    id="j 1", project="shop", user=None, specification="x", profile=None, status=JobStatus.IN_PROGRESS,
    started_at="2026-11-20T12:00:00Z", runs=("r1",), file="work/jobs/j 1.yaml",
)  # fmt: skip
TASK = TaskSummary(
    id="t1", key="t1", title="Paint it", agent="ada", status="in_progress", priority="normal", lane="assigned",
    path="assigned/ada/t1.yaml", tags=(), dependencies=(), created_at=None, assigned_at=None, started_at=None,
    completed_at=None, lane_since=None, modified_at="2026-11-20T12:00:00.000Z", size_bytes=1, batch=None,
    milestone=None,
    initiative=None, specification=None, mode=None, estimated_hours=None, counts=TaskCounts(), flags=(), duplicates=(),
    duplicate_count=0, copied_by=None, error=None,
)  # fmt: skip
NOW = 1_795_176_000.0  # 2026-11-20T12:00:00Z
HOUR = 3_600.0


def no_log(session: Session) -> None:
    """The log of a session that is not known."""


def tasks(
    *given: TaskSummary, now: float = NOW, stale_h: float = 48, calls: dict[str, str] | None = None
) -> list[Need]:
    """The needs of these tasks."""
    asked = calls or {}
    return [*task_needs(given, now, stale_h * HOUR, lambda ids: {key: asked[key] for key in ids if key in asked})]


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("permission", "Codex in shop asks to use Bash"),
        ("question", "Codex in shop asks you something"),
        ("failed", "Codex in shop stopped with an error"),
        ("working", None), ("idle", None), ("ended", None),
    ],
)  # fmt: skip
def test_a_session_is_a_need_if_it_waits_and_idle_is_none(state: str, title: str | None) -> None:
    found = [*session_needs([replace(SESSION, state=state)], no_log)]
    assert [need.title for need in found] == ([] if title is None else [title])
    assert [one.is_certain for one in sessions_at_work([replace(SESSION, state=state)])] == (
        [True] if state == "working" else []
    )


def test_a_need_of_a_session_has_what_it_rests_on_and_a_link() -> None:
    (need,) = session_needs([replace(SESSION, waits=3, agent="ada")], no_log)
    assert (need.kind, need.certainty, need.rests_on, need.text) == (
        "permission",
        "confirmed",
        "a hook said so",
        "git push …",
    )
    assert (need.link, need.link_label) == ("#/costs?range=all&session=s%2F1&show=calls", "Calls of this session")
    (known,) = session_needs([SESSION], lambda session: f"log/{session.id}")
    assert (known.link, known.link_label) == ("#/sessions/log%2Fs%2F1", "The transcript")
    assert need.title == "ada in shop asks to use Bash (and for 2 more)"
    assert need.project == "shop"


def test_the_next_wait_of_a_session_is_another_need() -> None:
    (first,) = session_needs([SESSION], no_log)
    (same,) = session_needs([replace(SESSION, certainty="derived")], no_log)
    (later,) = session_needs([replace(SESSION, since="2026-11-20T12:30:00.000Z")], no_log)
    assert first.id == same.id != later.id


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"waiting_for_input": "Which port?"}, ("question", "derived")),
        ({"status": JobStatus.FAILED, "runs": ("ours",)}, ("failed", "confirmed")),
        ({"status": JobStatus.FAILED}, ("failed", "derived")),  # an agent may have written so
        ({"status": JobStatus.UNKNOWN}, ("failed", "cannot tell")),
        ({"problem": "no YAML"}, ("broken", "confirmed")),
        ({}, None),
        ({"status": JobStatus.PENDING, "waiting_for_input": "x"}, None),
        ({"status": JobStatus.COMPLETED}, None),
        ({"status": JobStatus.CANCELLED}, None),
    ],
)  # fmt: skip
def test_the_verdict_of_a_job(changes: dict[str, Any], verdict: tuple[str, str] | None) -> None:
    found = [*job_needs([replace(JOB, **changes)], lambda job: job.runs == ("ours",))]
    assert [(need.kind, need.certainty) for need in found] == ([] if verdict is None else [verdict])
    assert all(need.link == "#/jobs/j%201" and need.project == "shop" for need in found)
    assert len([*jobs_at_work([replace(JOB, **changes)])]) == (1 if changes == {} else 0)


def test_a_time_that_a_file_invents_breaks_nothing() -> None:
    times = ["yesterday", "2026-11-20", "9999-99-99", "", None]
    failed = replace(JOB, status=JobStatus.FAILED, started_at=None)
    found = [*job_needs([replace(failed, id=str(time), finished_at=time) for time in times], bool)]
    assert all(need.since.endswith("Z") for need in found)
    assert len({need.id for need in found}) == len(times)


def test_a_task_is_stale_when_neither_file_nor_lane_nor_calls_changed() -> None:
    later = NOW + 49 * HOUR
    (need,) = tasks(TASK, now=later)
    assert (need.kind, need.certainty, need.since, need.link) == ("stale", "derived", TASK.modified_at, "#/tasks/t1")
    assert tasks(TASK, now=NOW + 47 * HOUR) == []
    assert tasks(TASK, now=later, stale_h=0) == []
    assert tasks(replace(TASK, lane="inbox"), now=later) == []
    assert tasks(replace(TASK, lane="done"), now=later) == []
    assert tasks(replace(TASK, lane_since="2026-11-21T12:00:00.000Z"), now=later) == []
    assert tasks(TASK, now=later, calls={"t1": "2026-11-22T12:00:00.000Z"}) == []
    # Calls name an id: they belong to the file that leads.
    assert len(tasks(replace(TASK, key="t1@copy"), now=later, calls={"t1": "2026-11-22T12:00:00.000Z"})) == 1


def test_when_a_task_becomes_stale_by_time_alone() -> None:
    assert next_stale([TASK], NOW, 48 * HOUR) == NOW + 48 * HOUR
    assert next_stale([TASK], NOW + 48 * HOUR, 48 * HOUR) is None
    assert next_stale([TASK], NOW, 0) is None
    assert next_stale([replace(TASK, lane="done")], NOW, 48 * HOUR) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("error", "failed"), ("Timed out", "failed"), ("waiting_for_input", "question"),
        ("Awaiting approval", "question"),
        ("blocked", None), ("waiting", None), ("in_progress", None), (None, None),
    ],
)  # fmt: skip
def test_what_a_task_says_is_derived_and_blocked_is_no_question(status: str | None, kind: str | None) -> None:
    found = tasks(replace(TASK, status=status))
    assert [(need.kind, need.certainty) for need in found] == ([] if kind is None else [(kind, "derived")])


def test_a_broken_file_is_a_need_wherever_it_is() -> None:
    error = TaskError("found a tab", 7, 1, "YAML")
    for lane in ("inbox", "assigned", "done"):
        (need,) = tasks(replace(TASK, lane=lane, error=error), now=NOW + 999 * HOUR)
        assert (need.kind, need.certainty, need.text) == ("broken", "confirmed", "found a tab (line 7)")
        assert need.link == "#/tasks/t1?path=assigned%2Fada%2Ft1.yaml"


ROW = PipelineRow(
    id="d0f602c8-0b73", project="shop", pipeline_type="ticket_work", ticket_id="t1", sprint_id=None, branch=None,
    triggered_by=None, status="running", is_stale=False, created_at="2026-11-20T09:00:00Z", started_at=None,
    finished_at=None, updated_at="2026-11-20T10:00:00Z", active_at="2026-11-20T11:00:00Z", duration_s=None,
    step_statuses={"research": "success", "coding": "failed"}, jobs=2, path="work/pipelines/d0/pipeline.yaml",
    problem=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"status": "failed"}, ("failed", "confirmed", "2026-11-20T10:00:00.000Z")),
        ({"is_stale": True}, ("stale", "derived", "2026-11-20T11:00:00.000Z")),
        ({"problem": FileProblem("a tab", 3, 1, "YAML"), "status": "broken"},
         ("broken", "confirmed", "2026-11-20T10:00:00.000Z")),
        ({}, None), ({"status": "success"}, None), ({"status": "canceled"}, None),
    ],
)  # fmt: skip
def test_the_verdict_of_a_pipeline(changes: dict[str, Any], verdict: tuple[str, str, str] | None) -> None:
    found = [*pipeline_needs([replace(ROW, **changes)], 6 * HOUR)]
    assert [(need.kind, need.certainty, need.since) for need in found] == ([] if verdict is None else [verdict])
    assert all((need.link, need.project) == ("#/pipelines/d0f602c8-0b73", "shop") for need in found)


def test_a_budget_that_is_spent_is_a_need() -> None:
    budget = {
        "name": "day", "period": "day", "scope": "project", "subject": "shop", "limit_usd": 5.0, "spent_usd": 6.5,
        "level": "alert", "unpriced_calls": 2, "period_start": "2026-11-20T00:00:00+01:00",
    }  # fmt: skip
    (need,) = budget_needs([budget])
    assert need.title == "Budget “day” is spent: $6.50 of $5.00 this day"
    assert (need.kind, need.certainty, need.project, need.since) == (
        "budget",
        "confirmed",
        "shop",
        "2026-11-19T23:00:00.000Z",
    )
    assert "2 calls without a known price" in need.rests_on
    assert [*budget_needs([budget | {"level": "warn"}])] == []
    (other,) = budget_needs([budget | {"scope": "all", "subject": None, "period_start": "2026-11-21T00:00:00+01:00"}])
    assert other.project is None
    assert other.id != need.id


HOOKS = SourceState(name="hooks", is_on=True, tells_of_agents=True, text="")
TASKS = SourceState(name="tasks", is_on=True, tells_of_agents=False, text="")
BUSY, GONE = AtWork(project=None, is_certain=True), AtWork(project=None, is_certain=False)


@pytest.mark.parametrize(
    ("needs", "at_work", "sources", "text", "is_known"),
    [
        (0, [BUSY] * 6, [HOOKS, TASKS], "nothing needs you, 6 agents working", True),
        (0, [], [HOOKS], "nothing needs you, 0 agents working", True),
        (0, [BUSY], [HOOKS, replace(TASKS, is_on=False)], "nothing is known to need you, 1 agent working", True),
        (1, [BUSY], [HOOKS], "1 thing needs you, 1 agent working", True),
        (3, [BUSY, BUSY, GONE], [HOOKS], "3 things need you, 2 agents working; of 1 more it cannot be told", True),
        (0, [], [TASKS], "cannot tell: no source is on", False),
        (0, [], [], "cannot tell: no source is on", False),
        (0, [], [replace(HOOKS, is_on=False)], "cannot tell: no source is on", False),
        (2, [], [TASKS], "2 things need you; whether an agent waits cannot be told: no source is on", False),
    ],
)  # fmt: skip
def test_the_sentence(needs: int, at_work: list[AtWork], sources: list[SourceState], text: str, is_known: bool) -> None:
    summary = summary_of(needs, at_work, sources)
    assert (summary.text, summary.is_known) == (text, is_known)


def test_all_kinds_and_certainties_are_known_and_the_oldest_is_first() -> None:
    found = [*session_needs([SESSION], no_log), *job_needs([replace(JOB, status=JobStatus.UNKNOWN)], bool)]
    found += tasks(TASK, now=NOW + 99 * HOUR)
    assert {need.kind for need in found} <= set(KINDS)
    assert {need.certainty for need in found} == set(CERTAINTIES)
    times = [need.since for need in oldest_first(reversed(found))]
    assert times == sorted(times)
    assert need_id("a", "b") == need_id("a", "b") != need_id("ab", "")
