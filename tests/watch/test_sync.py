"""Requests to be in sync: answered when all that was seen by their scan is applied, and not before."""

from __future__ import annotations

import pytest

from llm_service.watch.sync import SyncRequests


def test_a_request_waits_for_a_scan() -> None:
    requests = SyncRequests()
    request = requests.add()
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
    request = requests.add()
    request.scanned_at = 11.0
    requests.answer(oldest_pending)
    assert request.reached.is_set() is is_answered
    assert len(requests) == (0 if is_answered else 1)


def test_those_that_wait_longer_do_not_hold_up_the_others() -> None:
    requests = SyncRequests()
    early, late, unscanned = requests.add(), requests.add(), requests.add()
    early.scanned_at, late.scanned_at = 1.0, 2.0
    requests.answer(1.5)
    assert [request.reached.is_set() for request in (early, late, unscanned)] == [True, False, False]
    assert len(requests) == 2


def test_a_request_can_be_cancelled_and_twice() -> None:
    requests = SyncRequests()
    request = requests.add()
    requests.remove(request)
    requests.remove(request)
    assert len(requests) == 0


def test_a_scan_waits_for_hints_on_their_way_but_not_for_ever() -> None:
    requests = SyncRequests()
    request = requests.add(scan_by=11.0)
    assert requests.due(10.9, is_behind=True) == []
    assert requests.due(10.9, is_behind=False) == [request]
    assert requests.due(11.0, is_behind=True) == [request]
    request.scanned_at = 11.0
    assert requests.due(12.0, is_behind=False) == []
