"""Plan files: what is a phase, a task, a note; and what any text at all becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.plans.model import Constraint, PlanFile
from llm_service.plans.plan_file import MAX_TASKS, read_plan
from llm_service.plans.plan_notes import constraints_of, dependencies_of, ids_in

TEXT = """# Plan: Tide import #

**Execution Note:** Phases 1-2 are [PARALLEL] - they share nothing

- [ ] 0.1 before any phase

## Phase 1: Parser

**Objective:** read it
**Execution Note:** Tasks 1.1-1.3 are [SEQUENTIAL] - all change parser.py

- [ ] 1.1 Read the table
  - [ ] 1.9 indented, a part of the task above
- [x] 1.2 Check the hours (depends: 1.1)
- [ ] 1.2.1 Down to minutes (depends: 1.1, 1.2)

**VERIFY Phase 1** (non-blocking)
- [ ] the sample is read
- a file without a table is refused

Text that ends the list.
- [ ] no criterion of it

### Details
- [ ] 1.3 below a smaller heading

**pipeline-start:** when 1.3 completes

## Phase 2 - Service
- [ ] **VERIFY 2**: it answers
- [ ] 2.1. Serve it

```markdown
## Phase 3: An example
- [ ] 3.1 only an example
```
<!-- - [ ] 2.8 left out -->
<!--
- [ ] 2.9 left out too
-->

