"""The coupling to python-engineio: what it needs, and the dashboard when a release of engineio does not have it."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from engineio.async_drivers import _websocket_wsgi
from engineio.packet import Packet
from engineio.socket import Socket
from flask import Flask
from flask_socketio import SocketIO
from kit.live import Live, eventually, value_of
from kit.sleeper import Sleeper
from socketio.manager import Manager

from llm_service.hub.event import ServiceProgress
from llm_service.web import transport
from llm_service.web.engineio_transport import EngineioTransport, missing_internals
from llm_service.web.transport import PublicTransport, TransportLimits, select_transport


@pytest.fixture
def server() -> Any:
    """The server of python-socketio, set up like the dashboard's."""
    return SocketIO(Flask("test"), async_mode="threading").server


def test_the_installed_engineio_has_all_that_the_fast_transport_uses(server: Any) -> None:
    version = importlib.metadata.version("python-engineio")
    assert missing_internals(server) == [], (
        f"python-engineio {version} has other internals than web/engineio_transport.py uses. The dashboard falls back"
        " to PublicTransport. Adapt EngineioTransport, or lower the bound in requirements.txt."
    )
    assert isinstance(select_transport(server, "/x", TransportLimits()), EngineioTransport)


def without(owner: Any, name: str) -> Callable[[pytest.MonkeyPatch, Any], None]:
    return lambda patch, server: patch.delattr(owner, name)


def replaced(owner: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch, Any], None]:
    return lambda patch, server: patch.setattr(owner, name, value)


def on_engine(name: str, value: Any) -> Callable[[pytest.MonkeyPatch, Any], None]:
    return lambda patch, server: patch.setattr(server.eio, name, value)


class _OtherSocket(Socket):  # type: ignore[misc]
    __slots__ = ()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (without(_websocket_wsgi, "SimpleWebSocketWSGI"), "no SimpleWebSocketWSGI(handler, server)"),
        (without(Socket, "_send_ping"), "no Socket._send_ping()"),
        (on_engine("handlers", {}), "no Server.handlers['message']"),
        (on_engine("sleep", None), "no Server.sleep(seconds)"),
        (on_engine("_async", {"websocket": None}), "no Server._async['websocket']"),
        (on_engine("_async", None), "no Server._async['websocket']"),
        (on_engine("sockets", []), "no Server.sockets"),
        (on_engine("send_packet", lambda packet: None), "no Server.send_packet(sid, pkt)"),
        (on_engine("create_queue", queue.SimpleQueue), "no Socket.queue of type queue.Queue"),
        (on_engine("create_queue", None), "Socket(server, sid) raises TypeError"),
        (without(Manager.__mro__[1], "eio_sid_from_sid"), "no Manager.eio_sid_from_sid"),
        (without(Socket, "_websocket_handler"), "no Socket._websocket_handler(ws)"),
        (replaced(Socket, "close", lambda self, wait: None), "no Socket.close(wait, abort, reason)"),
        (replaced(Packet, "encode", lambda self: b"42"), "no Packet.encode() as text"),
    ],
)
def test_an_internal_that_is_gone_or_has_another_shape_is_named_and_the_public_api_is_used(
    server: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[pytest.MonkeyPatch, Any], None],
    missing: str,
) -> None:
    change(monkeypatch, server)
    assert missing in missing_internals(server)
    assert isinstance(select_transport(server, "/x", TransportLimits()), PublicTransport)
    (line,) = [record for record in caplog.records if record.name == transport.__name__]
    assert missing in line.getMessage()
    assert line.levelno == logging.WARNING


@pytest.fixture
def fallback(monkeypatch: pytest.MonkeyPatch, start: Callable[..., Live]) -> Callable[..., Live]:
    """Start dashboards as if this release of engineio did not have the class that we extend."""
    importlib.import_module("engineio.async_drivers.threading")  # has a reference of its own to the class
    monkeypatch.delattr(_websocket_wsgi, "SimpleWebSocketWSGI")

    def begin(**settings: object) -> Live:
        live = start(**settings)
        assert isinstance(live.dashboard.site.clients._transport, PublicTransport)
        return live

    return begin


