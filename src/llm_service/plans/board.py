"""The plans in memory: `PlanBoard.apply(changes)` takes what files say now and publishes what that changes.

What is shown is a pure function of the files. Two followers write (of the plans, and of their outputs), one at a time;
readers take `view`, which never changes, without a lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ..hub.event import Event
from .events import PlanRemoved, PlanTaskChanged, PlanUpdated
from .merge import merge
from .model import Disagreement, Plan, PlanTask, text_length
from .shapes import Companion, row_json, task_json
from .sources import PlanSource, StatusSource

MAX_TASK_EVENTS = 500
"""So many tasks of a plan that change at once are published one by one; of more, the clients ask for the plan."""
MAX_TASK_EVENT_CHARACTERS = 1_000_000
"""Of tasks with longer texts fewer are published: each goes into the journal and to every client, and a status file of
30 MB that is rewritten ten times would have taken the place of everything else there."""


@dataclass(frozen=True, slots=True)
class FindingFile:
    """A file of findings: its size and time, in seconds since 1970."""

    size_bytes: int
    modified_s: float


Findings = Mapping[str, FindingFile]
_NONE: Findings = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Changes:
    """What files say now, by plan: None for one that is gone."""

    plans: Mapping[str, PlanSource | None] = field(default_factory=dict)
    statuses: Mapping[str, StatusSource | None] = field(default_factory=dict)
    findings: Mapping[str, Findings] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The plans that they are about."""
        return list(dict.fromkeys((*self.plans, *self.statuses, *self.findings)))


@dataclass(frozen=True, slots=True)
class View:
    """All plans at one moment, by name in their order; `revision` rises with each change."""

    revision: int
    plans: Mapping[str, Plan]
    rows: Mapping[str, Mapping[str, Any]]
    """See `row_json`; in no particular order."""
    findings: Mapping[str, Findings]
    without_plan: tuple[str, ...]
    """Folders with a status file to which there is no plan file."""
    current: str | None = None
    """The plan that a file calls the current one; there need not be a plan of this name."""


class PlanBoard:
    """Thread-safe."""

    def __init__(
        self,
        publish: Callable[[Event], object],
        project_of: Callable[[str], str] = lambda plan: "",
        companion: Callable[[str], Companion] = lambda plan: Companion(),
        differences: Callable[[Plan], tuple[Disagreement, ...]] = lambda plan: (),
    ) -> None:
        """`project_of(plan)` is the project that a plan belongs to, "" if to none; `companion(plan)` what others know
        of it, and `differences(plan)` where that is not what its files say (see `refresh`)."""
        self._publish, self._project_of, self._companion = publish, project_of, companion
        self._differences = differences
        self._lock = threading.Lock()
        self._sources: dict[str, PlanSource] = {}
        self._statuses: dict[str, StatusSource] = {}
        self._findings: dict[str, Findings] = {}
        self._current: str | None = None
        self._view = View(0, {}, {}, {}, ())

    @property
    def view(self) -> View:
        """What is known now."""
        return self._view

    def apply(self, changes: Changes, is_first: bool = False) -> None:
        """Take what files say, and publish what that changes; tasks are not published the first time."""
        with self._lock:
            _put(self._sources, changes.plans)
            _put(self._statuses, changes.statuses)
            _put(self._findings, {name: found or None for name, found in changes.findings.items()})
            self._update(changes.names(), is_first)

    def apply_current(self, name: str | None) -> None:
        """Take the name of the plan that is called the current one."""
        with self._lock:
            before, self._current = self._current, name
            if before != name:
                self._update([each for each in (before, name) if each is not None], False)

    def refresh(self, names: Iterable[str] | None = None) -> None:
        """What others know of these plans (None: of all) changed."""
        with self._lock:
            self._update(list(self._view.plans) if names is None else list(names), False)

    def _update(self, names: Collection[str], is_first: bool) -> None:
        before = self._view
        plans, rows = dict(before.plans), dict(before.rows)
        events: list[Event] = []
        for name in names:
            known, row_before = plans.get(name), rows.get(name)
            source = self._sources.get(name)
            if source is None:
                if known is not None:
                    del plans[name], rows[name]
                    events.append(PlanRemoved(plan=name, project=self._project_of(name)))
                continue
            findings = self._findings.get(name, _NONE)
            plan = plans[name] = self._merged(name, source, findings)
            project = self._project_of(name)
            row = rows[name] = row_json(plan, project, len(findings), self._companion(name), name == self._current)
            if plan != known or row != row_before:
                events += _events(known, plan, project, row, is_first)
        orphans = tuple(sorted(self._statuses.keys() - self._sources.keys()))
        others = before.without_plan, before.findings, before.current
        if events or others != (orphans, self._findings, self._current):
            if plans.keys() != before.plans.keys():
                plans = {name: plans[name] for name in sorted(plans)}
            self._view = View(before.revision + 1, plans, rows, dict(self._findings), orphans, self._current)
        for event in events:
            self._publish(event)

    def _merged(self, name: str, source: PlanSource, findings: Findings) -> Plan:
        plan = merge(name, source, self._statuses.get(name))
        if any(task.findings_path is not None for task in plan.tasks):
            plan = replace(plan, tasks=tuple(_checked(task, findings) for task in plan.tasks))
        more = self._differences(plan)
        return replace(plan, disagreements=(*plan.disagreements, *more)) if more else plan


def _checked(task: PlanTask, findings: Findings) -> PlanTask:
    """The task without a path of findings that points nowhere."""
    path = task.findings_path
    if path is None or path.replace("\\", "/").rpartition("/")[2] in findings:
        return task
    return replace(task, findings_path=None)


_TaskChange = tuple[PlanTask | None, PlanTask | None]
"""(before, after); None where there is none."""


def _events(
    before: Plan | None, after: Plan, project: str, row: dict[str, Any], is_first: bool
) -> Iterator[PlanTaskChanged | PlanUpdated]:
    changes = _task_changes(before, after) if before is not None and not is_first else []
    published = changes[: _how_many(changes)]
    for previous, task in published:
        yield PlanTaskChanged(
            plan=after.name,
            project=project,
            task=(task or previous or after.tasks[0]).id,
            previousStatus=previous.status if previous is not None else None,
            status=task.status if task is not None else None,
            detail=task_json(task) if task is not None else None,
        )
    skipped = len(changes) - len(published)
    yield PlanUpdated(plan=after.name, project=project, data=row, changes=len(changes), skipped=skipped)


def _how_many(changes: Sequence[_TaskChange]) -> int:
    """How many of these changes are published one by one: the first in any case."""
    characters = 0
    for number, (_, task) in enumerate(changes[:MAX_TASK_EVENTS]):
        characters += 0 if task is None else text_length(task)
        if number and characters > MAX_TASK_EVENT_CHARACTERS:
            return number
    return min(len(changes), MAX_TASK_EVENTS)


def _task_changes(before: Plan, after: Plan) -> list[_TaskChange]:
    """Of each task that differs."""
    if before.tasks == after.tasks:
        return []
    known = {task.id: task for task in before.tasks}
    changed: list[_TaskChange] = []
    for task in after.tasks:
        previous = known.pop(task.id, None)
        if previous != task:
            changed.append((previous, task))
    return changed + [(task, None) for task in known.values()]


def _put(known: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if value is None:
            known.pop(name, None)
        else:
            known[name] = value
