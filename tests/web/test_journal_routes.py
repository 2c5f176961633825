"""`GET /api/journal`: the past by time and type, also that of earlier starts."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from kit.live import Live, eventually


def journal(live: Live, query: str = "") -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = live.json(f"/api/journal{query}")["events"]
    return events


def flush(live: Live) -> None:
    assert live.dashboard.journal is not None
    assert live.dashboard.journal.flush(60)


def test_it_has_what_clients_got(live: Live) -> None:
    listener = live.listen()
    live.write("inbox/t1.yaml")
    seq = live.sync()
    passing = {event.type for event in live.dashboard.events if not event.journaled}
    sent = [body for name, body in listener.upto(seq) if name not in passing]
    flush(live)
    recorded = journal(live)
    assert "service.ready" in {event["type"] for event in recorded}
    assert [event for event in recorded if event["seq"] in {body["seq"] for body in sent}] == sent
    assert {event["epoch"] for event in recorded} == {live.json("/api/journal")["epoch"]}


def test_earlier_starts_are_in_it(start: Callable[..., Live]) -> None:
    first = start()
    first.write("inbox/t1.yaml")
    first.sync()
    first.stop()
    second = start()
    second.write("inbox/t2.yaml")
    second.sync()
    flush(second)
    created = journal(second, "?types=task.created")
    assert [event["task"]["id"] for event in created] == ["t1", "t2"]
    assert len({event["epoch"] for event in created}) == 2
    newest = journal(second, "?types=task.created&order=newest")
    assert newest == created[::-1]
    assert journal(second, f"?types=task.created&since={created[1]['time']}")[-1] == created[1]
    assert journal(second, f"?types=task.created,task.moved&until={created[0]['time']}") == []
    page = second.json("/api/journal?types=task.created&limit=1")
    assert page["events"] == created[:1]
    assert journal(second, f"?types=task.created&cursor={page['cursor']}") == created[1:]


@pytest.mark.parametrize("time", ["2000-01-01", "2000-01-01T01:00:00%2B01:00", "946684800000", "0"])
def test_times_may_be_written_in_several_ways(live: Live, time: str) -> None:
    assert journal(live, f"?since={time}")
    assert journal(live, f"?until={time}") == []


@pytest.mark.parametrize(
    "query", ["?since=yesterday", "?until=99999999999999999999", "?cursor=x", "?order=any", "?x=1"]
)
def test_what_cannot_be_read_is_refused(live: Live, query: str) -> None:
    assert live.get(f"/api/journal{query}").status_code == 400


def test_it_can_be_switched_off(start: Callable[..., Live]) -> None:
    live = start(journal=False)
    live.write("inbox/t1.yaml")
    live.sync()
    answer = live.get("/api/journal")
    assert (answer.status_code, answer.json()["code"]) == (503, "HISTORY_UNAVAILABLE")
    assert live.json("/health")["journal"] == {"path": None, "ok": False, "problem": "off"}
    assert not (live.workspace / ".llm-service/journal").exists()
    assert [entry["observed"] for entry in live.json("/api/tasks/t1")["history"]] == ["at_start"]


def test_trouble_is_in_health_and_passes(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    listener, write = live.listen(), os.write

    def full(handle: int, data: Any) -> int:
        if threading.current_thread().name == "journal-writer":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(os, "write", full)
    live.write("inbox/t1.yaml")
    degraded = listener.first("service.degraded", mode="journal")
    assert "No space left" in degraded["reason"]
    assert live.json("/health")["status"] == "degraded"
    assert not live.json("/health")["journal"]["ok"]
    assert live.json("/api/tasks/t1")["task"]["id"] == "t1"
    monkeypatch.setattr(os, "write", write)
    listener.first("service.recovered", mode="journal")
    eventually(lambda: [event["task"]["id"] for event in journal(live, "?types=task.created")] == ["t1"])
    assert live.json("/health")["journal"]["dropped"] == 0
