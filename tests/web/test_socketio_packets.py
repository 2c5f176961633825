"""Whatever a client of Socket.IO sends is answered, and leaves neither a traceback nor a thread nor a packet behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import websocket
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kit.live import Live

from llm_service.hub.event import ServiceProgress, without_rooms


class WireClient:
    """A client that sends packets as they are."""

    def __init__(self, live: Live, connect: str | None = "40/dashboard,") -> None:
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{live.port}/socket.io/?EIO=4&transport=websocket", timeout=60
        )
        if connect:
            self._socket.send(connect)
            self.until("snapshot")

    def send(self, packet: str | bytes) -> None:
        """Send a packet of Engine.IO, or an attachment."""
        self._socket.send(packet) if isinstance(packet, str) else self._socket.send_binary(packet)

    def next(self, *beginnings: str) -> str:
        """The next packet that begins with one of these."""
        while True:
            packet = self._socket.recv()
            if isinstance(packet, str) and packet.startswith(beginnings):
                return packet

    def acknowledgement(self, number: int) -> Any:
        """The one argument of the acknowledgement with this number."""
        beginning = f"43/dashboard,{number}["
        (answer,) = json.loads(self.next(beginning)[len(beginning) - 1 :])
        return answer

    def until(self, name: str) -> Any:
        """The body of the next event of that name."""
        return json.loads(self.next(f'42/dashboard,["{name}"').removeprefix("42/dashboard,"))[1]

    def close(self) -> None:
        """Hang up."""
        self._socket.close(timeout=0)


@pytest.fixture
def client(live: Live) -> Iterator[WireClient]:
    """A client that has its snapshot."""
    client = WireClient(live)
    yield client
    client.close()


@pytest.mark.parametrize(
    "arguments",
    [
        '"subscribe",{"topics":["tasks"]},{"topics":["costs"]}',
        '"subscribe"',
        '"subscribe",[["tasks"]]',
        '"unsubscribe",{"topics":{"tasks":1}}',
        '"unsubscribe",{"topics":[[1]]}',
        '"connect",{}',
        '"disconnect"',
        '"*","x"',
        '"refused",true,"x"',
        '"message","x"',
        '"\\ud800"',
        '["subscribe"],{}',
        '{"subscribe":1}',
        "7",
        "null",
        "",
    ],
)
def test_an_event_that_cannot_be_is_answered_with_an_error(live: Live, client: WireClient, arguments: str) -> None:
    client.send(f"42/dashboard,7[{arguments}]")
    answer = client.acknowledgement(7)
    assert (answer["success"], answer["code"]) == (False, "BAD_REQUEST")
    client.send(f"42/dashboard,[{arguments}]")  # without an acknowledgement
    assert client.until("error") == answer
    client.send('42/dashboard,8["ping"]')
    assert "time" in client.acknowledgement(8)
    assert len(live.dashboard.site.clients) == 1


@pytest.mark.parametrize(
    "packet",
    [
        "42/dashboard,{}",
        '42/dashboard,"subscribe"',
        "42/dashboard",
        "42/dashboard,[1",
        "44/dashboard,{}",
        "49",
        "4",
        "4x",
    ],
)
def test_a_packet_that_cannot_be_is_answered_with_an_error(client: WireClient, packet: str) -> None:
    client.send(packet)
    assert client.until("error")["code"] == "BAD_REQUEST"


def test_binary_events_are_refused_and_their_attachments_not_kept(live: Live, client: WireClient) -> None:
    client.send('452-/dashboard,7["subscribe",{"_placeholder":true,"num":0},{"_placeholder":true,"num":5}]')
    assert client.acknowledgement(7)["error"] == "The event “subscribe” takes no binary data."
    for _ in range(3):
        client.send(b"\x00" * 1000)
    client.send('459999999999-/dashboard,8["ping"]')
    assert client.acknowledgement(8)["success"] is False
    client.send('42/dashboard,9["ping"]')
    assert "time" in client.acknowledgement(9)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["subscribe", "unsubscribe", "ping", "connect", "disconnect", "*", "refused", "message"]) | JSON
BODIES = st.fixed_dictionaries({"topics": st.lists(st.sampled_from(["tasks", "all", "costs", "none"])) | JSON}) | JSON
EVENT_PACKETS = st.builds(
    lambda head, number, data: f"{head}{number}{json.dumps(data)}",
    st.sampled_from(["2/dashboard,", "51-/dashboard,", "50-/dashboard,", "2", "2/x,", "3/dashboard,", "0/dashboard,"]),
    st.sampled_from(["", "1", "9" * 100, "9" * 101]),
    st.lists(BODIES, max_size=3).flatmap(lambda bodies: NAMES.map(lambda name: [name, *bodies])) | JSON,
)
PACKETS = EVENT_PACKETS | st.text().filter(lambda text: not text.startswith("1")) | st.binary(max_size=20)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packet=PACKETS)
@example(packet="[" * 60_000)
@example(packet="2/dashboard," + "[" * 60_000)
@example(packet="2/dashboard,1" + "9" * 5_000)
def test_no_packet_leaves_a_traceback_or_silence(
    client: WireClient, caplog: pytest.LogCaptureFixture, packet: str | bytes
) -> None:
    client.send(f"4{packet}" if isinstance(packet, str) else packet)
    client.send('42/dashboard,77["ping"]')
    assert "time" in client.acknowledgement(77)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("namespace", ["", "/", "/other", "/dashboard/x"])
def test_another_namespace_is_refused_with_an_error_that_names_ours(live: Live, namespace: str) -> None:
    client = WireClient(live, connect=None)
    client.send(f"40{namespace},{{}}" if namespace else "40")
    answer = client.next("44")
    body = json.loads(answer[answer.index("{") :])
    assert "/dashboard" in body["message"]
    assert body["data"]["code"] == "NOT_FOUND"
    client.send(f'42{namespace},["ping"]' if namespace else '42["ping"]')
    assert client.next("44") == answer
    client.close()


def test_a_second_connect_is_refused_and_the_first_one_goes_on(live: Live, client: WireClient) -> None:
    client.send("40/dashboard,{}")
    assert "already" in client.next("44/dashboard,")
    client.send('42/dashboard,9["ping"]')
    assert "time" in client.acknowledgement(9)
    assert len(live.dashboard.site.clients) == 1


WITHOUT_TASKS = [
    "artifacts", "costs", "insights", "jobs", "knowledge", "logs", "mcp", "members", "metrics", "needs_you", "overview",
    "pipelines", "plans", "probe", "service", "sessions", "telemetry",
]  # fmt: skip
ALL = sorted([*WITHOUT_TASKS, "tasks"])


@pytest.mark.parametrize(
    ("at_first", "steps", "left"),
    [
        (None, [("unsubscribe", ["tasks"])], WITHOUT_TASKS),
        (None, [("unsubscribe", [])], ["all"]),
        (None, [("subscribe", [])], ["all"]),
        (None, [("unsubscribe", ["all"])], []),
        (None, [("unsubscribe", ["tasks"]), ("subscribe", ["tasks"])], ALL),
        (None, [("unsubscribe", ["tasks"]), ("subscribe", ["all"])], ["all"]),
        (["tasks"], [("unsubscribe", [])], ["tasks"]),
        (["tasks"], [("unsubscribe", ["costs"])], ["tasks"]),
        (["tasks", "costs"], [("unsubscribe", ["all"])], []),
        (
            ["tasks"],
            [("subscribe", ["all"]), ("unsubscribe", ["tasks"])],
            WITHOUT_TASKS,
        ),
    ],
)
def test_topics_are_what_was_asked_for(
    live: Live, at_first: list[str] | None, steps: list[tuple[str, list[str]]], left: list[str]
) -> None:
    assert sorted(without_rooms(live.dashboard.topics)) == ALL
    client = WireClient(live, f"40/dashboard,{json.dumps({'topics': at_first} if at_first else {})}")
    for name, topics in steps:
        client.send(f"42/dashboard,1{json.dumps([name, {'topics': topics}])}")
        answer = client.acknowledgement(1)
    assert answer == {"success": True, "topics": left}
    client.close()


def test_what_was_unsubscribed_from_all_does_not_come_any_more(live: Live, client: WireClient) -> None:
    client.send('42/dashboard,1["unsubscribe",{"topics":["tasks"]}]')
    assert client.acknowledgement(1)["success"] is True
    live.write("inbox/t1.yaml")
    live.sync()
    live.dashboard.hub.publish(ServiceProgress(done=1, total=1))
    names = []
    while "service.progress" not in names:
        names.append(json.loads(client.next("42/dashboard,").removeprefix("42/dashboard,"))[0])
    assert not [name for name in names if name.startswith("task.")]
