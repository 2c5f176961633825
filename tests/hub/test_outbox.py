"""The outbox numbers what is shared, retains the last of it, and says when that is not enough."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest

from llm_service.hub.event import Event
from llm_service.hub.outbox import Outbox, parse_position, position_text
from llm_service.hub.ring import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Something that others get."""

    type: ClassVar[str] = "test.said"
    topic: ClassVar[str] = "test"
    shared: ClassVar[bool] = True
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Event):
    """Something that only this host has."""

    type: ClassVar[str] = "test.kept"
    topic: ClassVar[str] = "test"


def hub_with(capacity: int = 3) -> tuple[Hub, Outbox]:
    outbox = Outbox("a" * 16, 5, capacity)
    return Hub(epoch="5", outbox=outbox), outbox


def test_only_what_is_shared_has_a_number_there() -> None:
    hub, outbox = hub_with()
    hub.publish(Said(text="1"))
    hub.publish(Kept())
    envelope = hub.publish(Said(text="2"))
    assert json.loads(envelope.text)["origin"] == {"observer": "a" * 16, "id": "5-2"}
    assert (envelope.seq, outbox.position) == (3, (5, 2))
    events = outbox.after(0)
    assert events is not None and [(one.number, json.loads(one.text)["text"]) for one in events] == [(1, "1"), (2, "2")]


def test_what_is_no_longer_there_is_none_and_not_a_part() -> None:
    hub, outbox = hub_with(capacity=3)
    for number in range(1, 6):
        hub.publish(Said(text=str(number)))
    assert [outbox.after(number) is None for number in (0, 1, 2, 5, 6)] == [True, True, False, False, True]
    after = outbox.after(2, limit=2)
    assert after is not None and [one.number for one in after] == [3, 4]
    assert outbox.after(5) == []


def test_who_waits_is_woken_by_an_event_and_by_the_end() -> None:
    _, outbox = hub_with()
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(outbox.wait(0, 60)))
    thread.start()
    outbox.append(Said(text="1"), "{}")
    thread.join(60)
    assert found == [True] and not outbox.wait(1, 0.0)
    outbox.close()
    assert not outbox.wait(0, 60), "the end"


@pytest.mark.parametrize("text", [None, "", "5", "-", "5-", "-1", "5-x", "٥-1", "5-1-1", "9" * 50 + "-1", b"\xff-1"])
def test_what_is_no_position_is_none(text: str | bytes | None) -> None:
    assert parse_position(text) is None
    assert parse_position(position_text((5, 7))) == (5, 7) == parse_position(b"5-7")


def test_a_relayed_event_goes_to_clients_and_neither_to_listeners_nor_to_the_outbox() -> None:
    hub, outbox = hub_with()
    heard: list[Event] = []
    hub.listen(heard.append, Said)
    envelope = hub.relay(Said(text="x"), "b" * 16, "9-1", "2026-01-01T00:00:00Z", "other")
    assert (envelope.topic, envelope.journaled, envelope.seq) == ("other", False, 1)
    assert json.loads(envelope.text) == {
        "seq": 1, "epoch": "5", "type": "test.said", "time": "2026-01-01T00:00:00Z", "text": "x",
        "origin": {"observer": "b" * 16, "id": "9-1"},
    }  # fmt: skip
    assert heard == [] and outbox.position == (5, 0)
    assert hub.positions() == {"a" * 16: "5-0", "b" * 16: "9-1"}


def test_a_cursor_gives_what_follows_or_nothing_at_all() -> None:
    hub, _ = hub_with()
    own, other = "a" * 16, "b" * 16
    hub.moved(other, "9-1")
    cursor = hub.positions()
    hub.relay(Said(text="2"), other, "9-2", "", None)
    hub.publish(Said(text="1"))
    hub.publish(Kept())
    hub.relay(Said(text="3"), other, "9-3", "", None)

    def texts(positions: dict[str, str]) -> list[str] | None:
        found = hub.since_positions(positions)
        return None if found is None else [json.loads(one.text)["text"] for one in found]

    assert texts(cursor) == ["2", "1", "3"]
    assert texts({own: "5-1", other: "9-2"}) == ["3"]
    assert texts({own: "5-1", other: "9-3"}) == []
    assert texts({own: "5-1", other: "9-7"}) == [], "it has seen more than we have"
    for positions in (
        {},
        {own: "5-0"},
        {**cursor, other: "8-2"},
        {**cursor, other: "9-0"},
        {**cursor, "c" * 16: "1-1"},
    ):
        assert texts(positions) is None
    hub.relay(Said(text="part"), other, None, "", None)
    hub.relay(Said(text="last"), other, "9-9", "", None)
    assert texts({own: "5-1", other: "9-3"}) is None, "what differs after a gap does not follow"
    assert texts(hub.positions()) == []
