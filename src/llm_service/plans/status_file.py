"""`read_status(data)`: what a status file says, whatever its writer made of it. Pure.

Every value may be of any type: what cannot be used is left out, and said in `problems` where it matters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ..json_values import integer_of
from .model import TASK_STATUSES, PlanTask, Run, StatusFile
from .status_values import count_of, id_of, ids_of, plain, status_of, text_of, time_of

MAX_TASKS = 20_000
MAX_RUNS = 1_000
_MAX_PROBLEMS = 50
_PHASE = re.compile(r"phase[ \t]+(\d{1,9})\b[ \t]*[:.\-–—]?[ \t]*(.*)", re.I | re.S)
_SUMMARY_KEYS = ("totalTasks", *TASK_STATUSES)


class NotAStatus(ValueError):
    """The content is no JSON object."""


def parse_json(data: bytes, problems: list[str] | None = None) -> Any:
    """The JSON value, with what is no UTF-8 replaced, and None for a number that is none or too large, which is added
    to `problems`. Raises NotAStatus."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        numbers = _Numbers()
        try:  # invalid UTF-8, NaN, half of a character: what is whole is still read
            value = json.loads(
                data.decode("utf-8", "replace"),
                parse_constant=numbers.unreadable,
                parse_int=numbers.number,
                parse_float=numbers.number,
            )
        except (ValueError, RecursionError):
            raise NotAStatus(f"It is not JSON: {str(problem)[:200] or 'nested too deeply'}.") from problem
        if problems is not None:
            problems += numbers.problems
        return value


