"""What is said about a root, its folders and files, and when it is said anew."""

from __future__ import annotations

import pytest

from llm_service.watch.troubles import RootChange, Troubles

WHY = "Permission denied"
LISTED = "a cannot be listed (Permission denied); what was known of it is shown"
FILES = "files cannot be read now, among them a/x (Permission denied); it is tried again"


@pytest.fixture
def changes() -> list[RootChange]:
    return []


@pytest.fixture
def troubles(changes: list[RootChange]) -> Troubles:
    found = Troubles(changes.append)
    found.set_root("/r", "inotify", None)
    return found


def test_a_root_as_it_should_be_is_nothing_to_speak_of(troubles: Troubles, changes: list[RootChange]) -> None:
    assert (changes, troubles.said(), troubles.error(), troubles.status()) == ([], [], None, {})


def test_a_root_that_is_not_is_said_once_and_taken_back(troubles: Troubles, changes: list[RootChange]) -> None:
    for _ in range(2):
        troubles.set_root("/r", "polling", "nfs")
    assert changes == troubles.said() == [RootChange("/r", "polling", "nfs")]
    troubles.set_root("/r", "polling", "other")
    troubles.set_root("/r", "inotify", None)
    assert changes[1:] == [RootChange("/r", "polling", "other"), RootChange("/r", "inotify", None)]
    assert troubles.said() == []


def test_before_it_is_watched_for_the_first_time_the_mode_is_missing(changes: list[RootChange]) -> None:
    troubles = Troubles(changes.append)
    troubles.set_folders("/r", {"a": WHY}, {})
    troubles.set_folders("/r", {}, {})
    assert changes[1] == RootChange("/r/a", "missing", None)


def test_folders_are_said_each_by_its_own_path(troubles: Troubles, changes: list[RootChange]) -> None:
    troubles.set_folders("/r", {"a": WHY, "": WHY}, {"b\u202ex": "a link"})
    root = "the folder cannot be listed (Permission denied); what was known of it is shown"
    assert changes == [
        RootChange("/r/a", "unreadable", LISTED),
        RootChange("/r", "unreadable", root),
        RootChange("/r/b\\u202ex", "skipped", "a link"),
    ]
    assert troubles.error() == LISTED
    assert troubles.status() == {"unreadable": {"a": WHY, "": WHY}, "skipped": {"b\\u202ex": "a link"}}
    troubles.set_folders("/r", {"a": WHY, "": WHY}, {"b\u202ex": "a link"})
    assert len(changes) == 3
    troubles.set_folders("/r", {}, {"b\u202ex": "a link"})
    assert changes[3:] == [RootChange("/r/a", "inotify", None), RootChange("/r", "inotify", None)]
    assert troubles.error() == "b\\u202ex: a link"
    troubles.set_folders("/r", {"b\u202ex": WHY}, {"b\u202ex": "a link"})
    assert [one.mode for one in troubles.said()] == ["unreadable"]


def test_a_trouble_of_the_root_counts_more_than_that_it_cannot_be_listed(troubles: Troubles) -> None:
    troubles.set_root("/r", "missing", "gone")
    troubles.set_folders("/r", {"": WHY}, {})
    assert troubles.said() == [RootChange("/r", "missing", "gone")]


def test_files_are_said_together_with_the_root(troubles: Troubles, changes: list[RootChange]) -> None:
    troubles.set_files("/r", {"b": "other", "a/x": WHY})
    troubles.set_files("/r", {"a/x": WHY, "a/a": WHY})
    assert changes == [RootChange("/r", "unreadable", FILES)], "the example stays while it is one"
    assert troubles.error() == FILES
    assert troubles.status() == {"unreadable": {"a/x": WHY, "a/a": WHY}}
    troubles.set_root("/r", "polling", "nfs")
    assert changes[1:] == [RootChange("/r", "polling", f"nfs; {FILES}")]
    troubles.set_files("/r", {"c\n": "other"})
    text = "files cannot be read now, among them c\\x0a (other); it is tried again"
    assert changes[2:] == [RootChange("/r", "polling", f"nfs; {text}")]
    troubles.set_files("/r", {})
    troubles.set_root("/r", "inotify", None)
    assert changes[3:] == [RootChange("/r", "polling", "nfs"), RootChange("/r", "inotify", None)]


def test_of_very_many_twenty_are_said(troubles: Troubles, changes: list[RootChange]) -> None:
    many = {f"{number:02}": WHY for number in range(21)}
    troubles.set_folders("/r", many, {f"x{path}": why for path, why in many.items()})
    assert len(changes) == 40
    assert [len(found) for found in troubles.status().values()] == [20, 20]
    assert "20" not in troubles.status()["unreadable"]
