"""How much of a task is checked off: what its file says in any of the usual ways, and nothing where it says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service import files
from llm_service.tasks.checklist import checklist_of
from llm_service.tasks.model import Checklist, FileFacts, TaskError, location_of
from llm_service.tasks.summary import summarize


def checked(text: str) -> tuple[int, int] | None:
    """(done, total) of a file with this content, as it is read."""
    found = checklist_of(files.parse_mapping(text.encode(), as_written=True).value)
    return None if found is None else (found.done, found.total)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acceptance_criteria: ['[x] a', '[ ] b', '[X] c']", (2, 3)),
        ("acceptance_criteria: ['[x] a', b]", (1, 2)),  # where one is checked off, the others are not
        ("acceptance_criteria: [a, b]", None),  # nobody checks these off
        ("acceptance_criteria: ['[1] a source', 'see [x]']", None),
        ("checklist: [{text: a, done: true}, {text: b, done: false}, {text: c}]", (1, 3)),
        ("subtasks: [{id: 1, status: done}, {id: 2, status: In Progress}, {id: 3, status: completed}]", (2, 3)),
        ("subtasks: [{id: 1, status: odd}]", None),
        ("steps: [{a: yes}, {b: no}]", (1, 2)),
        ("steps: [{a: 'yes'}, {b: quickly}]", None),
        ("steps: [{a: true}, {b: false}]", (1, 2)),
        ("definition_of_done: {tests pass: true, docs: false}", (1, 2)),
        ("definition_of_done: {tests: green, docs: false}", None),
        ("description: |\n  Do this\n  - [x] a\n  * [ ] b\n    1. [X] c\n  [ ] no list\n  - [y] none\n", (2, 3)),
        ("todo: |\n  - [ ] a\n", (0, 1)),
        ("notes: '- [x] a'\nchecklist: ['[ ] b']", (1, 2)),
        ("artefacts: [{path: a, status: done}]", None),
        ("title: x", None),
    ],
)
def test_what_is_checked_off(text: str, expected: tuple[int, int] | None) -> None:
    assert checked(text) == expected


def test_a_huge_list_is_read_in_part() -> None:
    assert checklist_of({"steps": ["[x] a"] * 50_000}) == Checklist(1_000, 1_000)
    assert checklist_of({"notes": "- [ ] a\n" * 50_000}) == Checklist(0, 1_000)


def test_a_broken_file_has_none() -> None:
    location = location_of("inbox/t.yaml")
    assert location is not None
    document = {"checklist": ["[x] a"]}
    facts = FileFacts(1, 0)
    broken = FileFacts(1, 0, error=TaskError("no", 1, 1, "YAML"))
    assert summarize(location, document, facts).checklist == Checklist(1, 1)
    assert summarize(location, document, broken).checklist is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["checklist", "steps", "notes", "description"]), json_values))
def test_any_document_has_a_count_that_adds_up_or_none(document: dict[str, Any]) -> None:
    found = checklist_of(document)
    assert found is None or 0 <= found.done <= found.total > 0
