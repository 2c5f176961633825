"""When a path is looked at: the debounce rules, with a clock that the tests hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.watch import settle
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
    s.check_again("a", 10.5)
    s.hint("a", False, 10.0)
    assert s.due(10.2) == []
    assert s.due(10.5) == ["a"]


def test_at_most_limit_paths_are_given_longest_waiting_first() -> None:
    s = settler()
    for number in range(10):
        s.hint(number, True, 10.0 + number / 1000)
    assert s.due(11.0, limit=4) == [0, 1, 2, 3]
    assert len(s) == 6


def test_it_waits_as_long_as_the_design_says_unless_told_otherwise() -> None:
    s = Settler()
    assert (s.window_s, s.max_wait_s) == (0.1, 0.5)


def test_an_unfinished_write_does_not_put_off_the_check_of_a_completed_one() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    s.due(10.0)
    s.hint("a", True, 10.03)
    s.hint("a", False, 10.05)
    assert s.next_due() == 10.0 + WINDOW


def test_a_completed_write_after_the_window_is_checked_at_once_again() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    s.due(10.0)
    s.hint("a", True, 10.2)
    assert s.next_due() == 10.2


def test_the_window_counts_from_the_check_and_for_each_path_alone() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    assert s.due(10.05) == ["a"]
    s.hint("b", True, 10.06)
    assert s.due(10.06) == ["b"]
    s.hint("a", True, 10.07)
    assert s.next_due() == 10.05 + WINDOW


def test_a_completed_write_never_puts_off_a_check_that_is_due_sooner() -> None:
    s = settler()
    s.hint("a", True, 10.0)
    s.due(10.0)
    s.hint("a", False, 9.95)  # a clock may be read a little earlier than another
    s.hint("a", True, 10.01)
    assert s.next_due() == 9.95 + WINDOW


def test_a_path_written_all_the_time_is_checked_when_it_waited_for_max_wait() -> None:
    s = settler()
    for step in range(10):
        s.hint("a", False, 10.0 + step * 0.05)
    assert s.next_due() == 10.0 + MAX_WAIT
    s.hint("a", False, 10.49)
    assert s.next_due() == 10.0 + MAX_WAIT


def test_a_check_once_more_comes_at_the_earlier_of_two_times() -> None:
    s = settler()
    s.check_again("a", 10.5)
    s.check_again("a", 10.2)
    s.check_again("a", 10.7)
    assert s.next_due() == 10.2
    assert s.due(10.2) == ["a"]
    assert (s.due(11.0), len(s)) == ([], 0)


def test_an_unfinished_write_does_not_put_off_a_check_once_more_but_a_completed_one_brings_it_forward() -> None:
    s = settler()
    s.check_again("a", 10.5)
    s.hint("a", False, 10.45)
    assert s.next_due() == 10.5
    s.hint("a", True, 10.46)
    assert s.next_due() == 10.46


def test_times_that_were_superseded_are_not_due_and_not_named() -> None:
    s = settler()
    s.hint("a", False, 10.0)
    s.hint("a", False, 10.05)
    s.hint("b", False, 10.02)
    assert s.next_due() == 10.02 + WINDOW
    assert s.due(10.13) == ["b"]
    assert s.next_due() == 10.05 + WINDOW
    assert s.due(10.16) == ["a"]
    assert s.next_due() is None


def test_of_one_time_the_first_that_came_is_first() -> None:
    s = settler()
    for path in ("c", "a", "b"):
        s.hint(path, True, 10.0)
    assert s.due(10.0) == ["c", "a", "b"]


def test_a_check_is_due_at_its_time_and_not_before() -> None:
    s = settler()
    s.check_again("a", 10.5)
    assert s.due(10.4999) == []
    assert s.due(10.5) == ["a"]


def test_without_a_limit_of_its_own_a_turn_checks_sixty_four() -> None:
    s = settler()
    for number in range(100):
        s.hint(number, True, 10.0)
    assert len(s.due(10.0)) == 64


def test_when_paths_were_checked_is_forgotten_once_it_cannot_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "_MAX_REMEMBERED", 3)
    s = Settler(window_s=0.5)

    def check(path: str, now: float) -> None:
        s.hint(path, True, now)
        assert s.due(now) == [path]

    for path in ("a", "b", "c"):
        check(path, 10.0)
    assert set(s._checked_at) == {"a", "b", "c"}, "so many may be remembered"
    check("d", 19.5)
    assert set(s._checked_at) == {"d"}
    for path in ("e", "f"):
        check(path, 20.0)
    s.hint("f", True, 20.1)
    assert s.next_due() == 20.5, "what matters is remembered"
    check("g", 20.25)
    assert set(s._checked_at) == {"e", "f", "g"}
    assert s.due(20.5) == ["f"]
    check("h", 20.75)
    assert set(s._checked_at) == {"f", "h"}


def test_it_remembers_thousands_by_itself() -> None:
    s = settler()
    for number in range(4_097):
        s.hint(number, True, number)
        s.due(number)
        assert len(s._checked_at) == (number + 1 if number < 4_096 else 1)


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


def test_a_path_is_contained_while_a_check_of_it_waits() -> None:
    settler = Settler(0.1, 0.5)
    settler.hint("a", True, 1.0)
    assert ("a" in settler, "b" in settler) == (True, False)
    settler.due(1.0)
    assert "a" not in settler
    settler.check_again("a", 2.0)
    assert "a" in settler
