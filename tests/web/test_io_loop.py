"""One thread that calls later, and when sockets take bytes again."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kit.live import eventually

from llm_service.web import io_loop
from llm_service.web.io_loop import IoLoop


@pytest.fixture
def loop() -> Iterator[IoLoop]:
    """A loop, whose thread ends with the test."""
    before = set(threading.enumerate())
    made = IoLoop()
    yield made
    made.close()
    eventually(lambda: set(threading.enumerate()) <= before)


def full() -> tuple[socket.socket, socket.socket]:
    """A connection whose first end takes no more bytes."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            ours.send(b"x" * 65_536)
    return ours, theirs


def test_calls_come_in_the_order_of_their_times_and_one_that_fails_stops_no_other(
    loop: IoLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    has_begun, may_go_on = threading.Event(), threading.Event()
    loop.call_later(0, lambda: has_begun.set() or may_go_on.wait(60))  # none is made before all are known
    assert has_begun.wait(60)
    now = time.monotonic()
    with monkeypatch.context() as patch:  # so that they are that far apart, however busy the machine is
        patch.setattr(io_loop.time, "monotonic", lambda: now)
        loop.call_later(0.10, lambda: called.append("late"))
        loop.call_later(0.01, lambda: 1 / 0)
        loop.call_later(0.05, lambda: called.append("soon"))
    may_go_on.set()
    eventually(lambda: called == ["soon", "late"])


def test_a_socket_is_told_once_when_it_takes_bytes_again(loop: IoLoop) -> None:
    called: list[Any] = []
    ours, theirs = full()
    loop.when_writable(ours, lambda: called.append(time.monotonic()))
    loop.call_later(0.05, lambda: called.append("nothing yet"))
    eventually(lambda: called == ["nothing yet"])
    theirs.recv(1_000_000)
    eventually(lambda: len(called) == 2)
    ours.close()
    theirs.close()


def test_a_socket_that_was_closed_does_not_stand_in_the_way_of_the_next_with_its_number(loop: IoLoop) -> None:
    called: list[Any] = []
    for _ in range(5):
        ours, theirs = full()
        loop.when_writable(ours, lambda: called.append("never"))
        reached = threading.Event()
        loop.call_later(0, reached.set)
        assert reached.wait(60)
        ours.close()
        theirs.close()
    ours, theirs = full()
    loop.when_writable(ours, lambda: called.append("now"))
    theirs.recv(1_000_000)
    eventually(lambda: "now" in called)
    loop.when_writable(ours, lambda: called.append("again"))
    eventually(lambda: "again" in called)
    ours.close()
    loop.when_writable(ours, lambda: called.append("closed"))
    eventually(lambda: "closed" in called)
    theirs.close()


def test_without_a_thread_the_caller_is_told_and_the_next_call_tries_again(
    loop: IoLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    called = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            loop.call_later(0, called.set)
    loop.call_later(0, called.set)
    assert called.wait(60)


def test_a_socket_is_told_when_it_has_bytes_and_when_it_takes_them_each_once(loop: IoLoop) -> None:
    called: list[str] = []
    ours, theirs = full()
    loop.when_readable(ours, lambda: called.append("has"))
    loop.when_writable(ours, lambda: called.append("takes"))
    theirs.send(b"x")
    eventually(lambda: called == ["has"])
    theirs.send(b"x")
    theirs.recv(1_000_000)
    eventually(lambda: called == ["has", "takes"])
    loop.when_readable(ours, lambda: called.append("has more"))
    eventually(lambda: called[2:] == ["has more"])
    ours.recv(2)
    loop.when_readable(ours, lambda: called.append("ended"))
    theirs.close()
    eventually(lambda: called[3:] == ["ended"])
    ours.close()
