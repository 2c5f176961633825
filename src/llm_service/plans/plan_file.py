"""`read_plan(text)`: what a Markdown plan says. Pure.

Tasks are `- [ ] 1.2 text` at the start of a line below a heading `## Phase 1: Title`; any other `##` heading ends the
phase. What is in code blocks and comments is an example, not a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .model import Constraint, PhaseNotes, PlanFile, PlannedTask, Verification
from .plan_notes import constraints_of, dependencies_of

MAX_TASKS = 20_000
MAX_PHASES = 1_000
_MAX_LINE = 4_000
_MAX_TITLE = 300
_MAX_PROBLEMS = 50

_TITLE = re.compile(r"#[ \t]+(.+?)[ \t#]*$")
_PHASE = re.compile(r"##[ \t]+phase[ \t]+(\d{1,9})\b[ \t]*[:.\-–—]?[ \t]*(.*?)[ \t#]*$", re.I)
_HEADING = re.compile(r"#{1,2}[ \t]")
_TASK = re.compile(
    r"[-*+][ \t]\[([ xX~\-])\][ \t]+(?:\*\*)?(\d{1,9}(?:\.\d{1,9}){1,3}[a-z]?)(?:\*\*)?[.:)]?(?:[ \t]+(.*))?$"
)
_CRITERION = re.compile(r"[-*+][ \t](?:\[[ xX~\-]\][ \t]+)?(.+)$")
_VERIFY = re.compile(r"(?:[-*+][ \t]\[[ xX~\-]\][ \t]+)?\*\*(VERIFY\b.*)$", re.I)
_NOTE = re.compile(r"\*\*Execution Notes?:?\*\*:?[ \t]*(.*)$", re.I)
_PIPELINE = re.compile(r"\*\*pipeline-start:?\*\*:?[ \t]*(.*)$", re.I)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_NON_BLOCKING = re.compile(r"\(\s*non[- ]?blocking\s*\)", re.I)


@dataclass(slots=True)
class _Phase:
    number: str
    name: str
    line: int
    notes: list[str] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    verifications: list[tuple[str, bool, list[str]]] = field(default_factory=list)
    pipeline_start: str | None = None

    def frozen(self) -> PhaseNotes:
        checks = tuple(Verification(text, blocking, tuple(criteria)) for text, blocking, criteria in self.verifications)
        return PhaseNotes(
            self.number, self.name, self.line, tuple(self.notes), tuple(self.constraints), checks, self.pipeline_start
        )


def read_plan(text: str) -> PlanFile:
    """What the text says; one without a task is no plan, which the caller decides."""
    return _Reader().read(text)


class _Reader:
    def __init__(self) -> None:
        self._title = ""
        self._phases: dict[str, _Phase] = {}
        self._phase: _Phase | None = None
        self._tasks: dict[str, PlannedTask] = {}
        self._constraints: list[Constraint] = []
        self._problems: list[str] = []
        self._criteria: list[str] | None = None
        self._has_too_many = False

    def read(self, text: str) -> PlanFile:
        for number, line in self._outside_of_examples(text):
            self._take(number, line)
        return PlanFile(
            self._title,
            tuple(phase.frozen() for phase in self._phases.values()),
            tuple(self._tasks.values()),
            tuple(self._constraints),
            tuple(self._problems[:_MAX_PROBLEMS]),
        )

    def _outside_of_examples(self, text: str) -> Iterator[tuple[int, str]]:
        """(line number, line) of what is neither in a code block nor in a comment."""
        fence, opened_in, in_comment = "", 0, False
        for number, whole in enumerate(text.split("\n"), 1):
            line = whole[:_MAX_LINE].rstrip()
            mark = _FENCE.match(line)
            if fence:
                if mark and mark[1].startswith(fence) and not mark[2].strip():
                    fence = ""
                continue
            if in_comment:
                in_comment = "-->" not in line
                continue
            if mark and not (mark[1][0] == "`" and "`" in mark[2]):
                fence, opened_in = mark[1], number
                continue
            if line.lstrip().startswith("<!--"):
                in_comment = "-->" not in line
                continue
            yield number, line
        if fence:
            self._problem(f"The code block that begins in line {opened_in} does not end: nothing after it is read.")
        if in_comment:
            self._problem("A comment does not end: nothing after it is read.")

    def _take(self, number: int, line: str) -> None:
        if line.startswith("#"):
            self._heading(number, line)
            return
        if self._phase is None:
            if found := _NOTE.match(line):
                self._constraints += constraints_of(found[1])
            return
        if found := _TASK.match(line):
            self._criteria = None
            self._task(number, found[1] in "xX", found[2], (found[3] or "").strip())
        elif found := _VERIFY.match(line):
            self._verification(found[1])
        elif found := _NOTE.match(line):
            self._phase.notes.append(found[1])
            self._phase.constraints += constraints_of(found[1])
        elif found := _PIPELINE.match(line):
            self._phase.pipeline_start = found[1] or None
        elif self._criteria is not None and (found := _CRITERION.match(line)):
            self._criteria.append(found[1])
        elif line and not line[0].isspace():
            self._criteria = None

    def _heading(self, number: int, line: str) -> None:
        self._criteria = None
        if found := _PHASE.match(line):
            self._begin_phase(str(int(found[1])), found[2][:_MAX_TITLE], number)
        elif _HEADING.match(line):
            self._phase = None
            if not self._title and (found := _TITLE.match(line)):
                self._title = found[1][:_MAX_TITLE]

    def _begin_phase(self, number: str, name: str, line: int) -> None:
        known = self._phases.get(number)
        if known is not None:
            self._problem(f"Phase {number} begins twice, in lines {known.line} and {line}.")
            self._phase = known
        elif len(self._phases) < MAX_PHASES:
            self._phase = self._phases[number] = _Phase(number, name, line)
        else:
            self._phase = None
            self._too_many(f"There are more than {MAX_PHASES:,} phases.")

    def _task(self, line: int, is_checked: bool, task_id: str, text: str) -> None:
        known = self._tasks.get(task_id)
        if known is not None:
            self._problem(f"Task {task_id} is there twice, in lines {known.line} and {line}; the first one counts.")
        elif len(self._tasks) >= MAX_TASKS:
            self._too_many(f"There are more than {MAX_TASKS:,} tasks.")
        elif self._phase is not None:
            number = self._phase.number
            self._tasks[task_id] = PlannedTask(task_id, number, text, line, is_checked, dependencies_of(text))

    def _verification(self, rest: str) -> None:
        if self._phase is not None:
            self._criteria = []
            text = rest.replace("**", "").strip()
            self._phase.verifications.append((text, _NON_BLOCKING.search(text) is None, self._criteria))

    def _too_many(self, text: str) -> None:
        if not self._has_too_many:
            self._has_too_many = True
            self._problem(text)

    def _problem(self, text: str) -> None:
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(text)
