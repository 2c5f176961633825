"""Snapshots: made and compressed once for many who ask, and never older than the question."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, apply, eventually, running
from kit.workspaces import workspace

from llm_service.hub.event import ServiceRecovered
from llm_service.hub.ring import Hub
from llm_service.web.snapshots import PARTS, Snapshots


@dataclass
class SlowService:
    """Counts the snapshots that are made of it; each waits for `may_go_on`."""

    hub: Hub = field(default_factory=Hub)
    topics: tuple[str, ...] = ("tasks", "all")
    observer: str | None = None
    made: list[frozenset[str]] = field(default_factory=list)
    has_begun: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def snapshot(self, topics: Collection[str], projects: frozenset[str] | None = None) -> dict[str, Any]:
        self.made.append(frozenset(topics))
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        return {"made": len(self.made)}

    def opening(self) -> dict[str, Any]:
        return {"made": 0}

    def publish(self) -> None:
        self.hub.publish(ServiceRecovered(root="x", mode="inotify"))


def ready_service() -> SlowService:
    service = SlowService()
    service.hub.progress.complete()
    return service


def test_two_snapshots_are_enough_for_a_thousand_who_ask_at_once() -> None:
    service = ready_service()
    snapshots: Any = Snapshots(service)  # type: ignore[arg-type]
    got: list[Any] = []
    asking = [threading.Thread(target=lambda: got.append(snapshots.get(("tasks",)))) for _ in range(1_000)]
    for thread in asking:
        thread.start()
    assert service.has_begun.wait(60)
    for _ in range(5):  # what is published meanwhile makes nobody's snapshot too old
        service.publish()
    service.may_go_on.set()
    for thread in asking:
        thread.join(60)
    assert len(got) == 1_000
    assert len(service.made) <= 2 + 1  # a thread that the system started late may have asked after the second began
    assert len({id(snapshot.gzip) for snapshot in got}) == len(service.made)


def test_a_snapshot_is_never_older_than_the_question_nor_than_two_seconds() -> None:
    service = ready_service()
    service.may_go_on.set()
    now = [100.0]
    snapshots = Snapshots(service, clock=lambda: now[0])  # type: ignore[arg-type]

    def made() -> int:
        now[0] += 0.1
        number: int = json.loads(snapshots.get(("tasks",)).text())["made"]
        return number

    assert (made(), made()) == (1, 1)
    service.publish()
    assert (made(), made()) == (2, 2)
    now[0] += 2
    assert made() == 3


def test_what_is_asked_for_in_many_ways_takes_little_room() -> None:
    service = ready_service()
    service.may_go_on.set()
    service.topics = tuple(f"topic-{number}" for number in range(40))
    snapshots = Snapshots(service)  # type: ignore[arg-type]
    for name in (*service.topics, "nothing", "else"):
        snapshots.get((name,), PARTS)
    assert len(snapshots._made) <= 8
    assert service.made[-1] == frozenset()  # what does not exist is the same as nothing
    assert len(service.made) == 41


@pytest.fixture(scope="module")
def live() -> Any:
    with workspace(300) as root:
        service = running(root)
        yield service
        service.stop()


def wire(live: Live, path: str, encoding: str) -> requests.Response:
    """The answer as it came, in `raw_body`."""
    answer = requests.get(live.url + path, headers={"Accept-Encoding": encoding}, stream=True, timeout=60)
    answer.raw_body = answer.raw.read(decode_content=False)  # type: ignore[attr-defined]
    return answer


@pytest.mark.parametrize(
    "path", ["/api/snapshot", "/api/snapshot?form=lines", "/api/snapshot?topics=tasks", "/api/opening", "/api/tasks"]
)
def test_long_answers_are_compressed_for_those_who_can_read_that(live: Live, path: str) -> None:
    def both() -> tuple[requests.Response, requests.Response] | None:
        packed, plain = wire(live, path, "gzip, br"), wire(live, path, "identity")
        return (packed, plain) if gzip.decompress(packed.raw_body) == plain.raw_body else None

    packed, plain = eventually(both)  # unless something happened between them
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.raw_body)
    assert len(packed.raw_body) * 3 < len(plain.raw_body)
    assert "Content-Encoding" not in wire(live, path, "gzip;q=0").headers


def test_short_answers_and_streams_are_not_compressed(live: Live) -> None:
    for path in ("/api/sync", "/streams/tasks"):
        with requests.get(live.url + path, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=60) as answer:
            assert "Content-Encoding" not in answer.headers, path


def test_the_lines_are_the_snapshot(live: Live) -> None:
    def both() -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        whole = live.json("/api/snapshot")
        lines = [json.loads(line) for line in live.get("/api/snapshot?form=lines").text.splitlines()]
        return (whole, lines) if lines[0]["seq"] == whole["seq"] else None

    whole, lines = eventually(both)  # unless something happened between them
    assert [line["part"] for line in lines] == list(range(1, lines[0]["of"] + 1))
    assert {(line["epoch"], line["seq"]) for line in lines} == {(whole["epoch"], whole["seq"])}
    assert [task for line in lines for task in line.get("tasks", [])] == whole["tasks"]


def test_a_page_sees_at_first_what_stands_at_the_top_of_each_lane(live: Live) -> None:
    whole, opening = live.json("/api/snapshot"), live.json("/api/opening")
    board: dict[str, Any] = {}
    apply(board, "snapshot", whole)
    assert opening["counts"] == whole["counts"] == {"inbox": 30, "assigned": 90, "done": 180}
    for lane in opening["counts"]:
        members = [task for task in board.values() if task["lane"] == lane]
        members.sort(key=lambda task: task["key"])
        members.sort(key=lambda task: (task["created_at"], task["modified_at"]), reverse=True)
        assert [task for task in opening["tasks"] if task["lane"] == lane] == members[:24]


def test_names_that_are_not_characters_are_in_a_snapshot_as_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "work/collaboration/inbox"
    folder.mkdir(parents=True)
    (folder / "name.yaml").write_text("id: 2.10\ntitle: No\ntags: [1, yes]\nestimated_hours: .nan\n")
    service = running(tmp_path)
    try:
        (task,) = service.json("/api/snapshot")["tasks"]
        assert [task["id"], task["title"], task["tags"]] == ["2.10", "No", ["1", "yes"]]
        assert task == service.json("/api/tasks")["tasks"][0]
    finally:
        service.stop()
