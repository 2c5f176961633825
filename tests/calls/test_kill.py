"""kill -9 while calls are counted: acknowledged calls are stored, none twice, and the database is intact."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
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
        killer.start()
        while killer.is_alive():
            batch = [f"rest-{number + offset}" for offset in range(randomly.randrange(1, 200))]
            lines = [f"line-{number + offset}" for offset in range(randomly.randrange(1, 200))]
            number += 200
            with open(log, "a") as file:
                file.writelines(json.dumps(call(one)) + "\n" for one in lines)
            written.update(lines)
            sent.update(batch)
            try:
                answer = requests.post(f"{service.url}/api/telemetry", json=[call(one) for one in batch], timeout=10)
            except requests.RequestException:
                break
            assert answer.status_code == 200, answer.text
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
