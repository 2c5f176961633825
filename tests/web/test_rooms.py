"""Events of single objects over Socket.IO, SSE and WebSocket: who subscribes to `ship:<id>` gets those of one ship."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
import websocket
from kit.live import Live, running

from llm_service.feature import Feature, Kernel
from llm_service.hub.event import Event
from llm_service.web.api import Api
from llm_service.web.params import OptionalInteger
from llm_service.web.socketio import MAX_TOPICS

DEPTH = OptionalInteger("depth", "how deep", 2, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipMoved(Event):
    """A ship moved."""

    type: ClassVar[str] = "ship.moved"
    topic: ClassVar[str] = "ships"
    rooms: ClassVar[tuple[str, ...]] = ("ship:<ship>",)

    ship: str


class Ships(Feature):
    name = topic = "ships"
    events = (ShipMoved,)

    def __init__(self, kernel: Kernel) -> None:
        kernel.hub.progress.complete()

    def routes(self, api: Api) -> None:
        api.stream("/ships/<ship>/stream", "ship:{ship}", "The moves of a ship.")

        @api.get("/api/depth", DEPTH)
        def depth() -> dict[str, Any]:
            """The depth."""
            return {"depth": DEPTH.value()}


@pytest.fixture
def harbour(workspace: Path) -> Iterator[Live]:
    """A dashboard with ships and nothing else."""
    live = running(workspace, features=lambda kernel: [Ships(kernel)])
    yield live
    live.stop()


def move(harbour: Live, *ships: str) -> None:
    for ship in ships:
        harbour.dashboard.hub.publish(ShipMoved(ship=ship))


def test_a_client_of_socket_io_gets_the_events_of_its_rooms(harbour: Live) -> None:
    listener = harbour.listen(topics=["ship:b"])
    assert listener.first("connection_ack")["topics"] == ["ship:b"]
    assert set(listener.first("snapshot")) == {"epoch", "seq"}
    move(harbour, "a", "b")
    assert listener.first("ship.moved")["ship"] == "b"
    answer = listener.client.call("subscribe", {"topics": ["ship:c"]}, namespace="/dashboard")
    assert answer == {"success": True, "topics": ["ship:b", "ship:c"]}
    answer = listener.client.call("unsubscribe", {"topics": ["ship:b"]}, namespace="/dashboard")
    assert answer == {"success": True, "topics": ["ship:c"]}
    move(harbour, "b", "c")
    listener.first("ship.moved", ship="c")
    assert [body["ship"] for _, body in listener.numbered()] == ["b", "c"]


def test_what_is_no_room_is_refused(harbour: Live) -> None:
    listener = harbour.listen(topics=["ships", "boat:1"])
    assert listener.first("connection_ack")["unknown_topics"] == ["boat:1"]
    answer = listener.client.call("subscribe", {"topics": ["ship:"]}, namespace="/dashboard")
    assert answer["error"] == "There is no topic “ship:”."
    assert "ship:<id>" in answer["details"]["known"]
    assert harbour.get("/streams/boat:1").status_code == 404
    assert harbour.get("/ws/boat:1").status_code == 404


def test_a_client_has_a_limited_number_of_rooms(harbour: Live) -> None:
    listener = harbour.listen(topics=[f"ship:{number}" for number in range(MAX_TOPICS)])
    assert len(listener.first("connection_ack")["topics"]) == MAX_TOPICS
    answer = listener.client.call("subscribe", {"topics": ["ship:more"]}, namespace="/dashboard")
    assert answer["code"] == "BAD_REQUEST"
    assert listener.client.call("subscribe", {"topics": ["ship:1"]}, namespace="/dashboard")["success"]


def test_unsubscribing_from_a_room_of_all_leaves_the_topics(harbour: Live) -> None:
    listener = harbour.listen()
    answer = listener.client.call("unsubscribe", {"topics": ["service"]}, namespace="/dashboard")
    assert answer["topics"] == ["ships"]


@pytest.mark.parametrize("path", ["/streams/ship:b", "/api/streams/ship:b", "/ships/b/stream", "/api/ships/b/stream"])
def test_a_room_is_a_stream_of_server_sent_events(harbour: Live, path: str) -> None:
    since = harbour.dashboard.hub.seq
    move(harbour, "a", "b")
    with requests.get(f"{harbour.url}{path}?since={since}", stream=True, timeout=60) as answer:
        assert answer.status_code == 200
        data = next(line for line in answer.iter_lines(chunk_size=1) if line.startswith(b"data: "))
    assert json.loads(data.removeprefix(b"data: "))["ship"] == "b"


def test_a_room_is_a_websocket(harbour: Live) -> None:
    since = harbour.dashboard.hub.seq
    move(harbour, "a", "b")
    client = websocket.create_connection(f"ws://127.0.0.1:{harbour.port}/ws/ship:b?since={since}", timeout=60)
    assert json.loads(client.recv())["ship"] == "b"
    client.close()


def test_rooms_are_in_the_documents(harbour: Live) -> None:
    document = harbour.json("/api/asyncapi.json")
    assert document["components"]["messages"]["ship.moved"]["x-topics"] == ["ships", "ship:<id>"]


def test_a_number_may_be_left_out(harbour: Live) -> None:
    assert harbour.json("/api/depth") == {"depth": None}
    assert harbour.json("/api/depth?depth=9") == {"depth": 9}
    assert [harbour.get(f"/api/depth?depth={depth}").status_code for depth in ("1", "10", "x", "-3")] == [400] * 4
    (parameter,) = harbour.json("/api/openapi.json")["paths"]["/api/depth"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "minimum": 2, "maximum": 9}
