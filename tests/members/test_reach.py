"""Several hosts on one board, over a real redis-server: whatever happens to it, each knows what the others have.

The full counts of the contract (50 x kill -9 ...) are run by benchmarks/reach.py.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kit.boards import BOARD, Peer, is_settled, wrong
from kit.live import eventually
from kit.redis_server import RedisServer

from llm_service.errors import ServiceError
from llm_service.hub.board import encode_entry
from llm_service.hub.outbox import position_text
from llm_service.hub.packed_events import EventPacker
from llm_service.hub.redis_board import RedisBoard
from llm_service.hub.redis_check import examine
from llm_service.hub.redis_journal import ALIVE_S
from llm_service.hub.redis_link import (
    ANSWER_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    DICTIONARY,
    EVENTS,
    MEMBER,
    TEXT_EVENTS,
    BoardKeys,
    RedisLink,
    errors,
)
from llm_service.hub.redis_reader import POLL_S
from llm_service.hub.redis_session import JoinAnew
from llm_service.hub.run_token import Run
from llm_service.hub.woken_thread import LONGEST_WAIT_S, WokenThread
from llm_service.members.events import HostChanged

KEYS = BoardKeys(BOARD)
MakePeer = Callable[..., Peer]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that persists by AOF."""
    with RedisServer(tmp_path / "redis", appendonly="yes", appendfsync="everysec") as running:
        yield running


@contextmanager
def peers_of(url: str) -> Iterator[MakePeer]:
    """Makes peers, and stops them."""
    made: list[Peer] = []

    def make(**options: object) -> Peer:
        made.append(Peer(url, **options))  # type: ignore[arg-type]
        return made[-1]

    try:
        yield make
    finally:
        for peer in made:
            peer.stop()


@pytest.fixture
def make(server: RedisServer) -> Iterator[MakePeer]:
    """Makes peers of the server."""
    with peers_of(server.url) as maker:
        yield maker


