"""The throttle of wrong tokens alone: how many, for how long, by which address, in how much memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.web import guard_throttle
from llm_service.web.guard_throttle import Throttle, TooManyTokens


class Clock:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def counted(throttle: Throttle, address: str = "10.0.0.1") -> int | None:
    """Whether it may go on: None, or the seconds to wait."""
    try:
        throttle.count(address)
    except TooManyTokens as refusal:
        wait_s: int = refusal.details["retry_after_s"]
        assert f"try again in {wait_s} s" in refusal.message
        assert refusal.http_status == 429
        return wait_s
    return None


def test_ten_at_once_then_one_every_six_seconds() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [counted(throttle) for _ in range(12)] == [None] * 10 + [6, 6]
    clock.now += 2.5
    assert counted(throttle) == 4
    clock.now += 3.25
    assert [counted(throttle) for _ in range(3)] == [1, 1, 1], "what is refused does not count"
    clock.now += 0.25
    assert [counted(throttle) for _ in range(2)] == [None, 6]
    clock.now += 60
    assert [counted(throttle) for _ in range(11)] == [None] * 10 + [6]
    clock.now += 100_000
    assert [counted(throttle) for _ in range(11)] == [None] * 10 + [6], "no more for those who waited long"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "x", False),
        ("", "", True),
    ],
)
def test_an_address_is_counted_alone_of_ipv6_with_its_network(one: str, other: str, is_same: bool) -> None:
    throttle = Throttle(Clock())
    for _ in range(10):
        throttle.count(one)
    assert (counted(throttle, other) is not None) == is_same


def test_the_addresses_that_were_quiet_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_throttle, "_MAX_ADDRESSES", 2)
    throttle = Throttle(Clock())
    for address in ("a", "b"):
        for _ in range(10):
            throttle.count(address)
    assert counted(throttle, "a") == 6
    throttle.count("c")
    assert counted(throttle, "a") == 6
    assert counted(throttle, "b") is None, "b was quiet the longest"


def test_the_default_clock_runs() -> None:
    throttle = Throttle()
    assert [counted(throttle) for _ in range(11)] == [None] * 10 + [6]


@given(pauses=st.lists(st.floats(0, 30), max_size=80))
def test_no_window_has_more_than_the_burst_and_its_share_of_time(pauses: list[float]) -> None:
    """What a token bucket promises, whatever the times."""
    clock = Clock()
    throttle = Throttle(clock)
    accepted = []
    for pause in pauses:
        clock.now += pause
        wait_s = counted(throttle)
        if wait_s is None:
            accepted.append(clock.now)
        else:
            assert 1 <= wait_s <= 6
    for first, start in enumerate(accepted):
        for last in range(first, len(accepted)):
            assert last - first + 1 <= 10 + (accepted[last] - start) / 6 + 1e-6
