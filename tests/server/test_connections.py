"""Connections that no thread serves: requests are served when they have arrived, and nothing waits for ever."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from kit.live import eventually

from llm_service.server import connections
from llm_service.server.connections import Connection, Connections

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Loop:
    """Connections over a real listener; what is served is collected; the clock is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.has_threads = True
        self.served: list[Connection] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.connections = Connections([self._listening], self._serve, lambda accepted: accepted, lambda: self.now)
        self._clients: list[socket.socket] = []

    def _serve(self, connection: Connection) -> bool:
        if self.has_threads:
            self.served.append(connection)
        return self.has_threads

    def client(self, data: bytes = b"") -> socket.socket:
        """A client that has sent this, and was accepted."""
        waiting, served = self.connections.waiting, len(self.served)
        client = socket.create_connection(self._listening.getsockname(), timeout=60)
        self._clients.append(client)
        client.sendall(data)
        eventually(lambda: self.turn() or self.connections.waiting > waiting or len(self.served) > served)
        return client

    def turn(self) -> None:
        """Handle what has happened."""
        for _ in range(3):
            self.connections.turn(0.005)

    def bodies(self) -> list[bytes]:
        """What has arrived of the requests that are served."""
        self.turn()
        return [bytes(one.buffer) for one in self.served]

    def answer(self, client: socket.socket) -> bytes:
        """The first line of what the client gets."""
        client.settimeout(0.01)

        def line() -> bytes:
            self.turn()
            try:
                return client.recv(4_096).split(b"\r\n")[0] or b"closed"
            except TimeoutError:
                return b""
            except ConnectionResetError:
                return b"closed"

        found: bytes = eventually(line)
        return found

    def close(self) -> None:
        for client in [*self._clients, *(one.socket for one in self.served), self._listening]:
            client.close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"G", GET[1:]),
        (GET[:-1], b"\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", b"c"),
        (b"POST / HTTP/1.1\r\ncontent-length:3\r\nX: y\r\n\r\n", b"abc"),
    ],
)
def test_a_request_is_served_when_it_has_arrived_and_not_before(loop: Loop, begin: bytes, end: bytes) -> None:
    client = loop.client(begin)
    assert loop.bodies() == []
    client.sendall(end)
    eventually(lambda: loop.bodies() == [begin + end])


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_request_whose_body_cannot_be_collected_is_served_at_once(loop: Loop, head: bytes) -> None:
    loop.client(head)
    eventually(lambda: loop.bodies() == [head])


def test_hundreds_of_unfinished_requests_take_no_thread_and_end_in_time(loop: Loop) -> None:
    clients = [loop.client(GET[: number % 20]) for number in range(100)]
    loop.now += 9
    late = loop.client(b"GET")
    assert loop.connections.waiting == 101
    loop.client(GET)
    assert len(loop.served) == 1
    loop.now += 2
    assert [loop.answer(client) for client in clients[:3]] == [
        b"closed",
        b"HTTP/1.1 408 Request Timeout",
        b"HTTP/1.1 408 Request Timeout",
    ]
    loop.now += 9
    assert loop.answer(late) == b"HTTP/1.1 408 Request Timeout"
    loop.now += 6
    eventually(lambda: loop.turn() or loop.connections.waiting == 0)


def test_a_head_that_does_not_end_is_refused(loop: Loop) -> None:
    client = loop.client(b"GET / HTTP/1.1\r\n")
    client.sendall(b"X: y\r\n" * 12_000)
    assert loop.answer(client) == b"HTTP/1.1 431 Request Header Fields Too Large"


def test_many_large_unfinished_requests_do_not_fill_the_memory(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_BUFFER_BYTES", 100_000)
    clients = [loop.client(b"G") for _ in range(10)]
    for client in clients:
        client.sendall(b"y" * 30_000)
    eventually(lambda: loop.turn() or loop.connections.waiting <= 3)


def test_where_too_many_wait_the_oldest_gives_way_and_a_new_one_is_served(loop: Loop) -> None:
    loop.connections._limit = 5
    clients = [loop.client(b"G")]
    for _ in range(9):
        clients.append(socket.create_connection(clients[0].getpeername(), timeout=60))
    eventually(lambda: loop.turn() or loop.answer(clients[0]) == b"closed")
    clients[-1].sendall(GET)
    eventually(lambda: loop.bodies() == [GET])
    for client in clients:
        client.close()


def test_a_kept_connection_waits_for_the_next_request_and_one_that_came_along_is_served(loop: Loop) -> None:
    client = loop.client(GET)
    (connection,) = loop.served
    loop.connections.finished(connection, True, GET + b"GET /2")
    assert len(loop.served) == 2
    loop.connections.finished(connection, True, b"GET /2")
    loop.turn()
    client.sendall(b" HTTP/1.1\r\n\r\n")
    eventually(lambda: loop.turn() or len(loop.served) == 3)
    assert bytes(loop.served[2].buffer) == b"GET /2 HTTP/1.1\r\n\r\n"
    loop.connections.finished(connection, True)
    loop.now += 6
    assert loop.answer(client) == b"closed"


def test_a_client_that_still_sends_can_read_its_answer_and_one_that_does_not_close_is_closed(loop: Loop) -> None:
    client = loop.client(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    (connection,) = loop.served
    connection.socket.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\n")
    loop.connections.finished(connection, False)
    for _ in range(40):
        client.sendall(b"x" * 50_000)
        loop.turn()
    assert loop.answer(client) == b"HTTP/1.1 413 Content Too Large"
    assert loop.connections.waiting == 1
    loop.now += 6
    loop.turn()
    assert loop.connections.waiting == 0


def test_without_a_thread_the_one_request_is_refused(loop: Loop) -> None:
    loop.has_threads = False
    client = loop.client()
    client.sendall(GET)
    assert loop.answer(client) == b"HTTP/1.1 503 Service Unavailable"
    loop.has_threads = True
    loop.client(GET)
    assert len(loop.served) == 1


def test_calls_of_other_threads_are_made_in_the_loop(loop: Loop) -> None:
    called: list[int] = []
    for number in range(100):
        loop.connections.call_soon(lambda number=number: called.append(number))
    loop.turn()
    assert called == list(range(100))