@contextmanager
def writing(*peers: Peer, keys: int = 200, rate: float = 300.0) -> Iterator[None]:
    """The peers write at random for the time of the block, each in a thread."""
    ends = threading.Event()

    def write(peer: Peer, seed: int) -> None:
        chance, number = random.Random(seed), 0
        while not ends.is_set():
            number += 1
            key = f"t{chance.randrange(keys)}"
            if key in peer.tasks and chance.random() < 0.1:
                peer.remove(key)
            else:
                peer.write(key, f"{number}")
            time.sleep(1 / rate)

    threads = [threading.Thread(target=write, args=(peer, number)) for number, peer in enumerate(peers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def test_nothing_is_lost_whatever_happens_to_redis(server: RedisServer, make: MakePeer) -> None:
    peers = [make().start() for _ in range(3)]
    eventually(lambda: all(not peer.journal.trouble for peer in peers))
    chance = random.Random(7)

    def were_put_to_the_test() -> bool:
        return all(peer.journal.states_written >= 2 and peer.journal.republished > 0 for peer in peers)

    with writing(*peers):
        for _ in range(12):
            server.disturb(chance)
        while not were_put_to_the_test():  # on a busy machine they may have had nothing to write at the time
            server.disturb(chance)
    eventually(lambda: is_settled(*peers), 60)
    assert [peer.client.gaps for peer in peers] == [0, 0, 0]


def _loses_the_end(server: RedisServer, observer: Peer, reader: Peer) -> None:
    """Redis loses events that the observer has written, and that the reader has not read."""
    eventually(lambda: observer.journal.waiting == 0 and reader.state_of(observer) == "live")
    with server.client() as client:
        client.config_set("appendfsync", "always")  # a slow disk puts writes off, and then all would be lost
        client.bgrewriteaof()
    for number in range(300):
        observer.write(f"t{number}", "old")
    eventually(lambda: is_settled(observer, reader))
    server.kill()
    for number in range(300):
        observer.write(f"t{number}", "new")
    server.start()
    eventually(lambda: observer.journal.trouble is None)
    observer.write("last", "last")
    eventually(lambda: "last" in reader.knows().get(observer.observer, {}))


def test_what_was_written_while_redis_was_away_is_republished(server: RedisServer, make: MakePeer) -> None:
    observer, reader = make().start(), make().start()
    _loses_the_end(server, observer, reader)
    assert wrong(reader, observer) == 0


def test_control_without_republishing_hosts_are_wrong(server: RedisServer, make: MakePeer) -> None:
    observer, reader = make(republishes=False).start(), make().start()
    _loses_the_end(server, observer, reader)
    assert wrong(reader, observer) > 100


def _falls_behind(server: RedisServer, make: MakePeer, **options: object) -> tuple[Peer, Peer, Peer]:
    """(reader, observer, another): the reader misses 500 events of a stream of 50; then come further ones."""
    observer, another = make(max_stream=50), make()
    for number in range(400):
        observer.write(f"t{number}", "old")
    another.write("a", "1")
    for peer in (observer, another):
        peer.journal.start()
    eventually(lambda: observer.journal.since is None and another.journal.since is None)
    reader = make(**options).start()
    eventually(lambda: reader.reader.snapshots == {observer.observer: 1, another.observer: 1})
    assert wrong(reader, observer) == wrong(reader, another) == 0
    reader.reader.stop()
    for number in range(500):
        observer.write(f"t{number % 400}", "new")
    another.write("a", "2")
    eventually(lambda: observer.journal.waiting == 0 and another.journal.waiting == 0)
    with server.client() as client:
        client.xtrim(KEYS.of(observer.observer, EVENTS), maxlen=50, approximate=False)
    reader.reader._thread = WokenThread("redis-reader", reader.reader._run)
    reader.reader.start()
    observer.write("last", "last")
    eventually(lambda: "last" in reader.knows()[observer.observer])
    return reader, observer, another


def test_who_is_too_far_behind_takes_a_snapshot_of_that_host_only(server: RedisServer, make: MakePeer) -> None:
    reader, observer, another = _falls_behind(server, make)
    before = reader.client.snapshots
    eventually(lambda: wrong(reader, observer) == wrong(reader, another) == 0)
    # What is known changes before it is published, and both before the snapshot is counted.
    eventually(lambda: reader.client.known[observer.observer] == observer.own())
    eventually(lambda: reader.reader.snapshots[observer.observer] > 1)
    assert reader.reader.snapshots == {observer.observer: 2, another.observer: 1}
    assert reader.client.gaps == 0 and reader.client.snapshots == before


def test_control_without_the_check_of_numbers_nobody_notices(server: RedisServer, make: MakePeer) -> None:
    reader, observer, another = _falls_behind(server, make, checks_numbers=False)
    assert wrong(reader, observer) > 100
    assert reader.reader.snapshots == {observer.observer: 1, another.observer: 1}, "nobody noticed"


def test_a_batch_that_comes_to_a_server_that_lost_the_one_before_leaves_no_gap(
    server: RedisServer, make: MakePeer
) -> None:
    observer = make().start()
    eventually(lambda: observer.journal.since is None)
    for number in range(20):
        observer.write(f"t{number}", "1")
        assert observer.journal.flush(60)
        epoch, last = observer.journal._written
        with server.client() as client:
            pipe = client.pipeline(transaction=True)
            pipe.hdel(KEYS.state(observer.observer, "tasks"), f"tasks:t{number}")
            pipe.set(KEYS.of(observer.observer, "at"), position_text((epoch, last - 1)))
            pipe.execute()
        observer.write("next", f"{number}")
        late = make().start()
        eventually(lambda late=late: late.knows().get(observer.observer) == observer.own())
        late.stop()


def test_a_connection_that_was_lost_is_not_opened_again(server: RedisServer) -> None:
    client = RedisLink(server.url).connect()
    assert client.get("a") is None
    server.restart()
    for _ in range(2):
        with pytest.raises(errors()):
            client.pipeline(transaction=True).set("a", "1").execute()
    with server.client() as other:
        assert other.get("a") is None
    client.close()


def test_events_are_packed_in_redis_and_small(server: RedisServer, make: MakePeer) -> None:
    observer, reader = make().start(), make().start()
    observer.write("first", "0")
    eventually(lambda: is_settled(observer, reader))  # what is written before is in the state, and no event
    for number in range(2_000):
        observer.write(f"t{number % 100}", f"{number}")
    eventually(lambda: is_settled(observer, reader))
    with server.client() as client:
        stream = KEYS.of(observer.observer, EVENTS)
        size, count = client.memory_usage(stream, samples=0) or 0, client.xlen(stream)
        assert count > 1_500 and size / count < 900 / 2, "contract: at most 900 bytes an event of 897 bytes of JSON"
    assert reader.client.gaps == 0 and reader.board.members()[0].refused == 0


def test_a_reader_without_the_dictionary_takes_it_or_the_state(server: RedisServer, make: MakePeer) -> None:
    observer, reader = make().start(), make().start()
    observer.write("a", "1")
    eventually(lambda: is_settled(observer, reader))
    for dictionary in (b"", b"no dictionary", b"1:of another epoch", b"x" * 100_000, None):
        with server.client() as client:
            reader.reader._cursors[observer.observer].unpacker = None
            name = KEYS.of(observer.observer, DICTIONARY)
            client.delete(name) if dictionary is None else client.set(name, dictionary)
        observer.write("a", f"{dictionary!r:.20}")
        eventually(lambda: is_settled(observer, reader))
    assert reader.board.members()[0].refused == 0 and reader.client.gaps == 0
    with server.client() as client:
        eventually(lambda: client.get(KEYS.of(observer.observer, DICTIONARY)))


def _write_as_before(client: Any, host: Peer, number: int) -> None:
    """What an earlier version writes for the last event of a host: its text, in the stream of texts."""
    (event,) = host.outbox.after(number - 1, 1) or []
    at = position_text((host.outbox.position[0], number))
    changes = {f"{collection}:{key}": encode_entry(value) for collection, key, value in event.event.entries()}
    pipe = client.pipeline(transaction=True)  # as it did: what is in between is read too
    pipe.xadd(KEYS.of(host.observer, TEXT_EVENTS), {"e": event.text, "t": event.event.topic}, id=at)
    pipe.hset(KEYS.state(host.observer, "tasks"), mapping=changes)
    pipe.set(KEYS.of(host.observer, "at"), at)
    pipe.execute()


def test_a_host_that_writes_text_as_earlier_versions_did_is_understood(server: RedisServer, make: MakePeer) -> None:
    reader, old = make().start(), make()
    with server.client() as client:
        client.hset(KEYS.members, old.observer, "1")
        old.write("t0", "0")
        _write_as_before(client, old, 1)
        client.set(KEYS.of(old.observer, "base"), "b")
        taken = eventually(lambda: reader.reader.snapshots.get(old.observer))
        assert reader.knows()[old.observer] == old.own()
        for number in range(2, 50):
            old.write(f"t{number % 7}", f"{number}")
            _write_as_before(client, old, number)
        eventually(lambda: reader.hub.positions()[old.observer] == position_text(old.outbox.position))
        assert reader.knows()[old.observer] == old.own()
        assert reader.reader.snapshots[old.observer] == taken, "by its events"
        # The host is upgraded: its texts are gone, and what it packs is read.
        old.start()
        old.write("t0", "packed")
        eventually(lambda: reader.knows()[old.observer] == old.own())
        assert not client.exists(KEYS.of(old.observer, TEXT_EVENTS))


def test_a_reader_of_an_earlier_version_is_right_by_the_state(
    server: RedisServer, make: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer, old = make().start(), make()
    monkeypatch.setattr(old.reader, "_streams", (TEXT_EVENTS,))
    old.start()
    observer.write("a", "1")
    eventually(lambda: is_settled(observer, old))
    for number in range(50):
        observer.write(f"t{number % 7}", f"{number}")
    eventually(lambda: is_settled(observer, old))
    assert old.board.members()[0].refused == 0 and old.client.gaps == 0


def test_a_ring_that_is_too_short_begins_a_new_epoch(server: RedisServer, make: MakePeer) -> None:
    with server.client() as client:
        # A slow disk puts writes off: a Redis that has lost all is given the state in this epoch.
        client.config_set("appendfsync", "always")
    observer, reader = make(capacity=20).start(), make().start()
    observer.write("a", "1")
    eventually(lambda: is_settled(observer, reader))
    epoch = observer.outbox.position[0]
    server.kill()
    for number in range(100):
        observer.write(f"t{number}", "1")
    server.start()
    eventually(lambda: is_settled(observer, reader))
    assert observer.outbox.position[0] > epoch


def test_a_clock_that_was_set_back_changes_nothing(server: RedisServer, make: MakePeer) -> None:
    first, reader = make().start(), make().start()
    first.write("a", "1")
    first.write("b", "1")
    eventually(lambda: is_settled(first, reader))
    first.stop()
    # The state folder was lost as well, so that nothing but Redis knows of the later epoch.
    again = make(observer=first.observer, clock=lambda: time.time() - 3_600).start()
    again.write("a", "2")
    eventually(lambda: is_settled(again, reader))
    assert reader.knows()[first.observer].keys() == {"a"}
    assert again.outbox.position[0] > first.outbox.position[0]


def test_a_client_roams_between_dashboards_by_its_cursor(server: RedisServer, make: MakePeer) -> None:
    hosts = [make().start() for _ in range(3)]
    for host in hosts:
        host.write("begin", "0")
    eventually(lambda: is_settled(*hosts) and all(len(host.hub.positions()) == 3 for host in hosts))
    cursor, chance = hosts[0].hub.positions(), random.Random(3)
    seen: list[tuple[str, str]] = []
    with writing(*hosts, rate=100):
        for _ in range(100):
            host = chance.choice(hosts)
            missed = host.hub.since_positions(cursor)
            assert missed is not None, "it would need a snapshot"
            for envelope in missed:
                observer, position = envelope.origin or ("", "")
                seen.append((observer, position or ""))
                cursor[observer] = position or ""
            time.sleep(0.005)
    eventually(lambda: is_settled(*hosts))
    for envelope in hosts[0].hub.since_positions(cursor) or []:
        seen.append(envelope.origin or ("", ""))  # type: ignore[arg-type]
    assert len(seen) == len(set(seen)), "twice"
    for host in hosts:
        epoch, last = host.outbox.position
        numbers = [position for observer, position in seen if observer == host.observer]
        assert numbers == [position_text((epoch, number)) for number in range(2, last + 1)], "lost"


def test_the_second_process_with_one_identity_is_refused(server: RedisServer, make: MakePeer) -> None:
    first = make(label="first").start()
    first.write("a", "1")
    eventually(lambda: first.journal.waiting == 0 and first.journal.trouble is None)
    second = make(observer=first.observer).start()
    second.write("a", "stolen")
    eventually(lambda: second.journal.trouble)
    assert f"two observers with one identity, {first.observer}" in (second.journal.trouble or "")
    with server.client() as client:
        assert b"stolen" not in b"".join(client.hvals(KEYS.state(first.observer, "tasks")))
    first.stop()
    eventually(lambda: second.journal.trouble is None)


def test_who_was_killed_and_starts_again_takes_its_place_at_once(server: RedisServer, make: MakePeer) -> None:
    first, reader = make(run=Run("one")).start(), make().start()
    first.write("a", "1")
    eventually(lambda: is_settled(first, reader))
    first.vanish()
    with server.client() as client:
        assert client.get(KEYS.of(first.observer, "owner")) == b"one", "it holds its identity for ten seconds"
        client.persist(KEYS.of(first.observer, "owner"))  # however busy this machine is
    again = make(observer=first.observer, run=Run("two", frozenset({"none", "one"}))).start()
    again.write("a", "2")
    eventually(lambda: is_settled(again, reader))
    assert not any(again.troubles)


def test_a_clone_takes_the_place_once_and_both_do_not_take_turns(server: RedisServer, make: MakePeer) -> None:
    first = make(run=Run("one", frozenset({"zero"}))).start()
    eventually(lambda: first.journal.since is None)
    clone = make(observer=first.observer, run=Run("two", frozenset({"zero", "one"}))).start()
    eventually(lambda: clone.journal.since is None)
    eventually(lambda: "two observers with one identity" in (first.journal.trouble or ""))
    with server.client() as client:
        client.set(KEYS.of(first.observer, "owner"), "zero")  # a token that both knew at their start
    eventually(lambda: "two observers with one identity" in (clone.journal.trouble or ""))


def test_who_comes_in_between_is_not_pushed_out(
    server: RedisServer, make: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = make(run=Run("late", frozenset({"ended"})))
    key = KEYS.of(late.observer, "owner")
    with server.client() as client, server.client() as other:
        client.set(key, "ended", px=60_000)
        get = client.get

        def get_and_be_overtaken(name: str) -> Any:
            found = get(name)
            other.set(name, "quick", px=60_000)
            return found

        monkeypatch.setattr(client, "get", get_and_be_overtaken)
        with pytest.raises(JoinAnew):
            late.journal._owner.claim(client)
        assert other.get(key) == b"quick"


def test_a_holder_whose_time_ends_in_between_is_no_reason_to_give_up(
    server: RedisServer, make: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = make()
    key = KEYS.of(peer.observer, "owner")
    with server.client() as client, server.client() as other:
        client.set(key, "ends", px=60_000)
        get = client.get

        def get_too_late(name: str) -> Any:
            other.delete(name)
            return get(name)

        with monkeypatch.context() as patch:
            patch.setattr(client, "get", get_too_late)
            with pytest.raises(JoinAnew):
                peer.journal._owner.claim(client)
        peer.journal._owner.claim(client)
        assert peer.journal._owner.is_mine(client)


def test_a_host_that_will_not_come_back_is_forgotten_with_all_its_keys(server: RedisServer, make: MakePeer) -> None:
    gone, reader = make().start(), make().start()
    gone.write("a", "1")
    eventually(lambda: is_settled(gone, reader))
    board = RedisBoard(server.url, BOARD)
    with pytest.raises(ServiceError, match="reports: stop its dashboard first"):
        board.forget(gone.observer)
    gone.stop()
    board.forget(gone.observer)
    board.forget("f" * 16)  # of which there is nothing
    eventually(lambda: [member.observer for member in reader.board.members()] == [])
    with server.client() as client:
        assert not list(client.scan_iter(f"{KEYS.of(gone.observer, '')}*"))
    server.kill()
    with pytest.raises(ServiceError, match="Redis cannot be used"):
        board.forget(gone.observer)


class Valve:
    """A way to a server that can be shut: what comes is taken, and nothing is passed on, in either direction."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with source, target:
            try:
                while data := source.recv(65_536):
                    self._open.wait()
                    target.sendall(data)
            except OSError:
                return


def test_what_is_waited_for_is_as_short_as_the_documentation_says() -> None:
    """How long it takes on this machine is measured by `benchmarks/reach.py`."""
    assert CONNECT_TIMEOUT_S + ANSWER_TIMEOUT_S + LONGEST_WAIT_S <= 10, "until a silent connection is given up"
    assert ALIVE_S + POLL_S <= 20, "until a host that was killed is unreachable"
    assert LONGEST_WAIT_S + POLL_S < 5, "until all is known again"


def test_a_half_open_connection_is_noticed(server: RedisServer) -> None:
    valve = Valve(server.port)
    with peers_of(f"redis://127.0.0.1:{valve.port}/0") as make:
        one, other = make().start(), make().start()
        one.write("a", "1")
        eventually(lambda: is_settled(one, other) and one.journal.waiting == 0)  # the answer of Redis has come back
        valve.shut()
        one.write("a", "2")
        eventually(lambda: one.journal.trouble and other.state_of(one) == "as_of")
        assert one.journal.waiting == 1 and one.journal.since is not None
        valve.open()
        eventually(lambda: is_settled(one, other) and other.state_of(one) == "live")
    valve.close()


def test_a_full_memory_is_said_and_survived(tmp_path: Path) -> None:
    with (
        RedisServer(tmp_path / "full", maxmemory="3mb", maxmemory_policy="noeviction") as server,
        peers_of(server.url) as make,
        server.client() as client,
    ):
        one, other = make().start(), make().start()
        one.write("a", "1")
        eventually(lambda: is_settled(one, other))
        client.config_set("maxmemory", "1mb")
        one.write("a", "2")
        eventually(lambda: one.journal.trouble)
        assert "maxmemory" in (one.journal.trouble or "")
        client.config_set("maxmemory", "0")
        eventually(lambda: is_settled(one, other) and one.journal.trouble is None)


def test_keys_that_redis_removes_are_written_again_and_doctor_refuses_that(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "lru", maxmemory="50mb", maxmemory_policy="allkeys-lru") as server:
        with peers_of(server.url) as make, server.client() as client:
            one, other = make().start(), make().start()
            eventually(lambda: one.journal.since is None)
            one.write("a", "1")
            eventually(lambda: is_settled(one, other))
            for name in (
                KEYS.state(one.observer, "tasks"),
                KEYS.of(one.observer, EVENTS),
                KEYS.of(one.observer, DICTIONARY),
                KEYS.members,
            ):
                client.delete(name)  # as the policy does, without a word
                eventually(lambda name=name: client.exists(name) or name.endswith(f":{EVENTS}"))
            one.write("b", "1")
            eventually(lambda: is_settled(one, other))
            late = make().start()
            eventually(lambda: is_settled(late, one, other))
        findings = list(examine(RedisLink(server.url), KEYS, "0" * 16))
    assert [text for level, text in findings if level == "problem"] == [
        "maxmemory-policy allkeys-lru removes what hosts share when memory is full, without telling anybody; "
        "set it to noeviction"
    ]


def test_a_host_that_writes_anything_stops_nobody(server: RedisServer, make: MakePeer) -> None:
    reader, honest = make().start(), make().start()
    honest.write("a", "1")
    evil, chance = "e" * 16, random.Random(5)
    packer = EventPacker(1_000, b"")
    bomb = packer.pack("0" * 50_000_000)
    forged = b"\x28\xb5\x2f\xfd\xe0" + b"\xff" * 8  # it says that it is 2**64 bytes
    stream, epoch = KEYS.of(evil, EVENTS), 1_000
    pieces = [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}" * 9, b'{"type":1}',
        b'{"type":"task.updated"}', b'{"type":"service.degraded","root":"/","mode":"x","reason":"y"}',
        b'{"type":"task.updated","task":{"id":1},"lane":null}', b'{"type":"host.reset","observer":"a"}',
        b'{"type":"host.changed","collection":"no","set":{"a":1}}',
        b'{"type":"host.changed","collection":"tasks","set":{"a":{"id":"x"}}}',
        b'{"type":"task.created","task":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}", b"x" * 2_000_000,
        bomb, forged, packer.pack("{}")[:-1], b"\x28\xb5\x2f\xfd",
    ]  # fmt: skip
    with server.client() as client:
        client.hset(KEYS.members, evil, "1")
        client.hset(KEYS.members, mapping={"../../x": "1", "\xff": "1", "A" * 16: "1"})
        client.set(KEYS.of(evil, "card"), chance.randbytes(3_000))
        client.set(KEYS.of(evil, "alive"), b'{"degraded":' + b"[" * 10_000)
        client.hset(KEYS.state(evil, "tasks"), mapping={"tasks:x": b"{", "no:x": b"{}", "": b"1", "tasks:y": b"[]"})
        client.mset({KEYS.of(evil, "at"): f"{epoch}-0", KEYS.of(evil, "base"): "b"})
        client.set(KEYS.of(evil, DICTIONARY), packer.dictionary)
        eventually(lambda: reader.reader.snapshots.get(evil))
        for number in range(1, 1_001):
            data = chance.choice(pieces) if chance.random() < 0.5 else chance.randbytes(chance.randrange(300))
            fields = {"e": data, "t": "tasks"} if chance.random() < 0.9 else {"x": "y"}
            client.xadd(stream, fields, id=f"{epoch}-{number}")
        client.set(KEYS.of(evil, "at"), f"{epoch}-1000")
        eventually(lambda: reader.merge._positions.get(evil) == (epoch, 1_000), 60)
    honest.write("a", "2")
    eventually(lambda: reader.knows().get(honest.observer) == honest.own())
    assert not any(reader.states.of(evil).values())
    (member,) = [one for one in reader.board.members() if one.observer == evil]
    assert member.refused >= 1_000 and member.error and member.label == evil and member.degraded == ()
    names = {one.observer for one in reader.board.members()}
    assert names == {evil, honest.observer}
    assert reader.client.gaps == 0


def test_a_host_whose_keys_are_of_another_type_stops_nobody(server: RedisServer, make: MakePeer) -> None:
    """Its own rights suffice to write them so: it is named, and all others are heard."""
    reader, honest, evil = make().start(), make().start(), "e" * 16
    honest.write("a", "1")
    eventually(lambda: is_settled(reader, honest))

    def error() -> str:
        return next((one.error or "" for one in reader.board.members() if one.observer == evil), "")

    names = [KEYS.of(evil, name) for name in ("card", "alive", "at", "base", EVENTS, TEXT_EVENTS, DICTIONARY)]
    with server.client() as client:
        client.hset(KEYS.members, evil, MEMBER)
        for number, name in enumerate([*names, KEYS.state(evil, "tasks")], 2):
            client.delete(name)
            client.lpush(name, "x")
            if not name.endswith(("at", "base")):
                client.set(KEYS.of(evil, "at"), f"9-{number}")
                client.set(KEYS.of(evil, "base"), f"b{number}")
            if not name.endswith(DICTIONARY):  # that one is only read for an event
                eventually(lambda name=name: f"“{name.split(':', 3)[3]}”" in error())
            honest.write("a", f"{number}")
            honest.write(f"t{number}", "new")
            eventually(lambda: is_settled(reader, honest))
            client.delete(name)
        assert reader.board.problem is None and reader.state_of(honest) == "live"
        refused = next(one.refused for one in reader.board.members() if one.observer == evil)
        assert refused <= 2 * (len(names) + 1), "each is said once, not with every look"
        for name in client.scan_iter(f"{KEYS.of(evil, '')}*"):
            client.delete(name)
    late = make(observer=evil).start()
    late.write("b", "1")
    eventually(lambda: is_settled(reader, honest, late))


def test_an_event_of_another_host_is_never_about_a_third(server: RedisServer, make: MakePeer) -> None:
    reader, evil, victim = make().start(), make().start(), make().start()
    victim.write("a", "right")
    evil.write("a", "evil")
    eventually(lambda: is_settled(reader, evil, victim))
    epoch, number = evil.outbox.position
    body = {"type": "host.changed", "collection": "tasks", "set": {}, "removed": ["a"]}
    said = json.dumps(body | {"origin": {"observer": victim.observer, "id": "1-1"}, "observer": victim.observer})
    with server.client() as client:
        client.xadd(KEYS.of(evil.observer, EVENTS), {"e": said, "t": "tasks"}, id=f"{epoch}-{number + 1}")
        # The client knows it when it is published, which is after it is known.
        eventually(lambda: "a" not in reader.client.known.get(evil.observer, {}))
    assert reader.knows()[victim.observer] == victim.own()
    last = reader.hub.newest(1, lambda envelope: envelope.type == HostChanged.type)[0]
    assert last.origin is not None and last.origin[0] == evil.observer


def test_a_host_that_was_killed_is_unreachable_and_its_state_is_kept(server: RedisServer, make: MakePeer) -> None:
    one, other = make().start(), make().start()
    one.write("a", "1")
    eventually(lambda: is_settled(one, other) and other.state_of(one) == "live")
    one.vanish()
    eventually(lambda: other.state_of(one) == "unreachable")
    assert other.knows()[one.observer] == one.own()


def test_a_host_that_stops_says_so_at_once(make: MakePeer) -> None:
    one, other = make().start(), make().start()
    one.write("a", "1")
    eventually(lambda: is_settled(one, other) and other.state_of(one) == "live")
    one.stop()
    eventually(lambda: other.state_of(one) == "unreachable", 60)


def test_without_redis_everybody_is_shown_as_of_and_comes_back_with_it(server: RedisServer, make: MakePeer) -> None:
    one, other = make().start(), make().start()
    one.write("a", "1")
    eventually(lambda: is_settled(one, other) and any(member.as_of for member in other.board.members()))
    eventually(lambda: one.journal.waiting == 0)  # the answer of Redis has come back
    server.kill()
    eventually(lambda: other.state_of(one) == "as_of" and one.troubles and one.troubles[-1])
    one.write("a", "2")
    assert one.journal.waiting == 1
    server.start()
    eventually(lambda: is_settled(one, other) and other.state_of(one) == "live" and one.journal.trouble is None)
    assert one.troubles[-1] is None
