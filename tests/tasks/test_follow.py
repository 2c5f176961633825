"""What the follower of the task files asks of the disk, the board and the hub, with a clock set by hand."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kit.live import task_text

from llm_service.errors import FileChanging, FileUnreadable
from llm_service.hub.progress import LoadProgress
from llm_service.tasks import follow as module
from llm_service.tasks.board import TaskBoard
from llm_service.tasks.follow import TaskUpdater
from llm_service.tasks.model import LANES
from llm_service.tasks.reader import TaskSource, document_of
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.settle import Settler

WINDOW_S, MAX_WAIT_S = 0.1, 0.5
WALL_S = 1_900_000_000.0
"""The time of the day, which stands: how old a file is does not depend on how busy the machine is."""
BROKEN = "id: a\ntitle: [broken\n"


class RecordedRoot:
    """A root that is there, and of which nothing is watched."""

    is_lost = False
    there = True
    behind = False

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def check(self, now: float) -> None:
        self.calls.append(("check", now))

    def watch(self, folder: str) -> bool:
        self.calls.append(("watch", folder))
        return True

    def forget(self, folders: Any) -> None:
        self.calls.append(("forget", sorted(folders)))

    def is_there(self) -> bool:
        return self.there

    def is_behind(self) -> bool:
        return self.behind

    def scan_finished(self, now: float, took_s: float, *problems: Any) -> None:
        self.calls.append(("finished", (now, took_s, *problems)))

    def scan_found(self, paths: list[str]) -> None:
        self.calls.append(("found", paths))

    def set_folders(self, *problems: Any) -> None:
        self.calls.append(("folders", problems))

    def set_unread(self, reasons: Any) -> None:
        self.calls.append(("unread", reasons))


class Followed:
    """An updater of a real folder, with a clock set by hand and a hub that keeps what is published."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 100.0
        self.published: list[Any] = []
        self.source = TaskSource(str(root), LANES, 1 << 20)
        self.board = TaskBoard(document_of, WINDOW_S, MAX_WAIT_S)
        self.settler = Settler(WINDOW_S, MAX_WAIT_S)
        self.watched = RecordedRoot()
        self.hub = SimpleNamespace(progress=LoadProgress(), publish=self.published.append)
        clock: Any = lambda: self.now  # noqa: E731
        self.updater = TaskUpdater(self.source, self.watched, self.board, self.hub, self.settler, clock)  # type: ignore[arg-type]

    def write(self, path: str, text: str | None = None, age_s: float = 10.0) -> str:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(task_text(target.stem) if text is None else text)
        os.utime(target, (WALL_S - age_s, WALL_S - age_s))
        return path

    def move(self, old: str, new: str) -> None:
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.root / old, self.root / new)

    def hint(self, path: str, kind: HintKind = HintKind.COMPLETE) -> None:
        self.updater.hint(Hint(kind, path), self.now)

    def turn(self, later_s: float = 0.0) -> list[tuple[str, str]]:
        self.now += later_s
        self.published.clear()
        self.updater.turn(self.now)
        return self.events()

    def events(self) -> list[tuple[str, str]]:
        return [(event.type, event.path) for event in self.published]


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: WALL_S))
    return Followed(tmp_path)


