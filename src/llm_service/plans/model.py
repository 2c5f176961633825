"""The values of this feature: a `Plan` with its phases, tasks and runs, and how far it is. Pure.

`Plan` is what the plan file (Markdown) and the status file (JSON) say together; the modules that read them make
`PlanFile` and `StatusFile` of theirs, and `merge.py` one of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

TASK_STATUSES = ("pending", "in_progress", "completed", "failed", "skipped")
PLAN_STATUSES = ("pending", "in_progress", "completed", "failed")
FINISHED = frozenset({"completed", "skipped"})
"""A skipped task is finished: nothing waits for it."""
OPEN = frozenset({"pending", "in_progress"})


@dataclass(frozen=True, slots=True)
class Constraint:
    """A note on how tasks or phases are to be run. `mode` is "SEQUENTIAL" or "PARALLEL"; `of` is "tasks" or "phases",
    and `ids` those that it names, ranges spelt out: ("3.1", "3.2"). () if it names none that can be read."""

    mode: str
    of: str
    ids: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What is to be checked at the end of a phase: `**VERIFY Phase 1** (non-blocking)`, with its criteria."""

    text: str
    is_blocking: bool = True
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseNotes:
    """What a plan file says about a phase: its heading (`number` "1", `name`), notes and checks."""

    number: str
    name: str
    line: int
    notes: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    verifications: tuple[Verification, ...] = ()
    pipeline_start: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task in a plan file. `phase` is the number of its phase, `line` counts from 1, `is_checked` is its box."""

    id: str
    phase: str
    text: str
    line: int
    is_checked: bool = False
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file says. `constraints` are those before the first phase, `problems` what could not be used."""

    title: str
    phases: tuple[PhaseNotes, ...] = ()
    tasks: tuple[PlannedTask, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanTask:
    """A task of a plan, as the status file has it, else as the plan file has it.

    `phase` is the key of its `Phase`. Times are ISO-8601 texts as they were written, durations milliseconds.
    `line` is its line in the plan file, None if that has no task of this id. `constraints` are plain JSON, as written.
    """

    id: str
    phase: str
    description: str
    status: str
    dependencies: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    started_at: str | None = None
    completed_at: str | None = None
    duration_ms: int | None = None
    notes: str | None = None
    error: str | None = None
    findings_path: str | None = None
    retry_count: int = 0
    last_error: str | None = None
    constraints: Any = None
    line: int | None = None


def text_length(task: PlanTask) -> int:
    """How many characters the texts and ids of a task have: how long an event about it becomes."""
    texts = (task.id, task.phase, task.description, task.notes, task.error, task.last_error, task.findings_path)
    return sum(len(text) for text in (*texts, *task.dependencies, *task.dependents) if text)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an orchestrator over the plan, as the status file has it. `completed_at` None: it never said so."""

    run_id: str
    started_at: str | None
    completed_at: str | None
    tasks_completed: int | None
    tasks_failed: int | None


@dataclass(frozen=True, slots=True)
class StatusFile:
    """What a status file says. `summary` are the counts that it states, which need not be those of its tasks;
    `has_dependencies` are the ids of tasks that state theirs."""

    tasks: tuple[PlanTask, ...] = ()
    phase_names: tuple[tuple[str, str], ...] = ()
    runs: tuple[Run, ...] = ()
    plan_name: str | None = None
    plan_path: str | None = None
    created_at: str | None = None
    last_updated_at: str | None = None
    current_phase: str | None = None
    summary: dict[str, int] = field(default_factory=dict)
    has_dependencies: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many tasks are in which state. `percentage` counts finished ones, 100 only if all are."""

    total: int
    completed: int
    pending: int
    in_progress: int
    failed: int
    skipped: int
    percentage: int

    @property
    def finished(self) -> int:
        """Completed and skipped ones."""
        return self.completed + self.skipped


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase with its tasks counted. `key` is its number, or its name if it has none; `number` as an integer."""

    key: str
    number: int | None
    name: str
    progress: Progress
    notes: PhaseNotes | None = None

    @property
    def label(self) -> str:
        """ "Phase 2: Build", "Phase 2" or "Build"; tasks that name no phase are "Without a phase"."""
        if self.number is None:
            return self.name or "Without a phase"
        return f"Phase {self.number}: {self.name}" if self.name else f"Phase {self.number}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says: `source` is "plan" or "status" (the files), part of one ("summary", "tasks"), or one of
    others, such as "registry", "process", "worktree", "git"; `at` the time of that."""

    source: str
    says: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where sources differ. `kind`: "summary_mismatch", "current_phase", "task_ids", "task_texts", "phases",
    "dependencies", "checked", "plan_path", or one of others; `tasks` are the first ids that it is about."""

    kind: str
    text: str
    statements: tuple[Statement, ...]
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. `path` is that of the plan file, relative to the workspace; `progress` is None without a status file.

    `plan_file_at`, `status_file_at` are the times of the files. `problems` are what could not be read of them.
    """

    name: str
    path: str
    title: str
    status: str
    progress: Progress | None
    phases: tuple[Phase, ...]
    tasks: tuple[PlanTask, ...]
    runs: tuple[Run, ...] = ()
    current_phase: str | None = None
    current_task: PlanTask | None = None
    created_at: str | None = None
    last_updated_at: str | None = None
    plan_file_at: str | None = None
    status_file_at: str | None = None
    disagreements: tuple[Disagreement, ...] = ()
    problems: tuple[str, ...] = ()


def progress_of(statuses: Iterable[str]) -> Progress:
    """The counts of tasks with these statuses."""
    counts = Counter(statuses)
    total = sum(counts.values())
    finished = counts["completed"] + counts["skipped"]
    percentage = 100 if total and finished == total else min(99, round(100 * finished / total)) if total else 0
    return Progress(
        total,
        completed=counts["completed"],
        pending=counts["pending"],
        in_progress=counts["in_progress"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        percentage=percentage,
    )


def plan_status(progress: Progress) -> str:
    """The status of a plan: completed (all tasks are finished), failed (nothing is left but failures), in_progress
    (something was begun), else pending."""
    if progress.total and progress.finished == progress.total:
        return "completed"
    if progress.failed and not progress.pending and not progress.in_progress:
        return "failed"
    begun = progress.finished or progress.in_progress or progress.failed
    return "in_progress" if begun else "pending"


def current_task_of(tasks: Sequence[PlanTask]) -> PlanTask | None:
    """The task that is being worked on: of several, the one that was started last."""
    running = [task for task in tasks if task.status == "in_progress"]
    return max(running, key=lambda task: task.started_at or "", default=None)


def current_phase_of(phases: Sequence[Phase], current: PlanTask | None) -> str | None:
    """The label of the phase that the plan is in: that of the current task, else the first with something to do, else
    the last one. What a status file says of it is never advanced by its writers, so it is worked out."""
    if current is not None:
        return next((phase.label for phase in phases if phase.key == current.phase), None)
    unfinished = (phase for phase in phases if phase.progress.pending or phase.progress.in_progress)
    found = next(unfinished, phases[-1] if phases else None)
    return found.label if found is not None else None
