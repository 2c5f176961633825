"""The ring, the journal and the journal of a board have one interface: what was published before a flush is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from kit.boards import Peer
from kit.redis_server import RedisServer

from llm_service.hub.event import ServiceRecovered
from llm_service.hub.event_log import EventLog
from llm_service.hub.journal import Journal
from llm_service.hub.journal_segments import Bounds
from llm_service.hub.redis_link import BoardKeys
from llm_service.hub.ring import Hub

Made = tuple[EventLog, Callable[[int], object], Callable[[], int]]
"""A log, what publishes an event, and how many are there."""


def ring(folder: Path) -> Made:
    hub = Hub()
    return hub, lambda number: hub.publish(ServiceRecovered(root=f"{number}", mode="x")), lambda: hub.seq


def journal(folder: Path) -> Made:
    hub, made = Hub(), Journal(str(folder / "journal"), Bounds(1_000_000, 1))
    hub.subscribe(made.on_event)
    return (
        made,
        lambda number: hub.publish(ServiceRecovered(root=f"{number}", mode="x")),
        lambda: len(made.read().events),
    )


@pytest.mark.parametrize("make", [ring, journal])
def test_what_is_published_is_there_after_a_flush(make: Callable[[Path], Made], tmp_path: Path) -> None:
    check(*make(tmp_path))


def test_so_it_is_with_the_journal_of_a_board(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server, server.client() as client:
        peer = Peer(server.url)
        state = BoardKeys("team").state(peer.observer, "tasks")
        check(peer.journal, lambda number: peer.write(f"t{number}", "x"), lambda: client.hlen(state))


def check(log: EventLog, publish: Callable[[int], object], count: Callable[[], int]) -> None:
    log.start()
    try:
        for number in range(50):
            publish(number)
        assert log.flush(60) and log.waiting == 0 and log.trouble is None
        assert count() == 50
    finally:
        log.stop()


def test_the_journal_of_a_board_says_that_it_is_not_there_in_time(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        server.kill()
        peer = Peer(server.url)
        peer.write("a", "1")
        assert not peer.journal.flush(0.01) and peer.journal.waiting == 1
