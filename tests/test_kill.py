"""kill -9 while calls are counted: what was acknowledged is there, nothing is there twice, the database is sound."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

TOKENS = 7


class Service:
    """The dashboard as its user starts it, in a process group that can be killed whole."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--workspace", str(self._workspace)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        record = self._workspace / ".llm-service/dashboard.json"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                facts = json.loads(record.read_text())
                self.url = facts["url"]
                answer = requests.get(self.url + "/health", timeout=5).json()
                if answer["workspace"] == str(self._workspace) and answer["history"]["ok"]:
                    return
            except (OSError, ValueError, KeyError, requests.RequestException):
                pass
            time.sleep(0.02)
        raise TimeoutError("the service did not start")

    def kill(self) -> None:
        """End it without a word: the server and its worker."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def stop(self) -> None:
        """Kill what still runs."""
        if self._process is not None:
            self.kill()


@pytest.fixture
def service(workspace: Path) -> Iterator[Service]:
    made = Service(workspace)
    yield made
    made.stop()


def call(invocation_id: str) -> dict[str, object]:
    return {
        "invocation_id": invocation_id,
        "timestamp": "2026-11-01T10:00:00Z",
        "model_name": "gpt-5",
        "prompt_tokens": TOKENS,
        "cost_usd": 0.01,
    }


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
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        totals = requests.get(f"{service.url}/api/telemetry/calls?limit=1", timeout=10).json()
        count = requests.get(f"{service.url}/api/stats", timeout=10).json()["costs"]["calls"]
        if totals["calls"] and count >= len(acknowledged) + len(written):
            break
        time.sleep(0.05)
    service.kill()

    connection = sqlite3.connect(workspace / ".llm-service/history.db")
    counted = [row[0] for row in connection.execute("SELECT invocation_id FROM invocations")]
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    (calls, tokens, nanos) = connection.execute(
        "SELECT calls, input, cost_nanos FROM rollups WHERE span = 3 AND dimension = 0"
    ).fetchone()
    connection.close()
    assert len(counted) == len(set(counted))
    assert acknowledged | written <= set(counted) <= sent | written
    assert (calls, tokens, nanos) == (len(counted), TOKENS * len(counted), 10_000_000 * len(counted))
    assert len(acknowledged) > 0
