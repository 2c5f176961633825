"""A thread that works when something changed."""

from __future__ import annotations

import threading
import time

from kit.live import eventually

from llm_service.hub.woken_thread import WokenThread


class Sums:
    """Adds what it is given."""

    def __init__(self, rest_s: float) -> None:
        self.thread = WokenThread("sums", self._run)
        self.waiting: list[int] = []
        self.added: list[list[int]] = []
        self.has_ended = False
        self._rest_s = rest_s

    def give(self, number: int) -> None:
        with self.thread.changed:
            self.waiting.append(number)
            self.thread.changed.notify_all()

    def _run(self) -> None:
        is_wanted = True
        while is_wanted:
            with self.thread.changed:
                if not self.thread.wait_for(lambda: self.waiting):
                    break
                numbers, self.waiting = self.waiting, []
            self.added.append(numbers)
            is_wanted = self.thread.rest(self._rest_s)
        self.has_ended = True


def test_it_works_when_something_changed_and_ends_while_it_waits() -> None:
    sums = Sums(0.0)
    sums.thread.start()
    for number in (1, 2):
        sums.give(number)
        eventually(lambda number=number: [number] in sums.added)
    sums.thread.stop()
    assert sums.has_ended


def test_it_ends_while_it_rests_and_takes_nothing_up_before() -> None:
    sums = Sums(3_600.0)
    sums.thread.start()
    sums.give(1)
    eventually(lambda: sums.added)
    sums.give(2)
    began = time.monotonic()
    sums.thread.stop()
    assert sums.has_ended and sums.added == [[1]] and time.monotonic() - began < 3_600


class CountedWaits(threading.Condition):
    """Counts who waits for a change."""

    waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waits += 1
        return super().wait(timeout)


def test_changes_do_not_wake_it_while_it_rests() -> None:
    thread = WokenThread("never", lambda: None)
    thread.changed = CountedWaits()
    assert thread.rest(0.01)
    assert thread.changed.waits == 0


def test_a_wait_has_an_end() -> None:
    thread = WokenThread("never", lambda: None)
    with thread.changed:
        assert thread.wait_for(lambda: False, 0.01)


def test_one_that_never_started_can_be_stopped() -> None:
    thread = WokenThread("never", lambda: None)
    thread.stop()
    assert not thread.rest(3_600.0)