class _Numbers:
    """Reads numbers of JSON; `problems` says which could not be read."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def number(self, text: str) -> int | float | None:
        value = integer_of(text) if text.removeprefix("-").isdigit() else float(text)
        if math.isfinite(value):
            return value
        self.unreadable(text)
        return None

    def unreadable(self, text: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            shown = text if len(text) <= 20 else f"{text[:8]}… of {len(text):,} digits"
            self.problems.append(f"The number {shown} cannot be read.")


ReadTasks = dict[str, tuple[Mapping[str, Any], PlanTask]]
"""Tasks of a file that was read: id -> (its JSON, the task)."""


def read_status(data: bytes, known: ReadTasks | None = None) -> StatusFile:
    """What the file says. Raises NotAStatus.

    `known` are the tasks of the last state of the same file: those that are the same are not read again. It is brought
    up to date.
    """
    problems: list[str] = []
    value = parse_json(data, problems)
    if not isinstance(value, dict):
        raise NotAStatus("It is not a JSON object.")
    return _Reader(value, {} if known is None else known, problems).read()


class _Reader:
    def __init__(self, value: Mapping[str, Any], known: ReadTasks, problems: list[str]) -> None:
        self._value = value
        self._known = known
        self._problems = problems
        self._tasks: dict[str, PlanTask] = {}
        self._names: dict[str, str] = {}
        self._stated: set[str] = set()

    def read(self) -> StatusFile:
        value = self._value
        self._read_tasks()
        summary = value.get("summary")
        return StatusFile(
            tasks=tuple(self._tasks.values()),
            phase_names=tuple(self._names.items()),
            runs=self._runs(),
            plan_name=text_of(value.get("planName")),
            plan_path=text_of(value.get("planPath")),
            created_at=time_of(value.get("createdAt")),
            last_updated_at=time_of(value.get("lastUpdatedAt")),
            current_phase=text_of(value.get("currentPhase")),
            summary=_summary(summary) if isinstance(summary, dict) else {},
            has_dependencies=frozenset(self._stated),
            problems=tuple(self._problems),
        )

    def _read_tasks(self) -> None:
        items = self._value.get("tasks")
        if not isinstance(items, list):
            self._problem("It has no list of tasks.")
            return
        if len(items) > MAX_TASKS:
            self._problem(f"It has {len(items):,} tasks, of which the first {MAX_TASKS:,} are shown.")
        read: ReadTasks = {}
        for number, item in enumerate(items[:MAX_TASKS], 1):
            if not isinstance(item, dict):
                self._problem(f"Task {number} of the list is no object.")
                continue
            task = self._task_again(item) or self._task(item, number)
            self._tasks[task.id] = task
            read[task.id] = item, task
        self._known.clear()
        self._known.update(read)

    def _task_again(self, item: Mapping[str, Any]) -> PlanTask | None:
        """The task if it is known and the same, and nothing is odd about it."""
        task_id = item.get("id")
        known = self._known.get(task_id) if isinstance(task_id, str) else None
        if known is None or known[0] != item or known[1].id != task_id or task_id in self._tasks:
            return None
        if item.get("status") != known[1].status:
            return None
        if "dependencies" in item:
            self._stated.add(task_id)
        self._phase(item, task_id)
        return known[1]

    def _task(self, item: Mapping[str, Any], number: int) -> PlanTask:
        task_id = id_of(item.get("id"))
        if task_id is None:
            self._problem(f"Task {number} of the list has no id.")
            task_id = f"#{number}"
        if task_id in self._tasks:
            self._problem(f"The id {task_id} is there more than once.")
            task_id = f"{task_id}#{number}"
        status, is_known = status_of(item.get("status"))
        if not is_known:
            self._problem(f"Task {task_id} has the status {plain(item.get('status'))}, which is taken for {status}.")
        if "dependencies" in item:
            self._stated.add(task_id)
        return PlanTask(
            id=task_id,
            phase=self._phase(item, task_id),
            description=text_of(item.get("description")) or text_of(item.get("title")) or "",
            status=status,
            dependencies=ids_of(item.get("dependencies")),
            dependents=ids_of(item.get("dependents")),
            started_at=time_of(item.get("startedAt")),
            completed_at=time_of(item.get("completedAt")),
            duration_ms=count_of(item.get("duration")),
            notes=text_of(item.get("notes")),
            error=text_of(item.get("error")),
            findings_path=text_of(item.get("findingsPath")),
            retry_count=count_of(item.get("retryCount")) or 0,
            last_error=text_of(item.get("lastError")),
            constraints=plain_json(item.get("executionConstraints")),
        )

    def _phase(self, item: Mapping[str, Any], task_id: str) -> str:
        """The key of the task's phase; notes its name."""
        phase = item.get("phase")
        key, name = _phase_of_text(phase) if isinstance(phase, str) else phase_of(phase)
        if not key:
            head = task_id.partition(".")[0]
            key = str(int(head)) if head.isascii() and head.isdigit() else ""
        name = name or (text_of(item.get("phaseName")) or "")
        if key not in self._names or not self._names[key]:
            self._names[key] = name
        return key

    def _runs(self) -> tuple[Run, ...]:
        items = self._value.get("runs")
        found = []
        for number, item in enumerate(items[-MAX_RUNS:] if isinstance(items, list) else (), 1):
            if isinstance(item, dict):
                run_id = id_of(item.get("runId")) or id_of(item.get("id")) or f"#{number}"
                completed, failed = count_of(item.get("tasksCompleted")), count_of(item.get("tasksFailed"))
                times = time_of(item.get("startedAt")), time_of(item.get("completedAt"))
                found.append(Run(run_id, *times, completed, failed))
        return tuple(found)

    def _problem(self, text: str) -> None:
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(text)


@lru_cache(maxsize=10_000)
def _phase_of_text(text: str) -> tuple[str, str]:
    return phase_of(text)


def phase_of(value: Any) -> tuple[str, str]:
    """(key, name) of a phase as tasks name it: "Phase 2: Build" is ("2", "Build"), "2" is ("2", ""), free text its own
    key and name, nothing ("", "")."""
    text = id_of(value) or ""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return str(int(text)), ""
    found = _PHASE.fullmatch(text)
    if found:
        return str(int(found[1])), found[2].strip()
    return text, text


def plain_json(value: Any) -> Any:
    """Small JSON as it is; None for what is large or not there."""
    if value is None or value in ({}, [], ""):
        return None
    try:
        return value if len(msgspec.json.encode(value)) <= 4_000 else None
    except (UnicodeEncodeError, TypeError, RecursionError):  # half of a character, as JSON can have it
        return None


def _summary(value: Mapping[str, Any]) -> dict[str, int]:
    counts = {key: count_of(value.get(key)) for key in _SUMMARY_KEYS}
    return {key: count for key, count in counts.items() if count is not None}
