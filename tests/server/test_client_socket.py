"""The socket of a client in a request thread: it waits, but not for ever, and not in all threads at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from llm_service.server import client_socket
from llm_service.server.client_socket import ClientSocket, ClientStalled, WaitLimit


class Pair:
    """Our end of a TCP connection, the client's, and a clock that is set by hand."""

    def __init__(self, reads: int = 4) -> None:
        self.now = 0.0
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.client = socket.create_connection(listening.getsockname())
            self.ours = ClientSocket(listening.accept()[0], WaitLimit(reads), lambda: self.now)

    def close(self) -> None:
        self.client.close()
        self.ours.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def test_bytes_are_waited_for(pair: Pair) -> None:
    pair.ours.begin_request()
    timer = threading.Timer(0.05, lambda: pair.client.sendall(b"late"))
    timer.start()
    assert pair.ours.recv(10) == b"late"
    timer.join()
    pair.client.close()
    assert pair.ours.recv(10) == b""


def test_a_body_that_comes_too_slowly_is_given_up(pair: Pair) -> None:
    pair.ours.begin_request()
    for _ in range(5):
        pair.client.sendall(b"x")
        assert pair.ours.recv(1) == b"x"
        pair.now += 4.5
    with pytest.raises(ClientStalled) as stalled:
        pair.ours.recv(1)
    assert stalled.value.errno == 104  # ECONNRESET, which servers expect


def test_a_body_that_comes_fast_may_take_as_long_as_it_is_long(pair: Pair) -> None:
    pair.ours.begin_request()
    for _ in range(10):
        pair.client.sendall(b"x" * 65_536)
        received = 0
        while received < 65_536:
            received += len(pair.ours.recv(65_536))
        pair.now += 3.5


def test_few_threads_wait_for_bodies_at_once_and_a_further_one_does_not_wait() -> None:
    pair = Pair(reads=1)
    pair.ours.begin_request()
    with pair.ours._reads, pytest.raises(ClientStalled):
        pair.ours.recv(1)
    pair.client.sendall(b"x")
    pair.client.shutdown(socket.SHUT_WR)
    assert pair.ours.recv(1) == b"x"
    pair.close()


def test_after_the_answer_only_what_has_arrived_is_read_and_not_much_of_it(pair: Pair) -> None:
    pair.ours.begin_request()
    pair.ours.end_request()
    with pytest.raises(ClientStalled):
        pair.ours.recv(1)


def test_a_client_that_does_not_read_ends_the_write(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_socket, "STALL_S", 0.05)
    with pytest.raises(ClientStalled):
        pair.ours.sendall(b"x" * 100_000_000)


def test_what_a_server_sets_has_no_effect(pair: Pair) -> None:
    pair.ours.setblocking(True)
    pair.ours.settimeout(None)
    pair.ours.begin_request()
    pair.ours.end_request()
    with pytest.raises(ClientStalled):
        pair.ours.recv(1)
