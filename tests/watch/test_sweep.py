"""When a root is scanned although nothing asks for it, with a clock that the tests hold."""

from __future__ import annotations

import pytest

from llm_service.watch.sweep import SweepSchedule

NEVER = float("-inf")


def test_the_first_scan_is_due_at_once() -> None:
    sweep = SweepSchedule(30, 1)
    assert (sweep.next_due(False), sweep.next_due(True), sweep.scan_s) == (NEVER, NEVER, None)


def test_none_is_due_while_one_goes_on() -> None:
    sweep = SweepSchedule(30, 1)
    sweep.begin()
    assert sweep.next_due(False) is None
    sweep.end(10.0, 0.5)
    assert sweep.scan_s == 0.5
    assert sweep.next_due(False) is not None


@pytest.mark.parametrize(
    ("took_s", "is_polled", "due"),
    [
        (0.0, False, 40.0),
        (0.1, False, 40.0),
        (0.2, False, 70.0),
        (1.0, False, 310.0),
        (0.0, True, 11.0),
        (0.1, True, 11.0),
        (0.5, True, 15.0),
    ],
)
def test_the_next_one_is_due_after_the_interval_or_a_multiple_of_what_it_took(
    took_s: float, is_polled: bool, due: float
) -> None:
    sweep = SweepSchedule(30, 1)
    sweep.end(10.0, took_s)
    assert sweep.next_due(is_polled) == pytest.approx(due)
