"""Lane changes in the journal: what each event records, which of them are those of one file, and which are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.task_files import task

from llm_service.database.database import Database
from llm_service.errors import HistoryUnavailable
from llm_service.hub.journal import Journal
from llm_service.hub.journal_segments import Bounds
from llm_service.tasks.events import TaskUpdated
from llm_service.tasks.lane_history import LANE_EVENTS, LaneChange, LaneHistory, _line
from llm_service.tasks.lane_records import CARRIED, kept
from llm_service.tasks.model import key_of_other
from llm_service.tasks.transitions import card_events, removed

INBOX, ADA, DONE = "inbox/t.yaml", "assigned/ada/t.yaml", "done/ada/t.yaml"


class Recorder:
    """A history to which events are given."""

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        self.journal = Journal(str(folder), Bounds(1_000_000, 30))
        self.history = LaneHistory(self.journal, database)
        self.journal.start()

    def move(self, old: str | None, new: str | None, is_copy: bool = False) -> None:
        cards = [path and task(path, "t").summary for path in (old, new)]
        if is_copy:
            cards = [card and replace(card, key=key_of_other("t", card.path)) for card in cards]
        before, after = cards
        for event in card_events(before, after, (), ()) if after else [removed(before)]:  # type: ignore[arg-type]
            self.history.on_event(event)

    def changes(self, path: str | None, **options: Any) -> list[tuple[str | None, str | None, str, str | None]]:
        assert self.journal.flush(60)
        found = self.history.changes_of("t", path, **options)
        return [(change.previous_lane, change.lane, change.path, change.previous_path) for change in found]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(tmp_path / "journal")
    yield made
    made.journal.stop()


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
    assert (recorder.journal.health()["pending"], recorder.changes(None)) == (0, [])


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
    recorder.journal._queue._max_items = 0
    recorder.history.record([LaneChange("t", "", None, "inbox", None, INBOX)] * 3)
    assert recorder.journal.health()["dropped"] == 3


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
    assert recorder.journal.flush(60)
    found = recorder.history.changes_of("t", INBOX)
    assert [change.time for change in found] == [str(number) for number in range(50, 150)]


def test_changes_are_read_back_after_a_restart(recorder: Recorder, tmp_path: Path) -> None:
    recorder.move(None, INBOX)
    recorder.move(INBOX, ADA)
    before = recorder.changes(ADA)
    recorder.journal.stop()
    again = Recorder(tmp_path / "journal")
    assert again.changes(ADA) == before
    again.move(ADA, DONE)
    assert len(again.changes(DONE)) == 3
    again.journal.stop()


def test_arrivals_are_where_each_file_is_and_since_when(recorder: Recorder) -> None:
    times = [LaneChange("t", "1", None, "inbox", None, INBOX)]
    times += [LaneChange("u", "2", None, "inbox", None, "inbox/u.yaml")]
    times += [LaneChange("t", "3", "inbox", "assigned", "ada", ADA, INBOX)]
    times += [LaneChange("t", "4", "assigned", "assigned", "bob", "assigned/bob/t.yaml", ADA)]
    times += [LaneChange("u", "5", "inbox", None, None, "inbox/u.yaml")]
    recorder.history.record(times)
    assert recorder.journal.flush(60)
    assert recorder.history.arrivals() == {("t", "assigned/bob/t.yaml"): ("assigned", "3")}
    assert len(recorder.changes("assigned/bob/t.yaml")) == 3


def test_ids_that_are_not_whole_characters_are_recorded(recorder: Recorder) -> None:
    recorder.history.record([LaneChange("\ud800", "1", None, "inbox", None, INBOX)])
    assert recorder.journal.flush(60)
    assert [change.path for change in recorder.history.changes_of("\ud800", None)] == [INBOX]


def test_lines_of_somebody_else_are_skipped(recorder: Recorder, tmp_path: Path) -> None:
    recorder.move(None, INBOX)
    assert len(recorder.changes(INBOX)) == 1
    with open(tmp_path / "journal/lanes.jsonl", "ab") as file:
        file.write(b'not json\n{"task_id":1}\n[]\n\n')
    recorder.move(INBOX, ADA)
    assert len(recorder.changes(ADA)) == 2


def test_ids_with_one_hash_are_told_apart(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.tasks.lane_index.hash", lambda text: 1, raising=False)
    recorder.history.record([LaneChange(name, name, None, "inbox", None, INBOX) for name in "tuut"])
    assert recorder.journal.flush(60)
    assert [change.time for change in recorder.history.changes_of("t", None)] == ["t", "t"]
    assert [change.time for change in recorder.history.changes_of("u", None)] == ["u", "u"]


def test_without_its_file_the_history_is_not_available(recorder: Recorder, tmp_path: Path) -> None:
    recorder.journal.stop()
    (tmp_path / "journal/lanes.jsonl").unlink()
    with pytest.raises(HistoryUnavailable, match="cannot be read"):
        recorder.history.changes_of("t", None)
    assert recorder.history.arrivals() == {}


def test_the_size_cuts_tasks_that_are_gone_and_never_those_that_exist(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = [LaneChange("stays", "0", None, "inbox", None, "inbox/stays.yaml")]
    gone = [
        change
        for number in range(200)
        for change in (
            LaneChange(f"gone{number}", "1", None, "inbox", None, INBOX),
            LaneChange(f"gone{number}", "2", "inbox", None, None, INBOX),
        )
    ]
    assert recorder.history.arrivals() == {}
    recorder.history.record([*stays, *gone])
    assert recorder.journal.flush(60)
    file = recorder.history._file
    size = file.file.size
    file.rewrite(lambda lines: list(kept(lines, size // 2)))
    assert file.file.size <= size // 4
    assert [change.path for change in recorder.history.changes_of("stays", None)] == ["inbox/stays.yaml"]
    assert recorder.history.changes_of("gone0", None) == []
    assert len(recorder.history.changes_of("gone199", None)) == 2
    file.rewrite(lambda lines: list(kept(lines, 10)))
    assert [change.path for change in recorder.history.changes_of("stays", None)] == ["inbox/stays.yaml"]
    assert recorder.history.changes_of("gone199", None) == []


def test_of_one_id_the_last_changes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.tasks.lane_records.MOST_OF_ID", 3)
    changes = [LaneChange("t", str(number), "inbox", "inbox", None, INBOX, INBOX) for number in range(9)]
    lines = [CARRIED + b"7}\n", b"junk\n", *map(_line, changes)]
    assert list(kept(lambda: iter(lines), 1_000_000)) == [lines[0], *lines[-3:]]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database in which an earlier release recorded the way of a task."""
    made = Database(str(tmp_path / "history.db"))
    made.start()
    rows = [("1", None, "inbox", None, INBOX, None), ("2", "inbox", "assigned", "ada", ADA, INBOX)]
    made.write(
        lambda connection: connection.executemany(
            "INSERT INTO lane_changes (task_id, time, previous_lane, lane, agent, path, previous_path)"
            " VALUES ('t', ?, ?, ?, ?, ?, ?)",
            rows,
        )
    )
    yield made
    made.stop()


