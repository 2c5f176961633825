"""What a task file says, and where a path belongs: pure rules of the tasks contract."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.tasks.model import (
    FileFacts,
    Place,
    TaskError,
    TaskSummary,
    changed_keys,
    is_lane_folder,
    lane_rank,
    passed_lanes,
    place_of,
    summarize,
)
from llm_service.times import iso_time

FACTS = FileFacts(size_bytes=10, mtime_ns=0)


def summary(path: str = "assigned/ada/t1.yaml", facts: FileFacts = FACTS, **document: Any) -> TaskSummary:
    place = place_of(path)
    assert place is not None
    return summarize(place, document, facts)


@pytest.mark.parametrize(
    ("path", "lane", "agent"),
    [
        ("inbox/a.yaml", "inbox", None),
        ("inbox/a.v2.yml", "inbox", None),
        ("assigned/ada/a.yaml", "assigned", "ada"),
        ("assigned/a.yaml", "assigned", None),
        ("done/bob/a.YAML", "done", "bob"),
    ],
)
def test_a_task_lies_in_its_folder(path: str, lane: str, agent: str | None) -> None:
    assert place_of(path) == Place(lane, agent, path)


@pytest.mark.parametrize(
    "path",
    [
        "inbox/sub/a.yaml",
        "assigned/ada/deep/a.yaml",
        "archive/a.yaml",
        "fridge/ada/a.yaml",
        "a.yaml",
        "inbox/.a.yaml",
        "inbox/a.yaml.tmp",
        "inbox/INDEX.md",
        "assigned/ada/.gitkeep",
        "inbox/#a.yaml#",
        "inbox/a.yaml~",
    ],
)
def test_what_is_not_a_task_is_not_on_the_board(path: str) -> None:
    assert place_of(path) is None


def test_further_lanes_come_from_the_settings() -> None:
    lanes = ("inbox", "assigned", "done", "fridge")
    assert place_of("fridge/ada/a.yaml", lanes) == Place("fridge", "ada", "fridge/ada/a.yaml")
    assert is_lane_folder("fridge/ada", lanes)
    assert not is_lane_folder("fridge/ada")


def test_folders_that_can_hold_tasks_are_looked_into() -> None:
    assert [is_lane_folder(f) for f in ("", "inbox", "assigned/ada", "inbox/sub", "archive", "assigned/.git")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_the_real_oddities_of_field_names_are_read() -> None:
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


def test_the_folder_decides_and_contradictions_are_flagged() -> None:
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


def test_without_id_and_title_the_file_name_serves() -> None:
    task = summary("inbox/2026-02-06T1150-x.y.yaml")
    assert (task.id, task.title, task.priority) == ("2026-02-06T1150-x.y", "2026-02-06T1150-x.y", "normal")


def test_long_texts_are_cut_visibly() -> None:
    assert summary(title="x" * 999).title == "x" * 199 + "…"


@pytest.mark.parametrize("text", ["2024-99-99T00:00:00Z", "soon", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_stays_as_written(text: str) -> None:
    assert summary(created_at=text).created_at == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_of_seconds_is_some_time(seconds: float) -> None:
    assert iso_time(seconds).endswith("Z")


def test_steps_between_two_looks_are_named_only_forward() -> None:
    inbox, ada, bob = place_of("inbox/a.yaml"), place_of("assigned/ada/a.yaml"), place_of("assigned/bob/a.yaml")
    done = place_of("done/ada/a.yaml")
    assert inbox and ada and bob and done
    assert passed_lanes(None, done, [inbox, ada, done]) == [inbox, ada, done]
    assert passed_lanes(inbox, done, [ada, bob, ada, inbox, done, ada]) == [ada, done]
    assert passed_lanes(done, inbox, [ada, done, inbox]) == [inbox]
    assert passed_lanes(None, done, []) == [done]


@given(
    st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "done/ada/a.yaml", None]),
    st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "done/ada/a.yaml"]),
    st.lists(st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "assigned/bob/a.yaml", "done/ada/a.yaml"])),
)
def test_whatever_the_trail_the_last_step_is_the_truth(old: str | None, new: str, trail: list[str]) -> None:
    places = [place for place in map(place_of, trail) if place]
    target = place_of(new)
    assert target is not None
    steps = passed_lanes(place_of(old) if old else None, target, places)
    assert steps[-1] == target
    ranks = [lane_rank(step.lane) for step in steps[:-1]]
    assert ranks == sorted(set(ranks))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["id", "task_id", "title", "agent", "status", "priority", "tags", "dependencies", "created_at",
                        "result", "error", "artefacts", "batch", "completed_at", "estimated_hours"])  # fmt: skip


@given(st.dictionaries(keys, json_values))
def test_any_mapping_has_a_summary(document: dict[str, Any]) -> None:
    place = place_of("assigned/ada/t1.yaml")
    assert place is not None
    made = summarize(place, document, FACTS)
    assert made.id
    assert made.title
    assert len(made.title) <= 200


def test_changed_keys_names_added_removed_and_changed() -> None:
    assert changed_keys({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "d": 4}) == ("b", "c", "d")
