"""The JSON of plans as clients get it (docs/plans.md). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import Disagreement, Phase, Plan, PlanTask, Progress, Run


@dataclass(frozen=True, slots=True)
class Companion:
    """What others know of a plan: `worktree` is `{active, path}`, `orchestrator` `{running, pid}`; None if nothing."""

    worktree: Mapping[str, Any] | None = None
    orchestrator: Mapping[str, Any] | None = None


def row_json(plan: Plan, project: str, findings: int, companion: Companion, is_current: bool = False) -> dict[str, Any]:
    """A row of the list."""
    return {
        "name": plan.name,
        "path": plan.path,
        "title": plan.title,
        "status": plan.status,
        "progress": progress_json(plan.progress),
        "currentPhase": plan.current_phase,
        "currentTask": current_task_json(plan.current_task),
        "worktree": dict(companion.worktree) if companion.worktree is not None else None,
        "orchestrator": dict(companion.orchestrator) if companion.orchestrator is not None else None,
        "lastUpdatedAt": plan.last_updated_at,
        "project": project,
        "findings": findings,
        "disagreements": len(plan.disagreements),
        "problems": len(plan.problems),
        "isCurrent": is_current,
    }


def plan_json(plan: Plan, row: Mapping[str, Any], activity: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole plan: its row, and everything of it."""
    return {
        **row,
        "phases": [phase_json(phase) for phase in plan.phases],
        "tasks": tasks_json(plan.tasks),
        "recentActivity": list(activity),
        "runs": [run_json(run) for run in plan.runs],
        "createdAt": plan.created_at,
        "planFileAt": plan.plan_file_at,
        "statusFileAt": plan.status_file_at,
        "disagreementList": [disagreement_json(each) for each in plan.disagreements],
        "problemList": list(plan.problems),
    }


def progress_json(progress: Progress | None) -> dict[str, int] | None:
    """`{total, completed, pending, in_progress, failed, skipped, percentage}`."""
    if progress is None:
        return None
    return {
        "total": progress.total,
        "completed": progress.completed,
        "pending": progress.pending,
        "in_progress": progress.in_progress,
        "failed": progress.failed,
        "skipped": progress.skipped,
        "percentage": progress.percentage,
    }


def current_task_json(task: PlanTask | None) -> dict[str, Any] | None:
    """`{id, description, startedAt}`."""
    if task is None:
        return None
    return {"id": task.id, "description": task.description[:300], "startedAt": task.started_at}


def status_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of `GET /api/plans/<name>/status`."""
    return {key: row[key] for key in ("name", "status", "progress", "currentTask", "orchestrator", "lastUpdatedAt")}


def tasks_json(tasks: Iterable[PlanTask]) -> list[dict[str, Any]]:
    """All tasks."""
    return [task_json(task) for task in tasks]


def task_json(task: PlanTask) -> dict[str, Any]:
    """A task as the status file writes it, and its line in the plan file."""
    return {
        "id": task.id,
        "phase": task.phase,
        "description": task.description,
        "status": task.status,
        "dependencies": list(task.dependencies),
        "dependents": list(task.dependents),
        "startedAt": task.started_at,
        "completedAt": task.completed_at,
        "duration": task.duration_ms,
        "notes": task.notes,
        "error": task.error,
        "findingsPath": task.findings_path,
        "retryCount": task.retry_count,
        "lastError": task.last_error,
        "executionConstraints": task.constraints,
        "line": task.line,
    }


def phase_json(phase: Phase) -> dict[str, Any]:
    """A phase: counted, with what the plan file says of it. `completed` counts finished tasks, as `percentage` does."""
    notes = phase.notes
    return {
        "key": phase.key,
        "number": phase.number,
        "name": phase.name,
        "total": phase.progress.total,
        "completed": phase.progress.finished,
        "percentage": phase.progress.percentage,
        "progress": progress_json(phase.progress),
        "notes": list(notes.notes) if notes else [],
        "constraints": [
            {"mode": each.mode, "of": each.of, "ids": list(each.ids), "reason": each.reason}
            for each in (notes.constraints if notes else ())
        ],
        "verifications": [
            {"text": each.text, "blocking": each.is_blocking, "criteria": list(each.criteria)}
            for each in (notes.verifications if notes else ())
        ],
        "pipelineStart": notes.pipeline_start if notes else None,
    }


def run_json(run: Run) -> dict[str, Any]:
    """A run."""
    return {
        "runId": run.run_id,
        "startedAt": run.started_at,
        "completedAt": run.completed_at,
        "tasksCompleted": run.tasks_completed,
        "tasksFailed": run.tasks_failed,
    }


def disagreement_json(found: Disagreement) -> dict[str, Any]:
    """A disagreement, with what each source says and when that was written."""
    return {
        "kind": found.kind,
        "text": found.text,
        "tasks": list(found.tasks),
        "statements": [{"source": each.source, "says": each.says, "at": each.at} for each in found.statements],
    }


def summary_json(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many plans there are in each state; `running` are those whose orchestrator runs."""
    found = {"totalPlans": 0, "running": 0, "pending": 0, "completed": 0, "failed": 0, "inProgress": 0}
    for row in rows:
        found["totalPlans"] += 1
        found["inProgress" if row["status"] == "in_progress" else row["status"]] += 1
        orchestrator = row["orchestrator"]
        found["running"] += bool(orchestrator and orchestrator.get("running"))
    return found
