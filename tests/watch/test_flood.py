"""Telling a flood from work, with a clock that the tests hold."""

from __future__ import annotations

from llm_service.watch.flood import FloodDetector


def test_as_many_hints_as_an_agent_makes_are_no_flood() -> None:
    flood = FloodDetector()
    assert [flood.is_flooded(1, 10 + number / 100) for number in range(300)] == [False] * 300


def test_one_hint_more_than_a_calm_slot_holds_is_one() -> None:
    flood = FloodDetector()
    assert not flood.is_flooded(64, 10.0)
    assert flood.is_flooded(1, 10.05)


def test_hints_of_one_slot_count_up_to_its_end() -> None:
    flood = FloodDetector()
    flood.is_flooded(60, 10.0)
    assert not flood.is_flooded(60, 10.25), "another slot"
    assert flood.is_flooded(5, 10.34)


def test_it_lasts_for_the_slot_after_it_and_no_longer() -> None:
    for pause, expected in ((0.15, True), (0.25, False)):
        flood = FloodDetector()
        assert flood.is_flooded(100, 10.0)
        assert flood.is_flooded(0, 10.0 + pause) is expected
    flood = FloodDetector()
    flood.is_flooded(100, 10.0)
    flood.is_flooded(1, 10.15)
    assert not flood.is_flooded(1, 10.3), "the slot before was calm"


def test_slots_are_a_tenth_of_a_second() -> None:
    flood = FloodDetector()
    flood.is_flooded(60, 0.0)
    assert flood.is_flooded(60, 0.0625)
    flood = FloodDetector()
    flood.is_flooded(60, 0.0)
    assert not flood.is_flooded(60, 0.125)


def test_a_slot_and_the_one_after_it_include_their_ends() -> None:
    flood = FloodDetector()
    flood.is_flooded(60, 0.0)
    assert flood.is_flooded(60, 0.1)
    flood = FloodDetector()
    flood.is_flooded(100, 0.0)
    assert flood.is_flooded(0, 0.2)
