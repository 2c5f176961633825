"""How many clients listen to each topic, over every way out."""

from __future__ import annotations

import pytest
import websocket
from kit.live import Live, eventually

from llm_service.hub.audience import Audience


def test_streams_count_while_they_last() -> None:
    audience = Audience()
    with audience.listening("tasks"), audience.listening("tasks"), audience.listening("all"):
        assert audience.counts() == {"all": 1, "tasks": 2}
    assert audience.counts() == {}


def test_a_stream_that_fails_counts_no_more() -> None:
    audience = Audience()
    with pytest.raises(ValueError, match="broken"), audience.listening("tasks"):
        raise ValueError("broken")
    assert audience.counts() == {}


def test_clients_that_choose_their_topics_are_asked() -> None:
    audience = Audience()
    subscriptions = [frozenset({"tasks", "costs"}), frozenset({"tasks"})]
    audience.include(lambda: subscriptions)
    with audience.listening("costs"):
        assert audience.counts() == {"costs": 2, "tasks": 2}
    subscriptions.clear()
    assert audience.counts() == {}


def test_clients_of_every_way_out_are_counted(live: Live) -> None:
    counts = live.dashboard.hub.audience.counts
    listener = live.listen(topics=["tasks", "costs"])
    listener.first("snapshot")
    with live.get("/streams/tasks", stream=True) as stream:
        pieces = stream.iter_content(1)
        next(pieces)
        connection = websocket.create_connection(f"ws://127.0.0.1:{live.port}/ws/costs", timeout=60)
        connection.recv()
        assert counts() == {"costs": 2, "tasks": 2}
        listener.client.emit("unsubscribe", {"topics": ["costs"]}, namespace="/dashboard")
        eventually(lambda: counts() == {"costs": 1, "tasks": 2})
        connection.close()
        eventually(lambda: counts() == {"tasks": 2})
        next(pieces)
    eventually(lambda: counts() == {"tasks": 1})
    listener.close()
    eventually(lambda: counts() == {})
