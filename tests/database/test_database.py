"""The history database: batches, migrations, and a live board that goes on when it is damaged or locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.live import Live

from llm_service.database.database import Database
from llm_service.database.migrations import MIGRATIONS
from llm_service.errors import HistoryUnavailable
from llm_service.tasks.lane_history import LaneChange, LaneHistory


def change(number: int, task_id: str = "t1") -> LaneChange:
    return LaneChange(task_id, f"2026-11-21T00:00:{number:02d}Z", "inbox", "assigned", "ada", "assigned/ada/t1.yaml")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state/history.db"


def started(path: Path) -> Database:
    database = Database(str(path))
    database.start()
    return database


def test_recorded_changes_are_read_back_in_order_also_after_a_restart(path: Path) -> None:
    database = started(path)
    LaneHistory(database).record([change(number) for number in range(5)])
    assert database.flush()
    assert LaneHistory(database).changes_of("t1", None) == [change(number) for number in range(5)]
    assert LaneHistory(database).changes_of("t1", None, limit=2) == [change(3), change(4)]
    database.stop()
    again = started(path)
    assert len(LaneHistory(again).changes_of("t1", None)) == 5
    assert LaneHistory(again).changes_of("other", None) == []
    again.stop()


def test_stopping_writes_queued_work(path: Path) -> None:
    database = started(path)
    LaneHistory(database).record([change(number) for number in range(59)])
    database.stop()
    again = started(path)
    assert len(LaneHistory(again).changes_of("t1", None, limit=1000)) == 59
    again.stop()


def test_the_schema_is_migrated_and_has_its_version(path: Path) -> None:
    started(path).stop()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    connection.close()


def test_a_damaged_database_is_moved_aside_and_a_new_one_started(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, but long enough to be one" * 100)
    database = started(path)
    LaneHistory(database).record([change(1)])
    assert database.flush()
    assert (database.status()["ok"], len(LaneHistory(database).changes_of("t1", None))) == (True, 1)
    database.stop()
    aside = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert len(aside) == 1
    assert aside[0].read_bytes().startswith(b"this is no database")


def test_the_database_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    started(path).stop()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    database = started(path)
    status = database.status()
    assert (status["ok"], "schema 99" in status["problem"]) == (False, True)
    LaneHistory(database).record([change(1)])
    assert database.flush()
    with pytest.raises(HistoryUnavailable, match="schema 99"):
        LaneHistory(database).changes_of("t1", None)
    database.stop()


def test_a_folder_that_cannot_be_created_turns_only_history_off(workspace: Path, start: Callable[..., Live]) -> None:
    (workspace / "taken").write_text("a file where the state folder should be")
    live = start(state_dir="taken")
    health = live.json("/health")
    assert (health["status"], health["history"]["ok"]) == ("degraded", False)
    listener = live.listen()
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    assert live.json("/api/tasks/t1")["history"][0]["observed"] == "at_start"


def test_lane_changes_wait_while_the_database_is_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.database.database.BUSY_TIMEOUT_MS", 50)
    database = started(path)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    LaneHistory(database).record([change(1)])
    assert not database.flush()
    assert (database.status()["ok"], database.status()["pending"], database.status()["dropped"]) == (False, 1, 0)
    blocker.execute("ROLLBACK")
    blocker.close()
    LaneHistory(database).record([change(2)])
    assert database.flush()
    assert database.status()["ok"]
    database.stop()
