"""Lane changes in the database: what each event records, and which of them are those of one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.task_files import task

from llm_service.database.database import Database
from llm_service.tasks.events import TaskUpdated
from llm_service.tasks.lane_history import LANE_EVENTS, LaneChange, LaneHistory
from llm_service.tasks.model import key_of_other
from llm_service.tasks.transitions import card_events, removed

INBOX, ADA, DONE = "inbox/t.yaml", "assigned/ada/t.yaml", "done/ada/t.yaml"


class Recorder:
    """A history to which events are given."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.history = LaneHistory(database)

    def move(self, old: str | None, new: str | None, is_copy: bool = False) -> None:
        cards = [path and task(path, "t").summary for path in (old, new)]
        if is_copy:
            cards = [card and replace(card, key=key_of_other("t", card.path)) for card in cards]
        before, after = cards
        for event in card_events(before, after, (), ()) if after else [removed(before)]:  # type: ignore[arg-type]
            self.history.on_event(event)

    def changes(self, path: str | None, **options: Any) -> list[tuple[str | None, str | None, str, str | None]]:
        assert self.database.flush()
        found = self.history.changes_of("t", path, **options)
        return [(change.previous_lane, change.lane, change.path, change.previous_path) for change in found]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    database = Database(str(tmp_path / "history.db"))
    database.start()
    yield Recorder(database)
    database.stop()


def test_each_event_that_changes_a_lane_is_recorded(recorder: Recorder) -> None:
    recorder.move(None, INBOX)
    recorder.move(INBOX, ADA)
    recorder.move(ADA, DONE)
    recorder.move(DONE, None)
    lives = [(None, "inbox", INBOX, None), ("inbox", "assigned", ADA, INBOX), ("assigned", "done", DONE, ADA)]
    assert recorder.changes(DONE) == [*lives, ("done", None, DONE, None)]
    assert recorder.changes(None) == recorder.changes(DONE)
    assert recorder.changes(DONE, limit=2) == [("assigned", "done", DONE, ADA), ("done", None, DONE, None)]
    (first, *_) = recorder.history.changes_of("t", DONE)
    assert (first.task_id, first.agent, first.time[-1], len(first.time)) == ("t", None, "Z", 24)
    assert recorder.history.changes_of("t", DONE)[-1].agent == "ada"
    assert recorder.history.changes_of("u", None) == []
    assert TaskUpdated not in LANE_EVENTS
    assert len(LANE_EVENTS) == 5


def test_nothing_is_written_for_nothing(recorder: Recorder) -> None:
    recorder.history.record([])
    recorder.database.write_later = lambda *arguments, **options: pytest.fail("written")  # type: ignore[method-assign]
    recorder.history.record([])


def test_files_that_share_an_id_each_have_a_history(recorder: Recorder) -> None:
    recorder.move(None, INBOX)
    recorder.move(None, DONE, is_copy=True)
    recorder.move(INBOX, ADA)
    recorder.move(DONE, "done/bob/t.yaml", is_copy=True)
    assert recorder.changes(ADA) == [(None, "inbox", INBOX, None), ("inbox", "assigned", ADA, INBOX)]
    assert recorder.changes("done/bob/t.yaml") == [
        (None, "done", DONE, None),
        ("done", "done", "done/bob/t.yaml", DONE),
    ]
    assert recorder.changes("inbox/other.yaml") == []
    recorder.move("done/bob/t.yaml", None, is_copy=True)
    assert recorder.changes(ADA)[-1] == ("inbox", "assigned", ADA, INBOX)
    assert recorder.changes(None)[-1] == ("done", None, "done/bob/t.yaml", None)


def test_the_history_goes_back_beyond_a_removal(recorder: Recorder) -> None:
    recorder.move(None, INBOX)
    recorder.move(INBOX, DONE)
    recorder.move(DONE, None)
    recorder.move(None, ADA)
    assert [lane for _, lane, _, _ in recorder.changes(ADA)] == ["inbox", "done", None, "assigned", "assigned"]


def test_past_its_creation_it_is_that_of_the_file_that_was_removed(recorder: Recorder) -> None:
    recorder.move(None, INBOX)
    recorder.move(None, "done/bob/t.yaml", is_copy=True)
    recorder.move(INBOX, None)
    recorder.move(None, ADA)
    assert {path for _, _, path, _ in recorder.changes(ADA)} == {INBOX, ADA}


def test_what_is_lost_is_counted(recorder: Recorder) -> None:
    seen: list[int] = []
    recorder.database.write_later = lambda work, loss: seen.append(loss)  # type: ignore[method-assign, assignment]
    recorder.history.record([LaneChange("t", "", None, "inbox", None, INBOX)] * 3)
    assert seen == [3]


def test_what_an_earlier_release_recorded_is_shown_whole(recorder: Recorder) -> None:
    """It did not record where a file came from; then an id was one card."""
    earlier = [("2026-01-01T00:00:00Z", None, "inbox", INBOX), ("2026-01-02T00:00:00Z", "inbox", "assigned", ADA)]
    recorder.history.record([LaneChange("t", time, before, lane, None, path) for time, before, lane, path in earlier])
    recorder.move(ADA, DONE)
    assert [path for _, _, path, _ in recorder.changes(DONE)] == [INBOX, ADA, DONE]


def test_the_changes_of_one_file_are_found_among_thousands(recorder: Recorder) -> None:
    recorder.move(None, INBOX)
    rows = [
        LaneChange("t", "2026-01-01T00:00:00Z", None, "done", None, f"done/{number}.yaml") for number in range(5_000)
    ]
    recorder.history.record(rows)
    assert recorder.changes(INBOX) == [(None, "inbox", INBOX, None)]
    recorder.history.record(
        [LaneChange("t", str(number), "inbox", "inbox", None, INBOX, INBOX) for number in range(150)]
    )
    assert recorder.database.flush()
    found = recorder.history.changes_of("t", INBOX)
    assert [change.time for change in found] == [str(number) for number in range(50, 150)]
