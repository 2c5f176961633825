"""Each further agent's sample logs count exactly what a second judge counts, at first, again, and after a restart."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from kit import gemini_recount, opencode_recount, pi_recount, qwen_recount
from kit.session_logs import SAMPLES, LogStore, open_log_store

from llm_service.calls.sessions.import_logs import read_logs
from llm_service.calls.sessions.kinds import KINDS
from llm_service.calls.sessions.log_kind import Kind
from llm_service.tasks.model import LANES

RECOUNTS: dict[Kind, Callable[[Path], dict[str, object]]] = {
    "pi": pi_recount.recount,
    "openclaw": pi_recount.recount,
    "gemini": gemini_recount.recount,
    "qwen": qwen_recount.recount,
    "opencode": opencode_recount.recount,
}
TASK = "2026-11-18T0845-backend-ical-feed"


@pytest.fixture
def logs(tmp_path: Path) -> Callable[[Kind], Path]:
    """Makes a copy of an agent's sample."""

    def copy(kind: Kind) -> Path:
        folder = Path(shutil.copytree(SAMPLES / kind, tmp_path / kind))
        if kind == "opencode":
            with closing(sqlite3.connect(folder / "opencode.db")) as connection:
                connection.executescript((folder / "opencode.sql").read_text())
        return folder

    return copy


def counted(store: LogStore) -> dict[str, object]:
    calls = store.calls()
    costs = [call["cost_usd"] for call in calls]
    return {
        "calls": len(calls),
        "given": sum(call["prompt_tokens"] for call in calls),
        "read": sum(call["cache_read_tokens"] for call in calls),
        "written": sum(call["cache_write_tokens"] for call in calls),
        "output": sum(call["completion_tokens"] for call in calls),
        "usd": round(sum((Decimal(repr(cost)) for cost in costs if cost is not None), Decimal(0)), 6),
        "unpriced": costs.count(None),
    }


@pytest.mark.parametrize("kind", RECOUNTS)
def test_a_sample_counts_what_the_second_judge_counts(kind: Kind, logs: Callable[[Kind], Path], tmp_path: Path) -> None:
    folder = logs(kind)
    with open_log_store(tmp_path) as store:
        rows = store.read(kind, folder).status()
        assert (rows["refused"], rows["problems"]) == (0, [])
        assert counted(store) == RECOUNTS[kind](folder)
        for path in folder.rglob("*"):
            path.touch()
        store.read(kind, folder)
        assert counted(store) == RECOUNTS[kind](folder)


@pytest.mark.parametrize("kind", RECOUNTS)
def test_an_import_finds_out_whose_logs_they_are(kind: Kind, logs: Callable[[Kind], Path]) -> None:
    folder = logs(kind)
    parent = folder.rename(folder.parent / "agents") if kind == "openclaw" else folder
    as_told = {call.invocation_id for one in read_logs(str(parent), kind, LANES) for call in one.calls}
    detected = {call.invocation_id for one in read_logs(str(parent), None, LANES) for call in one.calls}
    assert as_told == detected
    assert len(detected) > 10


@pytest.mark.parametrize("kind", RECOUNTS)
def test_calls_have_the_task_and_the_project_of_their_session(
    kind: Kind, logs: Callable[[Kind], Path], tmp_path: Path
) -> None:
    with open_log_store(tmp_path) as store:
        store.read(kind, logs(kind))
        calls = store.calls()
    assert {call["task_id"] for call in calls} == ({None} if kind == "openclaw" else {None, TASK})
    projects = {call["project"] for call in calls}
    assert projects <= {"quayside", "workspace", "tide-tables", None}
    assert kind == "gemini" or "quayside" in projects  # the hash of a folder does not tell its name


@pytest.mark.parametrize("kind", RECOUNTS)
def test_only_the_sessions_of_the_workspace_count(kind: Kind, logs: Callable[[Kind], Path], tmp_path: Path) -> None:
    folder = logs(kind)
    with open_log_store(tmp_path) as store:
        store.read(kind, folder, workspace="/home/ada/another")
        assert store.calls() == []
    with open_log_store(tmp_path / "second") as store:
        store.read(kind, folder, workspace="/home/ada/quayside")
        assert {call["project"] for call in store.calls()} == {"quayside"}


@pytest.mark.parametrize("kind", RECOUNTS)
def test_a_batch_may_end_anywhere(
    kind: Kind, logs: Callable[[Kind], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.follow.BATCH_CALLS", 3)
    monkeypatch.setattr("llm_service.calls.sessions.database_rows._MAX_ROWS", 4)
    folder = logs(kind)
    with open_log_store(tmp_path) as store:
        store.read(kind, folder)
        assert counted(store) == RECOUNTS[kind](folder)


def test_every_kind_names_a_setting_and_its_agent() -> None:
    assert len({kind.setting for kind in KINDS.values()}) == len(KINDS)
    assert len({kind.agent for kind in KINDS.values()}) == len(KINDS)


def test_a_session_that_openclaw_moved_into_its_database_counts_once(
    logs: Callable[[Kind], Path], tmp_path: Path
) -> None:
    folder = logs("openclaw")
    with open_log_store(tmp_path) as store:
        store.read("openclaw", folder)
        before = counted(store)
        (log,) = (path for path in (folder / "main/sessions").glob("*.jsonl") if "checkpoint" not in path.name)
        lines = log.read_text().splitlines()
        new = json.loads(lines[2])
        new["message"]["timestamp"] += 86_400_000
        (folder / "main/agent").mkdir()
        with closing(sqlite3.connect(folder / "main/agent/openclaw-agent.sqlite")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE transcript_events (session_id TEXT NOT NULL, seq INTEGER NOT NULL,"
                " event_json TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (session_id, seq)) STRICT"
            )
            for number, text in enumerate(lines):
                connection.execute("INSERT INTO transcript_events VALUES ('first', ?, ?, 0)", (number, text))
                connection.execute(
                    "INSERT INTO transcript_events VALUES ('second', ?, ?, 0)",
                    (
                        number,
                        json.dumps(
                            {"type": "session", "id": "second", "cwd": "/home/ada/other"} if number == 0 else {}
                        ),
                    ),
                )
            connection.execute("INSERT INTO transcript_events VALUES ('second', 99, ?, 0)", (json.dumps(new),))
            connection.commit()
            logs_now = store.read("openclaw", folder)
        assert (logs_now.status()["refused"], logs_now.status()["calls"]) == (0, 1)
        calls = store.calls()
        assert len(calls) == before["calls"] + 1  # type: ignore[operator]
        added = max(calls, key=lambda call: str(call["timestamp"]))
        assert (added["session_id"], added["project"], added["agent_name"]) == ("second", "other", "openclaw")
