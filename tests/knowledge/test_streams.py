"""Streams: what is added to a file, sent by REST or said by the service is stored once, and broadcast."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.knowledge import dashboard_with_knowledge, say, texts
from kit.live import Live, eventually

from llm_service.knowledge.feature import Knowledge
from llm_service.knowledge.store import MessageStore


@pytest.fixture
def live(workspace: Path) -> Iterator[Live]:
    live = dashboard_with_knowledge(workspace)
    yield live
    live.stop()


def post(live: Live, path: str, body: Any) -> requests.Response:
    return requests.post(live.url + path, json=body, timeout=60)


@pytest.mark.parametrize(
    ("topic", "event"),
    [
        ("insights", "insight.created"),
        ("knowledge", "knowledge.message"),
        ("metrics", "metrics.message"),
        ("logs", "logs.message"),
    ],
)
def test_a_line_of_a_file_is_broadcast_on_its_stream(live: Live, topic: str, event: str) -> None:
    listener = live.listen(topics=[topic])
    listener.first("snapshot")
    say(
        live.workspace,
        topic,
        {"text": "disk is full", "source": "ada", "severity": "warn", "job": "j1", "data": {"n": 1}},
    )
    body = listener.first(event)
    assert (body["text"], body["source"], body["severity"], body["job"]) == ("disk is full", "ada", "warning", "j1")
    assert (body["data"], body["origin"], body["is_recorded"]) == ({"n": 1}, "file", False)
    assert body["rests_on"] == f"what ada wrote in line 1 of {topic}.jsonl"
    assert texts(live, topic) == ["disk is full"]


def test_a_stream_is_served_as_server_sent_events(live: Live) -> None:
    with live.get("/streams/insights", stream=True) as stream:
        say(live.workspace, "insights", {"text": "over SSE"})
        for line in stream.iter_lines(chunk_size=1):
            if line.startswith(b"data: ") and b"insight.created" in line:
                assert json.loads(line[6:])["text"] == "over SSE"
                return
    pytest.fail("the stream ended")


def test_a_post_adds_a_line_to_the_file_from_which_it_is_read(live: Live) -> None:
    listener = live.listen()
    answer = post(live, "/api/streams/insights", {"text": "by REST", "severity": "error"})
    assert (answer.status_code, answer.json()) == (202, {"topic": "insights", "accepted": True})
    body = listener.first("insight.created")
    assert (body["text"], body["source"], body["severity"]) == ("by REST", "request", "error")
    lines = (live.workspace / "work/streams/insights.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"source": "request", "text": "by REST", "severity": "error"}]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/streams/tasks", {"text": "x"}, 404),
        ("/api/streams/insights", {"text": " "}, 400),
        ("/api/streams/insights", ["text"], 400),
        ("/api/streams/insights", {"text": "x", "data": 3}, 400),
        ("/api/streams/insights", {"text": "x" * 65_536}, 400),
    ],
)
def test_a_post_that_is_no_message_is_refused(live: Live, path: str, body: Any, status: int) -> None:
    assert post(live, path, body).status_code == status
    assert not (live.workspace / "work/streams").exists()


def test_a_secret_in_a_request_is_not_written_to_the_file(live: Live) -> None:
    body = {"text": "it is SECRET", "source": "b", "data": {"a": {"b": "SECRET"}}, "severity": "info", "x": "SECRET"}
    assert post(live, "/api/streams/insights", body).status_code == 202
    written = (live.workspace / "work/streams/insights.jsonl").read_text()
    assert "SECRET" not in written
    assert json.loads(written)["data"] == {"a": {"b": "[redacted]"}}
    live.sync()
    assert texts(live, "insights") == ["it is [redacted]"]


def test_nothing_is_added_to_what_a_link_leads_to(live: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "profile"
    outside.write_text("mine\n")
    streams = live.workspace / "work/streams"
    streams.mkdir()
    (streams / "insights.jsonl").symlink_to(outside)
    os.link(outside, streams / "knowledge.jsonl")
    os.mkfifo(streams / "metrics.jsonl")
    for topic in ("insights", "knowledge", "metrics"):
        assert post(live, f"/api/streams/{topic}", {"text": "x"}).status_code == 422, topic
    assert outside.read_text() == "mine\n"


def test_a_folder_that_is_a_link_out_of_the_workspace_is_not_written(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere")
    (workspace / "work/streams").symlink_to(outside)
    live = dashboard_with_knowledge(workspace)
    try:
        live.dashboard.settings.set_fence()
        assert post(live, "/api/streams/insights", {"text": "x"}).status_code == 503
        assert list(outside.iterdir()) == []
    finally:
        live.stop()


def test_a_message_after_a_line_without_its_end_has_its_own_line(live: Live) -> None:
    path = live.workspace / "work/streams/insights.jsonl"
    path.parent.mkdir()
    path.write_text('{"text": "half"}')
    post(live, "/api/streams/insights", {"text": "whole"})
    live.sync()
    assert texts(live, "insights") == ["half", "whole"]


def test_what_is_no_message_is_refused_with_its_line(live: Live) -> None:
    say(live.workspace, "insights", "no json", "[1]", '{"text": 3}', "[" * 60_000, '{"text": "good"}', "x" * 70_000, "")
    live.sync()
    assert texts(live, "insights") == ["good"]
    (row,) = [row for row in live.json("/api/streams")["streams"] if row["topic"] == "insights"]
    assert row["refused"] == 5
    assert row["last_refused"].startswith("line ")


def test_hostile_values_are_cleaned_before_they_are_stored_or_sent(live: Live) -> None:
    listener = live.listen()
    deep: Any = "end"
    for _ in range(20):
        deep = {"in": deep}
    line = json.dumps(
        {"text": "SECRET \ud800 \0" + "x" * 5_000, "source": "a\nb", "data": {"deep": deep, "token": "SECRET"}}
    )
    say(
        live.workspace,
        "insights",
        line[:-1] + ', "job": "' + "j" * 500 + '"}',
        '{"text": "n", "data": {"n": 1e999, "i": 123456789012345678901}}',
    )
    first = listener.first("insight.created", source="a b")
    assert first["text"].startswith("[redacted] ? �x")
    assert (len(first["text"]), first["text"][-7:]) == (4_000, "… (cut)")
    assert len(first["job"]) == 200
    assert first["data"]["token"] == "[redacted]"
    assert "end" not in json.dumps(first["data"]["deep"])
    second = listener.first("insight.created", text="n")
    assert second["data"] == {"n": "inf", "i": "123456789012345678901"}
    assert b"SECRET" not in live.get("/api/insights").content


def test_each_line_counts_once_over_restarts(workspace: Path) -> None:
    say(workspace, "insights", {"text": "one"})
    live = dashboard_with_knowledge(workspace)
    live.sync()
    say(workspace, "insights", {"text": "two"})
    live.sync()
    live.stop()
    say(workspace, "insights", {"text": "three"})
    live = dashboard_with_knowledge(workspace)
    try:
        live.sync()
        assert texts(live, "insights") == ["one", "two", "three"]
        assert [row["text"] for row in live.json("/api/snapshot?topics=insights")["insights"]] == [
            "one",
            "two",
            "three",
        ]
    finally:
        live.stop()


def test_a_file_that_is_written_anew_is_read_from_its_start(live: Live) -> None:
    say(live.workspace, "insights", {"text": "one"}, {"text": "two"})
    live.sync()
    path = live.workspace / "work/streams/insights.jsonl"
    path.unlink()
    live.sync()
    path.write_text('{"text": "three"}\n')
    live.sync()
    path.write_text('{"text": "four"}\n')
    live.sync()
    assert texts(live, "insights") == ["one", "two", "three", "four"]


def test_without_a_history_messages_are_in_memory(workspace: Path) -> None:
    say(workspace, "insights", {"text": "one"})
    live = dashboard_with_knowledge(workspace, history=False)
    try:
        live.sync()
        assert texts(live, "insights") == ["one"]
    finally:
        live.stop()


def test_a_flood_is_stored_whole_and_what_was_not_published_is_declared(live: Live) -> None:
    listener = live.listen()
    say(live.workspace, "insights", *({"text": f"n{number}"} for number in range(3_000)))
    last = listener.first("insight.created", text="n2999")
    events = [body for name, body in listener.upto(last["seq"]) if name == "insight.created"]
    assert len(events) < 1_000
    assert len(events) + sum(body["skipped"] for body in events) == 3_000
    live.sync()
    found, before = [], ""
    while True:
        page = live.json(f"/api/insights?limit=500{before}")
        found += [row["text"] for row in page["messages"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert found == [f"n{number}" for number in reversed(range(3_000))]


def test_lists_are_filtered(live: Live) -> None:
    say(
        live.workspace,
        "insights",
        {"text": "Red apple", "source": "ada", "severity": "error", "job": "j1"},
        {"text": "green apple", "source": "bob", "severity": "info", "job": "j2"},
        {"text": "pear", "source": "ada", "job": "j2"},
    )
    live.sync()
    assert texts(live, "insights", job="j2") == ["green apple", "pear"]
    assert texts(live, "insights", severity="error") == ["Red apple"]
    assert texts(live, "insights", source="ada", job="j2") == ["pear"]
    assert texts(live, "insights", q="APPLE red") == ["Red apple"]
    assert live.get("/api/insights?before=x").status_code == 400
    assert live.get("/api/insights?severity=loud").status_code == 400


def test_the_service_itself_adds_messages(live: Live) -> None:
    listener = live.listen()
    live.feature(Knowledge).add("logs", "started", "system", "info", "j1", {"run": "r1"})
    body = listener.first("logs.message")
    assert (body["text"], body["origin"], body["data"]) == ("started", "service", {"run": "r1"})
    eventually(lambda: texts(live, "logs") == ["started"])


def test_lines_wait_until_it_is_known_how_far_files_were_read(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_open, load = threading.Event(), MessageStore.load
    monkeypatch.setattr(MessageStore, "load", lambda store: load(store) if is_open.is_set() else None)
    say(workspace, "insights", {"text": "one"})
    live = dashboard_with_knowledge(workspace)
    try:
        assert live.get("/api/sync?timeout_ms=300").status_code == 504
        assert texts(live, "insights") == []
        is_open.set()
        eventually(lambda: texts(live, "insights") == ["one"])
        live.sync()
    finally:
        live.stop()


def test_a_stream_that_is_no_file_is_a_trouble_and_stops_no_other(live: Live) -> None:
    streams = live.workspace / "work/streams"
    streams.mkdir()
    os.mkfifo(streams / "insights.jsonl")
    (streams / "logs.jsonl").mkdir()
    say(live.workspace, "metrics", {"text": "goes on"})
    eventually(lambda: texts(live, "metrics") == ["goes on"])
    eventually(lambda: any("insights.jsonl is a FIFO" in one["reason"] for one in live.dashboard.degraded()))
    (streams / "insights.jsonl").unlink()
    say(live.workspace, "insights", {"text": "a file now"})
    eventually(lambda: texts(live, "insights") == ["a file now"])


def test_files_with_other_names_are_no_streams(live: Live) -> None:
    say(live.workspace, "tasks", {"text": "x"})
    say(live.workspace, "insights", {"text": "y"})
    live.sync()
    assert [row["refused"] for row in live.json("/api/streams")["streams"]] == [0, 0, 0, 0]
    assert texts(live, "insights") == ["y"]


def test_an_error_while_lines_are_taken_loses_none(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = live.feature(Knowledge).intake
    said = intake.__class__._message
    fails = [True]

    def once(*arguments: Any, **more: Any) -> Any:
        if fails:
            fails.clear()
            raise RuntimeError("a defect")
        return said(*arguments, **more)

    monkeypatch.setattr(intake.__class__, "_message", once)
    say(live.workspace, "insights", {"text": "one"}, {"text": "two"})
    eventually(lambda: texts(live, "insights") == ["one", "two"])
