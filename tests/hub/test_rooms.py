"""Rooms: topics of single objects, to which an event goes besides its topic."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from llm_service.hub.event import (
    MAX_ROOM_CHARACTERS,
    Event,
    ServiceProgress,
    is_topic,
    rooms_of,
    topics_of,
    topics_of_kind,
    without_rooms,
)
from llm_service.hub.ring import Hub


@dataclass(frozen=True, slots=True)
class Ship:
    """What an event is about."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipMoved(Event):
    """A ship moved."""

    type: ClassVar[str] = "ship.moved"
    topic: ClassVar[str] = "ships"
    rooms: ClassVar[tuple[str, ...]] = ("ship:<ship.id>", "harbour:<harbour>")

    ship: Ship
    harbour: int


TOPICS = topics_of((ServiceProgress, ShipMoved))


def test_the_rooms_of_an_event_have_the_values_of_its_fields() -> None:
    assert rooms_of(ShipMoved(ship=Ship("a:b"), harbour=7)) == ("ship:a:b", "harbour:7")
    assert rooms_of(ServiceProgress(done=1, total=2)) == ()


def test_rooms_are_listed_with_a_place_for_the_id() -> None:
    assert TOPICS == ("service", "ships", "all", "ship:<id>", "harbour:<id>")
    assert topics_of_kind(ShipMoved) == ("ships", "ship:<id>", "harbour:<id>")
    assert without_rooms(TOPICS) == {"service", "ships"}


@pytest.mark.parametrize("name", ["ships", "all", "ship:1", "ship:a:b", "harbour:Zürich"])
def test_topics_and_rooms_with_any_id_are_known(name: str) -> None:
    assert is_topic(name, TOPICS)


@pytest.mark.parametrize("name", ["ship", "ship:", "crew:1", ":1", "ships:1", "", "ship:" + "x" * MAX_ROOM_CHARACTERS])
def test_other_names_are_no_topics(name: str) -> None:
    assert not is_topic(name, TOPICS)


def test_an_event_concerns_those_who_are_in_one_of_its_rooms() -> None:
    hub = Hub()
    moved = hub.publish(ShipMoved(ship=Ship("1"), harbour=7))
    assert [moved.concerns((topic,)) for topic in ("ship:1", "harbour:7", "ships", "all")] == [True] * 4
    assert [moved.concerns((topic,)) for topic in ("ship:2", "harbour:1", "ship:", "tasks")] == [False] * 4
    assert hub.publish(ServiceProgress(done=1, total=2)).concerns(("ship:1",))


def test_the_text_of_an_event_is_its_fields_whatever_they_contain() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Fleet(ShipMoved):
        """Many ships, and what they carry."""

        ships: tuple[Ship, ...]
        cargo: Any

    class Crate(str):
        """A text that is not exactly one."""

    hub = Hub(clock=lambda: 0.0, epoch="1")
    for cargo, shown in (
        ({"tons": 2.5, "of": ["ä", None, True]}, {"tons": 2.5, "of": ["ä", None, True]}),
        ({1: Crate("tea")}, {"1": "tea"}),
        ("\ud800", "\ud800"),
    ):
        text = hub.publish(Fleet(ship=Ship("ä"), harbour=7, ships=(Ship("1"), Ship("2")), cargo=cargo)).text
        assert json.loads(text) == {
            "seq": hub.seq, "epoch": "1", "type": "ship.moved", "time": "1970-01-01T00:00:00.000Z",
            "ship": {"id": "ä"}, "harbour": 7, "ships": [{"id": "1"}, {"id": "2"}], "cargo": shown,
        }  # fmt: skip
        text.encode()
