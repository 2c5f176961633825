"""What a Socket.IO session may cost, before and after it was accepted; over real sockets."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import websocket
from engineio.payload import Payload
from kit.frames import UPGRADE, frame, upgrade
from kit.live import Live, eventually
from kit.sleeper import Sleeper

from llm_service.hub.event import ServiceProgress
from llm_service.web import session_limits
from llm_service.web.session_limits import SessionLimits
from llm_service.web.socketio_clients import Client

TOKEN = "secret-token-of-24-letters"
ENGINE = "/socket.io/?EIO=4&transport="


def sessions(live: Live) -> int:
    """How many sessions engineio has."""
    return len(live.dashboard.site.clients._transport._engine.sockets)  # type: ignore[attr-defined]


@pytest.fixture
def connect() -> Iterator[Callable[[Live], websocket.WebSocket]]:
    """Connect a WebSocket of engineio; closed at the end."""
    opened: list[websocket.WebSocket] = []

    def open_one(live: Live) -> websocket.WebSocket:
        opened.append(websocket.create_connection(f"ws://127.0.0.1:{live.port}{ENGINE}websocket", timeout=60))
        opened[-1].recv()
        return opened[-1]

    yield open_one
    for one in opened:
        one.close(timeout=0)


def messages(connection: websocket.WebSocket) -> list[str]:
    """All messages until the server ends the connection."""
    seen: list[str] = []
    with contextlib.suppress(websocket.WebSocketException, OSError):
        while text := connection.recv():
            seen.append(str(text))
    return seen


@pytest.mark.parametrize(
    "message",
    [
        '42/dashboard,["connect"]',
        '42/dashboard,["\\u0063onnect",{}]',
        '42/dashboard,["disconnect","x"]',
        "40/dashboard,{}",
        '451-/dashboard,["x",{"_placeholder":true,"num":0}]',
        '42/dashboard,["ping"]',
        "4x",
        "4",
        "9",
        '42/dashboard,{"a":1}',
        "42/dashboard," + "[" * 5_000,
    ],
)
def test_a_client_that_repeats_what_costs_much_or_cannot_be_read_is_disconnected(
    live: Live, connect: Callable[[Live], websocket.WebSocket], message: str
) -> None:
    connection = connect(live)
    connection.send("40/dashboard,")
    eventually(lambda: len(live.dashboard.site.clients) == 1)
    with contextlib.suppress(OSError, websocket.WebSocketException):
        for _ in range(1_200):
            connection.send(message)
    assert sum('"snapshot"' in text for text in messages(connection)) <= 1
    eventually(lambda: sessions(live) == 0 and len(live.dashboard.site.clients) == 0)
    live.listen().first("snapshot")


@pytest.mark.parametrize("byte", ["4", "4x", "47", '42["a"]', "x"])
def test_a_bad_message_is_a_short_line_in_the_log_and_many_are_few_lines(
    live: Live, connect: Callable[[Live], websocket.WebSocket], caplog: pytest.LogCaptureFixture, byte: str
) -> None:
    caplog.set_level(logging.INFO, "llm_service")
    http = requests.Session()
    for _ in range(10):
        with contextlib.suppress(OSError, websocket.WebSocketException):
            connection = connect(live)
            connection.send(byte)
            connection.send("1")  # close
            messages(connection)
        url = f"{live.url}{ENGINE}polling"
        url += "&sid=" + json.loads(http.get(url, timeout=60).text[1:])["sid"]
        http.post(url, data=byte, timeout=60)
    http.close()
    lines = [logging.Formatter().format(record) for record in caplog.records]
    assert sum(map(len, lines)) < 10_000
    assert not any("Traceback" in line for line in lines)


def test_a_session_may_connect_again_but_not_for_ever(
    live: Live, connect: Callable[[Live], websocket.WebSocket]
) -> None:
    connection = connect(live)
    with contextlib.suppress(OSError, websocket.WebSocketException):
        for _ in range(400):
            connection.send("40/dashboard,")
            connection.send("41/dashboard,")
    assert 1 <= sum('"snapshot"' in text for text in messages(connection)) <= session_limits.CONNECTS
    eventually(lambda: sessions(live) == 0)


@pytest.mark.parametrize("kind", ["text", "binary", "fragments"])
def test_input_without_end_is_cut(live: Live, kind: str) -> None:
    data = {
        "text": frame(b"4" + b"x" * 400_000),
        "binary": frame(b"x" * 400_000, 2),
        "fragments": frame(b"x" * 400_000, 0, False),
    }[kind]
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
        upgrade(connection, f"{ENGINE}websocket")
        with contextlib.suppress(OSError):
            connection.sendall(frame(b"4x", 1, kind != "fragments"))
            for _ in range(40):
                connection.sendall(data)
        eventually(lambda: sessions(live) == 0)


def test_a_polling_client_that_missed_many_packets_comes_back(live: Live) -> None:
    # python-engineio's own client cannot read more than Payload.max_decode_packets packets in one answer.
    http = requests.Session()
    url = f"{live.url}{ENGINE}polling"
    url += "&sid=" + json.loads(http.get(url, timeout=60).text[1:])["sid"]
    http.post(url, data="40/dashboard,", timeout=60)
    for number in range(100):
        live.dashboard.hub.publish(ServiceProgress(done=number, total=100))
    seen: list[int] = []
    while len(seen) < 100:
        for packet in Payload(encoded_payload=http.get(url, timeout=60).text).packets:
            name, body = json.loads(packet.data.partition(",")[2]) if packet.data.startswith("2") else ("", {})
            seen += [body["done"]] if name == "service.progress" else []
    assert seen == list(range(100))
    http.close()


def test_a_poll_whose_client_has_left_ends_at_once_and_a_second_one_does_not_wait(live: Live) -> None:
    http = requests.Session()
    path = f"{ENGINE}polling"
    sid = json.loads(http.get(live.url + path, timeout=60).text[1:])["sid"]
    path += f"&sid={sid}"
    queue = live.dashboard.site.clients._transport._engine.sockets[sid].queue  # type: ignore[attr-defined]
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as poll:
        poll.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n\r\n".encode())
        eventually(lambda: queue._polls == 1)
        assert http.get(live.url + path, timeout=60).status_code == 400
    eventually(lambda: sessions(live) == 0 and queue._polls == 0)
    http.close()


def test_handshakes_that_do_not_go_on_take_no_threads_and_give_way(start: Callable[..., Live]) -> None:
    live = start(threads=16, token=TOKEN)
    http = requests.Session()
    before = threading.active_count()
    for _ in range(100):
        assert http.get(f"{live.url}{ENGINE}polling", timeout=60).status_code == 200
    assert sessions(live) <= 8
    eventually(lambda: threading.active_count() <= before + 2)  # those of requests end after their answers
    live.listen(token=TOKEN).first("snapshot")
    http.close()


@pytest.mark.parametrize("sent", [b"", b'40/dashboard,{"token":"wrong"}', b"40", b"2probe"])
def test_who_is_not_accepted_in_time_is_disconnected(
    start: Callable[..., Live], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(session_limits, "PENDING_S", 0.3)
    live = start(token=TOKEN)
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
        upgrade(connection, f"{ENGINE}websocket")
        with contextlib.suppress(ConnectionError):  # on a busy machine it is too late already
            if sent:
                connection.sendall(frame(sent))
        eventually(lambda: sessions(live) == 0)
        with contextlib.suppress(ConnectionError):
            while connection.recv(4_096):
                pass


def test_who_answers_no_ping_is_disconnected(live: Live, connect: Callable[[Live], websocket.WebSocket]) -> None:
    engine = live.dashboard.site.clients._transport._engine  # type: ignore[attr-defined]
    engine.ping_interval = engine.ping_timeout = 0.2
    connection = connect(live)
    connection.send("40/dashboard,")
    assert "2" in messages(connection)
    eventually(lambda: sessions(live) == 0 and len(live.dashboard.site.clients) == 0)


@pytest.mark.parametrize("missing", ["Sec-WebSocket-Key", "Sec-WebSocket-Version"])
def test_a_handshake_without_a_needed_header_is_a_bad_request(live: Live, missing: str) -> None:
    headers = {name: value for name, value in UPGRADE.items() if name != missing}
    answer = requests.get(f"{live.url}{ENGINE}websocket", headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert sessions(live) == 0


def test_clients_that_do_not_read_their_snapshots_take_a_bounded_part_of_the_memory(
    start: Callable[..., Live],
) -> None:
    live = start()
    transport: Any = live.dashboard.site.clients._transport
    transport._total_bytes = 3_000_000
    for number in range(20):
        live.write(f"inbox/t{number}.yaml", title="x" * 30_000)
    live.sync()
    sleepers = []
    for _ in range(12):
        sleepers.append(Sleeper(live))
        waiting = sum(session.queue.bytes for session in transport._engine.sockets.values())
        assert waiting <= 4_000_000
    live.listen().first("snapshot")
    for sleeper in sleepers:
        sleeper.close()


def test_the_oldest_session_of_the_address_that_has_most_gives_way() -> None:
    ended: list[str] = []

    def end(sid: str, reason: str) -> None:
        limits.forget(sid)
        ended.append(sid)

    limits = SessionLimits(3, 9, end)
    for sid, address in [("a", "1"), ("b", "2"), ("c", "2"), ("d", "1"), ("e", "1")]:
        assert limits.begin(sid, {"REMOTE_ADDR": address})
    assert ended == ["b", "a"]
    limits.accept("c")
    assert limits.begin("f", {"REMOTE_ADDR": "3"})
    assert ended == ["b", "a"]


def test_there_is_a_limit_to_those_that_are_accepted_too() -> None:
    limits = SessionLimits(3, 2, lambda sid, reason: None)
    for sid in "ab":
        assert limits.begin(sid, {})
        limits.accept(sid)
    assert not limits.begin("c", {})
    limits.forget("a")
    assert limits.begin("c", {})


def test_one_address_other_than_this_machines_has_its_share_only() -> None:
    limits = SessionLimits(9, 9, lambda sid, reason: None, per_address=2)
    far, near = {"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": "127.0.0.1"}
    assert [limits.begin(sid, far) for sid in "abc"] == [True, True, False]
    assert all(limits.begin(sid, near) for sid in "defg")
    assert limits.begin("h", {"REMOTE_ADDR": "192.0.2.8"})
    limits.forget("a")
    limits.forget("a")
    assert [limits.begin(sid, far) for sid in "ij"] == [True, False]


def test_after_the_end_nobody_is_let_in(live: Live) -> None:
    live.dashboard.site.clients.close()
    answer = requests.get(f"{live.url}/socket.io/?EIO=4&transport=polling", timeout=60)
    assert (answer.status_code, answer.json()["error"]) == (503, "The service is stopping.")
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(
            f"{live.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket", timeout=60
        )


def test_a_client_whose_session_ends_while_it_connects_does_not_stay(
    start: Callable[..., Live], connect: Callable[[Live], websocket.WebSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start()
    clients = live.dashboard.site.clients
    connect_client, add_client, added = clients.connect, clients.add, threading.Event()

    def connect_and_end(*arguments: Any) -> Client:
        client = connect_client(*arguments)
        clients._transport._end(client.connection.sid, "ended")  # type: ignore[attr-defined]
        return client

    def add(client: Client) -> None:
        add_client(client)
        added.set()

    monkeypatch.setattr(clients, "connect", connect_and_end)
    monkeypatch.setattr(clients, "add", add)
    connection = connect(live)
    connection.send("40/dashboard,")
    assert added.wait(60)
    assert clients.subscriptions() == []
