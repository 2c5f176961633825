"""SSE and WebSocket streams: heartbeats counted from the last write, clients that have left, what clients send."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import websocket
from flask import Flask
from kit.frames import UPGRADE, frame, upgrade
from kit.live import eventually
from werkzeug.serving import WSGIRequestHandler, make_server

from llm_service.errors import ServiceError
from llm_service.hub.event import Event
from llm_service.hub.ring import Hub
from llm_service.web.snapshots import Snapshots
from llm_service.web.sse import stream_blueprint
from llm_service.web.websocket import INPUT_BYTES, websocket_blueprint

HEARTBEAT_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Event):
    """An event of a topic that nobody here follows."""

    type: ClassVar[str] = "other.happened"
    topic: ClassVar[str] = "other"

    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Event):
    """An event of the topic that is followed."""

    type: ClassVar[str] = "own.happened"
    topic: ClassVar[str] = "own"

    number: int = 0


class Streams:
    """Both kinds of streams over a hub, served for real, with a short heartbeat; `open` counts the streams."""

    topics = ("own", "other", "all")
    observer = None

    def __init__(self) -> None:
        self.hub = Hub()
        self.hub.progress.complete()
        self.state: dict[str, Any] = {"tasks": []}
        self.open = 0
        flask = Flask("test")
        snapshots = Snapshots(self)  # type: ignore[arg-type]
        flask.register_blueprint(stream_blueprint(self, snapshots, HEARTBEAT_S))  # type: ignore[arg-type]
        flask.register_blueprint(websocket_blueprint(self, snapshots, HEARTBEAT_S))  # type: ignore[arg-type]
        flask.register_error_handler(ServiceError, lambda error: (error.as_json(), error.http_status))

        class Handler(WSGIRequestHandler):
            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                pass

        self._server = make_server("127.0.0.1", 0, flask, threaded=True, request_handler=Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._busy = threading.Event()
        self._threads = [threading.Thread(target=self._server.serve_forever, args=(0.05,))]
        self._threads[0].start()

    def snapshot(self, topics: Collection[str], projects: frozenset[str] | None = None) -> dict[str, Any]:
        return self.state

    def be_busy(self) -> None:
        """Publish an event of the other topic every 20 ms, until the end."""

        def publish() -> None:
            while not self._busy.wait(0.02):
                self.hub.publish(Other())

        self._threads.append(threading.Thread(target=publish))
        self._threads[-1].start()

    def serving(self) -> int:
        """How many request threads there are."""
        return sum("process_request_thread" in thread.name for thread in threading.enumerate())

    def stop(self) -> None:
        self._busy.set()
        self.hub.stop()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def streams() -> Iterator[Streams]:
    made = Streams()
    yield made
    made.stop()


@pytest.fixture
def sse(streams: Streams) -> Iterator[Callable[[], socket.socket]]:
    """Open a stream; closed at the end."""
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", streams.port), timeout=60)
        connection.sendall(b"GET /streams/own HTTP/1.1\r\nHost: x\r\n\r\n")
        opened.append(connection)
        return connection

    yield connect
    for one in opened:
        one.close()


def test_a_quiet_stream_has_heartbeats_while_another_topic_is_busy(
    streams: Streams, sse: Callable[[], socket.socket]
) -> None:
    streams.be_busy()
    began = time.monotonic()
    reader = sse().makefile("rb")
    heartbeats = 0
    while heartbeats < 4:
        heartbeats += reader.readline() == b": heartbeat\n"
    assert time.monotonic() - began > HEARTBEAT_S * 3.5  # not one after each event of the other topic


def test_a_quiet_websocket_has_heartbeats_while_another_topic_is_busy(streams: Streams) -> None:
    streams.be_busy()
    connection = websocket.create_connection(f"ws://127.0.0.1:{streams.port}/ws/own", timeout=60)
    kinds = [json.loads(connection.recv())["type"] for _ in range(4)]
    assert kinds == ["snapshot", "heartbeat", "heartbeat", "heartbeat"]
    connection.close()


def test_a_heartbeat_is_counted_from_the_last_write(streams: Streams) -> None:
    connection = websocket.create_connection(f"ws://127.0.0.1:{streams.port}/ws/own", timeout=60)
    connection.recv()
    began = written = time.monotonic()
    while time.monotonic() - began < HEARTBEAT_S * 2.5:
        published = time.monotonic()
        streams.hub.publish(Own())
        while (kind := json.loads(connection.recv())["type"]) == "heartbeat":
            # Only where this test was held up for so long that the stream was quiet before.
            assert published - written >= HEARTBEAT_S
        assert kind == "own.happened"
        written = published
    connection.close()


@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
def test_the_thread_of_a_client_that_left_is_free_within_seconds(
    streams: Streams, sse: Callable[[], socket.socket], busy: bool
) -> None:
    if busy:
        streams.be_busy()
    connections = [sse() for _ in range(4)]
    for connection in connections:
        assert connection.recv(20)
    web = [websocket.create_connection(f"ws://127.0.0.1:{streams.port}/ws/own", timeout=60) for _ in range(4)]
    eventually(lambda: streams.serving() == 8)
    for connection in connections:
        connection.close()
    for one in web:
        one.sock.close()
    eventually(lambda: streams.serving() == 0)


def test_a_client_that_only_closed_its_side_still_gets_its_events(
    streams: Streams, sse: Callable[[], socket.socket]
) -> None:
    connection = sse()
    reader = connection.makefile("rb")
    while reader.readline() != b"event: snapshot\n":
        pass
    connection.shutdown(socket.SHUT_WR)
    lines = [reader.readline() for _ in range(8)]
    assert b": heartbeat\n" in lines
    streams.hub.publish(Own())
    while reader.readline() != b"event: own.happened\n":
        pass


@pytest.mark.parametrize("missing", ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Connection"])
def test_a_handshake_without_a_needed_header_is_a_bad_request(streams: Streams, missing: str) -> None:
    # RFC 6455, section 4.2.1
    headers = {name: value for name, value in UPGRADE.items() if name != missing}
    connection = http.client.HTTPConnection("127.0.0.1", streams.port, timeout=60)
    connection.request("GET", "/ws/own", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 400
    assert json.loads(answer.read())["success"] is False
    connection.close()


def _bomb() -> bytes:
    """A compressed message (RFC 7692) of 49 kB that unpacks to 50 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bytearray(frame((packer.compress(b"x" * 50_000_000) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]))
    packed[0] |= 0x40
    return bytes(packed)


