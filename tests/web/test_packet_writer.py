"""The packets of a Socket.IO session are all written, in order, whenever its socket is full."""

from __future__ import annotations

import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engineio.packet import MESSAGE, Packet
from kit.frames import UPGRADE, frame
from kit.live import eventually
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import Message

from llm_service.web.engineio_websocket import PacketWriter
from llm_service.web.io_loop import IoLoop
from llm_service.web.packet_queue import PacketQueue
from llm_service.web.websocket_connection import InputLimit, WebSocket
from llm_service.web.websocket_frames import text_frame

PAYLOAD = "x" * 50_000
_PING = 0x9


class Client:
    """The other end of a WebSocket: `texts` are the messages that it has received."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._frames = Connection(ConnectionType.CLIENT)
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)

    def ping(self) -> None:
        self._end.sendall(frame(b"", _PING))

    def start_reading(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._end.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._end.close()

    def _read(self) -> None:
        while data := self._end.recv(10_000):
            self._frames.receive_data(data)
            for event in self._frames.events():
                if isinstance(event, Message):
                    self._parts.append(str(event.data))
                    if event.message_finished:
                        self.texts.append("".join(self._parts))
                        self._parts.clear()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, WebSocket, Client]]:
    """Our socket, the connection on it, and the client of that."""
    ours, theirs = socket.socketpair()
    environ: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in UPGRADE.items()}
    connection = WebSocket({**environ, "HTTP_HOST": "board", "gunicorn.socket": ours}, InputLimit(1e6, 1e6))
    assert theirs.recv(2_000).endswith(b"\r\n\r\n")
    client = Client(theirs)
    yield ours, connection, client
    client.end()
    ours.close()


def packets(count: int) -> Iterator[Packet]:
    for number in range(count):
        yield Packet(MESSAGE, data=f"{number} {PAYLOAD}")


class QuickLoop(IoLoop):
    """Calls as soon as the connection takes bytes, which may be before the thread that asked has gone on."""

    def when_writable(self, connection: Any, call: Callable[[], object]) -> None:
        select.select([], [connection], [])
        call()


@pytest.mark.parametrize("is_offered", [False, True])
def test_a_socket_that_takes_bytes_again_at_once_gets_all_that_waits(
    ends: tuple[socket.socket, WebSocket, Client], is_offered: bool
) -> None:
    _, connection, client = ends
    waiting = PacketQueue(1_000, 100_000_000)
    writer = PacketWriter(connection, waiting, QuickLoop())
    client.start_reading()
    expected = []
    for packet in packets(40):
        expected.append(packet.encode())
        if not is_offered or not writer.offer(text_frame(packet.encode().encode())):
            waiting.put(packet)
            writer.write()
    eventually(lambda: client.texts == expected)
    assert writer.unsent == 0


def test_no_frame_overtakes_a_packet_that_was_taken_and_is_not_written_yet(
    ends: tuple[socket.socket, WebSocket, Client],
) -> None:
    _, connection, client = ends
    accepted = []

    class Offering(PacketQueue):
        """A frame is offered whenever a packet is taken."""

        def take(self) -> Any:
            packet = super().take()
            accepted.append(writer.offer(text_frame(b"later")))
            return packet

    waiting = Offering(10, 1_000_000)
    writer = PacketWriter(connection, waiting, IoLoop())
    waiting.on_put = writer.write
    waiting.put(Packet(MESSAGE, data="first"))
    assert accepted == [False]
    assert writer.offer(text_frame(b"second"))
    client.start_reading()
    eventually(lambda: client.texts == ["4first", "second"])


def test_frames_that_are_offered_while_others_put_packets_are_read_in_order(
    ends: tuple[socket.socket, WebSocket, Client],
) -> None:
    _, connection, client = ends
    loop = IoLoop()
    waiting = PacketQueue(100_000, 100_000_000)
    writer = PacketWriter(connection, waiting, loop)
    waiting.on_put = writer.write
    switch_interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def put() -> None:
        for number in range(500):
            waiting.put(Packet(MESSAGE, data=f"put {number}"))
            client.ping()

    def drain() -> None:
        while other.is_alive():
            connection.drain()

    client.start_reading()
    other = threading.Thread(target=put, daemon=True)
    reader = threading.Thread(target=drain, daemon=True)
    try:
        other.start()
        reader.start()
        for number in range(1_000):
            packet = Packet(MESSAGE, data=f"offered {number} {'x' * 500}")
            if not writer.offer(text_frame(packet.encode().encode())):
                waiting.put(packet)
        other.join()
        reader.join()
        eventually(lambda: len(client.texts) == 1_500)
    finally:
        sys.setswitchinterval(switch_interval)
        loop.close()
    for kind, count in (("offered", 1_000), ("put", 500)):
        numbers = [int(text.split()[1]) for text in client.texts if text.startswith(f"4{kind} ")]
        assert numbers == list(range(count))


def test_no_packet_is_lost_when_the_answer_to_a_ping_finds_the_socket_full(
    ends: tuple[socket.socket, WebSocket, Client],
) -> None:
    ours, connection, client = ends

    class Pinged(PacketQueue):
        """A ping arrives whenever a packet is taken."""

        def take(self) -> Any:
            packet = super().take()
            client.ping()
            connection.drain()
            return packet

    fill = text_frame(b"fill")
    filled = 0
    with pytest.raises(BlockingIOError):
        while ours.send(fill):
            filled += 1
    waiting = Pinged(1_000, 100_000_000)
    loop = IoLoop()
    writer = PacketWriter(connection, waiting, loop)
    waiting.on_put = writer.write
    for packet in packets(3):
        waiting.put(packet)
    client.start_reading()
    eventually(lambda: client.texts[filled:] == [packet.encode() for packet in packets(3)])
    assert client.texts[:filled] == ["fill"] * filled
    loop.close()
