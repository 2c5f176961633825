"""Which errors prove absence, and when what could not be read is tried again. The tests bring the clock."""

from __future__ import annotations

import errno
import os

import pytest
from kit.failing_files import ERRORS

from llm_service.watch.retry import Retries, is_absence, reason_of


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENOTDIR])
def test_only_these_prove_that_nothing_is_there(number: int) -> None:
    assert is_absence(OSError(number, os.strerror(number)))


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
def test_all_others_leave_it_open(number: int) -> None:
    assert not is_absence(OSError(number, os.strerror(number)))


def test_the_systems_words_are_taken_out_of_a_message() -> None:
    assert reason_of("a: b.yaml cannot be read: Too many open files.") == "Too many open files"
    assert reason_of("words") == "words"
    assert reason_of("a: EX.") == "EX"


def test_it_is_tried_soon_then_less_often_and_at_last_every_ten_seconds() -> None:
    retries, now, pauses = Retries(), 100.0, []
    assert retries.next_due() is None
    for _ in range(15):
        retries.failed("x", "why", now)
        due = retries.next_due()
        assert due is not None
        assert retries.due(due - 0.001) == []
        assert retries.due(due) == ["x"]
        pauses.append(due - now)
        now = due
    assert pauses[:3] == pytest.approx([0.1, 0.15, 0.225])
    assert pauses[-1] == pytest.approx(10.0)
    assert pauses == sorted(pauses)


def test_the_pauses_can_be_others() -> None:
    retries = Retries(first_s=1.0, last_s=1.2)
    for _ in range(2):
        retries.failed("x", "why", 0.0)
    assert retries.next_due() == pytest.approx(1.2)


def test_what_is_tried_is_due_again_after_its_pause_if_nobody_says_how_it_went() -> None:
    retries = Retries()
    retries.failed("x", "why", 0.0)
    assert retries.due(1.0) == ["x"]
    assert retries.due(1.05) == []
    assert retries.next_due() == pytest.approx(1.1)


def test_of_many_those_that_waited_longest_come_first_and_not_all_at_once() -> None:
    retries = Retries()
    for number in range(5_000):
        retries.failed(f"{number:04}", "why", number / 1e6)
    assert retries.due(100.0) == [f"{number:04}" for number in range(64)]
    assert retries.due(100.0, limit=2) == ["0064", "0065"]
    assert retries.due(100.0 + 9.99, limit=9_999)[:1] == ["0066"]
    assert retries.due(100.0 + 9.99, limit=9_999) == []


def test_many_are_tried_less_often() -> None:
    retries = Retries()
    for number in range(1_000):
        retries.failed(str(number), "why", 0.0)
    assert retries.next_due() == pytest.approx(0.1)
    retries.due(0.1)
    retries.failed("0", "why", 0.1)
    assert "0" not in retries.due(2.09, limit=9_999)
    assert "0" in retries.due(2.11, limit=9_999)


def test_what_was_read_or_is_gone_is_forgotten() -> None:
    retries = Retries()
    retries.failed("x", "why", 0.0)
    assert ("x" in retries, len(retries), retries.since("x")) == (True, 1, 0.0)
    retries.done("x")
    retries.done("x")
    assert ("x" in retries, len(retries), retries.since("x"), retries.next_due()) == (False, 0, None, None)
    assert retries.due(99.0) == []
    retries.failed("x", "why", 50.0)
    assert (retries.since("x"), retries.next_due()) == (50.0, pytest.approx(50.1)), "as if for the first time"


def test_it_says_since_when_and_with_the_last_reason_why() -> None:
    retries = Retries()
    assert retries.failed("x", "first", 1.0) == 1.0
    assert retries.failed("x", "second", 2.0) == 1.0
    retries.failed("y", "other", 3.0)
    assert retries.reasons() == {"x": "second", "y": "other"}
    assert retries.reasons(before=1.0) == {"x": "second"}
    assert retries.reasons(before=0.9) == {}
    assert retries.paths() == ["x", "y"]
    assert (retries.any_since(2.9), retries.any_since(3.0)) == (True, False)