def rows_in(database: Database) -> int:
    assert database.flush()
    with database.read_transaction() as connection:
        return int(connection.execute("SELECT count(*) FROM lane_changes").fetchone()[0])


def test_rows_of_the_database_are_taken_over_once(database: Database, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "journal", database)
    recorder.move(ADA, DONE)
    assert recorder.history.arrivals()["t", DONE][0] == "done"
    assert [path for _, _, path, _ in recorder.changes(DONE)] == [INBOX, ADA, DONE]
    assert rows_in(database) == 0
    recorder.history.arrivals()
    assert len(recorder.changes(DONE)) == 3
    recorder.journal.stop()
    database.write(
        lambda connection: connection.execute(
            "INSERT INTO lane_changes (task_id, time, path) VALUES ('t', '3', 'inbox/t.yaml')"
        )
    )
    again = Recorder(tmp_path / "journal", database)
    again.history.arrivals()
    assert len(again.changes(DONE)) == 3
    again.journal.stop()


def test_a_database_without_rows_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(str(tmp_path / "history.db"))
    database.start()
    assert database.wait_open(60)
    assert database.wait_open(20)
    recorder = Recorder(tmp_path / "journal", database)
    assert recorder.history.arrivals() == {}
    assert (tmp_path / "journal/lanes.jsonl").read_bytes() == CARRIED + b"0}\n"
    monkeypatch.setattr(database, "wait_open", lambda timeout_s: pytest.fail("asked again"))
    recorder.move(None, INBOX)
    assert len(recorder.changes(INBOX)) == 1
    assert recorder.history.arrivals().keys() == {("t", INBOX)}
    recorder.journal.stop()
    database.stop()


def test_a_kill_between_the_two_steps_takes_nothing_over_twice(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "write_later", lambda work: None)  # killed before the rows are deleted
    recorder = Recorder(tmp_path / "journal", database)
    recorder.history.arrivals()
    recorder.journal.stop()
    again = Recorder(tmp_path / "journal", database)
    again.history.arrivals()
    assert [path for _, _, path, _ in again.changes(ADA)] == [INBOX, ADA]
    again.journal.stop()


def test_a_database_that_does_not_open_is_asked_at_the_next_start(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.tasks.lane_history._OPEN_S", 0.01)
    closed = Database(str(tmp_path / "history.db"))
    recorder = Recorder(tmp_path / "journal", closed)
    recorder.move(ADA, DONE)
    assert recorder.journal.flush(60)
    assert recorder.history.arrivals()["t", DONE][0] == "done"
    recorder.journal.stop()
    again = Recorder(tmp_path / "journal", database)
    again.history.arrivals()
    assert [path for _, _, path, _ in again.changes(DONE)] == [INBOX, ADA, DONE]
    again.journal.stop()