## Success Criteria
- [ ] 9.1 is no task, as this is no phase
"""


def test_a_plan_file_is_read() -> None:
    plan = read_plan(TEXT)
    assert plan.title == "Plan: Tide import"
    assert [task.id for task in plan.tasks] == ["1.1", "1.2", "1.2.1", "1.3", "2.1"]
    assert [(phase.number, phase.name, phase.line) for phase in plan.phases] == [
        ("1", "Parser", 7),
        ("2", "Service", 29),
    ]
    by_id = {task.id: task for task in plan.tasks}
    assert (by_id["1.2"].is_checked, by_id["1.2"].dependencies, by_id["1.2"].line) == (True, ("1.1",), 14)
    assert by_id["1.2.1"].dependencies == ("1.1", "1.2")
    assert (by_id["2.1"].phase, by_id["2.1"].text, by_id["2.1"].is_checked) == ("2", "Serve it", False)
    assert plan.constraints == (Constraint("PARALLEL", "phases", ("1", "2"), "they share nothing"),)
    assert plan.problems == ()


def test_the_notes_of_a_phase_are_read() -> None:
    first, second = read_plan(TEXT).phases
    assert first.constraints == (Constraint("SEQUENTIAL", "tasks", ("1.1", "1.2", "1.3"), "all change parser.py"),)
    (check,) = first.verifications
    assert (check.text, check.is_blocking) == ("VERIFY Phase 1 (non-blocking)", False)
    assert check.criteria == ("the sample is read", "a file without a table is refused")
    assert first.pipeline_start == "when 1.3 completes"
    assert [(each.text, each.is_blocking) for each in second.verifications] == [("VERIFY 2: it answers", True)]


def test_a_file_without_a_task_has_none() -> None:
    assert read_plan("# Index\n\n## Phase 1: x\n- [ ] no number\n- [ ] N.1 a template\n").tasks == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "## Phase 1: A\n- [ ] 1.1 a\n- [ ] 1.1 b\n",
            "Task 1.1 is there twice, in lines 2 and 3; the first one counts.",
        ),
        ("## Phase 1: A\n- [ ] 1.1 a\n## Phase 1: B\n- [ ] 1.2 b\n", "Phase 1 begins twice, in lines 1 and 3."),
        (
            "## Phase 1: A\n- [ ] 1.1 a\n```\n",
            "The code block that begins in line 3 does not end: nothing after it is read.",
        ),
        ("## Phase 1: A\n- [ ] 1.1 a\n<!-- x\n", "A comment does not end: nothing after it is read."),
    ],
)
def test_what_cannot_be_used_is_said(text: str, problem: str) -> None:
    plan = read_plan(text)
    assert plan.problems == (problem,)
    assert plan.tasks[0].text == "a"


def test_there_is_a_limit_of_tasks() -> None:
    text = "## Phase 1: A\n" + "".join(f"- [ ] 1.{number} x\n" for number in range(MAX_TASKS + 5))
    plan = read_plan(text)
    assert len(plan.tasks) == MAX_TASKS
    assert plan.problems == ("There are more than 20,000 tasks.",)


def test_lines_may_end_as_on_windows() -> None:
    plan = read_plan("# T\r\n## Phase 1: A\r\n- [ ] 1.1 a\r\n")
    assert (plan.title, plan.phases[0].name, plan.tasks[0].text) == ("T", "A", "a")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("1.1, 1.2", ["1.1", "1.2"]),
        ("3.1-3.4", ["3.1", "3.2", "3.3", "3.4"]),
        ("3.1-4", ["3.1", "3.2", "3.3", "3.4"]),
        ("1-3", ["1", "2", "3"]),
        ("2.1 to 2.2 and 3.1", ["2.1", "2.2", "3.1"]),
        ("1.1-2.4", ["1.1", "2.4"]),
        ("1.9-1.2", ["1.9", "1.2"]),
        ("1.1-1.999999", ["1.1", "1.999999"]),
        ("nothing", []),
    ],
)
def test_ranges_are_spelt_out(text: str, ids: list[str]) -> None:
    assert list(ids_in(text)) == ids


@pytest.mark.parametrize(
    ("note", "found"),
    [
        (
            "Tasks 2.1-2.2 are [SEQUENTIAL] - all modify x",
            [Constraint("SEQUENTIAL", "tasks", ("2.1", "2.2"), "all modify x")],
        ),
        ("Task 2.1 [parallel]", [Constraint("PARALLEL", "tasks", ("2.1",), "")]),
        (
            "Tasks 1.1 and 1.2 are [PARALLEL]; Phases 2-3 are [SEQUENTIAL]: b",
            [Constraint("PARALLEL", "tasks", ("1.1", "1.2"), ""), Constraint("SEQUENTIAL", "phases", ("2", "3"), "b")],
        ),
        ("All tasks are [SEQUENTIAL] – one file", [Constraint("SEQUENTIAL", "tasks", (), "one file")]),
        ("Phase 1 must come FIRST", []),
    ],
)
def test_notes_say_how_to_run(note: str, found: list[Constraint]) -> None:
    assert constraints_of(note) == found


def test_dependencies_are_each_there_once() -> None:
    assert dependencies_of("x (depends: 1.1, 1.1-1.3) and (depends on: 2.1)") == ("1.1", "1.2", "1.3", "2.1")
    assert dependencies_of("it depends: on the weather") == ()


LINES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["# T", "## Phase 1: A", "## Phase 2", "## Other", "```", "~~~~", "<!--", "-->", "**VERIFY 1**: x", ""]
    ),
    st.builds(
        "- [{}] {}.{} {}".format, st.sampled_from(" xX"), st.integers(0, 3), st.integers(0, 9), st.text(max_size=20)
    ),
    st.builds("**Execution Note:** Tasks {} are [SEQUENTIAL]".format, st.text(alphabet="1234.-, ", max_size=20)),
    st.builds("- [ ] 1.1 x (depends: {})".format, st.text(max_size=30)),
)


@given(st.lists(LINES, max_size=40).map("\n".join))
def test_any_text_becomes_a_plan_with_each_id_once(text: str) -> None:
    plan = read_plan(text)
    ids = [task.id for task in plan.tasks]
    assert len(ids) == len(set(ids))
    phases = {phase.number for phase in plan.phases}
    lines = text.split("\n")
    for task in plan.tasks:
        assert task.phase in phases
        assert task.id in lines[task.line - 1]
    assert read_plan(text) == plan


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.lists(st.booleans(), max_size=6)), max_size=6, unique_by=lambda phase: phase[0]
    )
)
def test_what_is_written_is_read(phases: list[tuple[int, list[bool]]]) -> None:
    lines = ["# A plan"]
    for number, boxes in phases:
        lines.append(f"## Phase {number}: Phase {number}")
        lines += [f"- [{'x' if box else ' '}] {number}.{place} do it" for place, box in enumerate(boxes, 1)]
    plan = read_plan("\n".join(lines))
    assert [(phase.number, phase.name) for phase in plan.phases] == [(str(n), f"Phase {n}") for n, _ in phases]
    written = [(f"{number}.{place}", box) for number, boxes in phases for place, box in enumerate(boxes, 1)]
    assert [(task.id, task.is_checked) for task in plan.tasks] == written
    assert isinstance(plan, PlanFile)
