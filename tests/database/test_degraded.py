"""Trouble with the database degrades telemetry and is reported; nothing that is in files is lost, the board goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from kit.live import Live, eventually

from llm_service.database.database import Database


def call(name: str) -> dict[str, object]:
    return {"invocation_id": name, "timestamp": "2026-11-01T10:00:00Z", "cost_usd": 0.5, "prompt_tokens": 10}


def post(live: Live, *names: str) -> requests.Response:
    return requests.post(f"{live.url}/api/telemetry", json=[call(name) for name in names], timeout=60)


def append(workspace: Path, *names: str) -> None:
    log = workspace / "work/telemetry/calls.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a") as file:
        file.writelines(json.dumps(call(name)) + "\n" for name in names)


def counted(live: Live) -> int:
    costs = live.json("/api/stats")["costs"]
    return costs["calls"] if costs else 0


def database_of(live: Live) -> Database:
    assert live.dashboard.database is not None
    return live.dashboard.database


@contextmanager
def full(live: Live, workspace: Path) -> Iterator[None]:
    """SQLite has no space for one more page, as on a full disk."""
    database_of(live).write(lambda connection: connection.execute("PRAGMA max_page_count = 1") and None)
    yield
    database_of(live).write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000") and None)


@contextmanager
def locked(live: Live, workspace: Path) -> Iterator[None]:
    """Another program locks the database."""
    connection = sqlite3.connect(workspace / ".llm-service/history.db", isolation_level=None, timeout=60)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


@pytest.mark.parametrize(("trouble", "word"), [(full, "full"), (locked, "locked")])
def test_a_database_that_cannot_be_written_degrades_only_telemetry(
    start: Callable[..., Live],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Live, Path], object],
    word: str,
) -> None:
    monkeypatch.setattr("llm_service.database.database.BUSY_TIMEOUT_MS", 100)
    live = start()
    assert post(live, "before").json()["accepted"] == 1
    listener = live.listen()
    with trouble(live, workspace):  # type: ignore[attr-defined]
        many = [f"refused-{number}-{'x' * 200}" for number in range(500)]
        answer = post(live, *many)
        assert (answer.status_code, answer.json()["code"]) == (503, "HISTORY_UNAVAILABLE")
        assert word in listener.first("service.degraded", mode="history")["reason"]
        append(workspace, *(f"line-{number}-{'x' * 200}" for number in range(500)))
        live.write("inbox/t1.yaml")
        listener.first("task.created", id="t1")
        assert live.json("/health")["status"] == "degraded"
        assert live.get("/api/telemetry").status_code == 200  # what is there can be read
    eventually(lambda: counted(live) == 501, 60)
    listener.first("service.recovered", mode="history")
    assert post(live, *many).json() == {"accepted": 500, "duplicates": 0, "rejected": []}
    assert live.json("/health")["history"]["ok"]


def test_a_damaged_database_is_replaced_and_logs_are_counted_again(start: Callable[..., Live], workspace: Path) -> None:
    append(workspace, *(f"line-{number}" for number in range(10)))
    first = start()
    eventually(lambda: counted(first) == 10)
    first.stop()
    database = workspace / ".llm-service/history.db"
    database.write_bytes(b"no database any more " * 2_000)
    second = start()
    eventually(lambda: counted(second) == 10)
    said = second.listen().first("connection_ack")["degraded"]
    assert [(entry["mode"], "damaged" in entry["reason"]) for entry in said] == [("history", True)]
    assert second.json("/health")["history"]["moved_aside"].startswith(f"{database}.damaged-")


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_an_export_that_cannot_be_read_is_an_error_with_a_body(start: Callable[..., Live], kind: str) -> None:
    live = start()
    assert post(live, "one").status_code == 200
    database_of(live).write(lambda connection: connection.execute("ALTER TABLE calls RENAME TO gone") and None)
    answer = live.get(f"/api/telemetry/export?format={kind}")
    assert (answer.status_code, answer.json()["code"]) == (503, "HISTORY_UNAVAILABLE")


def test_costs_are_counted_once_a_database_that_was_locked_at_the_start_is_free(
    start: Callable[..., Live], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.database.database.BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr("llm_service.database.database.RETRY_INTERVAL_S", 0.05)
    start().stop()
    append(workspace, *(f"line-{number}" for number in range(10)))
    blocker = sqlite3.connect(workspace / ".llm-service/history.db", isolation_level=None, timeout=60)
    blocker.execute("PRAGMA locking_mode = EXCLUSIVE")
    blocker.execute("BEGIN EXCLUSIVE")
    live = start()
    assert post(live, "refused").status_code == 503
    assert "history is off: database is locked" in live.json("/health")["history"]["problem"]
    live.write("inbox/t1.yaml")
    live.listen().first("connection_ack")
    blocker.close()
    eventually(lambda: counted(live) == 10)
    assert live.json("/health")["history"]["ok"]
    assert post(live, "accepted").status_code == 200
