"""When a path is looked at: the debounce rules, with a clock that the tests hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm_service.watch.settle import Settler

WINDOW, MAX_WAIT = 0.1, 0.5


def settler() -> Settler:
    return Settler(WINDOW, MAX_WAIT)


def test_a_completed_write_is_looked_at_at_once() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    assert s.due(10.0) == ["a"]
    assert s.next_due() is None


def test_an_unfinished_write_is_looked_at_when_it_is_quiet() -> None:
    s = settler()
    s.hint("a", False, 10.0)
    assert s.due(10.09) == []
    s.hint("a", False, 10.09)
    assert s.due(10.15) == []
    assert s.due(10.191) == ["a"]


def test_constant_writing_is_reported_at_least_every_max_wait() -> None:
    s = settler()
    looks = []
    for step in range(200):
        now = 10 + step * 0.01
        s.hint("a", False, now)
        if s.due(now):
            looks.append(now)
    assert len(looks) == 3
    assert all(later - earlier <= MAX_WAIT + 0.011 for earlier, later in zip([10.0, *looks], looks, strict=False))


def test_closing_the_file_ends_the_wait_for_quiet() -> None:
    s = settler()
    s.hint("a", False, 10.0)
    s.hint("a", True, 10.02)
    assert s.due(10.02) == ["a"]


def test_further_writes_within_the_window_are_folded_into_one_look_at_its_end() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    assert s.due(10.0) == ["a"]
    s.hint("a", True, 10.03)
    s.hint("a", True, 10.05)
    assert s.due(10.06) == []
    assert s.next_due() == 10.0 + WINDOW
    assert s.due(10.1) == ["a"]
    assert s.due(10.3) == []


def test_again_asks_for_one_more_look() -> None:
    s = settler()
    s.again("a", 10.5)
    s.hint("a", False, 10.0)
    assert s.due(10.2) == []
    assert s.due(10.5) == ["a"]


def test_at_most_limit_paths_are_given_longest_waiting_first() -> None:
    s = settler()
    for number in range(10):
        s.hint(number, True, 10.0 + number / 1000)
    assert s.due(11.0, limit=4) == [0, 1, 2, 3]
    assert len(s) == 6


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0, 0.3, allow_nan=False)), min_size=1, max_size=60
    )
)
def test_every_hint_is_followed_by_a_look_in_time(steps: list[tuple[str, bool, float]]) -> None:
    """After any hint there is a look at that path, not before it and at most max_wait later."""
    s = settler()
    now = 100.0
    hinted: dict[str, float] = {}

    def look(until: float) -> None:
        while (due := s.next_due()) is not None and due <= until:
            for path in s.due(due):
                first = hinted.pop(str(path), None)
                assert first is None or due - first <= MAX_WAIT + 1e-9

    for path, complete, pause in steps:
        s.hint(path, complete, now)
        hinted.setdefault(path, now)
        look(now)
        now += pause
        look(now)
    look(now + MAX_WAIT)
    assert not hinted
    assert len(s) == 0
