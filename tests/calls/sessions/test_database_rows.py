"""OpenCode's database while OpenCode writes it: the write-ahead log, unfinished rows, numbers used again."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.session_logs import LogStore, drive, open_log_store

from llm_service.calls.sessions.database_rows import DatabaseLog
from llm_service.calls.sessions.opencode import KIND
from llm_service.errors import FileUnreadable
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.tail import Position

TABLES = """
CREATE TABLE session (id text PRIMARY KEY, directory text NOT NULL, title text,
    time_created integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, data text NOT NULL);
"""
START = 1_795_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "opencode"
    made.mkdir()
    return made


@pytest.fixture
def opencode(folder: Path) -> Iterator[sqlite3.Connection]:
    """The connection of an OpenCode that runs."""
    connection = sqlite3.connect(folder / "opencode.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(TABLES)
    connection.execute("INSERT INTO session VALUES ('ses_1', '/home/ada/quayside', 'Feed', ?)", (START,))
    yield connection
    connection.close()


def data(number: int, completed: bool = True, **more: Any) -> str:
    created = START + 1_000 * number
    tokens = {"input": number, "output": 2, "reasoning": 3, "cache": {"read": 0, "write": 0}}
    times = {"created": created} | ({"completed": created + 500} if completed else {})
    message = {"role": "assistant", "time": times, "modelID": "gpt-5", "providerID": "openai", "cost": 0.5}
    return json.dumps(message | {"tokens": tokens} | more)


def put(
    connection: sqlite3.Connection, number: int, completed: bool = True, session: str = "ses_1", **more: Any
) -> None:
    now = time.time_ns() // 1_000_000
    values = (f"msg_{session}_{number:08}", session, START + 1_000 * number, now, data(number, completed, **more))
    connection.execute("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?)", values)


def prompts(store: LogStore) -> list[int]:
    return sorted(call["prompt_tokens"] for call in store.calls())


def test_rows_are_counted_while_they_are_only_in_the_write_ahead_log(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    put(opencode, 1)
    size = (folder / "opencode.db").stat().st_size
    with open_log_store(tmp_path) as store:
        logs = store.read("opencode", folder)
        assert prompts(store) == [1]
        put(opencode, 2)
        assert (folder / "opencode.db").stat().st_size == size
        logs.hint(Hint(HintKind.CHANGED, "opencode.db-wal", time.monotonic()), time.monotonic())
        drive(logs)
        assert prompts(store) == [1, 2]
        put(opencode, 3)
        logs.rescan("")  # what a poll or a lost hint leads to
        drive(logs)
        assert prompts(store) == [1, 2, 3]
        assert (logs.status()["files"], logs.status()["duplicates"]) == (1, 0)


def test_a_response_counts_when_it_is_complete(folder: Path, opencode: sqlite3.Connection, tmp_path: Path) -> None:
    put(
        opencode, 1, completed=False, tokens={"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    )
    put(opencode, 2)
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        assert prompts(store) == [2]
        opencode.execute("UPDATE message SET data = ? WHERE id = 'msg_ses_1_00000001'", (data(1),))
        store.read("opencode", folder)  # another process, from the checkpoint
        assert prompts(store) == [1, 2]


def test_a_response_that_will_never_be_complete_counts_what_it_has(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    put(opencode, 1, completed=False)
    opencode.execute("UPDATE message SET time_updated = ?", (START,))
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        assert prompts(store) == [1]


def test_row_numbers_that_are_used_again_lose_and_double_nothing(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    for number in range(1, 8):
        put(opencode, number)
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        opencode.execute("DELETE FROM message WHERE id >= 'msg_ses_1_00000006'")  # undone
        put(opencode, 8)
        put(opencode, 9)
        store.read("opencode", folder)
        assert prompts(store) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
        opencode.execute("DELETE FROM message WHERE id < 'msg_ses_1_00000003'")
        opencode.execute("VACUUM")
        put(opencode, 10)
        store.read("opencode", folder)
        assert prompts(store) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_forks_of_forks_count_once_also_when_the_original_is_gone(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    for number, name in ((50, "ses_2"), (90, "ses_3")):
        opencode.execute(
            "INSERT INTO session VALUES (?, '/home/ada/quayside', 'Feed', ?)", (name, START + 1_000 * number)
        )
    for number in (1, 2):
        put(opencode, number)
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        for session in ("ses_2", "ses_3"):
            for number in (1, 2):
                put(opencode, number, session=session)
        put(opencode, 60, session="ses_2")
        put(opencode, 60, session="ses_3")  # copied from the second session
        put(opencode, 100, session="ses_3")
        put(opencode, 100, session="ses_2")  # the same numbers at the same time, but not a copy
        store.read("opencode", folder)
        assert prompts(store) == [1, 2, 60, 100, 100]
    opencode.execute("DELETE FROM message WHERE session_id = 'ses_1'")
    with open_log_store(tmp_path / "later") as store:
        store.read("opencode", folder)
        assert prompts(store) == [1, 2, 60, 100, 100]


def test_nothing_is_written_to_the_folder(folder: Path, opencode: sqlite3.Connection, tmp_path: Path) -> None:
    put(opencode, 1)
    opencode.close()
    assert os.listdir(folder) == ["opencode.db"]
    content = (folder / "opencode.db").read_bytes()
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        assert prompts(store) == [1]
    assert os.listdir(folder) == ["opencode.db"]
    assert (folder / "opencode.db").read_bytes() == content


def test_a_killed_opencode_leaves_its_last_rows_in_the_log(folder: Path, tmp_path: Path) -> None:
    code = f"""