def test_a_client_gets_acknowledgement_snapshot_and_every_event_without_the_internals(
    fallback: Callable[..., Live],
) -> None:
    live = fallback()
    live.write("inbox/t1.yaml")
    live.sync()
    listener = live.listen()
    for number in range(2, 32):
        live.write(f"inbox/t{number}.yaml")
    listener.first("task.created", id="t31")
    names = [name for name, _ in listener.got]
    assert names[:2] == ["connection_ack", "snapshot"]
    seen = listener.upto(live.sync())
    numbers = [body["seq"] for _, body in seen]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    listener.close()
    live.write("inbox/t32.yaml")
    again = live.listen(since=numbers[-1], epoch=live.dashboard.hub.epoch)
    again.first("task.created", id="t32")
    assert "snapshot" not in [name for name, _ in again.got]


def test_a_client_that_polls_gets_events_without_the_internals(fallback: Callable[..., Live]) -> None:
    live = fallback()
    url = f"{live.url}/socket.io/?EIO=4&transport=polling"
    session = requests.Session()
    handshake = json.loads(session.get(url, timeout=60).text[1:])
    assert handshake["upgrades"] == []
    url += f"&sid={handshake['sid']}"
    session.post(url, data="40/dashboard,", timeout=60)
    packets: list[str] = []

    def polled(name: str) -> bool:
        packets.extend(session.get(url, timeout=60).text.split("\x1e"))
        return any(packet.startswith(f'42/dashboard,["{name}"') for packet in packets)

    eventually(lambda: polled("snapshot"))
    live.write("inbox/t1.yaml")
    eventually(lambda: polled("task.created"))
    session.close()


def test_a_wrong_token_is_refused_with_a_reason_without_the_internals(fallback: Callable[..., Live]) -> None:
    live = fallback(token="secret-token-of-24-letters")
    wrong = live.listen(token="wrong")
    assert wrong.first("error")["code"] == "UNAUTHORIZED"
    eventually(lambda: not wrong.client.connected)
    live.listen(token="secret-token-of-24-letters").first("snapshot")
    assert [name for name, _ in wrong.got] == ["error"]


@pytest.fixture
def sleeper() -> Iterator[Callable[[Live], Sleeper]]:
    """Connect clients that never read; they hang up at the end of the test."""
    made: list[Sleeper] = []

    def connect(live: Live) -> Sleeper:
        made.append(Sleeper(live))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_client_that_never_reads_is_cut_off_without_the_internals_and_its_threads_end(
    fallback: Callable[..., Live], sleeper: Callable[[Live], Sleeper]
) -> None:
    live = fallback(client_queue_events=50, ring_events=1000)
    clients = live.dashboard.site.clients
    sleeper(live)
    eventually(lambda: len(clients) == 1)
    threads = threading.active_count()
    for number in range(51):
        live.dashboard.hub.publish(ServiceProgress(done=number, total=51))
    assert clients.cut_off == 1
    eventually(lambda: len(clients) == 0 and threading.active_count() <= threads - 2)  # reader and writer
    # A client that reads is cut off too after so many events; it comes back and misses nothing.
    awake = live.listen()
    first = awake.first("snapshot")["seq"]
    for number in range(51):
        live.dashboard.hub.publish(ServiceProgress(done=number, total=51))
    eventually(lambda: len(clients) == 0)
    again = live.listen(since=first, epoch=live.dashboard.hub.epoch)
    last = live.dashboard.hub.seq
    assert [body["seq"] for _, body in again.upto(last)] == list(range(first + 1, last + 1))


def test_events_that_come_slowly_cut_nobody_off_without_the_internals(
    fallback: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    live = fallback(client_queue_events=50, ring_events=1000)
    monkeypatch.setattr(live.dashboard.site.clients._transport, "_clock", lambda: now[0])
    listener = live.listen()
    listener.first("snapshot")
    for number in range(200):
        now[0] += 1.0
        live.dashboard.hub.publish(ServiceProgress(done=number, total=200))
    listener.upto(live.dashboard.hub.seq)
    assert live.dashboard.site.clients.cut_off == 0


def test_stopping_without_the_internals_disconnects_everyone_and_ends_the_threads(
    fallback: Callable[..., Live], sleeper: Callable[[Live], Sleeper]
) -> None:
    live = fallback()
    sleeper(live)
    listener = live.listen()
    listener.first("snapshot")
    live.write("inbox/t1.yaml")
    assert value_of(listener.first("task.created", id="t1"), "id") == "t1"
    threads = threading.active_count()
    live.stop()
    eventually(lambda: not listener.client.connected)
    eventually(lambda: threading.active_count() <= threads - 4)  # reader and writer of both clients
