"""The summary of a task file: pure rules of the tasks contract."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service import files
from llm_service.tasks.model import FileFacts, TaskError, TaskSummary, location_of
from llm_service.tasks.summary import summarize, summarize_elsewhere

FACTS = FileFacts(size_bytes=10, mtime_ns=0)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["id", "task_id", "title", "agent", "status", "priority", "tags", "dependencies", "created_at",
                        "result", "error", "artefacts", "batch", "completed_at", "estimated_hours"])  # fmt: skip


def summary(path: str = "assigned/ada/t1.yaml", facts: FileFacts = FACTS, **document: Any) -> TaskSummary:
    location = location_of(path)
    assert location is not None
    return summarize(location, document, facts)


def read(text: str, path: str = "inbox/t1.yaml") -> TaskSummary:
    """The summary of a task file with that text."""
    return summary(path, **files.parse_mapping(text.encode(), as_written=True).value)


def test_alternative_field_names_are_read() -> None:
    odd = summary(
        task_id="t1",
        assigned_to="Ada",
        priority=" HIGH ",
        status="In_Progress",
        depends_on=[{"id": "t0"}, "t9", {"type": "parallel"}],
        blocked_by="t8",
        estimated_effort_hours="2-3",
        created="2026-02-05T10:00:00+02:00",
        artifacts=["a", "b"],
        labels="x, y",
    )
    assert (odd.id, odd.agent, odd.priority, odd.status) == ("t1", "ada", "high", "in_progress")
    assert odd.dependencies == ("t0", "t9", "t8")
    assert (odd.estimated_hours, odd.created_at, odd.counts.artefacts) == ("2-3", "2026-02-05T08:00:00Z", 2)
    assert odd.tags == ("x", "y")
    assert odd.flags == ()


def test_contradictions_to_the_folder_are_flagged() -> None:
    task = summary("done/ada/other.yaml", id="t1", agent="bob", status="in_progress")
    assert (task.lane, task.agent) == ("done", "ada")
    assert set(task.flags) == {"status_contradicts_lane", "agent_differs_from_folder", "id_differs_from_file"}


def test_facts_about_the_file_become_flags() -> None:
    facts = FileFacts(1, 0, documents=2, duplicate_keys=True, utf8=False)
    assert set(summary(facts=facts, error={"message": "x"}).flags) == {
        "several_documents",
        "duplicate_keys",
        "not_utf8",
        "has_error",
    }


def test_a_broken_file_is_a_task_with_what_could_be_salvaged() -> None:
    error = TaskError("expected a colon", 3, 1, "NOT_YAML")
    task = summary("inbox/t7.yaml", FileFacts(5, 0, error=error), title="Half")
    assert (task.id, task.title, task.error) == ("t7", "Half", error)
    assert "invalid" in task.flags


def test_without_id_and_title_the_file_name_is_used() -> None:
    task = summary("inbox/2026-02-06T1150-x.y.yaml")
    assert (task.id, task.title, task.priority) == ("2026-02-06T1150-x.y", "2026-02-06T1150-x.y", "normal")


def test_long_texts_end_with_an_ellipsis() -> None:
    assert summary(title="x" * 999).title == "x" * 199 + "…"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-06T11:50:00.5Z",
        "2026-02-06T11:50Z",
        "2026-11-05",
        "2024-99-99T00:00:00Z",
        "soon",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_time_or_already_in_utc_stays_as_written(text: str) -> None:
    assert summary(created_at=text).created_at == text


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-02-05T10:00:00+02:00", "2026-02-05T08:00:00Z"), ("2026-02-05 10:00", "2026-02-05T10:00:00Z"),
        ("2026-02-05t10:00:00.5+00:00", "2026-02-05T10:00:00.500000Z"),
        ("2026-02-05 10:00:00Z", "2026-02-05T10:00:00Z"),
    ],
)  # fmt: skip
def test_a_time_in_another_form_is_given_in_utc(text: str, utc: str) -> None:
    task = summary(created=text, assigned_at=text, started_at=text, result={"completed_at": text})
    assert (task.created_at, task.assigned_at, task.started_at, task.completed_at) == (utc, utc, utc, utc)


def test_names_keep_their_spelling() -> None:
    task = read("id: 2.10\ntitle: No\nmilestone: 2.50\nbatch: 0010\nmode: 0x1F\ntags: [1.0, on, 007]\nagent: 1e3\n"
                "depends_on: [2.10, {id: 0010}, No]\nstatus: Off\npriority: 1.0\nestimated_hours: 2.50\n"
                "created_at: 2026-11-05\n")  # fmt: skip
    assert (task.id, task.title, task.milestone, task.batch, task.mode) == ("2.10", "No", "2.50", "0010", "0x1F")
    assert (task.tags, task.agent) == (("1.0", "on", "007"), "1e3")
    assert task.dependencies == ("2.10", "0010", "No")
    assert (task.status, task.priority, task.estimated_hours) == ("off", "1.0", "2.50")
    assert task.created_at == "2026-11-05"


def test_a_text_that_yaml_takes_for_a_list_is_shown() -> None:
    task = read("id: [a]\ntitle: [WIP]\nmilestone: {draft}\nagent: [ada, bob]\n")
    assert (task.id, task.title, task.milestone) == ("t1", "[WIP]", "{draft}")
    assert "agent_differs_from_folder" not in read("agent: [bob, ADA]\n", "assigned/ada/t1.yaml").flags
    assert "agent_differs_from_folder" in read("agent: [bob]\n", "assigned/ada/t1.yaml").flags


@pytest.mark.parametrize(
    ("written", "needed"),
    [("none", ()), ("No", ()), ("n/a", ()), ("[]", ()), ("~", ()), ("[none, ~, '-']", ()), ("0", ("0",)),
     ("2.10", ("2.10",)), ("[{task: t1}, {task_id: t2}, {x: y}]", ("t1", "t2"))],
)  # fmt: skip
def test_dependencies_are_ids_and_none_is_none(written: str, needed: tuple[str, ...]) -> None:
    task = read(f"dependencies: {written}\n")
    assert (task.dependencies, task.counts.dependencies) == (needed, len(needed))


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("none", False),
        ("No", False),
        ("''", False),
        ("{message: ''}", False),
        ("boom", True),
        ("{message: boom}", True),
    ],
)
def test_an_error_that_says_there_is_none_is_none(written: str, counts: bool) -> None:
    assert ("has_error" in read(f"error: {written}\n").flags) is counts


@pytest.mark.parametrize(
    ("written", "count"), [("none", 0), ("false", 0), ("as agreed", 1), ("[a, b]", 2), ("{a: b}", 1)]
)
def test_acceptance_criteria_are_counted(written: str, count: int) -> None:
    assert read(f"acceptance_criteria: {written}\n").counts.acceptance_criteria == count


@given(st.dictionaries(keys, json_values))
def test_any_mapping_has_a_summary(document: dict[str, Any]) -> None:
    location = location_of("assigned/ada/t1.yaml")
    assert location is not None
    made = summarize(location, document, FACTS)
    assert made.id
    assert made.title
    assert len(made.title) <= 200


_PLACES = st.sampled_from(
    ["inbox/t1.yaml", "assigned/ada/t1.yaml", "done/bob/t1.yml", "assigned/ada/other.yaml", "done/ada/t1 (1).yaml"]
)
_WRITTEN = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["t1", "other", "t2"]),
        "agent": st.sampled_from(["ada", "[ada, bob]", "eve"]),
        "status": st.sampled_from(["done", "assigned", "open"]),
        "error": st.sampled_from(["none", "it broke"]),
        "artefacts": st.just(["src/a.py"]),
    },
)


@given(_WRITTEN, _PLACES, _PLACES, st.integers(1, 3), st.booleans())
def test_the_summary_of_a_file_that_moved_is_that_of_a_file_that_was_always_there(
    document: dict[str, Any], before: str, after: str, documents: int, utf8: bool
) -> None:
    facts = FileFacts(10, 1_000_000_000, documents=documents, utf8=utf8)
    later = FileFacts(10, 2_000_000_000, documents=documents, utf8=utf8)
    was, now = location_of(before), location_of(after)
    assert was is not None
    assert now is not None
    known = summarize(was, document, facts)
    assert summarize_elsewhere(known, now, document, later) == summarize(now, document, later)
