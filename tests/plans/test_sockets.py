"""The plain WebSockets of plans: what there is when a client connects, and a message for each change."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, eventually
from kit.plans import PLAN, PlanFiles, Socket, task


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    files.plan("tide")
    files.tasks("tide", task("1.1"), task("1.2"))
    return files


def test_the_status_of_a_plan_comes_now_and_at_each_change(live: Live, files: PlanFiles) -> None:
    socket = Socket(live, "/ws/plans/tide")
    first = socket.next()
    assert (first["type"], first["plan"], first["status"], first["currentTask"]) == ("status", "tide", "pending", None)
    assert set(first) == {"type", "plan", "status", "progress", "currentTask", "lastUpdatedAt", "timestamp"}
    files.tasks("tide", task("1.1", "in_progress", startedAt="2026-11-20T08:00:00Z"), task("1.2"))
    message = socket.next()
    assert message["currentTask"] == {"id": "1.1", "description": "Task 1.1", "startedAt": "2026-11-20T08:00:00Z"}
    socket.close()


def test_each_of_sixty_rewrites_arrives(live: Live, files: PlanFiles) -> None:
    one, every = Socket(live, "/ws/plans/tide"), Socket(live, "/ws/all")
    one.next()
    every.next()
    for number in range(60):
        status = "completed" if number % 2 else "failed"
        files.tasks(
            "tide", task("1.1", status, retryCount=number), task("1.2"), lastUpdatedAt=f"2026-11-20T09:00:{number:02}Z"
        )
        assert one.next()["lastUpdatedAt"].endswith(f":{number:02}Z")
        assert every.next()["plans"][0]["lastUpdatedAt"].endswith(f":{number:02}Z")
        time.sleep(0.011)  # writes that follow each other faster than the window are one
    one.close()
    every.close()


def test_rooms_streams_and_sockets_tell_the_same_story(live: Live, files: PlanFiles) -> None:
    files.plan("rates")
    files.tasks("rates", task("1.1"))
    live.sync()
    room, topic = live.listen(topics=["plans:tide"]), live.listen(topics=["plans"])
    one, every = Socket(live, "/ws/plans/tide"), Socket(live, "/ws/all")
    one.next()
    every.next()
    stream = requests.get(f"{live.url}/streams/plans:tide", stream=True, timeout=60)
    lines = stream.iter_lines(chunk_size=1)
    told: dict[str, list[Any]] = {name: [] for name in ("room", "topic", "one", "all", "stream")}
    for number, status in enumerate(("in_progress", "failed", "in_progress", "completed")):
        files.tasks("rates", task("1.1", status), lastUpdatedAt=f"2026-11-20T08:00:{number:02}Z")
        files.tasks("tide", task("1.1", status), task("1.2"), lastUpdatedAt=f"2026-11-20T09:00:{number:02}Z")
        live.sync()
        told["one"].append(story(one.next()))
        message = every.until(lambda message: any(row["name"] == "tide" for row in message["plans"]))
        told["all"] += [story(row) for row in message["plans"] if row["name"] == "tide"]
    for line in lines:
        if line.startswith(b"data: ") and (event := json.loads(line[6:])).get("type") == "plan.updated":
            told["stream"].append((event["data"]["name"], story(event["data"])))
            if len(told["stream"]) == 4:
                break
    stream.close()
    for name, listener, count in (("room", room, 4), ("topic", topic, 8)):
        listener.wait(lambda got, count=count: sum(kind == "plan.updated" for kind, _ in got) >= count)
        updates = [body["data"] for kind, body in listener.numbered() if kind == "plan.updated"]
        told[name] = [(data["name"], story(data)) for data in updates]
    expected = told["one"]
    assert [(each[2] or {}).get("id") for each in expected] == ["1.1", None, "1.1", None]
    assert [each[3] for each in expected] == [f"2026-11-20T09:00:0{number}Z" for number in range(4)]
    assert told["all"] == expected
    assert told["room"] == told["stream"] == [("tide", each) for each in expected]
    assert [each for plan, each in told["topic"] if plan == "tide"] == expected
    assert len(told["topic"]) == 8
    assert story(live.json("/api/plans/tide/status")["data"]) == expected[-1]
    one.close()
    every.close()


def story(message: dict[str, Any]) -> tuple[Any, ...]:
    """What each of them says of a plan."""
    return tuple(message[name] for name in ("status", "progress", "currentTask", "lastUpdatedAt"))


def test_all_plans_come_whole_and_then_the_row_that_changed(live: Live, files: PlanFiles) -> None:
    files.plan("rates", "# Rates\n## Phase 1: A\n- [ ] 1.1 a\n")
    live.sync()
    socket = Socket(live, "/ws/all")
    first = socket.next()
    assert (first["type"], first["delta"], [row["name"] for row in first["plans"]]) == (
        "all-plans",
        False,
        ["rates", "tide"],
    )
    assert (first["aggregate"]["totalPlans"], first["aggregate"]["totalTasks"]) == (2, 2)
    files.tasks("tide", task("1.1", "completed"), task("1.2"))
    change = socket.next()
    assert (change["delta"], [row["name"] for row in change["plans"]], change["removed"]) == (True, ["tide"], [])
    assert change["aggregate"]["completedTasks"] == 1
    (files.plans / "rates.md").unlink()
    change = socket.next()
    assert (change["plans"], change["removed"], change["aggregate"]["totalPlans"]) == ([], ["rates"], 1)
    socket.close()


@pytest.mark.parametrize("name", ["later", "%2e%2e", "%00", "a" * 400])
def test_an_unknown_plan_is_an_error(live: Live, name: str) -> None:
    socket = Socket(live, f"/ws/plans/{name}")
    message = socket.next()
    assert (message["type"], message["code"]) == ("error", "PLAN_NOT_FOUND")
    socket.close()


def test_a_plan_goes_live_when_it_appears_and_is_an_error_when_it_is_gone(live: Live, files: PlanFiles) -> None:
    socket = Socket(live, "/ws/plans/later")
    assert socket.next()["code"] == "PLAN_NOT_FOUND"
    files.plan("later", PLAN)
    message = socket.next()
    assert (message["type"], message["plan"], message["progress"]) == ("status", "later", None)
    (files.plans / "later.md").unlink()
    assert socket.next()["code"] == "PLAN_NOT_FOUND"
    socket.close()


def test_other_requests_are_told_to_upgrade(live: Live) -> None:
    for path in ("/ws/all", "/ws/plans/tide"):
        assert "WebSocket" in live.get(path).json()["error"]


def test_a_client_that_left_is_counted_no_more(live: Live) -> None:
    socket = Socket(live, "/ws/plans/tide")
    socket.next()
    counts = live.dashboard.hub.audience.counts
    assert counts() == {"plans:tide": 1}
    socket.close()
    eventually(lambda: counts() == {})