def test_loading_reads_all_and_says_how_far_it_is(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        followed.write(f"inbox/t{number}.yaml", BROKEN if number == 0 else None)
    read = followed.source.read

    def slow(*arguments: Any) -> Any:
        followed.now += 0.15
        return read(*arguments)

    monkeypatch.setattr(followed.source, "read", slow)
    followed.updater.load()
    assert [(event.type, getattr(event, "done", None)) for event in followed.published] == [
        ("service.progress", 2), ("service.progress", 4), ("service.ready", None),
    ]  # fmt: skip
    assert [event.total for event in followed.published[:2]] == [4, 4]
    ready = followed.published[-1]
    assert (ready.tasks, ready.invalid, ready.load_ms) == (4, 1, 600)
    assert (len(followed.board), followed.hub.progress.ready) == (4, True)
    assert (followed.hub.progress.done, followed.hub.progress.total) == (4, 4)
    assert followed.watched.calls[0] == ("check", 100.0)
    kind, (now, took_s, refused, *_) = next(call for call in followed.watched.calls if call[0] == "finished")
    assert (kind, now, round(took_s, 3), refused) == ("finished", pytest.approx(100.6), 0.6, {})
    assert ("watch", "inbox") in followed.watched.calls


def test_loading_ends_early_when_interrupted(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.interrupt()
    followed.updater.load()
    assert (followed.published, len(followed.board), followed.hub.progress.ready) == ([], 0, False)


def test_a_file_that_is_being_written_while_loading_is_read_later(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.write("inbox/a.yaml")
    followed.write("inbox/b.yaml")
    read, failures = followed.source.read, ["inbox/a.yaml"]

    def changing(path: str, *arguments: Any) -> Any:
        if path in failures:
            failures.remove(path)
            raise FileChanging("It is being written.")
        return read(path, *arguments)

    monkeypatch.setattr(followed.source, "read", changing)
    followed.updater.load()
    assert (followed.board.ids(), followed.hub.progress.done) == (["b"], 2)
    assert followed.updater.next_due() == 100.0 + WINDOW_S
    assert followed.turn(WINDOW_S) == [("task.created", "inbox/a.yaml")]


def test_a_complete_file_is_read_at_once_and_others_when_they_are_quiet(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.updater.next_due() == 100.0
    assert followed.turn() == [("task.created", "inbox/a.yaml")]
    followed.write("inbox/b.yaml")
    followed.hint("inbox/b.yaml", HintKind.CHANGED)
    assert followed.updater.next_due() == 100.0 + WINDOW_S
    assert followed.turn() == []
    assert followed.turn(WINDOW_S) == [("task.created", "inbox/b.yaml")]
    assert followed.updater.next_due() is None


def test_a_turn_says_whether_it_had_work(followed: Followed) -> None:
    assert followed.updater.turn(followed.now) is False
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.updater.turn(followed.now) is True


def test_hints_about_other_files_are_ignored_and_a_folder_is_scanned_at_once(followed: Followed) -> None:
    followed.hint("inbox/INDEX.md")
    followed.hint("fridge/a.yaml")
    assert followed.updater.next_due() is None
    followed.write("assigned/ada/a.yaml")
    followed.hint("assigned/ada", HintKind.DIRECTORY)
    assert followed.events() == [("task.created", "assigned/ada/a.yaml"), ("task.assigned", "assigned/ada/a.yaml")]
    assert not any(kind == "finished" for kind, _ in followed.watched.calls)
    followed.updater.rescan("")
    assert [kind for kind, _ in followed.watched.calls].count("finished") == 1


def test_a_scan_applies_what_came_and_what_went(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.write("inbox/b.yaml")
    followed.updater.rescan("")
    (followed.root / "inbox/a.yaml").unlink()
    followed.move("inbox/b.yaml", "done/ada/b.yaml")
    followed.published.clear()
    followed.updater.rescan("")
    assert followed.events() == [("task.completed", "done/ada/b.yaml")]
    assert followed.updater.oldest_pending() == followed.now
    assert followed.updater.next_due() == followed.now + WINDOW_S
    assert followed.turn(WINDOW_S) == [("task.removed", "inbox/a.yaml")]
    assert followed.updater.oldest_pending() is None


def test_a_move_is_seen_as_one_though_the_old_path_is_due_first(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    followed.move("inbox/a.yaml", "assigned/ada/a.yaml")
    followed.hint("inbox/a.yaml", HintKind.GONE)
    followed.hint("assigned/ada/a.yaml")
    assert followed.turn() == [("task.assigned", "assigned/ada/a.yaml")]


def test_a_task_that_moves_on_at_once_is_not_kept_waiting_by_the_place_it_left(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.turn() == [("task.created", "inbox/a.yaml")]
    for old, new, kind in (
        ("inbox/a.yaml", "assigned/ada/a.yaml", "task.assigned"),
        ("assigned/ada/a.yaml", "done/ada/a.yaml", "task.completed"),
    ):
        followed.move(old, new)
        followed.now += WINDOW_S / 4
        followed.hint(old, HintKind.GONE)
        followed.hint(new)
        assert followed.turn() == [(kind, new)]
    assert followed.turn(WINDOW_S) == []
    assert followed.updater.oldest_pending() is None


def test_a_copy_that_comes_while_its_original_is_written_is_no_move(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    followed.turn()
    followed.write("inbox/a.yaml", "id: a\ntitle: Written again\n")
    followed.write("done/ada/a.yaml")
    followed.hint("inbox/a.yaml")
    followed.hint("done/ada/a.yaml")
    assert followed.turn(WINDOW_S / 4) == []
    assert followed.turn(WINDOW_S) == [("task.updated", "inbox/a.yaml")]
    assert ("task.created", "done/ada/a.yaml") in followed.turn(MAX_WAIT_S)
    assert [card.title for card in followed.board.cards_of("a")] == ["Written again", "Task a"]


def test_of_many_files_of_one_id_each_that_left_waits_for_its_window(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_ORIGINS", 1)
    for name in ("a", "b"):
        followed.write(f"inbox/{name}.yaml", "id: a\n")
        followed.hint(f"inbox/{name}.yaml")
    followed.turn()
    followed.turn(MAX_WAIT_S)
    followed.hint("inbox/b.yaml")
    followed.turn()
    followed.move("inbox/b.yaml", "done/b.yaml")
    followed.hint("inbox/b.yaml", HintKind.GONE)
    followed.hint("done/b.yaml")
    assert followed.turn(WINDOW_S / 4) == []
    assert followed.turn(WINDOW_S) == [("task.completed", "done/b.yaml"), ("task.updated", "inbox/a.yaml")]


def test_lanes_in_which_hints_saw_a_file_have_their_events(followed: Followed) -> None:
    for folder in ("inbox", "assigned/ada", "done/ada"):
        followed.hint(f"{folder}/a.yaml")
        followed.hint(f"{folder}/a.yaml")
    followed.write("done/ada/a.yaml")
    kinds = [kind for kind, _ in followed.turn()]
    assert kinds == ["task.created", "task.assigned", "task.completed"]


def test_a_hint_that_a_file_is_gone_is_no_arrival(followed: Followed) -> None:
    followed.hint("assigned/ada/a.yaml", HintKind.GONE)
    followed.write("done/ada/a.yaml")
    followed.hint("done/ada/a.yaml")
    assert [kind for kind, _ in followed.turn()] == ["task.created", "task.completed"]


def test_arrivals_count_for_ten_seconds(followed: Followed) -> None:
    followed.hint("assigned/ada/a.yaml")
    followed.turn()
    followed.now += 10.01
    followed.write("done/ada/a.yaml")
    followed.updater.rescan("")
    assert [kind for kind, _ in followed.events()] == ["task.created", "task.completed"]
    followed.hint("assigned/ada/b.yaml")
    followed.turn()
    followed.now += 9.99
    followed.write("done/ada/b.yaml")
    followed.published.clear()
    followed.updater.rescan("")
    assert [kind for kind, _ in followed.events()] == ["task.created", "task.assigned", "task.completed"]


def test_arrivals_after_the_place_that_is_read_are_for_the_next_look(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    for folder in ("inbox", "assigned/ada"):
        followed.hint(f"{folder}/a.yaml")
    assert followed.turn() == [("task.created", "inbox/a.yaml")]
    followed.move("inbox/a.yaml", "done/ada/a.yaml")
    followed.updater.rescan("")
    assert [kind for kind, _ in followed.events()][1:] == ["task.assigned", "task.completed"]


def test_a_file_that_was_broken_a_moment_ago_may_still_be_written(followed: Followed) -> None:
    followed.write("inbox/a.yaml", BROKEN, age_s=0)
    followed.hint("inbox/a.yaml")
    assert followed.turn() == []
    assert followed.updater.oldest_pending() == 100.0
    assert followed.updater.next_due() == 100.0 + WINDOW_S
    followed.write("inbox/a.yaml")
    assert followed.turn(WINDOW_S) == [("task.created", "inbox/a.yaml")]
    assert followed.updater.oldest_pending() is None


def test_a_file_that_is_written_again_between_a_look_at_it_and_its_reading_may_still_be_written(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    read = followed.source.read

    def held_up(*arguments: Any) -> Any:
        followed.write("inbox/a.yaml", "", age_s=0)
        return read(*arguments)

    followed.published.clear()
    followed.hint("inbox/a.yaml")
    with monkeypatch.context() as patched:
        patched.setattr(followed.source, "read", held_up)
        assert followed.turn() == []
    followed.write("inbox/a.yaml", "id: a\ntitle: Whole\n", age_s=0)
    assert followed.turn(WINDOW_S) == [("task.updated", "inbox/a.yaml")]


def test_a_file_that_stays_broken_is_shown_at_the_latest_after_a_while(followed: Followed) -> None:
    followed.write("inbox/a.yaml", BROKEN, age_s=0)
    followed.hint("inbox/a.yaml")
    seen = []
    for number in range(7):
        followed.write("inbox/a.yaml", f"id: a\ntitle: [broken {number}\n", age_s=-0.0)
        seen += followed.turn(WINDOW_S if number else 0.0)
    assert seen[:2] == [("task.created", "inbox/a.yaml"), ("task.invalid", "inbox/a.yaml")]
    assert followed.now >= 100.0 + MAX_WAIT_S


def test_an_old_broken_file_is_shown_at_once_and_again_only_if_it_changes(followed: Followed) -> None:
    followed.write("inbox/a.yaml", BROKEN)
    followed.hint("inbox/a.yaml")
    assert followed.turn() == [("task.created", "inbox/a.yaml"), ("task.invalid", "inbox/a.yaml")]
    os.utime(followed.root / "inbox/a.yaml", (WALL_S, WALL_S))
    followed.hint("inbox/a.yaml")
    assert followed.turn(WINDOW_S) == [("task.updated", "inbox/a.yaml")]


def test_a_file_that_changes_while_it_is_read_is_read_again_soon(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    read = followed.source.read

    def changing(*arguments: Any) -> Any:
        raise FileChanging("It is being written.")

    monkeypatch.setattr(followed.source, "read", changing)
    assert followed.turn() == []
    assert followed.updater.next_due() == 100.02
    assert followed.updater.oldest_pending() == 100.0
    assert followed.turn(0.02) == []
    assert followed.updater.oldest_pending() == 100.0
    monkeypatch.setattr(followed.source, "read", read)
    assert followed.turn(0.02) == [("task.created", "inbox/a.yaml")]
    assert followed.updater.oldest_pending() is None


def test_a_deferred_file_that_goes_is_no_longer_waited_for(followed: Followed) -> None:
    followed.write("inbox/a.yaml", BROKEN, age_s=0)
    followed.hint("inbox/a.yaml")
    followed.turn()
    (followed.root / "inbox/a.yaml").unlink()
    assert followed.turn(WINDOW_S) == []
    assert followed.updater.oldest_pending() is None


def test_a_removal_waits_while_paths_are_due_that_may_contradict_it_but_not_for_ever(followed: Followed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    (followed.root / "inbox/a.yaml").unlink()
    followed.hint("inbox/a.yaml", HintKind.GONE)
    assert followed.turn() == []
    seen = {}
    for number in range(60):
        followed.write(f"inbox/t{number}.yaml")
        followed.hint(f"inbox/t{number}.yaml")
        for kind, _ in followed.turn(WINDOW_S):
            seen.setdefault(kind, round(followed.now - 100.0, 3))
    assert seen["task.removed"] == 5.1
    assert seen["task.created"] == 0.1


def test_a_removal_waits_while_hints_are_on_their_way_but_not_for_ever(followed: Followed) -> None:
    for name in ("a", "b"):
        followed.write(f"inbox/{name}.yaml")
    followed.updater.rescan("")
    followed.move("inbox/a.yaml", "assigned/ada/a.yaml")
    followed.hint("inbox/a.yaml", HintKind.GONE)
    assert followed.turn() == []
    followed.watched.behind = True
    assert followed.turn(3 * WINDOW_S) == []
    due = followed.updater.next_due()
    assert due is not None and due > followed.now, "it does not spin"
    followed.hint("assigned/ada/a.yaml")
    assert followed.turn() == [("task.assigned", "assigned/ada/a.yaml")]
    (followed.root / "inbox/b.yaml").unlink()
    followed.hint("inbox/b.yaml", HintKind.GONE)
    assert [followed.turn(seconds) for seconds in (0.0, 4.9)] == [[], []]
    assert followed.turn(0.2) == [("task.removed", "inbox/b.yaml")]


# What cannot be read


class Closed:
    """Files that the system does not let us read, and folders that it does not list."""

    def __init__(self, followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()
        content, scandir = followed.source._content, os.scandir

        def read(path: str) -> Any:
            if path in self.files:
                raise FileUnreadable(f"{path} cannot be read: Input/output error.")
            return content(path)

        def scan(path: Any) -> Any:
            if os.path.relpath(path, followed.root) in self.folders:
                raise OSError(5, "Input/output error")
            return scandir(path)

        monkeypatch.setattr(followed.source, "_content", read)
        monkeypatch.setattr(os, "scandir", scan)


@pytest.fixture
def closed(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> Closed:
    return Closed(followed, monkeypatch)


def last(followed: Followed, name: str) -> Any:
    """What the root was told last."""
    return next(value for key, value in reversed(followed.watched.calls) if key == name)


def test_a_new_file_that_cannot_be_read_is_shown_after_a_second_and_read_again(
    followed: Followed, closed: Closed
) -> None:
    followed.write("inbox/a.yaml")
    closed.files.add("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.turn() == []
    assert followed.updater.oldest_pending() == 100.0
    assert followed.updater.next_due() == pytest.approx(100.1)
    assert last(followed, "unread") == {}, "most can be read at the next try"
    seen = []
    while not seen:
        seen += followed.turn(0.1)
        assert followed.now < 102
    assert followed.now >= 101
    assert seen == [("task.created", "inbox/a.yaml"), ("task.invalid", "inbox/a.yaml")]
    assert last(followed, "unread") == {"inbox/a.yaml": "Input/output error"}
    assert followed.updater.oldest_pending() is None
    closed.files.clear()
    seen = []
    while not seen:
        seen += followed.turn(0.1)
        assert followed.now < 106
    assert seen == [("task.updated", "inbox/a.yaml")]
    assert last(followed, "unread") == {}


def test_a_known_file_that_cannot_be_read_for_a_moment_stays_as_it_is(followed: Followed, closed: Closed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    closed.files.add("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.turn() == []
    closed.files.clear()
    assert [followed.turn(0.1) for _ in range(20)] == [[]] * 20
    assert followed.updater.oldest_pending() is None


def test_a_known_file_that_stays_unreadable_is_marked_once(followed: Followed, closed: Closed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    closed.files.add("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    seen = [event for _ in range(60) for event in followed.turn(0.1)]
    assert seen == [("task.invalid", "inbox/a.yaml")]
    card = followed.board.get("a")
    assert card is not None and card.error is not None
    assert (card.error.code, card.title) == ("UNREADABLE", "Task a"), "what is known of it is still shown"


def test_a_file_that_cannot_be_read_while_loading_is_read_again(followed: Followed, closed: Closed) -> None:
    followed.write("inbox/a.yaml")
    closed.files.add("inbox/a.yaml")
    followed.updater.load()
    assert [event.type for event in followed.published] == ["service.ready"]
    assert (followed.published[0].tasks, followed.published[0].invalid) == (1, 1)
    closed.files.clear()
    assert followed.updater.next_due() == pytest.approx(100.1)
    assert followed.turn(0.1) == [("task.updated", "inbox/a.yaml")]


def test_a_path_that_cannot_be_looked_at_is_waited_for_and_not_gone(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lstat = os.lstat

    def refusing(path: Any) -> os.stat_result:
        if os.path.basename(path) == "a.yaml":
            raise OSError(5, "Input/output error")
        return lstat(path)

    monkeypatch.setattr(os, "lstat", refusing)
    followed.write("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    assert followed.turn() == []
    assert followed.updater.oldest_pending() == 100.0
    assert [followed.turn(0.1) for _ in range(20)] == [[]] * 20
    assert last(followed, "unread") == {"inbox/a.yaml": "Input/output error"}
    assert followed.updater.oldest_pending() is None, "whoever waits for it is not kept for ever"
    monkeypatch.setattr(os, "lstat", lstat)
    assert ("task.created", "inbox/a.yaml") in [event for _ in range(40) for event in followed.turn(0.1)]


def test_a_folder_that_cannot_be_listed_is_listed_again_and_its_files_stay(followed: Followed, closed: Closed) -> None:
    followed.write("done/ada/a.yaml")
    followed.updater.rescan("")
    closed.folders.add("done/ada")
    followed.updater.rescan("")
    assert last(followed, "finished")[2:] == ({"done/ada": "Input/output error"}, {})
    assert followed.events() == [("task.created", "done/ada/a.yaml"), ("task.completed", "done/ada/a.yaml")]
    followed.write("done/ada/b.yaml")
    assert followed.updater.next_due() == pytest.approx(100.1)
    assert followed.turn(0.1) == []
    assert last(followed, "folders") == ({"done/ada": "Input/output error"}, {})
    closed.folders.clear()
    assert ("task.created", "done/ada/b.yaml") in [event for _ in range(5) for event in followed.turn(0.1)]
    assert last(followed, "folders") == ({}, {})


def test_of_many_folders_that_cannot_be_listed_four_are_tried_in_a_turn(followed: Followed, closed: Closed) -> None:
    folders = [f"done/agent{number}" for number in range(6)]
    for folder in folders:
        followed.write(f"{folder}/a.yaml")
    closed.folders.update(folders)
    followed.updater.rescan("")
    followed.watched.calls.clear()
    followed.turn(0.1)
    assert [value for name, value in followed.watched.calls if name == "watch"] == folders[:4]


def test_a_scan_says_how_long_it_took(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    times = itertools.count(100.0)
    monkeypatch.setattr(followed.updater, "_clock", lambda: next(times))
    followed.updater.rescan("")
    now, took_s, *_ = last(followed, "finished")
    assert took_s == now - 1 - 100


def test_what_a_scan_found_is_told_unless_a_folder_could_not_be_listed(followed: Followed, closed: Closed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    assert last(followed, "found") == ["inbox/a.yaml"]
    followed.write("done/ada/b.yaml")
    (followed.root / "inbox/a.yaml").unlink()
    closed.folders.add("done/ada")
    followed.updater.rescan("")
    assert last(followed, "found") == ["inbox/a.yaml"]
    closed.folders.clear()
    followed.watched.calls.clear()
    followed.updater.rescan("")
    assert "found" not in [name for name, _ in followed.watched.calls], "what came may have been there before"
    followed.updater.rescan("")
    assert last(followed, "found") == []
    followed.watched.calls.clear()
    followed.updater.rescan("inbox")
    assert {name for name, _ in followed.watched.calls} == {"watch", "forget"}, "only a scan of everything counts"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_removal_waits_while_something_cannot_be_read_but_not_for_ever(
    followed: Followed, closed: Closed, what: str
) -> None:
    for name in ("a", "b"):
        followed.write(f"inbox/{name}.yaml")
    followed.write("done/ada/c.yaml")
    followed.updater.rescan("")
    (followed.root / "inbox/a.yaml").unlink()
    followed.hint("inbox/a.yaml", HintKind.GONE)
    if what == "file":
        closed.files.add("inbox/b.yaml")
        followed.hint("inbox/b.yaml")
    else:
        closed.folders.add("done/ada")
        followed.updater.rescan("done/ada")
    assert followed.turn() == []
    removed_at = None
    while removed_at is None:
        due = followed.updater.next_due()
        assert due is not None and due > followed.now, "it does not spin"
        if ("task.removed", "inbox/a.yaml") in followed.turn(0.05):
            removed_at = followed.now
    assert removed_at == pytest.approx(102.05, abs=0.06)


# A root that is not there


def test_while_the_root_is_lost_nothing_is_scanned_tried_or_waited_for(followed: Followed, closed: Closed) -> None:
    followed.write("inbox/a.yaml")
    followed.updater.rescan("")
    closed.files.add("inbox/a.yaml")
    followed.hint("inbox/a.yaml")
    followed.turn()
    assert followed.updater.oldest_pending() == 100.0
    followed.watched.is_lost = True
    assert (followed.updater.oldest_pending(), followed.updater.next_due()) == (None, None)
    (followed.root / "inbox/a.yaml").unlink()
    followed.watched.calls.clear()
    followed.updater.rescan("")
    assert [name for name, _ in followed.watched.calls] == ["finished"]
    assert followed.turn(5.0) == []
    followed.watched.is_lost = False
    followed.updater.rescan("")
    assert [event for _ in range(10) for event in followed.turn(0.1)] == [("task.removed", "inbox/a.yaml")]


def test_files_that_vanish_with_the_root_are_gone_if_they_are_not_there_when_it_is_back(followed: Followed) -> None:
    for name in ("a", "b"):
        followed.write(f"inbox/{name}.yaml")
    followed.updater.rescan("")
    for name in ("a", "b"):
        (followed.root / f"inbox/{name}.yaml").rename(followed.root / name)
        followed.hint(f"inbox/{name}.yaml", HintKind.GONE)
    followed.watched.there = False
    assert [followed.turn(0.1) for _ in range(30)] == [[]] * 30
    assert set(followed.board.ids()) == {"a", "b"}
    (followed.root / "a").rename(followed.root / "inbox/a.yaml")
    followed.watched.there = True
    followed.published.clear()
    followed.updater.rescan("")
    followed.updater.rescan("")
    assert [event for _ in range(10) for event in followed.turn(0.1)] == [("task.removed", "inbox/b.yaml")]
    assert followed.board.ids() == ["a"]


def test_a_removal_that_waits_when_the_root_goes_is_taken_back(followed: Followed) -> None:
    for name in ("a", "b"):
        followed.write(f"inbox/{name}.yaml")
    followed.updater.rescan("")
    (followed.root / "inbox/a.yaml").rename(followed.root / "a")
    followed.hint("inbox/a.yaml", HintKind.GONE)
    assert followed.turn() == []
    assert followed.board.oldest_pending() == 100.0
    followed.watched.there = False
    assert [followed.turn(0.1) for _ in range(30)] == [[]] * 30
    assert followed.board.oldest_pending() is None
    followed.watched.there = True
    followed.updater.rescan("")
    assert [event for _ in range(10) for event in followed.turn(0.1)] == [("task.removed", "inbox/a.yaml")]
