"""`disagreements(...)`: where the plan file and the status file, or parts of one, say different things. Pure.

Nothing is settled in silence: each difference says what each source says, and when it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .model import FINISHED, TASK_STATUSES, Disagreement, Phase, PlanTask, Statement, StatusFile, progress_of
from .plan_notes import without_dependencies
from .sources import PlanSource
from .status_file import phase_of

_MAX_IDS = 50
_MAX_SHOWN = 10
_MAX_SAID = 300
_WORDS = re.compile(r"[^\W_]+")


def disagreements(
    plan: PlanSource,
    status_at: str | None,
    stated: StatusFile,
    tasks: Sequence[PlanTask],
    phases: Sequence[Phase],
    current_phase: str | None,
) -> tuple[Disagreement, ...]:
    """Every difference. `tasks` are those of the status file, completed; `current_phase` is what they mean."""
    found = _Finder(plan, status_at, stated, tasks, phases)
    return (
        *found.summary(),
        *found.current_phase(current_phase),
        *found.task_ids(),
        *found.task_texts(),
        *found.phases(),
        *found.dependencies(),
        *found.checked(),
        *found.plan_path(),
    )


class _Finder:
    def __init__(
        self,
        plan: PlanSource,
        status_at: str | None,
        stated: StatusFile,
        tasks: Sequence[PlanTask],
        phases: Sequence[Phase],
    ) -> None:
        self._plan, self._status_at, self._stated = plan, status_at, stated
        self._tasks, self._phases = tasks, phases
        self._planned = {task.id: task for task in plan.file.tasks}

    def summary(self) -> Iterator[Disagreement]:
        """The counts that the status file states are not those of its tasks."""
        counted = progress_of(task.status for task in self._tasks)
        real = {"totalTasks": counted.total} | {status: getattr(counted, status) for status in TASK_STATUSES}
        stated = self._stated.summary
        wrong = [key for key in real if stated.get(key) != real[key]]
        if wrong:
            said = ", ".join(f"{key} {stated[key]}" if key in stated else f"no {key}" for key in wrong)
            are = ", ".join(f"{key} {real[key]}" for key in wrong)
            text = "The summary of the status file is not that of its tasks; the tasks are counted."
            yield self._differ(
                "summary_mismatch", text, ("summary", said, self._status_at), ("tasks", are, self._status_at)
            )

    def current_phase(self, worked_out: str | None) -> Iterator[Disagreement]:
        """The phase that the status file states is another one than its tasks are in."""
        stated = self._stated.current_phase
        if stated is None or worked_out is None:
            return
        key = phase_of(stated)[0]
        is_known = any(phase.label == worked_out and key in (phase.key, str(phase.number)) for phase in self._phases)
        if not is_known and stated != worked_out:
            text = "The status file states another phase than its tasks are in; the tasks count."
            sources = ("status", stated, self._status_at), ("tasks", worked_out, self._status_at)
            yield self._differ("current_phase", text, *sources)

    def task_ids(self) -> Iterator[Disagreement]:
        """Tasks that only one of the files has."""
        stated = {task.id for task in self._tasks}
        only_plan = [task_id for task_id in self._planned if task_id not in stated]
        only_status = [task.id for task in self._tasks if task.id not in self._planned]
        if only_plan or only_status:
            text = "Tasks are in one of the files only; those of the status file are shown."
            here = f"{len(self._planned):,} tasks; only here: {_listed(only_plan)}"
            there = f"{len(stated):,} tasks; only here: {_listed(only_status)}"
            yield self._differ(
                "task_ids", text, self._by_plan(here), self._by_status(there), tasks=only_plan + only_status
            )

    def task_texts(self) -> Iterator[Disagreement]:
        """The same id means different tasks."""
        differ = [
            task
            for task in self._tasks
            if (planned := self._planned.get(task.id)) is not None
            and task.description
            and not _same_text(planned.text, task.description, task.id)
        ]
        if differ:
            first = differ[0]
            text = f"{len(differ):,} ids have another text in the plan file than in the status file."
            here = f"{first.id}: {self._planned[first.id].text}"
            ids = [task.id for task in differ]
            yield self._differ(
                "task_texts", text, self._by_plan(here), self._by_status(f"{first.id}: {first.description}"), tasks=ids
            )

    def phases(self) -> Iterator[Disagreement]:
        """Phases that are not the same."""
        here = {int(phase.number): phase.name for phase in self._plan.file.phases}
        names = dict(self._stated.phase_names)
        there = {phase.number: names.get(phase.key, "") for phase in self._phases if phase.number is not None}
        unnumbered = [phase.name for phase in self._phases if phase.number is None]
        differ = [
            number
            for number in sorted({*here, *there})
            if number not in here
            or number not in there
            or (there[number] and not _same_text(here[number], there[number]))
        ]
        if differ or unnumbered:
            text = "The phases of the plan file and of the status file differ."
            said_here = "; ".join(f"{number}: {here[number]}" for number in differ if number in here)
            said_there = [f"{number}: {there[number]}" for number in differ if number in there]
            yield self._differ(
                "phases",
                text,
                self._by_plan(said_here or "no such phases"),
                self._by_status("; ".join(said_there + unnumbered) or "no such phases"),
            )

    def dependencies(self) -> Iterator[Disagreement]:
        """Tasks that depend on other tasks in one file than in the other."""
        differ = [
            task
            for task in self._tasks
            if task.id in self._stated.has_dependencies
            and (planned := self._planned.get(task.id)) is not None
            and planned.dependencies
            and set(planned.dependencies) != set(task.dependencies)
        ]
        if differ:
            first = differ[0]
            text = f"{len(differ):,} tasks depend on others in the plan file than in the status file, which counts."
            here = f"{first.id}: {', '.join(self._planned[first.id].dependencies)}"
            there = f"{first.id}: {', '.join(first.dependencies) or 'nothing'}"
            ids = [task.id for task in differ]
            yield self._differ("dependencies", text, self._by_plan(here), self._by_status(there), tasks=ids)

    def checked(self) -> Iterator[Disagreement]:
        """Boxes that are checked in the plan file although the task is not finished."""
        differ = [
            task
            for task in self._tasks
            if (planned := self._planned.get(task.id)) is not None
            and planned.is_checked
            and task.status not in FINISHED
        ]
        if differ:
            text = f"{len(differ):,} boxes are checked in the plan file, of tasks that are not finished."
            ids = [task.id for task in differ]
            there = ", ".join(f"{task.id} {task.status}" for task in differ[:_MAX_SHOWN])
            yield self._differ(
                "checked", text, self._by_plan(f"done: {_listed(ids)}"), self._by_status(there), tasks=ids
            )

    def plan_path(self) -> Iterator[Disagreement]:
        """The status file says that it belongs to another plan file."""
        path = self._stated.plan_path
        if path is not None and path.replace("\\", "/").rpartition("/")[2] != self._plan.path.rpartition("/")[2]:
            text = "The status file names another plan file than the one beside it."
            yield self._differ("plan_path", text, self._by_plan(self._plan.path), self._by_status(path))

    def _by_plan(self, says: str) -> tuple[str, str, str | None]:
        return "plan", says, self._plan.at

    def _by_status(self, says: str) -> tuple[str, str, str | None]:
        return "status", says, self._status_at

    def _differ(
        self, kind: str, text: str, *sources: tuple[str, str, str | None], tasks: Sequence[str] = ()
    ) -> Disagreement:
        statements = tuple(Statement(source, says[:_MAX_SAID], at) for source, says, at in sources)
        return Disagreement(kind, text, statements, tuple(tasks[:_MAX_IDS]))


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MAX_SHOWN:,} more" if len(ids) > _MAX_SHOWN else ""
    return (", ".join(ids[:_MAX_SHOWN]) or "none") + more


def _same_text(one: str, other: str, task_id: str = "") -> bool:
    """True if the texts have the same words, but for the id that one may begin with."""
    return one == other or _words(one, task_id) == _words(other, task_id)


def _words(text: str, task_id: str) -> list[str]:
    if task_id and text.startswith(task_id):
        text = text[len(task_id) :]
    return _WORDS.findall(without_dependencies(text).lower())
