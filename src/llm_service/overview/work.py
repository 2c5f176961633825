"""What an agent is at, and the files that it touched: pure functions from what is known to what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from ..calls.store.recent_calls import RecentCalls
from ..hooks.model import Session
from ..jobs.model import Job
from ..orchestrators.model import Orchestrator
from ..pipelines.model import RunningStep
from ..tasks.model import TaskSummary, task_address
from ..times import iso_time
from .drafts import Unit
from .model import WORKING, Verdict
from .shapes import CallTotals, TouchedFile, WorkItem
from .world import ChangedFile, World

FILES_S = 3_600.0
MOST_FILES = 5
_MOST_CLAIMS = 50


def items_of(
    world: World, unit: Unit, orchestrator: Orchestrator | None, task: WorkItem | None
) -> tuple[WorkItem, ...]:
    """All that is known of what it is at, what says most first."""
    found = [
        None if orchestrator is None else _plan_item(world, orchestrator),
        None if unit.step is None else _step_item(unit.step),
        task,
        None if unit.job is None else _job_item(unit.job),
        None if unit.session is None else _session_item(world, unit.session),
    ]
    return tuple(item for item in found if item is not None)


def called_items(world: World, verdict: Verdict, calls: Iterable[RecentCalls]) -> tuple[WorkItem, ...]:
    """The session of which the last call was, of one that works and of which nothing else says what it is at."""
    last = last_session_call(calls)
    if verdict.state != WORKING or last is None:
        return ()
    name = last.session or ""
    return (
        WorkItem(
            kind="session", id=name, label=last.project or name, detail=None, project=last.project,
            link=_link_of(world, name), since=iso_time(last.first),
        ),
    )  # fmt: skip


def last_session_call(calls: Iterable[RecentCalls]) -> RecentCalls | None:
    """The last call that was made in a session."""
    return max((call for call in calls if call.session is not None), key=lambda call: call.last, default=None)


def totals_of(calls: Iterable[RecentCalls]) -> CallTotals:
    """Calls of today; the cost is None if none of them has a known price."""
    counted = [call for call in calls if call.calls]
    costs = [call.cost_usd for call in counted if call.cost_usd is not None]
    return CallTotals(
        calls=sum(call.calls for call in counted),
        cost_usd=sum(costs) if costs else None if counted else 0.0,
        unpriced=sum(call.unpriced for call in counted),
    )


def task_item(task: TaskSummary) -> WorkItem:
    """A task."""
    path = None if task.key == task.id else task.path
    return WorkItem(
        kind="task", id=task.id, label=task.title, detail=task.status, project=None, path=path,
        link=task_address(task),
        since=task.started_at or task.lane_since or task.assigned_at,
    )  # fmt: skip


def _job_item(job: Job) -> WorkItem:
    phase = job.current_phase if job.phases else None
    detail = " · ".join(part for part in (phase, job.current_todo) if part)
    since = job.phases[-1].started_at if job.phases else job.started_at
    return WorkItem(
        kind="job", id=job.id, label=job.project or job.id, detail=detail or None, project=job.project,
        link=f"#/jobs/{_part(job.id)}", since=since,
    )  # fmt: skip


def _session_item(world: World, session: Session) -> WorkItem:
    label = session.project or session.folder or session.client
    return WorkItem(
        kind="session", id=session.id, label=label, detail=session.tool or session.model, project=session.project,
        link=_link_of(world, session.id), since=session.started_at,
    )  # fmt: skip


def _link_of(world: World, session: str) -> str:
    """Its transcript; without one, its calls."""
    transcript = world.transcript_of(session)
    if transcript is not None:
        return f"#/sessions/{_part(transcript)}"
    return f"#/costs?range=all&session={_part(session)}&show=calls"


def _step_item(step: RunningStep) -> WorkItem:
    return WorkItem(
        kind="pipeline", id=step.pipeline, label=step.title, detail=f"{step.step}: {step.name}", project=step.project,
        link=f"#/pipelines/{_part(step.pipeline)}", since=step.started_at,
    )  # fmt: skip


def _plan_item(world: World, orchestrator: Orchestrator) -> WorkItem:
    plan = world.plans.get(orchestrator.plan, {})
    task = plan.get("currentTask")
    parts = (plan.get("currentPhase"), f"{task['id']} {task['description']}" if task else None)
    return WorkItem(
        kind="plan", id=orchestrator.plan, label=plan.get("title") or orchestrator.plan,
        detail=" · ".join(part for part in parts if part) or None, project=orchestrator.project,
        link=f"#/plans/{_part(orchestrator.plan)}", since=task.get("startedAt") if task else orchestrator.started_at,
    )  # fmt: skip


def file_sign(world: World, unit: Unit) -> float | None:
    """When a file of its project changed last, if it is a run's or session's that is at hand."""
    projects = set(projects_of([unit]))
    return max((file.at for file in world.files if file.project in projects), default=None)


def files_of(world: World, units: Iterable[Unit], task: TaskSummary | None, now: float) -> tuple[TouchedFile, ...]:
    """The files that changed in the last hour which its task claims, or in the projects that it is at; latest first."""
    projects = set(projects_of(units))
    claims = [text.strip("/") for text in world.claims_of(task)[:_MOST_CLAIMS]] if task is not None else []
    found = []
    for file in world.files:
        if now - file.at >= FILES_S:
            continue
        rests_on = "claim" if _is_claimed(file, claims) else "project" if file.project in projects else None
        if rests_on is not None:
            found.append(
                TouchedFile(
                    project=file.project, path=file.path, change=file.change, at=iso_time(file.at), rests_on=rests_on
                )
            )
        if len(found) >= MOST_FILES:
            break
    return tuple(found)


def projects_of(units: Iterable[Unit]) -> Iterable[str]:
    """The projects that they are at."""
    for unit in units:
        for one in (unit.job, unit.session, unit.step):
            if one is not None and one.project:
                yield one.project


def _is_claimed(file: ChangedFile, claims: Sequence[str]) -> bool:
    whole = f"{file.project}/{file.path}"
    return any(claim and (whole == claim or whole.endswith(f"/{claim}") or claim.endswith(f"/{whole}"))
               for claim in claims)  # fmt: skip


def _part(text: str) -> str:
    return quote(text, safe="")
