"""`merge(files)`: the `Plan` of a plan file and a status file. Pure.

The status file is the truth about states; the plan file adds what it alone knows (lines, notes, dependencies), and is
all there is until an orchestrator began.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .disagreements import disagreements
from .model import (
    Phase,
    PhaseNotes,
    Plan,
    PlanFile,
    PlannedTask,
    PlanTask,
    StatusFile,
    current_phase_of,
    current_task_of,
    plan_status,
    progress_of,
)
from .sources import PlanSource, StatusSource


def merge(name: str, plan: PlanSource, status: StatusSource | None) -> Plan:
    """What the files say together; `status` is None if there is no status file."""
    stated = status.file if status is not None and status.file is not None and status.file.tasks else None
    tasks = _stated_tasks(plan.file, stated) if stated is not None else _planned_tasks(plan.file)
    phases = _phases(plan.file, stated, tasks)
    progress = progress_of(task.status for task in tasks)
    current = current_task_of(tasks)
    current_phase = current_phase_of(phases, current)
    said = status.file if status is not None else None
    return Plan(
        name=name,
        path=plan.path,
        title=plan.file.title or (said.plan_name if said is not None else None) or name,
        status=plan_status(progress),
        progress=progress if stated is not None else None,
        phases=phases,
        tasks=tasks,
        runs=said.runs if said is not None else (),
        current_phase=current_phase,
        current_task=current,
        created_at=said.created_at if said is not None else None,
        last_updated_at=(said.last_updated_at if said is not None else None) or (status.at if status else None),
        plan_file_at=plan.at,
        status_file_at=status.at if status is not None else None,
        disagreements=disagreements(plan, status.at, stated, tasks, phases, current_phase) if status and stated else (),
        problems=_problems(plan.file, status),
    )


def _problems(plan: PlanFile, status: StatusSource | None) -> tuple[str, ...]:
    found = [f"Plan file: {problem}" for problem in plan.problems]
    if status is not None:
        found += [f"Status file: {problem}" for problem in (status.file.problems if status.file is not None else ())]
        if status.problem is not None:
            found.append(f"Status file: {status.problem}")
    return tuple(found)


def _planned_tasks(plan: PlanFile) -> tuple[PlanTask, ...]:
    """The tasks of a plan that nobody began: done if their boxes are checked."""
    dependents = _dependents((task.id, task.dependencies) for task in plan.tasks)
    return tuple(
        PlanTask(
            id=task.id,
            phase=task.phase,
            description=task.text,
            status="completed" if task.is_checked else "pending",
            dependencies=task.dependencies,
            dependents=dependents.get(task.id, ()),
            line=task.line,
        )
        for task in plan.tasks
    )


def _stated_tasks(plan: PlanFile, stated: StatusFile) -> tuple[PlanTask, ...]:
    planned = {task.id: task for task in plan.tasks}
    completed = [_completed(task, planned.get(task.id), stated.has_dependencies) for task in stated.tasks]
    dependents = _dependents((task.id, task.dependencies) for task in completed)
    return tuple(
        task if task.dependents or task.id not in dependents else replace(task, dependents=dependents[task.id])
        for task in completed
    )


def _completed(task: PlanTask, planned: PlannedTask | None, has_dependencies: frozenset[str]) -> PlanTask:
    """The task with what only the plan file says."""
    if planned is None:
        return task
    is_stated = task.id in has_dependencies
    return replace(task, line=planned.line, dependencies=task.dependencies if is_stated else planned.dependencies)


def _dependents(tasks: Iterable[tuple[str, Sequence[str]]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for task_id, dependencies in tasks:
        for each in dependencies:
            found[each].append(task_id)
    return {task_id: tuple(ids) for task_id, ids in found.items()}


def _phases(plan: PlanFile, stated: StatusFile | None, tasks: Sequence[PlanTask]) -> tuple[Phase, ...]:
    """The phases of the tasks, in their order; without a status file also those of the plan that have no task."""
    notes = {phase.number: phase for phase in plan.phases}
    statuses: dict[str, list[str]] = {} if stated is not None else {phase.number: [] for phase in plan.phases}
    heads: dict[str, set[str]] = defaultdict(set)
    for task in tasks:
        statuses.setdefault(task.phase, []).append(task.status)
        heads[task.phase].add(task.id.partition(".")[0])
    names = dict(stated.phase_names) if stated is not None else {}
    numbers = _numbers(statuses, heads)
    return tuple(_phase(key, numbers[key], names.get(key, ""), notes, statuses[key]) for key in statuses)


def _phase(key: str, number: int | None, name: str, notes: Mapping[str, PhaseNotes], statuses: Sequence[str]) -> Phase:
    found = notes.get(str(number)) if number is not None else None
    return Phase(key, number, name or (found.name if found else ""), progress_of(statuses), found)


def _numbers(keys: Iterable[str], heads: Mapping[str, set[str]]) -> dict[str, int | None]:
    """The number of each phase: its key, or of free text the one that the ids of its tasks, and of no others, begin
    with."""
    found: dict[str, int | None] = {}
    taken: set[int] = set()
    for key in keys:
        head = next(iter(heads[key])) if len(heads.get(key, ())) == 1 else ""
        text = key if key.isascii() and key.isdigit() else head
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        found[key] = number if number not in taken else None
        if number is not None:
            taken.add(number)
    return found