def floods() -> dict[str, list[bytes]]:
    """What a client may send without end."""
    return {
        "messages": [frame(b"x" * 60_000)] * 20,
        "a message in fragments": [frame(b"x", final=False)] + [frame(b"x" * 30_000, 0, False)] * 40,
        "empty fragments": [frame(b"x", final=False)] + [frame(b"", 0, False) * 1_000] * 80,
        "pings": [frame(b"p" * 125, 9) * 1_000] * 10,
        "a frame of 2 GB": [b"\x81\xff" + (1 << 31).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 60_000]
        + [b"x" * 60_000] * 20,
        "garbage": [b"\xff" * 100],
        "what unpacks to 50 MB": [_bomb()],
        "a frame that is not masked": [b"\x81\x05hello"],
    }


@pytest.mark.parametrize("name", floods())
def test_a_client_that_sends_too_much_or_what_is_no_websocket_is_disconnected(streams: Streams, name: str) -> None:
    with socket.create_connection(("127.0.0.1", streams.port), timeout=60) as connection:
        upgrade(connection, "/ws/own", "Sec-WebSocket-Extensions: permessage-deflate")
        with contextlib.suppress(OSError):
            for data in floods()[name]:
                connection.sendall(data)
        eventually(lambda: streams.serving() == 0)


def test_what_a_client_says_in_passing_is_dropped_and_its_pings_are_answered(streams: Streams) -> None:
    connection = websocket.create_connection(f"ws://127.0.0.1:{streams.port}/ws/own", timeout=60)
    connection.recv()
    for _ in range(20):
        connection.send("hello" * 100)
    assert INPUT_BYTES > 20 * 500
    connection.ping(b"there?")
    while connection.recv_data_frame(control_frame=True)[1].data != b"there?":
        pass
    streams.hub.publish(Own())
    while json.loads(connection.recv())["type"] != "own.happened":
        pass
    connection.close()


def test_a_long_snapshot_passes_where_a_client_takes_messages_of_1_mib(streams: Streams) -> None:
    streams.state = {"tasks": [{"id": f"t{number}", "text": "x" * 700} for number in range(3_000)]}
    connection = websocket.create_connection(f"ws://127.0.0.1:{streams.port}/ws/own", timeout=60)
    tasks: list[Any] = []
    while True:
        text = connection.recv()
        assert len(text) < 256_000
        part = json.loads(text)
        tasks += part["tasks"]
        if part["part"] == part["of"]:
            break
    assert tasks == streams.state["tasks"]
    connection.close()
