"""A new client's snapshot and the events around it: whatever the ring's size and whatever is published meanwhile, over
every transport the client ends with what the service has."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import requests
import websocket
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from kit.settings import settings_with
from werkzeug.serving import WSGIRequestHandler, make_server

from llm_service.hub.event import SERVICE_EVENTS, Event, topics_of
from llm_service.hub.ring import Hub
from llm_service.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Put(Event):
    """`key` has this value now."""

    type: ClassVar[str] = "task.updated"
    topic: ClassVar[str] = "tasks"

    key: str
    value: int


@dataclass
class BusyService:
    """A service that goes on changing while it makes snapshots: the n-th takes the n-th of `busy`, the changes
    before and after the state is read."""

    hub: Hub
    busy: list[tuple[int, int]]
    events: tuple[type[Event], ...] = (*SERVICE_EVENTS, Put)
    topics: tuple[str, ...] = topics_of((*SERVICE_EVENTS, Put))
    state: dict[str, int] = field(default_factory=dict)
    count: int = 0
    observer: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    """The test changes the service too, while a snapshot is made: a number is given and published in one step."""

    def change(self, times: int) -> None:
        for _ in range(times):
            with self.lock:
                self.count += 1
                key = f"key-{self.count % 5}"
                self.state[key] = self.count
                self.hub.publish(Put(key=key, value=self.count))

    def snapshot(self, topics: Iterable[str], projects: Any = None) -> dict[str, Any]:
        before, after = self.busy.pop(0) if self.busy else (0, 0)
        self.change(before)
        with self.lock:
            state = dict(self.state)
        self.change(after)
        return {"state": state}

    def opening(self) -> dict[str, Any]:
        return {}

    def health(self) -> Mapping[str, Any]:
        return {"status": "healthy"}

    def stats(self) -> Mapping[str, Any]:
        return {}

    def metrics(self) -> Iterable[Any]:
        return ()

    def degraded(self) -> list[dict[str, Any]]:
        return []

    def sync(self, timeout_s: float) -> int:
        return self.hub.seq


def state_after(changes: int) -> dict[str, int]:
    """The state of a service that has changed so often."""
    return {f"key-{number % 5}": number for number in range(1, changes + 1)}


class QuietHandler(WSGIRequestHandler):
    def log_request(self, *values: Any) -> None:
        """No access log."""


@contextmanager
def served(service: BusyService) -> Iterator[str]:
    """The address of a server of the service."""
    site = Site(service, settings_with(), [], "1")
    server = make_server("127.0.0.1", 0, site.wsgi, threaded=True, request_handler=QuietHandler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        service.hub.stop()
        site.clients.close()
        server.shutdown()
        server.server_close()
        thread.join()


Message = tuple[str, dict[str, Any]]


def over_socketio(address: str, since: int | None, epoch: str) -> Iterator[Message]:
    """The messages of a client of Socket.IO, from the wire."""
    client = websocket.create_connection(f"ws://{address}/socket.io/?EIO=4&transport=websocket", timeout=60)
    auth = {} if since is None else {"since": since, "epoch": epoch}
    client.send(f"40/dashboard,{json.dumps(auth)}")
    try:
        while True:
            packet = client.recv()
            if packet.startswith("42/dashboard,"):
                name, body = json.loads(packet.removeprefix("42/dashboard,"))
                yield name, body
    finally:
        client.close(timeout=0)


def over_sse(address: str, since: int | None, epoch: str) -> Iterator[Message]:
    """The messages of a client of Server-Sent Events."""
    query = "" if since is None else f"?since={epoch}.{since}"
    with requests.get(f"http://{address}/streams/tasks{query}", stream=True, timeout=60) as stream:
        name = ""
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def over_websocket(address: str, since: int | None, epoch: str) -> Iterator[Message]:
    """The messages of a client of the plain WebSocket."""
    query = "" if since is None else f"?since={since}&epoch={epoch}"
    client = websocket.create_connection(f"ws://{address}/ws/tasks{query}", timeout=60)
    try:
        while True:
            body = json.loads(client.recv())
            yield body["type"], body
    finally:
        client.close(timeout=0)


def over_http(address: str, since: int | None, epoch: str) -> Iterator[Message]:
    """What the page does: the snapshot over HTTP, in lines, then the events after it over Socket.IO."""
    if since is None:
        whole: dict[str, Any] = {}
        with requests.get(f"http://{address}/api/snapshot?form=lines", timeout=60) as answer:
            for line in answer.text.splitlines():
                part = json.loads(line)
                whole = {**whole, **part, "state": {**whole.get("state", {}), **part.get("state", {})}}
        yield "snapshot", whole
        since = whole["seq"]
    yield from over_socketio(address, since, epoch)


@pytest.mark.parametrize("follow", [over_http, over_socketio, over_sse, over_websocket])
@settings(max_examples=12, phases=[Phase.generate])  # an example that fails takes 10 s, and is small
@given(
    ring=st.integers(1, 12),
    before=st.integers(0, 20),
    since=st.none() | st.integers(0, 20),
    busy=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=4),
    after=st.integers(1, 5),
)
def test_no_change_is_lost_between_a_snapshot_and_the_events(
    follow: Callable[[str, int | None, str], Iterator[Message]],
    ring: int,
    before: int,
    since: int | None,
    busy: list[tuple[int, int]],
    after: int,
) -> None:
    assume(since != before)  # such a client misses nothing, and gets nothing
    hub = Hub(capacity=ring)
    hub.progress.complete()
    service = BusyService(hub, list(busy))
    service.change(before)
    seen: dict[str, int] = {}
    known = 0
    if since is not None and since < before:
        seen, known = state_after(since), since
    began = False
    with served(service) as address:
        for name, body in follow(address, since, hub.epoch):
            if name == "snapshot":
                seen, known = dict(body["state"]), body["seq"]
            elif name == "task.updated" and body["seq"] > known:
                assert body["seq"] == known + 1, "an event is missing"
                seen[body["key"]], known = body["value"], body["seq"]
            if not began and name != "connection_ack":
                began = True
                service.change(after)
            if began and known == hub.seq:
                break
    # The service may go on changing: what has to be there is what was true at that number.
    assert seen == state_after(known)
