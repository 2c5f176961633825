"""kill -9 while calls are counted: acknowledged calls are stored, none twice, and the database is intact."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from kit.live import eventually
from kit.processes import Service

TOKENS = 7


def call(invocation_id: str) -> dict[str, object]:
    return {
        "invocation_id": invocation_id,
        "timestamp": "2026-11-01T10:00:00Z",
        "model_name": "gpt-5",
        "prompt_tokens": TOKENS,
        "cost_usd": 0.01,
    }


def ids(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT invocation_id FROM invocations")]


@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_and_nothing_is_counted_twice(
    service: Service, workspace: Path, request: pytest.FixtureRequest
) -> None:
    randomly = random.Random(11)
    acknowledged: set[str] = set()
    sent: set[str] = set()
    written: set[str] = set()
    log = workspace / "work/telemetry/calls.jsonl"
    log.parent.mkdir(parents=True)
    number = 0
    for _ in range(request.config.getoption("--kills")):
        service.start()
        killer = threading.Timer(randomly.uniform(0.0, 0.6), service.kill)
        if acknowledged:  # on a busy machine none of the others may come to a first acknowledgement
            killer.start()
        while killer.is_alive() or not acknowledged:
            batch = [f"rest-{number + offset}" for offset in range(randomly.randrange(1, 200))]
            lines = [f"line-{number + offset}" for offset in range(randomly.randrange(1, 200))]
            number += 200
            with open(log, "a") as file:
                file.writelines(json.dumps(call(one)) + "\n" for one in lines)
            written.update(lines)
            sent.update(batch)
            try:
                answer = requests.post(f"{service.url}/api/telemetry", json=[call(one) for one in batch], timeout=60)
            except requests.RequestException:
                break
            assert answer.status_code == 200, answer.text
            if not acknowledged:
                killer.start()
            acknowledged.update(batch)
        killer.join()

    service.start()
    connection = sqlite3.connect(workspace / ".llm-service/history.db")
    # Not until there are so many: calls that were stored but not acknowledged count too.
    eventually(lambda: written <= set(ids(connection)), 120)
    service.kill()

    counted = ids(connection)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    (calls, tokens, nanos) = connection.execute(
        "SELECT calls, input, cost_nanos FROM rollups WHERE span = 3 AND dimension = 0"
    ).fetchone()
    connection.close()
    assert len(counted) == len(set(counted))
    assert acknowledged | written <= set(counted) <= sent | written
    assert (calls, tokens, nanos) == (len(counted), TOKENS * len(counted), 10_000_000 * len(counted))
    assert len(acknowledged) > 0


class Agents:
    """pi, Gemini CLI and OpenCode at work: a log that grows, one that is written anew each time, and a database."""

    def __init__(self, workspace: Path) -> None:
        self.calls = 0
        self._pi, self._gemini = workspace / "logs/pi/s.jsonl", workspace / "logs/gemini/b5/chats/session-1.json"
        for folder in (self._pi.parent, self._gemini.parent, workspace / "logs/opencode"):
            folder.mkdir(parents=True)
        self._messages: list[dict[str, object]] = []
        self.database = sqlite3.connect(workspace / "logs/opencode/opencode.db", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute(
            "CREATE TABLE message (id text PRIMARY KEY, session_id text, time_created integer, time_updated integer,"
            " data text)"
        )

    def work(self) -> None:
        """One call of each."""
        at_ms = 1_795_000_000_000 + self.calls
        at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        usage = {"input": TOKENS, "output": 1, "cacheRead": 0, "cacheWrite": 0, "cost": {"total": 0.01}}
        message = {"role": "assistant", "model": "gpt-5", "usage": usage, "stopReason": "stop", "timestamp": at_ms}
        with self._pi.open("a") as file:
            file.write(
                json.dumps({"type": "message", "timestamp": at, "message": message}, separators=(",", ":")) + "\n"
            )
        tokens = {"input": TOKENS, "output": 1, "cached": 0, "thoughts": 0, "tool": 0, "total": TOKENS + 1}
        self._messages.append({"id": f"m{self.calls:030}", "timestamp": at, "type": "gemini", "tokens": tokens})
        chat = {"sessionId": "s", "projectHash": "b5", "messages": self._messages}
        self._gemini.write_text(json.dumps(chat, indent=2))
        data = {
            "role": "assistant",
            "time": {"created": at_ms, "completed": at_ms + 1},
            "tokens": usage | {"cache": {}},
        }
        row = (f"msg_{self.calls}", "ses_1", at_ms, at_ms, json.dumps(data))
        self.database.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
        self.calls += 1


@pytest.mark.timeout(1800)
def test_agents_that_go_on_while_the_service_is_killed_are_counted_exactly(
    service: Service, workspace: Path, request: pytest.FixtureRequest
) -> None:
    folders = "".join(f"{kind}_folders: [logs/{kind}]\n" for kind in ("pi", "gemini", "opencode"))
    (workspace / "llm-service.yaml").write_text(folders)
    randomly = random.Random(12)
    agents = Agents(workspace)
    for _ in range(request.config.getoption("--kills")):
        service.start()
        killer = threading.Timer(randomly.uniform(0.0, 0.8), service.kill)
        killer.start()
        while killer.is_alive():
            for _ in range(randomly.randrange(1, 20)):
                agents.work()
            killer.join(randomly.uniform(0.0, 0.2))
    service.start()
    with closing(sqlite3.connect(workspace / ".llm-service/history.db")) as connection:
        eventually(lambda: len(ids(connection)) >= 3 * agents.calls, 120)
        agents.work()  # it still follows all of them
        eventually(lambda: len(ids(connection)) >= 3 * agents.calls, 120)
        counted = ids(connection)
    service.kill()
    agents.database.close()
    assert len(counted) == len(set(counted)) == 3 * agents.calls