import os, sqlite3
connection = sqlite3.connect({str(folder / "opencode.db")!r}, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.executescript({TABLES!r})
connection.execute("INSERT INTO message VALUES ('m', 's', 1, 1, ?)", ({data(7)!r},))
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        assert prompts(store) == [7]


def test_broken_rows_are_refused_and_the_others_count(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    put(opencode, 1)
    opencode.execute("INSERT INTO message VALUES ('m2', 'ses_1', 1, 1, 'no json')")
    put(opencode, 3, tokens={"input": "many"})
    put(opencode, 4)
    with open_log_store(tmp_path) as store:
        assert store.read("opencode", folder).status()["refused"] == 2
        assert prompts(store) == [1, 4]


def test_what_is_no_database_cannot_be_read_and_says_so(folder: Path, tmp_path: Path) -> None:
    (folder / "opencode.db").write_bytes(b"SQLite format 3\0" + os.urandom(5_000))
    with open_log_store(tmp_path) as store:
        logs = store.folder("opencode", folder)
        logs.load()
        logs.turn(time.monotonic())
        assert "cannot be read by SQLite" in logs.status()["problems"][0]["error"]


def test_a_view_in_the_place_of_a_table_is_not_queried(
    folder: Path, opencode: sqlite3.Connection, tmp_path: Path
) -> None:
    opencode.executescript(
        "DROP TABLE message; CREATE VIEW message AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'm' || i AS id, 's' AS session_id, 1 AS time_created, 1 AS time_updated, '{}' AS data FROM n"
    )
    with open_log_store(tmp_path) as store:
        status = store.read("opencode", folder).status()
        assert store.calls() == []
        assert status["problems"][0]["error"] == "opencode.db has none of the tables that are known."


def test_columns_that_a_version_does_not_have_are_done_without(folder: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / "opencode.db")) as connection:
        connection.execute("CREATE TABLE message (id text PRIMARY KEY, session_id text, data text)")
        connection.execute("INSERT INTO message VALUES ('m1', 's1', ?)", (data(1),))
        connection.execute("INSERT INTO message VALUES ('m2', 's1', ?)", (data(2, completed=False),))
        connection.commit()
    with open_log_store(tmp_path) as store:
        store.read("opencode", folder)
        assert prompts(store) == [1, 2]


def test_a_query_that_takes_too_long_ends(
    folder: Path, opencode: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        put(opencode, number)
    monkeypatch.setattr("llm_service.calls.sessions.foreign_database._MAX_STEPS", 0)
    log = KIND.open(str(folder), "opencode.db", Position())
    assert isinstance(log, DatabaseLog)
    with pytest.raises(FileUnreadable):
        log.read(10)
