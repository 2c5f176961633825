"""Which events lie between two summaries of a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kit.task_files import BROKEN, broken, task

from llm_service.tasks.events import TaskEvent
from llm_service.tasks.model import LANES, Location, TaskSummary, key_of_other
from llm_service.tasks.reader import document_of
from llm_service.tasks.transitions import card_events, changed_fields, others_changed, removed

INBOX, ADA, DONE = "inbox/t.yaml", "assigned/ada/t.yaml", "done/ada/t.yaml"


def at(path: str, **more: Any) -> TaskSummary:
    return replace(task(path).summary, **more)


def between(
    old: TaskSummary | None, new: TaskSummary, *trail: Location, changed: tuple[str, ...] = ()
) -> list[TaskEvent]:
    return list(card_events(old, new, trail, changed))


def shown(events: list[TaskEvent]) -> list[tuple[Any, ...]]:
    return [
        (event.type, event.lane, event.agent, event.path, event.previous_lane, event.previous_path) for event in events
    ]


def test_a_new_task_is_created_then_assigned_or_completed() -> None:
    assert shown(between(None, at(INBOX))) == [("task.created", "inbox", None, INBOX, None, None)]
    assert shown(between(None, at(ADA))) == [
        ("task.created", "assigned", "ada", ADA, None, None),
        ("task.assigned", "assigned", "ada", ADA, None, None),
    ]
    assert [event.type for event in between(None, at(DONE))] == ["task.created", "task.completed"]


def test_a_move_names_where_it_began() -> None:
    assert shown(between(at(INBOX), at(ADA))) == [("task.assigned", "assigned", "ada", ADA, "inbox", INBOX)]
    assert shown(between(at(ADA), at(DONE))) == [("task.completed", "done", "ada", DONE, "assigned", ADA)]
    assert shown(between(at(DONE), at(INBOX))) == [("task.moved", "inbox", None, INBOX, "done", DONE)]
    bob = "assigned/bob/t.yaml"
    assert shown(between(at(ADA), at(bob))) == [("task.moved", "assigned", "bob", bob, "assigned", ADA)]


def test_a_move_keeps_what_changed_and_names_no_key_if_that_is_the_same() -> None:
    (event,) = between(at(INBOX), at(ADA), changed=("title",))
    assert (event.changed, event.previous_key, event.task) == (("title",), None, at(ADA))
    (event,) = between(at(INBOX), at(INBOX), changed=("title",))
    assert (event.type, event.changed, event.previous_lane, event.previous_path) == (
        "task.updated",
        ("title",),
        None,
        None,
    )


def test_lanes_on_the_way_have_events_of_their_own() -> None:
    way = (Location("inbox", None, INBOX), Location("assigned", "ada", ADA), Location("done", "ada", DONE))
    events = between(None, at(DONE), *way)
    assert shown(events) == [
        ("task.created", "inbox", "ada", INBOX, None, None),
        ("task.assigned", "assigned", "ada", ADA, "inbox", INBOX),
        ("task.completed", "done", "ada", DONE, "assigned", ADA),
    ]
    assert [(event.task.lane, event.task.agent, event.task.path) for event in events] == [
        ("inbox", "ada", INBOX), ("assigned", "ada", ADA), ("done", "ada", DONE),
    ]  # fmt: skip


def test_a_further_lane_has_no_event_of_arrival() -> None:
    old = at(DONE)
    fridge = replace(old, lane="fridge", path="fridge/t.yaml", agent=None)
    assert shown(between(old, fridge)) == [("task.moved", "fridge", None, "fridge/t.yaml", "done", DONE)]
    assert [event.type for event in between(None, fridge)] == ["task.created"]
    assert "fridge" not in LANES


def test_a_further_file_of_an_id_is_only_created() -> None:
    copy = at(DONE, key=key_of_other("t", DONE))
    assert shown(between(None, copy)) == [("task.created", "done", "ada", DONE, None, None)]
    assert between(None, copy)[0].task is copy


def test_the_first_event_names_the_previous_key() -> None:
    old = at(INBOX, key=key_of_other("t", INBOX))
    way = (Location("assigned", "ada", ADA), Location("done", "ada", DONE))
    events = between(old, at(DONE), *way)
    assert [(event.type, event.previous_key) for event in events] == [
        ("task.assigned", old.key),
        ("task.completed", None),
    ]
    (event,) = between(old, at(INBOX))
    assert (event.type, event.previous_key) == ("task.updated", old.key)


def test_breaking_is_an_event_after_a_move_and_in_place_of_an_update() -> None:
    bad = at(INBOX, error=BROKEN)
    (event,) = between(at(INBOX, key="before"), bad, changed=("error",))
    assert (event.type, event.error, event.changed, event.previous_key) == (
        "task.invalid",
        BROKEN,
        ("error",),
        "before",
    )  # type: ignore[attr-defined]
    assert [event.type for event in between(None, bad)] == ["task.created", "task.invalid"]
    moved = between(at(ADA, key="before"), bad)
    assert [(event.type, event.previous_key) for event in moved] == [("task.moved", "before"), ("task.invalid", None)]
    assert [event.type for event in between(bad, replace(bad, title="x"))] == ["task.updated"]
    assert [event.type for event in between(bad, at(INBOX))] == ["task.updated"]
    other = replace(BROKEN, line=3)
    assert [event.type for event in between(bad, replace(bad, error=other))] == ["task.invalid"]


def test_a_removal_and_a_change_of_the_others() -> None:
    gone = removed(at(ADA))
    assert (gone.type, gone.lane, gone.previous_lane, gone.path, gone.task) == (
        "task.removed", "assigned", "assigned", ADA, at(ADA),
    )  # fmt: skip
    event = others_changed(at(INBOX), "before")
    assert (event.type, event.changed, event.previous_key, event.task) == (
        "task.updated", ("duplicates",), "before", at(INBOX),
    )  # fmt: skip
    assert others_changed(at(INBOX)).previous_key is None


def test_the_fields_that_changed_are_those_of_the_document_then_what_is_about_the_file() -> None:
    before, after = task(INBOX, title="a", x=1), task(INBOX, title="b", y=2)
    old, new = before.summary, after.summary
    assert changed_fields(old, new, before, after, document_of) == ("title", "x", "y")
    assert changed_fields(None, new, None, after, document_of) == ()
    assert changed_fields(old, new, None, after, document_of) == ()
    others = replace(new, duplicates=(Location("done", None, "done/t.yaml"),))
    assert changed_fields(old, others, before, after, document_of) == ("title", "x", "y", "duplicates")
    bad = broken(INBOX, "t", before=before)
    assert changed_fields(old, bad.summary, before, bad, document_of) == ("error",)
    assert changed_fields(bad.summary, new, bad, after, document_of) == ("title", "x", "y", "error")


def test_a_file_that_was_written_again_has_another_time_only() -> None:
    def unread(packed: bytes) -> Mapping[str, Any]:
        raise AssertionError("equal contents need not be read")

    before, after = task(INBOX, mtime_s=1), task(INBOX, mtime_s=2)
    assert changed_fields(before.summary, after.summary, before, after, unread) == ("modified_at",)
    assert changed_fields(before.summary, before.summary, before, before, unread) == ()
    never_read = replace(after, digest=b"x", last_good=None)
    assert changed_fields(before.summary, after.summary, before, never_read, unread) == ("modified_at",)
    assert changed_fields(before.summary, after.summary, never_read, before, unread) == ("modified_at",)
