"""Deadlines against a plain dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm_service.hub.deadlines import Deadlines

KEYS = st.sampled_from("abcdef")
TIMES = st.none() | st.integers(0, 20).map(float)


@given(st.lists(st.tuples(KEYS, TIMES) | st.integers(0, 20).map(float), max_size=60))
def test_a_key_is_due_once_and_the_last_that_was_set_counts(steps: list[tuple[str, float | None] | float]) -> None:
    deadlines, expected = Deadlines(), dict[str, float]()
    for step in steps:
        if isinstance(step, tuple):
            key, at = step
            deadlines.set(key, at)
            expected.pop(key, None)
            if at is not None:
                expected[key] = at
        else:
            due = {key for key, at in expected.items() if at <= step}
            assert sorted(deadlines.pop_due(step)) == sorted(due)
            expected = {key: at for key, at in expected.items() if key not in due}
        assert deadlines.next() == min(expected.values(), default=None)
    deadlines.clear()
    assert (deadlines.next(), deadlines.pop_due(99)) == (None, [])


def test_a_deadline_that_moves_for_ever_takes_bounded_memory() -> None:
    deadlines = Deadlines()
    for number in range(10_000):
        deadlines.set("a", float(number))
    assert len(deadlines._heap) < 100
    assert deadlines.pop_due(1e9) == ["a"]
