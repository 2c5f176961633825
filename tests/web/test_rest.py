"""REST: lists, details, errors of the same form, and the generated API documents."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from kit.live import Live, task_text

from llm_service.web.openapi import event_schema


@pytest.fixture
def board(live: Live) -> Live:
    """A small board: one critical task in the inbox, two assigned, one done."""
    live.write("inbox/t1.yaml", priority="critical", title="Find the leak", tags="[memory, urgent]")
    live.write("assigned/ada/t2.yaml", status="in_progress", dependencies="[t4, t9]", created_at="2026-11-01T08:00:00Z")
    live.write("assigned/bob/t3.yaml", priority="weird")
    live.write("done/ada/t4.yaml", status="in_progress")
    live.sync()
    return live


def ids(live: Live, query: str = "") -> list[str]:
    return [task["id"] for task in live.json(f"/api/tasks{query}")["tasks"]]


def test_the_list_has_tasks_counts_and_total(board: Live) -> None:
    answer = board.json("/api/tasks")
    assert answer["counts"] == {"inbox": 1, "assigned": 2, "done": 1}
    assert (answer["total"], answer["cursor"], answer["loading"]) == (4, None, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?lane=assigned", {"t2", "t3"}),
        ("?lane=inbox,done", {"t1", "t4"}),
        ("?lane=inbox&lane=done", {"t1", "t4"}),
        ("?agent=ada", {"t2", "t4"}),
        ("?status=in_progress", {"t2", "t4"}),
        ("?priority=critical", {"t1"}),
        ("?tag=urgent", {"t1"}),
        ("?flag=status_contradicts_lane", {"t3", "t4"}),
        ("?q=LEAK%20find", {"t1"}),
        ("?q=nothing-like-it", set()),
        ("?agent=ada&lane=done", {"t4"}),
    ],
)
def test_filters_select(board: Live, query: str, expected: set[str]) -> None:
    assert set(ids(board, query)) == expected


def test_sorting_puts_unknown_priorities_last(board: Live) -> None:
    assert ids(board, "?sort=priority") == ["t1", "t2", "t4", "t3"]
    assert ids(board, "?sort=oldest")[0] == "t2"
    assert ids(board, "?sort=id") == ["t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("sort", ["newest", "oldest", "changed", "priority", "title", "id"])
def test_pages_add_up_to_the_whole_list(board: Live, sort: str) -> None:
    seen, cursor = [], ""
    while True:
        page = board.json(f"/api/tasks?sort={sort}&limit=1{cursor}")
        seen += [task["id"] for task in page["tasks"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert seen == ids(board, f"?sort={sort}")
    assert len(seen) == 4


def test_details_have_everything(board: Live) -> None:
    detail = board.json("/api/tasks/t2")
    assert detail["document"]["dependencies"] == ["t4", "t9"]
    assert "dependencies: [t4, t9]" in detail["raw"]
    assert [(d["id"], d["met"]) for d in detail["dependencies"]] == [("t4", True), ("t9", None)]
    assert detail["history"][-1]["lane"] == "assigned"
    assert [d["id"] for d in board.json("/api/tasks/t4")["dependents"]] == ["t2"]


STRANGE_IDS = (
    "/absolute", "//two", "a//b", "a/", "/", "..", ".", "../up", "a/../b", "a/./b", "a%2Fb", "%2e%2e", "a?b=c&d", "a#b",
    "a;b", "a b", "a  b", "a+b", "50%", "ä/ö", "\u3000x", "a\\b", "a:b", "&a=1", "2.10", "{x}", "<b>", "tasks", "'\"",
)  # fmt: skip


def test_a_task_with_any_id_can_be_opened(board: Live) -> None:
    for number, task_id in enumerate(STRANGE_IDS):
        (board.root / f"inbox/strange{number}.yaml").write_text(
            json.dumps({"id": task_id, "title": f"Strange {number}"})
        )
    board.sync()
    # http.client sends the path as it is given; requests and browsers resolve `..`.
    connection = http.client.HTTPConnection("127.0.0.1", board.port, timeout=60)
    for number, task_id in enumerate(STRANGE_IDS):
        shown = task_id.strip()
        connection.request("GET", f"/api/tasks/{quote(shown, safe='')}")
        response = connection.getresponse()
        task = json.loads(response.read()).get("task", {})
        assert (response.status, task.get("id"), task.get("title")) == (200, shown, f"Strange {number}")
        assert board.json("/api/task", params={"id": shown})["task"] == task
        assert board.get("/api/task", params={"id": shown, "path": "inbox/t1.yaml"}).status_code == 404
    connection.close()


def test_a_task_is_asked_for_by_an_id(board: Live) -> None:
    assert board.get("/api/task").json()["code"] == "BAD_REQUEST"
    assert board.get("/api/task?id=none").json()["code"] == "NOT_FOUND"
    assert board.get("/api/tasks/").status_code == 404


def test_details_have_names_as_written_and_quantities_as_numbers(board: Live) -> None:
    (board.root / "inbox/t1.yaml").write_text(
        "id: t1\nversion: 2.10\nestimated_hours: 2.50\nresult: {tests: 42, tag: 1.0}\n"
    )
    board.sync()
    document = board.json("/api/tasks/t1")["document"]
    assert document == {"id": "t1", "version": "2.10", "estimated_hours": 2.5, "result": {"tests": 42, "tag": "1.0"}}


def test_a_change_of_spelling_only_is_a_change_of_the_field(board: Live) -> None:
    board.put("inbox/t1.yaml", "id: t1\nmilestone: 2.1\n")
    board.sync()
    listener = board.listen()
    board.put("inbox/t1.yaml", "id: t1\nmilestone: 2.10\n")
    assert listener.first("task.updated", id="t1")["changed"] == ["milestone"]


def test_the_newest_task_is_the_latest_whatever_its_time_is_written_like(board: Live) -> None:
    for name, created in (("a", "Nov 5, 2035"), ("b", "2035-11-06"), ("c", "4.11.2035"), ("d", "soon")):
        board.write(f"inbox/{name}.yaml", created_at=created)
    board.sync()
    assert ids(board, "?sort=newest")[:3] == ["b", "a", "c"]
    assert ids(board, "?sort=oldest")[-3:] == ["c", "a", "b"]


def test_filters_of_status_and_priority_ignore_letter_case(board: Live) -> None:
    board.write("inbox/a.yaml", status="No", priority="HIGH")
    board.sync()
    assert ids(board, "?status=No") == ["a"]
    assert "a" in ids(board, "?priority=High")


def test_details_are_answered_with_304_if_nothing_changed(board: Live) -> None:
    assert board.dashboard.journal is not None
    assert board.dashboard.journal.flush(60)  # its lane changes belong to its details
    tag = board.get("/api/tasks/t1").headers["ETag"]
    assert board.get("/api/tasks/t1", headers={"If-None-Match": tag}).status_code == 304
    board.write("inbox/t1.yaml", title="Another")
    board.sync()
    assert board.get("/api/tasks/t1", headers={"If-None-Match": tag}).status_code == 200


def test_a_second_file_with_the_same_id_has_its_own_details(board: Live) -> None:
    board.write("done/bob/t1.yaml", title="The copy")
    board.sync()
    task = board.json("/api/tasks/t1")["task"]
    assert (task["lane"], task["duplicates"][0]["path"]) == ("inbox", "done/bob/t1.yaml")
    lead = board.json("/api/tasks/t1?path=inbox/t1.yaml")
    assert (lead["document"]["title"], lead["task"]["key"]) == ("Find the leak", "t1")
    copy = board.json("/api/tasks/t1?path=done/bob/t1.yaml")
    assert (copy["document"]["title"], copy["task"]["title"]) == ("The copy", "The copy")
    assert [(file["path"], file["key"]) for file in copy["files"]] == [
        ("inbox/t1.yaml", "t1"),
        ("done/bob/t1.yaml", "t1\ndone/bob/t1.yaml"),
    ]
    assert copy["files"] == lead["files"]
    assert board.get("/api/tasks/t1?path=inbox/none.yaml").status_code == 404
    listed = board.json("/api/tasks?q=t1")
    assert sorted(task["path"] for task in listed["tasks"]) == ["done/bob/t1.yaml", "inbox/t1.yaml"]
    agents = {agent["name"]: agent["counts"]["done"] for agent in board.json("/api/overview")["agents"]}
    assert agents == {"ada": 1, "bob": 1}


def test_each_file_of_an_id_has_its_own_history(board: Live) -> None:
    board.write("done/bob/t1.yaml", title="The copy")
    board.sync()
    (board.root / "inbox/t1.yaml").rename(board.root / "assigned/ada/t1.yaml")
    board.sync()
    (board.root / "done/bob/t1.yaml").rename(board.root / "inbox/t1.yaml")
    board.sync()
    assert board.dashboard.journal is not None
    assert board.dashboard.journal.flush(60)
    histories = [
        [(entry["lane"], entry["path"], entry["previous_path"]) for entry in board.json(address)["history"]]
        for address in ("/api/tasks/t1", "/api/tasks/t1?path=inbox/t1.yaml")
    ]
    assert histories == [
        [("inbox", "inbox/t1.yaml", None), ("assigned", "assigned/ada/t1.yaml", "inbox/t1.yaml")],
        [("done", "done/bob/t1.yaml", None), ("inbox", "inbox/t1.yaml", "done/bob/t1.yaml")],
    ]


def test_the_history_of_lanes_survives_a_restart(board: Live, start: Callable[..., Live]) -> None:
    (board.root / "inbox/t1.yaml").rename(board.root / "assigned/bob/t1.yaml")
    board.sync()
    journal = board.dashboard.journal
    assert journal is not None
    assert journal.flush(60)
    before = board.json("/api/tasks/t1")["history"]
    assert [(e["previous_lane"], e["lane"], e["observed"]) for e in before] == [
        (None, "inbox", "live"),
        ("inbox", "assigned", "live"),
    ]
    board.stop()
    (board.root / "assigned/bob/t1.yaml").rename(board.root / "done/bob/t1.yaml")
    again = start().json("/api/tasks/t1")["history"]
    assert again[:2] == before
    assert (again[2]["previous_lane"], again[2]["lane"], again[2]["observed"]) == ("assigned", "done", "at_start")


def test_agents_and_stats_count_the_board(board: Live) -> None:
    (board.root / "inbox/broken.yaml").write_text("a: [")
    board.sync()
    agents = {agent["name"]: agent for agent in board.json("/api/overview")["agents"]}
    assert agents["ada"]["counts"] == {"inbox": 0, "assigned": 1, "done": 1}
    assert agents["ada"]["current_task"]["id"] == "t2"
    stats = board.json("/api/stats")["tasks"]
    assert (stats["total"], stats["invalid"], stats["done"]) == (5, 1, 1)
    assert stats["by_priority"] == {"critical": 1, "normal": 3, "weird": 1}


def test_events_are_read_by_number(board: Live) -> None:
    for number in range(3):
        board.write(f"inbox/later-{number}.yaml")
    board.sync()
    everything = board.json("/api/events?since=0")
    assert [e["seq"] for e in everything["events"]] == list(range(1, everything["seq"] + 1))
    rest = board.json(f"/api/events?since={everything['seq'] - 1}&epoch={everything['epoch']}")
    # Others may have come since.
    assert (rest["events"][0], rest["gap"]) == (everything["events"][-1], False)
    assert board.json("/api/events?since=0&epoch=other")["gap"] is True
    created = board.json("/api/events?newest=1&types=task.created&limit=2")
    of_type = [event for event in everything["events"] if event["type"] == "task.created"]
    assert len(of_type) >= 3
    assert (created["events"], created["gap"]) == (of_type[-2:], False)
    assert board.json("/api/events?since=0&types=task.created")["events"] == of_type
    assert board.json("/api/events?topics=service")["events"][0]["type"].startswith("service.")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/tasks/none", 404, "NOT_FOUND"),
        ("/api/nothing", 404, "NOT_FOUND"),
        ("/nothing.js", 404, "NOT_FOUND"),
        ("/api/tasks?limit=0", 400, "BAD_REQUEST"),
        ("/api/tasks?limit=501", 400, "BAD_REQUEST"),
        ("/api/tasks?limit=x", 400, "BAD_REQUEST"),
        ("/api/tasks?sort=colour", 400, "BAD_REQUEST"),
        ("/api/tasks?cursor=zzz", 400, "BAD_REQUEST"),
        ("/api/tasks?statsu=done", 400, "BAD_REQUEST"),
        ("/api/sync?timeout_ms=-1", 400, "BAD_REQUEST"),
        ("/streams/nothing", 404, "NOT_FOUND"),
        ("/ws/nothing", 404, "NOT_FOUND"),
        ("/ws/tasks", 400, "BAD_REQUEST"),
        ("/..%2f..%2fetc/passwd", 404, "NOT_FOUND"),
    ],
)
def test_errors_have_the_same_form(live: Live, path: str, status: int, code: str) -> None:
    response = live.get(path)
    body = response.json()
    assert (response.status_code, body["code"], body["success"]) == (status, code, False)
    assert body["error"].endswith(".")
    assert isinstance(body["details"], dict)


def test_other_methods_are_refused_in_the_same_form(live: Live) -> None:
    import requests

    response = requests.post(f"{live.url}/api/tasks", json={}, timeout=60)
    assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_every_event_on_the_wire_fits_its_published_schema(board: Live) -> None:
    document = board.json("/api/asyncapi.json")
    assert set(document["components"]["messages"]) == {kind.type for kind in board.dashboard.events}
    listener = board.listen(since=0)
    (board.root / "inbox/t1.yaml").write_text("id: t1\nx: [")
    listener.first("task.invalid", id="t1")
    (board.root / "inbox/t1.yaml").unlink()
    listener.first("task.removed", id="t1")
    schemas = {kind.type: Draft202012Validator(event_schema(kind)) for kind in board.dashboard.events}
    for name, body in listener.numbered():
        schemas[name].validate(body)
    assert {"task.created", "task.assigned", "task.completed", "task.invalid"} <= {n for n, _ in listener.numbered()}


def test_one_change_costs_at_most_two_kilobytes(board: Live) -> None:
    listener = board.listen()
    text = task_text("t2", title="x" * 200, description="y" * 5000, tags="[one, two, three]", dependencies="[t1, t4]")
    board.put("assigned/ada/t2.yaml", text)
    event = listener.first("task.updated", id="t2")
    assert len(json.dumps(event, separators=(",", ":"))) <= 2048


def test_the_page_and_its_modules_are_served(live: Live) -> None:
    page = live.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    types: dict[str, Any] = {"/app.js": "javascript", "/favicon.svg": "image/svg+xml"}
    for path, kind in types.items():
        assert kind in live.get(path).headers["Content-Type"]
