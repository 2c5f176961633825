"""The location of a path and what moves and changes mean: pure rules of the tasks contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.tasks.model import (
    Location,
    changed_keys,
    is_lane_folder,
    lane_rank,
    location_of,
    move_steps,
)
from llm_service.times import iso_time


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
def test_the_folder_decides_lane_and_agent(path: str, lane: str, agent: str | None) -> None:
    assert location_of(path) == Location(lane, agent, path)


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
def test_other_files_are_not_on_the_board(path: str) -> None:
    assert location_of(path) is None


def test_further_lanes_come_from_the_settings() -> None:
    lanes = ("inbox", "assigned", "done", "fridge")
    assert location_of("fridge/ada/a.yaml", lanes) == Location("fridge", "ada", "fridge/ada/a.yaml")
    assert is_lane_folder("fridge/ada", lanes)
    assert not is_lane_folder("fridge/ada")


def test_folders_that_may_contain_tasks_are_scanned() -> None:
    assert [is_lane_folder(f) for f in ("", "inbox", "assigned/ada", "inbox/sub", "archive", "assigned/.git")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_of_seconds_has_an_iso_time(seconds: float) -> None:
    assert iso_time(seconds).endswith("Z")


def test_move_steps_go_only_forward() -> None:
    inbox, ada, bob = (
        location_of("inbox/a.yaml"),
        location_of("assigned/ada/a.yaml"),
        location_of("assigned/bob/a.yaml"),
    )
    done = location_of("done/ada/a.yaml")
    assert inbox and ada and bob and done
    assert move_steps(None, done, [inbox, ada, done]) == [inbox, ada, done]
    assert move_steps(inbox, done, [ada, bob, ada, inbox, done, ada]) == [ada, done]
    assert move_steps(done, inbox, [ada, done, inbox]) == [inbox]
    assert move_steps(None, done, []) == [done]


@given(
    st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "done/ada/a.yaml", None]),
    st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "done/ada/a.yaml"]),
    st.lists(st.sampled_from(["inbox/a.yaml", "assigned/ada/a.yaml", "assigned/bob/a.yaml", "done/ada/a.yaml"])),
)
def test_for_any_trail_the_last_step_is_the_new_location(old: str | None, new: str, trail: list[str]) -> None:
    locations = [location for location in map(location_of, trail) if location]
    target = location_of(new)
    assert target is not None
    steps = move_steps(location_of(old) if old else None, target, locations)
    assert steps[-1] == target
    ranks = [lane_rank(step.lane) for step in steps[:-1]]
    assert ranks == sorted(set(ranks))


def test_changed_keys_names_added_removed_and_changed() -> None:
    assert changed_keys({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "d": 4}) == ("b", "c", "d")


def test_a_key_without_a_value_is_a_change() -> None:
    assert changed_keys({"b": 1}, {"b": 1, "a": None}) == ("a",)
    assert changed_keys({"a": None}, {}) == ("a",)
