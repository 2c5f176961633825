"""The order of the files of an id, compared with sorting them by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_service.tasks.groups import FileGroups, found_at_start


def test_the_file_with_the_name_leads_then_the_first_to_come() -> None:
    groups = FileGroups()
    for path in ("z", "b", "a"):
        groups.add("t", path, has_its_name=False)
    assert (groups.paths("t"), groups.lead("t"), groups.size("t")) == (["z", "b", "a"], "z", 3)
    groups.add("t", "t", has_its_name=True)
    groups.add("t", "done/t", has_its_name=True)
    assert groups.paths("t") == ["t", "done/t", "z", "b", "a"]
    assert groups.paths("t", 2) == ["t", "done/t"]


def test_files_of_the_start_come_before_all_others_copies_last_older_ones_first() -> None:
    groups = FileGroups()
    groups.add("t", "later", False)
    groups.add("t", "copy", False, found_at_start(True, "2026-01-01"))
    groups.add("t", "new", False, found_at_start(False, "2026-02-01"))
    groups.add("t", "old", False, found_at_start(False, "2026-01-02"))
    groups.add("t", "also old", False, found_at_start(False, "2026-01-02"))
    assert groups.paths("t") == ["also old", "old", "new", "copy", "later"]


def test_a_file_keeps_its_place_under_another_path() -> None:
    groups = FileGroups()
    for path in ("a", "b", "c"):
        groups.add("t", path, False)
    groups.add("t", "z", False, groups.remove("t", "a"))
    assert groups.paths("t") == ["z", "b", "c"]
    assert ("z" in groups, "a" in groups) == (True, False)


def test_ids_do_not_know_each_other_and_leave_nothing_behind() -> None:
    groups = FileGroups()
    groups.add("t", "a", False)
    groups.add("u", "b", True)
    groups.remove("t", "a")
    assert (groups.lead("t"), groups.size("t"), groups.paths("t")) == (None, 0, [])
    assert (groups.lead("u"), groups.size("u")) == ("b", 1)
    assert groups._ranks_of.keys() == {"u"}


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=40))
def test_any_order_of_coming_and_going_equals_a_sorted_list(steps: list[tuple[str, bool]]) -> None:
    groups = FileGroups()
    expected: dict[str, tuple[Any, ...]] = {}
    for number, (path, is_named) in enumerate(steps):
        if path in expected:
            groups.remove("t", path)
            del expected[path]
        else:
            groups.add("t", path, is_named)
            expected[path] = (not is_named, number)
        assert groups.paths("t") == sorted(expected, key=expected.__getitem__)
