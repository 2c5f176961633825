"""Socket.IO `/dashboard`: acknowledgement, snapshot, resume by number, topics, unknown events, slow clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import requests
import socketio
import websocket
from kit.live import Listener, Live, apply, eventually, value_of
from kit.sleeper import Sleeper

from llm_service.hub.event import ServiceProgress, ServiceReady
from llm_service.hub.progress import LoadProgress
from llm_service.json_values import as_json
from llm_service.tasks.feature import Tasks


def test_a_new_client_gets_the_acknowledgement_then_a_snapshot_then_events(live: Live) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    listener = live.listen()
    live.write("inbox/t2.yaml")
    listener.first("task.created", id="t2")
    names = [name for name, _ in listener.got]
    assert names[:2] == ["connection_ack", "snapshot"]
    ack, snapshot = listener.got[0][1], listener.got[1][1]
    assert (ack["epoch"], ack["degraded"], ack["loading"]) == (snapshot["epoch"], [], None)
    assert [task["id"] for task in snapshot["tasks"]] == ["t1"]


def test_a_returning_client_gets_exactly_what_it_missed(live: Live) -> None:
    first = live.listen()
    live.write("inbox/t1.yaml")
    seen = first.first("task.created", id="t1")
    first.close()
    for number in range(2, 12):
        live.write(f"inbox/t{number}.yaml")
    live.sync()
    again = live.listen(since=seen["seq"], epoch=seen["epoch"])
    again.upto(live.sync())
    numbers = [body["seq"] for _, body in again.numbered()]
    assert len(numbers) >= 10  # and what other features say of it
    assert numbers == list(range(seen["seq"] + 1, numbers[-1] + 1))
    assert "snapshot" not in [name for name, _ in again.got]


@pytest.mark.parametrize("auth", [{"since": 0, "epoch": "other"}, {"since": 10**9}, {"since": "1"}, {"since": True}])
def test_a_client_that_cannot_resume_gets_a_snapshot_first(live: Live, auth: dict[str, Any]) -> None:
    live.listen(**auth).first("snapshot")


def test_a_client_whose_number_left_the_ring_gets_a_snapshot_first(start: Callable[..., Live]) -> None:
    live = start(ring_events=5)
    for number in range(10):
        live.write(f"inbox/t{number}.yaml")
    live.sync()
    snapshot = live.listen(since=1, epoch=live.dashboard.hub.epoch).first("snapshot")
    assert len(snapshot["tasks"]) == 10


def test_topics_select_and_can_be_changed(live: Live) -> None:
    listener = live.listen(topics=["service"])
    assert listener.first("snapshot").get("tasks") is None
    live.write("inbox/t1.yaml")
    live.sync()
    answer = listener.client.call("subscribe", {"topics": ["tasks"]}, namespace="/dashboard")
    assert answer == {"success": True, "topics": ["service", "tasks"]}
    live.write("inbox/t2.yaml")
    listener.first("task.created", id="t2")
    assert listener.types("t1") == []
    answer = listener.client.call("unsubscribe", {"topics": ["tasks"]}, namespace="/dashboard")
    assert answer["topics"] == ["service"]
    live.write("inbox/t3.yaml")
    live.sync()
    live.dashboard.hub.publish(ServiceProgress(done=1, total=1))
    listener.first("service.progress")
    assert listener.types("t3") == []


@pytest.mark.parametrize("body", [None, {}, {"topics": "tasks"}, {"topics": ["nothing"]}, {"topics": [{}]}, 7])
def test_a_bad_subscription_is_answered_with_an_error(live: Live, body: Any) -> None:
    answer = live.listen().client.call("subscribe", body, namespace="/dashboard")
    assert (answer["success"], answer["code"]) == (False, "BAD_REQUEST")


def test_unknown_events_are_answered_with_an_error(live: Live) -> None:
    answer = live.listen().client.call("start_everything", {"x": 1}, namespace="/dashboard")
    assert (answer["success"], answer["code"]) == (False, "BAD_REQUEST")


def test_ping_is_answered_with_pong(live: Live) -> None:
    listener = live.listen()
    assert "time" in listener.client.call("ping", namespace="/dashboard")
    assert listener.first("pong")["time"].endswith("Z")


def test_a_token_gives_access_to_the_namespace_and_without_it_no_events_are_sent(start: Callable[..., Live]) -> None:
    live = start(token="s3cret-s3cret-s3cret")
    good = live.listen(token="s3cret-s3cret-s3cret")
    assert good.first("snapshot")["tasks"] == []
    bad = live.listen(token="wrong")
    assert bad.first("error")["code"] == "UNAUTHORIZED"
    eventually(lambda: not bad.client.namespaces)
    assert [name for name, _ in bad.got] == ["error"]


def test_polling_clients_are_served_as_well(live: Live) -> None:
    client = socketio.Client(reconnection=False)
    got: list[tuple[str, Any]] = []
    client.on("*", lambda name, body=None: got.append((name, body)), namespace="/dashboard")
    client.connect(live.url, namespaces=["/dashboard"], transports=["polling"])
    live.write("inbox/t1.yaml")
    eventually(lambda: any(name == "task.created" for name, _ in got))
    client.disconnect()
    client.shutdown()


def test_a_client_that_connects_while_the_board_loads_gets_its_snapshot_when_it_is_complete(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    monkeypatch.setattr(live.dashboard.hub, "progress", LoadProgress())
    listener = live.listen(wait_for_snapshot=False)
    assert listener.first("connection_ack")["loading"] == {"done": 0, "total": 0}
    assert [name for name, _ in listener.got] == ["connection_ack"]
    live.dashboard.hub.progress.complete()
    live.dashboard.hub.publish(ServiceReady(tasks=1, invalid=0, load_ms=1))
    assert len(listener.first("snapshot")["tasks"]) == 1


@pytest.fixture
def sleep_beside() -> Iterator[Callable[[Live], Sleeper]]:
    """Connect sleepers; they disconnect at the end of the test."""
    sleepers: list[Sleeper] = []

    def connect(live: Live) -> Sleeper:
        sleepers.append(Sleeper(live))
        return sleepers[-1]

    yield connect
    for sleeper in sleepers:
        sleeper.close()


def test_a_client_that_never_reads_is_cut_off_and_does_not_affect_the_others(
    start: Callable[..., Live], sleep_beside: Callable[[Live], Sleeper], request: pytest.FixtureRequest
) -> None:
    """`--soak-seconds 60`: 20 sleepers, 300 events a second for a minute."""
    seconds = request.config.getoption("--soak-seconds")
    live = start(client_queue_events=500, ring_events=1000)
    for _ in range(20):
        sleep_beside(live)
    awake = live.listen()
    eventually(lambda: len(live.dashboard.site.clients) == 21)
    total = int(300 * seconds)
    before = psutil.Process().memory_info().rss
    tick = threading.Event()
    for number in range(total):
        live.dashboard.hub.publish(ServiceProgress(done=number, total=total))
        if number % 3 == 2:
            tick.wait(0.01)
        if number % 100 == 99:  # on a machine that is too busy for this client, it would be the one that is cut off
            eventually(lambda number=number: len(awake.got) > number - 200, timeout_s=120)
    last = live.dashboard.hub.seq
    numbers = [body["seq"] for _, body in awake.upto(last, timeout_s=150)]
    assert numbers == list(range(numbers[0], last + 1))
    grown_mb = (psutil.Process().memory_info().rss - before) / 1e6
    # The listener of this test lives in the same process and keeps every event it got: about 1 kB each.
    assert grown_mb - total * 1e-3 < 60
    if seconds >= 30:
        assert live.dashboard.site.clients.cut_off == 20
    woken = live.listen(since=numbers[0], epoch=live.dashboard.hub.epoch)
    woken.first("snapshot")
    live.write("inbox/t1.yaml")
    woken.first("task.created", id="t1")
    board: dict[str, Any] = {}
    for name, body in woken.got:
        apply(board, name, body)
    assert board == {task.id: as_json(task) for task in live.feature(Tasks).board.tasks()}


def test_a_client_too_far_behind_is_cut_off_and_its_threads_end(
    start: Callable[..., Live], sleep_beside: Callable[[Live], Sleeper]
) -> None:
    live = start(client_queue_events=50, ring_events=100)
    sleep_beside(live)
    clients = live.dashboard.site.clients
    eventually(lambda: len(clients) == 1)
    threads = threading.active_count()
    pad = "x" * 3000
    live.dashboard.hub.publish(ServiceProgress(done=0, total=len(pad)))

    def flood() -> bool:
        for number in range(200):
            live.dashboard.hub.publish(ServiceProgress(done=number, total=1))
        return clients.cut_off == 1

    eventually(flood, timeout_s=60)
    eventually(lambda: len(clients) == 0 and threading.active_count() < threads)


def test_sse_sends_the_same_events_and_resumes_by_last_event_id(live: Live) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    stream = requests.get(f"{live.url}/streams/tasks", stream=True, timeout=60)
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.headers["X-Accel-Buffering"] == "no"
    lines = stream.iter_lines(decode_unicode=True)
    first = next_message(lines)
    assert first["event"] == "snapshot"
    live.write("inbox/t2.yaml")
    second = next_message(lines)
    assert (second["event"], value_of(second["data"], "id")) == ("task.created", "t2")
    stream.close()
    live.write("inbox/t3.yaml")
    live.sync()
    again = requests.get(
        f"{live.url}/api/streams/tasks", stream=True, timeout=60, headers={"Last-Event-ID": second["id"]}
    )
    third = next_message(again.iter_lines(decode_unicode=True))
    assert value_of(third["data"], "id") == "t3"
    again.close()
    stream.close()


def test_sse_starts_with_a_snapshot_after_another_epoch(live: Live) -> None:
    stream = requests.get(f"{live.url}/streams/all?since=other.5", stream=True, timeout=60)
    assert next_message(stream.iter_lines(decode_unicode=True))["event"] == "snapshot"
    stream.close()


def test_the_plain_websocket_sends_envelopes_and_resumes(live: Live) -> None:
    ws = websocket.create_connection(f"ws://127.0.0.1:{live.port}/ws/tasks", timeout=60)
    assert json.loads(ws.recv())["type"] == "snapshot"
    live.write("inbox/t1.yaml")
    event = json.loads(ws.recv())
    assert (event["type"], value_of(event, "id")) == ("task.created", "t1")
    ws.close()
    live.write("inbox/t2.yaml")
    live.sync()
    resumed = f"/ws/tasks?since={event['seq']}&epoch={event['epoch']}"
    again = websocket.create_connection(f"ws://127.0.0.1:{live.port}{resumed}", timeout=60)
    assert value_of(json.loads(again.recv()), "id") == "t2"
    again.close()


def test_events_arrive_in_order_on_the_wire(live: Live) -> None:
    ws = websocket.create_connection(f"ws://127.0.0.1:{live.port}/ws/service", timeout=60)
    first = json.loads(ws.recv())["seq"]
    for number in range(500):
        live.dashboard.hub.publish(ServiceProgress(done=number, total=500))
    events: list[Any] = []
    while sum(event["type"] == "service.progress" for event in events) < 500:
        events.append(json.loads(ws.recv()))
    assert [event["done"] for event in events if event["type"] == "service.progress"] == list(range(500))
    numbers = [event["seq"] for event in events]
    assert first < numbers[0] and numbers == sorted(set(numbers))
    ws.close()


def next_message(lines: Any) -> dict[str, Any]:
    """The next SSE message that is not a comment."""
    message: dict[str, Any] = {}
    for line in lines:
        if line.startswith(("id: ", "event: ", "data: ")):
            key, _, value = line.partition(": ")
            message[key] = json.loads(value) if key == "data" else value
        elif not line and "data" in message:
            return message
    raise AssertionError("the stream ended")


def test_a_listener_fails_if_the_message_does_not_arrive(live: Live) -> None:
    with pytest.raises(AssertionError, match="not seen"):
        Listener(live.url).first("task.created", timeout_s=0.05)
