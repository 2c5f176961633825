"""The board: what each change of a path does to the cards, and when."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kit.live import apply, apply_by_id, check_groups
from kit.task_files import broken, task

from llm_service.json_values import as_json
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.events import TaskEvent
from llm_service.tasks.model import Location, TaskFile
from llm_service.tasks.reader import document_of

GONE_S, SECOND_S = 0.1, 0.5
INBOX, ADA, DONE = "inbox/t.yaml", "assigned/ada/t.yaml", "done/ada/t.yaml"
BACKUP = "inbox/t-backup.yaml"
TEMPORARY = "inbox/tmpab12cd_9.yaml"


class Watched:
    """A board with the events that it gave, and clients that applied them."""

    def __init__(self, *files: TaskFile) -> None:
        self.board = TaskBoard(document_of, removal_grace_s=GONE_S, duplicate_grace_s=SECOND_S)
        for file in files:
            self.board.load({file.summary.path: file})
        self.client = {card.key: as_json(card) for card in self.board.tasks()}
        self.client_by_id = {card.id: as_json(card) for card in self.board.tasks()}

    def put(self, file: TaskFile, now: float = 0.0, *trail: Location) -> list[tuple[str, str]]:
        return self.kinds(self.board.apply([TaskChange(file.summary.path, file, trail)], now))

    def gone(self, path: str, now: float = 0.0) -> list[tuple[str, str]]:
        return self.kinds(self.board.apply([TaskChange(path, None)], now))

    def later(self, now: float) -> list[tuple[str, str]]:
        return self.kinds(self.board.expire(now))

    def kinds(self, events: list[TaskEvent]) -> list[tuple[str, str]]:
        """Kind and path of the events, but for those which only say that other files changed."""
        for event in events:
            apply(self.client, event.type, as_json(event))
            apply_by_id(self.client_by_id, event.type, as_json(event))
        board = {card.key: as_json(card) for card in self.board.tasks()}
        assert self.client == board
        assert self.client_by_id == {key: card for key, card in board.items() if key == card["id"]}
        check_groups(board)
        assert len(self.board) == len(board)
        return [(event.type, event.path) for event in events if not says_only_that_others_changed(event)]

    def paths(self) -> dict[str, str]:
        return {card.key: card.path for card in self.board.tasks()}


def says_only_that_others_changed(event: TaskEvent) -> bool:
    return event.type == "task.updated" and event.changed == ("duplicates",)


def test_a_single_file_comes_changes_moves_and_goes() -> None:
    watched = Watched()
    assert watched.put(task(INBOX)) == [("task.created", INBOX)]
    assert watched.put(task(INBOX, title="x")) == [("task.updated", INBOX)]
    assert watched.gone(INBOX, 1.0) == []
    assert watched.put(task(ADA, title="x"), 1.0) == [("task.assigned", ADA)]
    assert watched.gone(ADA, 2.0) == []
    assert watched.later(2.0 + GONE_S - 0.01) == []
    assert watched.later(2.0 + GONE_S) == [("task.removed", ADA)]
    assert (watched.paths(), watched.board.ids(), watched.board.next_expiry()) == ({}, [], None)


def test_what_is_read_again_without_a_change_is_no_event() -> None:
    first = task(INBOX)
    watched = Watched(first)
    version = watched.board.version
    assert watched.put(first) == []
    assert watched.put(task(INBOX)) == []
    assert watched.gone("inbox/none.yaml") == []
    assert (watched.board.version, watched.board.next_expiry()) == (version, None)
    assert watched.board.file_at(INBOX) is not first
    assert watched.put(broken(INBOX, "t")) == [("task.invalid", INBOX)]
    assert watched.put(broken(INBOX, "t")) == []


def test_a_change_that_no_summary_shows_is_an_event_too() -> None:
    watched = Watched(task(INBOX, x="a"))
    (event,) = watched.board.apply([TaskChange(INBOX, task(INBOX, x="b"))], 0.0)
    assert (event.type, event.changed) == ("task.updated", ("x",))


def test_a_file_that_comes_back_in_time_was_never_gone() -> None:
    file = task(INBOX)
    watched = Watched(file)
    assert watched.gone(INBOX, 1.0) == []
    assert watched.gone(INBOX, 1.05) == []
    assert watched.board.next_expiry() == 1.0 + GONE_S
    assert watched.board.oldest_pending() == 1.0
    assert watched.put(file, 1.09) == []
    assert (watched.board.next_expiry(), watched.board.oldest_pending()) == (None, None)
    assert watched.later(9.0) == []
    watched.gone(INBOX, 10.0)
    assert watched.put(task(INBOX, title="new"), 10.05) == [("task.updated", INBOX)]


@pytest.mark.parametrize("gone_first", [True, False])
def test_a_move_is_one_event_in_whichever_order_its_halves_are_seen(gone_first: bool) -> None:
    watched = Watched(task(INBOX))
    halves = [lambda: watched.gone(INBOX), lambda: watched.put(task(DONE))]
    seen = [half() for half in (halves if gone_first else halves[::-1])]
    assert seen == [[], [("task.completed", DONE)]]
    assert watched.board.next_expiry() is None
    assert watched.paths() == {"t": DONE}


def test_a_second_file_is_a_card_of_its_own_after_a_while() -> None:
    watched = Watched(task(INBOX))
    assert watched.put(task(DONE), 1.0) == []
    assert (watched.board.next_expiry(), watched.board.oldest_pending()) == (1.0 + SECOND_S, 1.0)
    assert len(watched.board) == 1
    assert watched.board.file_at(DONE) is not None
    assert watched.later(1.49) == []
    assert watched.later(1.5) == [("task.created", DONE)]
    assert watched.paths() == {"t": INBOX, f"t\n{DONE}": DONE}
    assert watched.put(task(DONE, title="x"), 2.0) == [("task.updated", DONE)]
    assert watched.put(broken(DONE, "t"), 3.0) == [("task.invalid", DONE)]
    assert watched.board.get("t").error is None  # type: ignore[union-attr]


def test_a_second_file_that_goes_again_in_time_was_never_there() -> None:
    watched = Watched(task(INBOX))
    watched.put(task(DONE), 1.0)
    assert watched.gone(DONE, 1.1) == []
    assert watched.later(9.0) == []
    assert watched.board.file_at(DONE) is None
    assert watched.paths() == {"t": INBOX}


def test_a_second_file_that_is_written_meanwhile_waits_from_when_it_came() -> None:
    watched = Watched(task(INBOX))
    watched.put(task(DONE), 1.0)
    assert watched.put(task(DONE, title="whole"), 1.4) == []
    assert watched.later(1.5) == [("task.created", DONE)]
    assert watched.board.get(f"t\n{DONE}").title == "whole"  # type: ignore[union-attr]


def test_lanes_passed_while_waiting_are_not_forgotten() -> None:
    inbox, ada, done = Location("inbox", None, INBOX), Location("assigned", "ada", ADA), Location("done", "ada", DONE)
    watched = Watched(task(INBOX))
    watched.put(task(ADA), 0.0, ada)
    watched.put(task(DONE), 0.0, done)
    assert watched.gone(ADA) == []
    assert watched.gone(INBOX) == [("task.assigned", ADA), ("task.completed", DONE)]
    watched = Watched(task(INBOX))
    watched.put(task(DONE), 0.0, inbox, ada)
    watched.put(task(DONE, title="x"), 0.1, done)
    assert watched.gone(INBOX, 0.2) == [("task.assigned", ADA), ("task.completed", DONE)]
    watched = Watched()
    watched.put(task(TEMPORARY, "t"), 0.0, inbox, ada)
    assert watched.put(task(TEMPORARY, "t", title="x"), 0.1) == []


def test_of_two_that_wait_the_one_with_the_name_or_the_content_continues() -> None:
    watched = Watched(task(INBOX, title="a"), task(ADA, title="b"))
    watched.put(task("done/ada/x.yaml", "t", title="b"), 0.0)
    watched.put(task(DONE, title="c"), 0.0)
    watched.put(task("done/bob/y.yaml", "t", title="d"), 0.0)
    assert watched.gone(INBOX) == [("task.completed", DONE)]
    assert watched.gone(ADA, 0.0) == []  # the name of the id would be lost: perhaps it comes back
    assert watched.later(GONE_S) == [("task.completed", "done/ada/x.yaml")]
    assert watched.later(SECOND_S) == [("task.created", "done/bob/y.yaml")]


def test_a_file_among_others_moves_only_to_its_name_or_content() -> None:
    watched = Watched(task(INBOX, title="a"), task(BACKUP, "t", title="b"))
    watched.put(task("done/ada/new.yaml", "t", title="c"), 0.0)
    assert watched.gone(BACKUP) == []
    assert watched.later(GONE_S) == [("task.removed", BACKUP)]
    assert watched.later(SECOND_S) == [("task.created", "done/ada/new.yaml")]


def test_a_file_that_loses_the_name_of_its_id_may_come_back() -> None:
    """Sync programs rename the old version and write the new one in its place."""
    conflict = "inbox/t.sync-conflict-20261105-101010-ABCDEFG.yaml"
    for late in (False, True):
        watched = Watched(task(INBOX, title="old"))
        assert watched.gone(INBOX, 1.0) == []
        assert watched.put(task(conflict, "t", title="old"), 1.0) == []
        if late:
            assert watched.later(1.0 + GONE_S) == [("task.moved", conflict)]
            assert watched.paths() == {"t": conflict}
        else:
            assert watched.put(task(INBOX, title="new"), 1.05) == [("task.updated", INBOX)]
            assert watched.later(1.0 + SECOND_S) == [("task.created", conflict)]
            assert watched.board.get(f"t\n{conflict}").copied_by == "Syncthing"  # type: ignore[union-attr]


def test_a_file_that_gains_or_never_had_the_name_moves_at_once() -> None:
    watched = Watched(task(BACKUP, "t"))
    watched.gone(BACKUP)
    assert watched.put(task("inbox/other.yaml", "t")) == [("task.moved", "inbox/other.yaml")]
    watched.gone("inbox/other.yaml")
    assert watched.put(task(INBOX)) == [("task.moved", INBOX)]


def test_the_file_with_the_name_leads_whenever_it_comes() -> None:
    watched = Watched(task(BACKUP, "t"))
    watched.put(task("inbox/a.yaml", "t"), 0.0)
    watched.later(SECOND_S)
    assert watched.paths() == {"t": BACKUP, "t\ninbox/a.yaml": "inbox/a.yaml"}
    watched.put(task(ADA), 1.0)
    events = watched.board.expire(2.0)
    assert [(event.type, event.task.key, event.previous_key) for event in events] == [
        ("task.updated", f"t\n{BACKUP}", "t"),
        ("task.created", "t", None),
        ("task.assigned", "t", None),
    ]
    assert [event.changed for event in events] == [("duplicates",), (), ()]


def test_when_the_one_that_leads_goes_the_next_leads() -> None:
    watched = Watched(task(INBOX), task(ADA, mtime_s=1), task(DONE, mtime_s=2))
    assert watched.paths()["t"] == INBOX
    watched.gone(INBOX)
    events = watched.board.expire(GONE_S)
    assert [(event.type, event.path, event.task.key, event.previous_key) for event in events] == [
        ("task.removed", INBOX, "t", None),
        ("task.updated", ADA, "t", f"t\n{ADA}"),
    ]


def test_the_one_that_leads_names_the_others_the_first_twenty() -> None:
    files = [task(f"inbox/copy-{number:02}.yaml", "t", mtime_s=number) for number in range(22)]
    watched = Watched(*files)
    lead = watched.board.get("t")
    assert lead is not None
    assert (lead.path, lead.duplicate_count) == ("inbox/copy-00.yaml", 21)
    assert [place.path for place in lead.duplicates] == [f"inbox/copy-{number:02}.yaml" for number in range(1, 21)]
    assert watched.board.get("t\ninbox/copy-01.yaml").duplicates == ()  # type: ignore[union-attr]
    events = watched.board.apply(
        [TaskChange(files[21].summary.path, task(files[21].summary.path, "t", title="x"))], 0.0
    )
    assert [(event.path, event.changed) for event in events] == [
        ("inbox/copy-21.yaml", ("title",)),
        ("inbox/copy-00.yaml", ("duplicates",)),
    ]


def test_several_changes_of_an_id_are_one_event_of_the_one_that_leads() -> None:
    watched = Watched(task(INBOX), *(task(f"inbox/copy-{number}.yaml", "t") for number in range(3)))
    changes = [TaskChange(path, task(path, "t", title="x")) for path in ("inbox/copy-0.yaml", "inbox/copy-1.yaml")]
    events = watched.board.apply(changes, 0.0)
    assert [event.path for event in events] == ["inbox/copy-0.yaml", "inbox/copy-1.yaml", INBOX]
    assert watched.board.apply([], 0.0) == []


def test_a_file_that_takes_another_id_leaves_one_and_joins_the_other() -> None:
    watched = Watched(task(INBOX), task(BACKUP, "t"), task("inbox/u.yaml"))
    assert watched.put(task(BACKUP, "u")) == [("task.removed", BACKUP), ("task.created", BACKUP)]
    assert watched.paths() == {"t": INBOX, "u": "inbox/u.yaml", f"u\n{BACKUP}": BACKUP}
    assert watched.put(task(INBOX, "v")) == [("task.removed", INBOX), ("task.created", INBOX)]
    watched.gone(INBOX, 1.0)
    assert watched.put(task(INBOX, "w"), 1.0) == [("task.removed", INBOX), ("task.created", INBOX)]
    assert watched.later(9.0) == []


def test_a_temporary_file_is_not_shown_and_no_move_goes_through_it() -> None:
    watched = Watched()
    assert watched.put(task(TEMPORARY, "t"), 1.0) == []
    assert (len(watched.board), watched.board.next_expiry()) == (0, 3.0)
    assert watched.put(task(INBOX), 1.1) == [("task.created", INBOX)]
    assert watched.gone(TEMPORARY, 1.1) == []
    assert watched.later(9.0) == []
    watched.put(task(TEMPORARY, "t"), 10.0)
    watched.gone(INBOX, 10.0)
    assert watched.later(10.0 + GONE_S) == [("task.removed", INBOX)]


def test_a_temporary_file_that_stays_is_shown_two_seconds_after_its_last_change_at_most_four_after_it_came() -> None:
    watched = Watched()
    watched.put(task(TEMPORARY, "t"), 1.0)
    watched.put(task(TEMPORARY, "t", title="x"), 2.5)
    assert watched.later(4.4) == []
    assert watched.later(4.5) == [("task.created", TEMPORARY)]
    watched = Watched()
    for now in (1.0, 2.5, 4.0):
        watched.put(task(TEMPORARY, "t", title=str(now)), now)
    assert watched.board.next_expiry() == 5.0
    assert watched.later(5.0) == [("task.created", TEMPORARY)]


def test_a_temporary_file_never_delays_the_move_of_another() -> None:
    watched = Watched(task(INBOX))
    watched.gone(INBOX)
    assert watched.put(task(TEMPORARY, "t")) == []
    assert watched.put(task(ADA)) == [("task.assigned", ADA)]


def test_thousands_of_copies_in_lanes_that_are_renamed_are_moved_one_by_one() -> None:
    files = [task(f"assigned/ada/copy-{number}.yaml", "t", title=str(number)) for number in range(100)]
    watched = Watched(*files)
    moved = [task(f"assigned/bob/copy-{number}.yaml", "t", title=str(number)) for number in range(100)]
    changes = [TaskChange(file.summary.path, file) for file in moved]
    changes += [TaskChange(file.summary.path, None) for file in files]
    events = watched.board.apply(changes, 0.0)
    moves = [(event.previous_path, event.path) for event in events if event.type == "task.moved"]
    assert moves == [(before.summary.path, after.summary.path) for before, after in zip(files, moved, strict=True)]
    watched.kinds(events)


def test_all_that_is_due_at_once_has_its_events() -> None:
    names = ("a", "b", "c")
    watched = Watched(*(task(f"inbox/{name}.yaml") for name in names))
    for name in names[:2]:
        watched.gone(f"inbox/{name}.yaml")
    for name in names:
        watched.put(task(f"done/ada/{name}2.yaml", "c"))
    assert watched.later(9.0) == [
        ("task.removed", "inbox/a.yaml"),
        ("task.removed", "inbox/b.yaml"),
        *(("task.created", f"done/ada/{name}2.yaml") for name in names),
    ]


def test_lanes_passed_before_a_file_is_read_have_their_events() -> None:
    ada, done = Location("assigned", "ada", ADA), Location("done", "ada", DONE)
    passed = [("task.assigned", ADA), ("task.completed", DONE)]
    watched = Watched()
    assert watched.put(task(DONE), 0.0, ada, done) == [("task.created", ADA), *passed]
    watched = Watched(task(INBOX))
    watched.gone(INBOX)
    assert watched.put(task(DONE), 0.0, ada, done) == passed
    watched = Watched(task(BACKUP, "t"))
    watched.put(task(DONE), 0.0, ada, done)
    assert watched.later(9.0) == [("task.created", ADA), *passed]
    watched = Watched(task(DONE, "u"))
    assert watched.put(task(DONE), 0.0, ada) == [("task.removed", DONE), ("task.created", ADA), *passed]


def test_the_only_file_of_an_id_moves_to_any_name_and_content() -> None:
    changes = [TaskChange(BACKUP, None), TaskChange("done/ada/x.yaml", task("done/ada/x.yaml", "t", title="b"))]
    for ordered in (changes, changes[::-1]):
        watched = Watched(task(BACKUP, "t", title="a"))
        assert watched.kinds(watched.board.apply(ordered, 0.0)) == [("task.completed", "done/ada/x.yaml")]
    watched = Watched(task(INBOX, title="a"), task(BACKUP, "t", title="a"))
    watched.gone(BACKUP)
    assert watched.put(task("done/ada/x.yaml", "t", title="b")) == [], "the other file of the id is still there"
    watched.gone(INBOX)
    assert watched.put(task("done/ada/y.yaml", "t", title="c")) == [("task.completed", "done/ada/y.yaml")]


def test_lanes_are_passed_on_only_to_what_has_the_name_or_content() -> None:
    watched = Watched(task(INBOX, title="a"))
    watched.put(task(ADA, title="b"))
    watched.put(task("done/ada/x.yaml", "t", title="c"))
    watched.gone(ADA)
    assert watched.gone(INBOX) == []
    assert watched.later(GONE_S) == [("task.completed", "done/ada/x.yaml")]


def test_what_changed_since_a_version_is_asked_by_key() -> None:
    watched = Watched(task(INBOX))
    version = watched.board.version
    watched.put(task(INBOX, title="x"))
    assert watched.board.changed_since(version) == (version + 1, {"t": watched.board.get("t")})
    assert watched.board.changed_since(version + 1) == (version + 1, {})


def test_files_are_found_by_key_and_by_path() -> None:
    watched = Watched(task(INBOX, title="lead"), task(BACKUP, "t", title="copy"))
    board = watched.board
    copy = board.file_of(f"t\n{BACKUP}")
    assert copy is not None
    assert (copy.summary, copy.summary.key) == (board.get(f"t\n{BACKUP}"), f"t\n{BACKUP}")
    assert board.file_at_path("t", BACKUP) == copy
    lead = board.file_of("t")
    assert lead is not None
    assert lead.summary.duplicate_count == 1
    assert board.file_at_path("t", None) == board.file_at_path("t", INBOX) == lead
    assert (board.file_at_path("t", "inbox/none.yaml"), board.file_at_path("none", None)) == (None, None)
    assert (board.file_of("none"), board.get("none")) == (None, None)
    assert [card.path for card in board.cards_of("t")] == [INBOX, BACKUP]
    assert [card.path for card in board.cards_of("t", 1)] == [INBOX]
    assert board.cards_of("none") == []


def test_loading_gives_no_events_and_prefers_originals() -> None:
    watched = Watched(
        task("inbox/t copy.yaml", "t", mtime_s=1),
        task("inbox/b.yaml", "t", mtime_s=3),
        task("inbox/c.yaml", "t", mtime_s=2),
    )
    assert watched.paths()["t"] == "inbox/c.yaml"
    flags: dict[str, Any] = {card.path: card.flags for card in watched.board.tasks()}
    assert "conflict_copy" in flags["inbox/t copy.yaml"]
    assert "conflict_copy" not in flags["inbox/b.yaml"]


def test_files_of_one_id_take_no_more_work_than_files_of_as_many_ids() -> None:
    """5,000 of one id took 17 s, as each change sorted all of them; now the time for each is about the same."""

    def seconds(one_id: bool) -> float:
        paths = [f"inbox/task-{number}.yaml" for number in range(1_000)]
        files = [task(path, "t" if one_id else None) for path in paths]
        board = TaskBoard(document_of, removal_grace_s=GONE_S, duplicate_grace_s=SECOND_S)
        started = time.thread_time()
        for number, (path, file) in enumerate(zip(paths, files, strict=True)):
            board.apply([TaskChange(path, file)], number / 1_000)
            board.expire(number / 1_000)
        board.expire(9.0)
        for path in paths:
            board.apply([TaskChange(path, None)], 10.0)
            board.expire(10.0)
        board.expire(19.0)
        assert len(board) == 0
        return time.thread_time() - started

    assert seconds(one_id=True) < 8 * seconds(one_id=False) + 0.2
