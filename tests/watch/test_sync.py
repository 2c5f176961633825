"""Requests to be in sync: answered when all that was seen by their scan is applied, and not before."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from llm_service.errors import NotInSync
from llm_service.watch.follower import wait_until_synced
from llm_service.watch.sync import SyncRequest, SyncRequests


def test_a_request_waits_for_a_scan() -> None:
    requests = SyncRequests()
    request = requests.add(10.0)
    assert request.requested_at == 10.0
    assert requests.unscanned() == [request]
    requests.answer(None)
    assert (request.reached.is_set(), len(requests)) == (False, 1)
    request.scanned_at = 11.0
    assert requests.unscanned() == []
    requests.answer(None)
    assert (request.reached.is_set(), len(requests)) == (True, 0)


@pytest.mark.parametrize(("oldest_pending", "is_answered"), [(10.9, False), (11.0, False), (11.1, True), (None, True)])
def test_it_is_answered_when_nothing_from_before_its_scan_waits(
    oldest_pending: float | None, is_answered: bool
) -> None:
    requests = SyncRequests()
    request = requests.add(10.0)
    request.scanned_at = 11.0
    requests.answer(oldest_pending)
    assert request.reached.is_set() is is_answered
    assert len(requests) == (0 if is_answered else 1)


def test_those_that_wait_longer_do_not_hold_up_the_others() -> None:
    requests = SyncRequests()
    early, late, unscanned = requests.add(1.0), requests.add(2.0), requests.add(3.0)
    early.scanned_at, late.scanned_at = 1.0, 2.0
    requests.answer(1.5)
    assert [request.reached.is_set() for request in (early, late, unscanned)] == [True, False, False]
    assert len(requests) == 2


def test_a_request_can_be_cancelled_and_twice() -> None:
    requests = SyncRequests()
    request = requests.add(1.0)
    requests.remove(request)
    requests.remove(request)
    assert len(requests) == 0


class Asked:
    """Stands for a follower that answers at once, or when it is told to."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.requests = SyncRequests()

    def request_sync(self) -> SyncRequest:
        request = self.requests.add(0.0)
        if self.answers:
            request.reached.set()
        return request

    def cancel(self, request: SyncRequest) -> None:
        self.requests.remove(request)


def test_waiting_for_all_asks_all_and_leaves_no_request_behind() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=True)]
    wait_until_synced(followers, 5)
    assert [len(follower.requests) for follower in followers] == [0, 0]


def test_waiting_ends_with_an_error_when_the_time_is_over() -> None:
    followers: list[Any] = [Asked(answers=True), Asked(answers=False)]
    with pytest.raises(NotInSync, match=r"applied within 0\.05 s"):
        wait_until_synced(followers, 0.05)
    assert [len(follower.requests) for follower in followers] == [0, 0]


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
    for follower in followers:
        follower.request_sync = lambda: SyncRequest(0.0, reached=Counted())
    wait_until_synced(followers, 1.0, clock=lambda: now[0])
    assert waits == [1.0, 0.25, 0.0]
