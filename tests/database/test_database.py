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


def record(database: Database, *names: str) -> None:
    """Queue facts for writing."""
    for name in names:
        database.write_later(
            lambda connection, name=name: connection.execute(  # type: ignore[misc]
                "INSERT INTO facts (name, value) VALUES (?, 'recorded')", (name,)
            )
        )


def recorded(database: Database) -> list[str]:
    """The facts that were recorded, in order."""
    with database.read_transaction() as connection:
        rows = connection.execute("SELECT name FROM facts WHERE value = 'recorded' ORDER BY name").fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state/history.db"


def started(path: Path) -> Database:
    database = Database(str(path))
    database.start()
    assert database._tried.wait(60)
    return database


def test_what_was_recorded_is_read_back_also_after_a_restart(path: Path) -> None:
    database = started(path)
    record(database, "a", "b", "c")
    assert database.flush(60)
    assert recorded(database) == ["a", "b", "c"]
    database.stop()
    again = started(path)
    assert recorded(again) == ["a", "b", "c"]
    again.stop()


def test_stopping_writes_queued_work(path: Path) -> None:
    database = started(path)
    record(database, *map(str, range(59)))
    database.stop()
    again = started(path)
    assert len(recorded(again)) == 59
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
    record(database, "1")
    assert database.flush(60)
    assert (database.status()["ok"], recorded(database)) == (True, ["1"])
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
    record(database, "1")
    assert database.flush(60)
    with pytest.raises(HistoryUnavailable, match="schema 99"):
        recorded(database)
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


def test_what_is_recorded_waits_while_the_database_is_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.database.database.BUSY_TIMEOUT_MS", 50)
    database = started(path)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    record(database, "1")
    assert not database.flush(60)
    assert (database.status()["ok"], database.status()["pending"], database.status()["dropped"]) == (False, 1, 0)
    blocker.execute("ROLLBACK")
    blocker.close()
    record(database, "2")
    assert database.flush(60)
    assert database.status()["ok"]
    database.stop()
