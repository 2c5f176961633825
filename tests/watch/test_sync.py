"""Requests to be in sync: answered when all that was seen by their scan is applied, and not before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from llm_service.errors import NotInSync
from llm_service.watch.follower import wait_for_all
from llm_service.watch.sync import Barrier, Barriers


def test_a_request_waits_for_a_scan() -> None:
    barriers = Barriers()
    barrier = barriers.add(10.0)
    assert barrier.asked_at == 10.0
    assert barriers.unscanned() == [barrier]
    barriers.answer(None)
    assert (barrier.reached.is_set(), len(barriers)) == (False, 1)
    barrier.looked_at = 11.0
    assert barriers.unscanned() == []
    barriers.answer(None)
    assert (barrier.reached.is_set(), len(barriers)) == (True, 0)


@pytest.mark.parametrize(("oldest_pending", "is_answered"), [(10.9, False), (11.0, False), (11.1, True), (None, True)])
def test_it_is_answered_when_nothing_from_before_its_scan_waits(
    oldest_pending: float | None, is_answered: bool
) -> None:
    barriers = Barriers()
    barrier = barriers.add(10.0)
    barrier.looked_at = 11.0
    barriers.answer(oldest_pending)
    assert barrier.reached.is_set() is is_answered
    assert len(barriers) == (0 if is_answered else 1)


def test_those_that_wait_longer_do_not_hold_up_the_others() -> None:
    barriers = Barriers()
    early, late, unscanned = barriers.add(1.0), barriers.add(2.0), barriers.add(3.0)
    early.looked_at, late.looked_at = 1.0, 2.0
    barriers.answer(1.5)
    assert [barrier.reached.is_set() for barrier in (early, late, unscanned)] == [True, False, False]
    assert len(barriers) == 2


def test_a_request_can_be_cancelled_and_twice() -> None:
    barriers = Barriers()
    barrier = barriers.add(1.0)
    barriers.remove(barrier)
    barriers.remove(barrier)
    assert len(barriers) == 0


class Asked:
    """Stands for a follower that answers at once, or when it is told to."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.barriers = Barriers()

    def ask(self) -> Barrier:
        barrier = self.barriers.add(0.0)
        if self.answers:
            barrier.reached.set()
        return barrier

    def withdraw(self, barrier: Barrier) -> None:
        self.barriers.remove(barrier)


def test_waiting_for_all_asks_all_and_leaves_no_request_behind() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=True)]
    wait_for_all(followers, 5)
    assert [len(follower.barriers) for follower in followers] == [0, 0]


def test_waiting_ends_with_an_error_when_the_time_is_over() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=False)]
    with pytest.raises(NotInSync, match=r"applied within 0\.05 s"):
        wait_for_all(followers, 0.05)
    assert [len(follower.barriers) for follower in followers] == [0, 0]


def test_the_time_is_one_for_all_of_them() -> None:
    waits: list[float] = []

    class Counted(threading.Event):
        """Says how long it was waited for."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            now[0] += 0.75
            return True

    now = [100.0]
    followers: list[Any] = [Asked(answers=True) for _ in range(3)]
    ask: Callable[[Asked], Barrier] = lambda follower: Barrier(0.0, reached=Counted())  # noqa: E731
    for follower in followers:
        follower.ask = lambda follower=follower: ask(follower)
    wait_for_all(followers, 1.0, clock=lambda: now[0])
    assert waits == [1.0, 0.25, 0.0]
