"""Calls by REST: stored before the response, refused with a reason, published to every client."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live

from llm_service.costs.ticker import CostTicker


def call(number: int = 1, **fields: Any) -> dict[str, Any]:
    values = {"invocation_id": f"id-{number}", "model_name": "gpt-5", "prompt_tokens": 1_000_000, "agent_name": "ann"}
    return values | fields


def post(live: Live, body: Any, **options: Any) -> requests.Response:
    return requests.post(f"{live.url}/api/telemetry", json=body, timeout=60, **options)


def test_a_posted_call_is_counted_priced_and_published(live: Live) -> None:
    listener = live.listen()
    answer = post(live, call(task_id="t1", completion_tokens=100_000, latency_ms=800))
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    # The sums may be seen in the database, and published, a moment before the batch and its tasks are handed on.
    update = listener.wait(
        lambda got: next((body for name, body in got if name == "cost.update" and "t1" in body["by_task"]), None)
    )
    assert update["costs"] | {"timezone": ""} == {
        "today": 2.25, "month": 2.25, "total": 2.25, "unpriced_calls": 0, "calls": 1, "timezone": "",
    }  # fmt: skip
    of_task = update["by_task"]["t1"]
    assert of_task == {"cost_usd": 2.25, "calls": 1, "unpriced": 0, "last_at": of_task["last_at"]}
    counts = {name: update[name] for name in ("calls", "unpriced", "tokens")}
    summary = live.json("/api/telemetry")
    assert counts == {name: summary[name] for name in counts}
    assert (update["calls"]["month"], update["unpriced"]["today"], update["tokens"]["total"]["output"]) == (
        1,
        0,
        100_000,
    )
    assert update["by_agent"] == [{"agent": "ann", "cost_usd": 2.25, "calls": 1, "unpriced": 0}]
    newest = listener.first("telemetry.update")
    assert (newest["calls"], newest["invocation"]["invocation_id"], newest["invocation"]["cost_usd"]) == (
        1,
        "id-1",
        2.25,
    )
    assert live.json("/api/stats")["costs"]["today"] == 2.25
    assert live.json("/api/snapshot?topics=costs")["costs"]["by_task"] == {}  # no such task is on the board
    live.write("inbox/t1.yaml")
    live.sync()
    assert live.json("/api/snapshot?topics=costs")["costs"]["by_task"]["t1"]["cost_usd"] == 2.25


def test_the_valid_calls_of_a_list_count_once(live: Live) -> None:
    bad = [call(3, prompt_tokens=-1), "no object", call(4, prompt_tokens=10**12), call(5, timestamp="soon")]
    answer = post(live, [call(1), *bad, call(2), call(1)]).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    assert [entry["index"] for entry in answer["rejected"]] == [1, 2, 3, 4]
    assert [entry["error"] for entry in answer["rejected"]] == [
        "A token count is negative.",
        "A call has to be a JSON object.",
        "A token count is above 100,000,000.",
        "“soon” is not a time in ISO 8601.",
    ]
    assert post(live, [call(1), call(2)]).json() == {"accepted": 0, "duplicates": 2, "rejected": []}
    (row,) = live.json("/api/telemetry/sources")["sources"][-1:]
    assert (row["kind"], row["calls"], row["duplicates"], row["refused"]) == ("rest", 2, 3, 4)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{}", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"{", "application/json", 400, "BAD_REQUEST"),
        (b"[" * 100_000, "application/json", 400, "BAD_REQUEST"),
        (b'{"prompt_tokens": NaN}', "application/json", 400, "BAD_REQUEST"),
        (b"\xff\xfe", "application/json", 400, "BAD_REQUEST"),
        (b"[" + b"0," * 10_000 + b"0]", "application/json", 400, "BAD_REQUEST"),
        (b"0" * (8 * 1024 * 1024 + 1), "application/json", 413, "TOO_LARGE"),
    ],
)
def test_an_invalid_body_is_refused_with_a_reason(live: Live, body: bytes, kind: str, status: int, code: str) -> None:
    answer = requests.post(f"{live.url}/api/telemetry", data=body, headers={"Content-Type": kind}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_page_of_another_site_cannot_count_calls(live: Live) -> None:
    answer = post(live, call(), headers={"Origin": "https://evil.example"})
    assert (answer.status_code, live.json("/api/stats")["costs"]["calls"]) == (403, 0)


def test_hostile_text_is_stored_in_a_safe_form(live: Live) -> None:
    hostile = [call(1, agent_name="\ud800\x00<b>", task_id="x" * 5_000), call(2, error_message="\udfff" * 9_000)]
    assert post(live, hostile).json()["accepted"] == 2
    rows = live.json("/api/telemetry/calls")["calls"]
    assert {row["agent_name"] for row in rows} == {"?\x00<b>", "ann"}
    assert max(len(row["error_message"] or "") for row in rows) == 2_000
    assert post(live, call(3, invocation_id="x" * 600)).json()["rejected"][0]["error"].startswith("invocation_id has")


def test_calls_are_selected_by_filter_page_and_range(live: Live) -> None:
    post(
        live,
        [call(n, timestamp=f"2026-03-{n:02d}T12:00:00Z", model=f"m{n % 2}", model_name=None) for n in range(1, 20)],
    )
    first = live.json("/api/telemetry/calls?limit=5")
    assert [row["invocation_id"] for row in first["calls"]] == [f"id-{n}" for n in range(19, 14, -1)]
    second = live.json(f"/api/telemetry/calls?limit=5&cursor={first['cursor']}")
    assert second["calls"][0]["invocation_id"] == "id-14"
    chosen = live.json("/api/telemetry/calls?model=m1&from=2026-03-04&to=2026-03-09")["calls"]
    assert [row["invocation_id"] for row in chosen] == ["id-9", "id-7", "id-5"]
    assert live.json("/api/telemetry/calls?model=-")["calls"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/telemetry/trends?bucket=week",
        "/api/telemetry/trends?by=moon",
        "/api/telemetry/trends?bucket=hour&from=2001-01-01",
        "/api/telemetry/trends?from=yesterday",
        "/api/telemetry/calls?status=fine",
        "/api/telemetry/calls?cost=high",
        "/api/telemetry/calls?cursor=x",
        "/api/telemetry/calls?limit=0",
        "/api/telemetry/totals?by=nobody",
        "/api/telemetry/export?format=xlsx",
    ],
)
def test_invalid_parameters_are_refused(live: Live, path: str) -> None:
    answer = requests.get(live.url + path, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


def test_trends_models_and_totals_have_the_shapes_that_the_page_needs(live: Live) -> None:
    post(
        live,
        [call(n, agent=f"a{n % 3}", agent_name=None, latency_ms=100 * n, completion_tokens=n) for n in range(1, 7)],
    )
    post(live, call(7, model_name="mystery", status="error"))
    trends = live.json("/api/telemetry/trends?bucket=hour&by=agent&top=2")
    assert len(trends["buckets"]) == len(trends["series"][0]["cost_usd"])
    assert [line["other"] for line in trends["series"]] == [False, False, True]
    assert sum(sum(line["calls"]) for line in trends["series"]) == 7
    assert set(trends["series"][0]["tokens"]) == {"input", "output", "cache_read", "cache_write"}
    models = {row["model"]: row for row in live.json("/api/telemetry/models")["models"]}
    assert (models["gpt-5"]["share"], models["mystery"]["cost_usd"], models["mystery"]["error_share"]) == (
        1.0,
        None,
        1.0,
    )
    totals = live.json("/api/telemetry/totals?by=agent")["totals"]
    assert sorted((row["key"], row["calls"]) for row in totals) == [("a0", 2), ("a1", 2), ("a2", 2), ("ann", 1)]
    coverage = live.json("/api/telemetry")["coverage"]
    assert (coverage["priced"], coverage["unpriced"], round(coverage["share"], 3)) == (6, 1, 0.857)
    assert coverage["unpriced_models"][0]["model"] == "mystery"


def test_the_export_contains_every_call_and_can_be_posted_again(live: Live, start: Callable[..., Live]) -> None:
    post(live, [call(n, agent_name="=cmd()" if n == 1 else 'a "quoted", name') for n in range(1, 3_000)])
    text = requests.get(f"{live.url}/api/telemetry/export?format=csv", timeout=60)
    assert "attachment" in text.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert (len(rows), rows[0]["agent_name"], rows[1]["agent_name"]) == (2_999, "'=cmd()", 'a "quoted", name')
    listed = requests.get(f"{live.url}/api/telemetry/export?format=json", timeout=60).json()
    lines = requests.get(f"{live.url}/api/telemetry/export?format=jsonl&agent=%3Dcmd()", timeout=60).text.splitlines()
    assert (len(listed), [json.loads(line)["invocation_id"] for line in lines]) == (2_999, ["id-1"])
    assert requests.get(f"{live.url}/api/telemetry/export?format=json&agent=x", timeout=60).json() == []
    assert post(live, listed).json() == {"accepted": 0, "duplicates": 2_999, "rejected": []}


def test_a_locked_database_degrades_costs_and_not_the_board(
    workspace: Path, start: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.database.database.BUSY_TIMEOUT_MS", 50)
    live = start()
    listener = live.listen()
    blocker = sqlite3.connect(workspace / ".llm-service/history.db", isolation_level=None, timeout=60)
    blocker.execute("BEGIN EXCLUSIVE")
    answer = post(live, call())
    assert (answer.status_code, answer.json()["code"]) == (503, "HISTORY_UNAVAILABLE")
    assert "locked" in listener.first("service.degraded", mode="history")["reason"]
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    assert live.json("/health")["status"] == "degraded"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert post(live, call()).json()["accepted"] == 1
    listener.first("service.recovered", mode="history")
    assert live.json("/health")["status"] == "healthy"


def test_a_damaged_database_is_moved_aside_and_clients_are_informed(
    workspace: Path, start: Callable[..., Live]
) -> None:
    state = workspace / ".llm-service"
    state.mkdir()
    (state / "history.db").write_bytes(b"SQLite format 3\x00" + b"garbage" * 1_000)
    live = start()
    assert post(live, call()).json()["accepted"] == 1
    ack = live.listen().first("connection_ack")
    assert [entry["mode"] for entry in ack["degraded"]] == ["history"]
    assert "damaged" in ack["degraded"][0]["reason"]
    assert len([path for path in state.iterdir() if ".damaged-" in path.name]) >= 1


def test_without_telemetry_the_routes_report_it_and_everything_else_works(start: Callable[..., Live]) -> None:
    live = start(telemetry=False)
    answer = requests.get(f"{live.url}/api/telemetry", timeout=60)
    assert (answer.status_code, "settings `telemetry`" in answer.json()["error"]) == (503, True)
    assert live.json("/api/stats")["costs"] is None
    assert "costs" not in live.json("/api/snapshot")


def test_calls_counted_by_another_process_are_published(live: Live, workspace: Path) -> None:
    post(live, call(1))
    listener = live.listen()
    connection = sqlite3.connect(workspace / ".llm-service/history.db", timeout=60)
    connection.execute("UPDATE rollups SET cost_nanos = 5000000000 WHERE span = 3 AND dimension = 0")
    connection.commit()
    connection.close()
    listener.wait(lambda got: any(name == "cost.update" and body["costs"]["total"] == 5.0 for name, body in got))


def test_calls_that_another_process_counts_right_after_the_start_are_published(
    start: Callable[..., Live], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start()
    post(first, call(1))
    first.stop()
    begins, run = threading.Event(), CostTicker._run
    monkeypatch.setattr(CostTicker, "_run", lambda ticker: begins.wait(60) and run(ticker))
    listener = start().listen()
    connection = sqlite3.connect(workspace / ".llm-service/history.db", timeout=60)
    connection.execute("UPDATE rollups SET cost_nanos = 5000000000 WHERE span = 3 AND dimension = 0")
    connection.commit()
    connection.close()
    begins.set()
    assert listener.costs()["costs"]["total"] == 5.0


def test_costs_are_published_at_most_twice_a_second(live: Live) -> None:
    listener = live.listen()
    began = time.monotonic()
    for number in range(200):
        post(live, call(number))
    listener.wait(lambda got: any(name == "cost.update" and body["costs"]["calls"] == 200 for name, body in got))
    took = time.monotonic() - began
    updates = [body for name, body in listener.got if name == "cost.update"]
    assert len(updates) <= took / 0.5 + 2
    listener.wait(lambda got: sum(body["calls"] for name, body in got if name == "telemetry.update") == 200)


def test_a_name_with_a_comma_is_one_value(live: Live) -> None:
    names = ["a, b", "a", "b", "c\\", "c\\,d"]
    same = {"model_name": "m", "prompt_tokens": 1, "completion_tokens": 1, "timestamp": "2026-03-08T12:00:00Z"}
    calls = [same | {"invocation_id": f"c{at}", "agent_name": name} for at, name in enumerate(names)]
    assert requests.post(f"{live.url}/api/telemetry", json=calls, timeout=60).json()["accepted"] == len(names)

    def found(*values: str) -> list[str]:
        body = live.json("/api/telemetry/calls", params=[("agent", value) for value in values])
        return sorted(call["agent_name"] for call in body["calls"])

    assert found("a\\, b") == ["a, b"]
    assert found("a,b") == ["a", "b"]
    assert found("a\\, b,a") == ["a", "a, b"]
    assert found("c\\", "b") == ["b", "c\\"]
    assert found("c\\\\,d") == ["c\\,d"]
