"""`GET /api/agents` of a running dashboard: tasks, calls, and what is not known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, running


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    started = running(tmp_path, timezone="UTC")
    yield started
    started.stop()


def count(live: Live, *calls: dict[str, Any]) -> None:
    bodies = [
        {"invocation_id": f"c{number}", "model_name": "m", "prompt_tokens": 1, "completion_tokens": 1} | call
        for number, call in enumerate(calls)
    ]
    answer = requests.post(f"{live.url}/api/telemetry", json=bodies, timeout=20).json()
    assert answer["accepted"] == len(calls), answer


def agents(live: Live) -> dict[str, dict[str, Any]]:
    return {agent["name"]: agent for agent in live.json("/api/agents")["agents"]}


def test_tasks_and_calls_make_the_list(live: Live) -> None:
    live.write("assigned/ada/t1.yaml", status="in_progress", title="Soup")
    live.write("done/ada/t2.yaml")
    live.write("done/bob/t3.yaml")
    live.sync()
    now = datetime.now(UTC)
    # Around midnight "today" may begin between these two lines and the answer: take the call of this moment only.
    count(
        live,
        {"agent_name": "ada", "cost_usd": 0.25, "timestamp": now.isoformat()},
        {"agent_name": "ada", "cost_usd": 9.0, "timestamp": (now - timedelta(days=3)).isoformat()},
        {"agent_name": "ada", "timestamp": now.isoformat()},
        {"agent_name": "cid", "cost_usd": 1.0, "timestamp": (now - timedelta(days=3)).isoformat()},
        {"cost_usd": 1.0, "timestamp": now.isoformat()},
    )
    body = live.json("/api/agents")
    found = agents(live)
    assert list(found) == ["ada", "bob", "cid"]
    ada, bob, cid = found.values()
    assert ada["counts"] == {"inbox": 0, "assigned": 1, "done": 1}
    assert (ada["current_task"]["id"], ada["current_task"]["title"]) == ("t1", "Soup")
    assert (ada["state"], ada["last_activity_kind"]) == ("working", "call")
    assert (ada["today"]["calls"], ada["today"]["cost_usd"], ada["today"]["unpriced"]) == (2, 0.25, 1)
    assert (bob["state"], bob["current_task"], bob["today"]["calls"]) == ("done", None, 0)
    assert bob["today"]["last_call"] is None
    assert (cid["state"], cid["today"]["calls"], cid["today"]["cost_usd"]) == ("idle", 0, 0.0)
    assert (body["today"], body["timezone"]) == ("known", "UTC")
    ends = datetime.fromisoformat(body["today_ends_at"])
    assert timedelta(0) < ends - now <= timedelta(days=1)


def test_without_calls_nothing_is_said_of_them(tmp_path: Path) -> None:
    live = running(tmp_path / "off", telemetry=False)
    live.write("assigned/ada/t1.yaml")
    live.sync()
    body = live.json("/api/agents")
    live.stop()
    assert (body["today"], body["agents"][0]["today"]) == ("off", None)


def test_a_quiet_agent_is_stale_after_the_setting(tmp_path: Path) -> None:
    live = running(tmp_path / "old", stale_after_h=0.0001, history=False)
    live.write("assigned/ada/t1.yaml", status="doing")
    live.sync()
    time_limit = time.monotonic() + 20
    while agents(live)["ada"]["state"] != "stale":
        assert time.monotonic() < time_limit
    assert live.json("/api/snapshot?topics=tasks")["stale_after_s"] == pytest.approx(0.36)
    live.stop()


def test_the_last_call_of_a_task_is_in_the_snapshot(live: Live) -> None:
    live.write("assigned/ada/t1.yaml")
    live.sync()
    count(live, {"task_id": "t1", "cost_usd": 1.0, "timestamp": "2026-03-10T12:00:00Z"})
    by_task = live.json("/api/snapshot?topics=costs")["costs"]["by_task"]
    assert by_task == {"t1": {"cost_usd": 1.0, "calls": 1, "unpriced": 0, "last_at": "2026-03-10T12:00:00.000Z"}}
