"""Ten files of one id over three lanes, on a real disk: after each edit, move, breakage and conflict copy every card is
its file's, the change is an event of that file, and the file that leads is the one that was there first.

What must be true is kept by hand in `Group`: the texts that were written, and in which order files came.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from kit.live import apply, apply_by_id, check_groups
from kit.model_runs import run_sequences

from llm_service.json_values import as_json
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.events import TaskEvent
from llm_service.tasks.model import LANES
from llm_service.tasks.reader import TaskSource, document_of
from llm_service.watch.scan import Mirror

ID = "soup"
FOLDERS = ("inbox", "assigned/ada", "assigned/bob", "done/ada")
NAMES = ("soup", "soup-backup", "soup (1)", "soup.sync-conflict-20261105-101010-ABCDEFG", "template", "zuppa")
MOST = 10
ARRIVALS = {"inbox": "task.moved", "assigned": "task.assigned", "done": "task.completed"}
WAIT_S, LONG_S = 0.2, 1.0
"""Shorter than the time that a further file waits, and longer than any."""

paths = st.builds(lambda folder, name: f"{folder}/{name}.yaml", st.sampled_from(FOLDERS), st.sampled_from(NAMES))
choices = st.integers(0, MOST - 1)


class Group:
    """What must be true of the files: the title of each (None: it does not parse), oldest first."""

    def __init__(self) -> None:
        self.titles: dict[str, str | None] = {}

    def lead(self) -> str:
        """The first file whose stem is the id, else the first."""
        named = [path for path in self.titles if Path(path).stem == ID]
        return (named or list(self.titles))[0]

    def rename(self, old: str, new: str) -> None:
        """A file that moved is as old as before."""
        self.titles = {new if path == old else path: title for path, title in self.titles.items()}


class SharedId(RuleBasedStateMachine):
    """Random changes of the files, each followed by a look at the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)
        self.source = TaskSource(str(self.root), LANES, 1 << 20)
        self.mirror = Mirror(self.source.root, self.source.filter)
        self.board = TaskBoard(document_of, removal_grace_s=0.1, duplicate_grace_s=0.5)
        self.group = Group()
        self.client: dict[str, Any] = {}
        self.client_by_id: dict[str, Any] = {}
        self.now = 0.0
        self.titles = (f"title {number}" for number in count())

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @initialize(path=paths)
    def begin(self, path: str) -> None:
        self.write(path)
        assert self.kinds(self.look())[0] == ("task.created", path)

    @rule(path=paths)
    def copy_appears(self, path: str) -> None:
        if path in self.group.titles or len(self.group.titles) == MOST:
            return
        self.write(path)
        assert self.look(WAIT_S) == [], "it may be the first half of a move"
        kinds = self.kinds(self.look())
        arrival = ARRIVALS[path.split("/")[0]] if self.group.lead() == path else "task.moved"
        assert kinds == [("task.created", path), *([(arrival, path)] if arrival != "task.moved" else [])]

    @rule(choice=choices, in_place=st.booleans())
    def edit(self, choice: int, in_place: bool) -> None:
        path = self.chosen(choice)
        self.write(path, in_place)
        assert self.kinds(self.look()) == [("task.updated", path)]

    @rule(choice=choices)
    def breakage(self, choice: int) -> None:
        path = self.chosen(choice)
        was_broken = self.group.titles[path] is None
        (self.root / path).write_text(f"id: {ID}\ntitle: [{next(self.titles)}\n")
        self.group.titles[path] = None
        assert self.kinds(self.look()) == [("task.updated" if was_broken else "task.invalid", path)]

    @rule(choice=choices, new_path=paths, slowly=st.booleans(), by_copying=st.booleans())
    def move(self, choice: int, new_path: str, slowly: bool, by_copying: bool) -> None:
        path = self.chosen(choice)
        if new_path in self.group.titles:
            return
        if by_copying:
            shutil.copy(self.root / path, self.root / new_path)
            if slowly:
                assert self.look(WAIT_S, known=False) == []
            (self.root / path).unlink()
        else:
            os.rename(self.root / path, self.root / new_path)
        self.group.rename(path, new_path)
        lane, old_lane = new_path.split("/")[0], path.split("/")[0]
        events = self.look()
        kind = ARRIVALS[lane] if lane != old_lane else "task.moved"
        assert self.kinds(events) == [(kind, new_path)]
        moved = next(event for event in events if event.type == kind)
        assert (moved.previous_path, moved.previous_lane) == (path, old_lane)

    @precondition(lambda self: len(self.group.titles) > 1)
    @rule(choice=choices)
    def delete(self, choice: int) -> None:
        path = self.chosen(choice)
        (self.root / path).unlink()
        del self.group.titles[path]
        assert self.kinds(self.look()) == [("task.removed", path)]

    @rule(choice=choices)
    def sync_program_keeps_the_old_version(self, choice: int) -> None:
        """It renames the old version and writes the other one in its place: the file is edited, and a copy appears."""
        path = self.chosen(choice)
        copy = str(Path(path).with_name(f"{Path(path).stem} (Ada's conflicted copy 2026-11-05).yaml"))
        if copy in self.group.titles or len(self.group.titles) >= MOST or Path(path).stem != ID:
            return
        title = self.group.titles[path]
        os.rename(self.root / path, self.root / copy)
        assert self.look(0.05, known=False) == []
        self.write(path)
        self.group.titles[copy] = title
        kinds = self.kinds(self.look())
        assert [path for _, path in kinds] == [path, copy, *([copy] if title is None else [])]
        assert kinds[0] == ("task.updated", path)
        assert kinds[1] == ("task.created", copy)
        assert self.board.file_of(f"{ID}\n{copy}").summary.copied_by == "Dropbox"  # type: ignore[union-attr]

    @rule(path=paths)
    def temporary_file_beside_it(self, path: str) -> None:
        """Written beside the target under a name of its own, then renamed over it."""
        temporary = self.root / Path(path).with_name("tmpab12cd_9.yaml")
        title = next(self.titles)
        temporary.write_text(f"id: {ID}\ntitle: {title}\n")
        assert self.look(LONG_S, known=False) == []
        os.replace(temporary, self.root / path)
        self.group.titles[path] = title
        if len(self.group.titles) > MOST:
            (self.root / path).unlink()
            del self.group.titles[path]
        assert {name for _, name in self.kinds(self.look())} <= {path}

    @invariant()
    def every_card_is_its_file(self) -> None:
        if not self.group.titles:
            return
        board = {task.key: task for task in self.board.tasks()}
        cards = {task.path: task for task in board.values()}
        assert set(cards) == set(self.group.titles)
        for path, title in self.group.titles.items():
            card = cards[path]
            assert (card.id, card.lane) == (ID, path.split("/")[0])
            assert (card.error is None) == (title is not None)
            assert title is None or card.title == title
        assert board[ID].path == self.group.lead()
        as_sent = {key: as_json(task) for key, task in board.items()}
        check_groups(as_sent)
        assert self.client == as_sent
        assert self.client_by_id == {ID: as_sent[ID]}

    # Helpers.

    def chosen(self, choice: int) -> str:
        return list(self.group.titles)[choice % len(self.group.titles)]

    def write(self, path: str, in_place: bool = True) -> None:
        self.group.titles[path] = title = next(self.titles)
        target = self.root / path
        written = target if in_place else target.with_name(f".{target.name}.swp")
        written.write_text(f"id: {ID}\ntitle: {title}\n")
        os.rename(written, target)

    def look(self, later_s: float = LONG_S, known: bool = True) -> list[TaskEvent]:
        """Apply what changed on the disk and then the time; the events, after clients have applied them."""
        present, gone = self.mirror.rescan()
        with self.source.folders:
            files = [TaskChange(path, self.source.read(path, self.board.file_at(path), 0.0)) for path in present]
        events = self.board.apply([*files, *(TaskChange(path, None) for path in gone)], self.now)
        self.now += later_s
        events += self.board.expire(self.now)
        for event in events:
            body = as_json(event)
            apply(self.client, event.type, body)
            apply_by_id(self.client_by_id, event.type, body)
        if known and later_s == LONG_S:
            assert self.board.next_expiry() is None
        return events

    def kinds(self, events: list[TaskEvent]) -> list[tuple[str, str]]:
        return [(event.type, event.path) for event in events if not says_only_that_others_changed(event)]


def says_only_that_others_changed(event: TaskEvent) -> bool:
    return event.type == "task.updated" and event.changed == ("duplicates",)


@pytest.mark.timeout(600)
def test_every_card_is_its_file_and_every_change_an_event(request: pytest.FixtureRequest) -> None:
    run_sequences(SharedId, request, steps=25)
