"""The inbox of hints: bounded, ordered, and a way to wait for what comes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from llm_service.watch.hints import Hint, HintInbox, HintKind


def test_hints_are_taken_once_and_in_order() -> None:
    inbox = HintInbox()
    for path in ("b", "a"):
        inbox.put(Hint(HintKind.CHANGED, path))
    assert [hint.path for hint in inbox.take(0)] == ["b", "a"]
    assert inbox.take(0) == []


def test_a_full_inbox_turns_into_one_scan_of_everything() -> None:
    inbox = HintInbox(capacity=10)
    for number in range(10):
        inbox.put(Hint(HintKind.CHANGED, str(number)))
    inbox.put(Hint(HintKind.CHANGED, "one too many"))
    inbox.put(Hint(HintKind.CHANGED, "after"))
    assert [(hint.kind, hint.path) for hint in inbox.take(0)] == [
        (HintKind.EVERYTHING, ""),
        (HintKind.CHANGED, "after"),
    ]


def test_as_many_hints_as_fit_are_kept_one_by_one() -> None:
    inbox = HintInbox(capacity=10)
    for number in range(10):
        inbox.put(Hint(HintKind.CHANGED, str(number)))
    assert [hint.path for hint in inbox.take(0)] == [str(number) for number in range(10)]


def test_a_hundred_thousand_hints_fit_unless_it_is_made_for_fewer() -> None:
    inbox = HintInbox()
    for number in range(100_000):
        inbox.put(Hint(HintKind.CHANGED, str(number)))
    assert len(inbox._hints) == 100_000
    inbox.put(Hint(HintKind.CHANGED, "one too many"))
    assert [hint.kind for hint in inbox.take(0)] == [HintKind.EVERYTHING]


def test_hints_are_equal_whenever_they_came() -> None:
    assert Hint(HintKind.GONE, "x", at=1.0) == Hint(HintKind.GONE, "x", at=2.0)


def test_take_waits_for_the_first_hint_and_can_be_woken() -> None:
    inbox = HintInbox()
    taken: list[list[Hint]] = []
    give: list[Callable[[], None]] = [lambda: inbox.put(Hint(HintKind.GONE, "x")), inbox.wake]
    for action in give:
        waiting = threading.Thread(target=lambda: taken.append(inbox.take(10)))
        waiting.start()
        action()
        waiting.join(timeout=60)
    assert [[hint.path for hint in hints] for hints in taken] == [["x"], []]


def test_being_woken_before_it_waits_is_enough_and_counts_once() -> None:
    inbox = HintInbox()
    inbox.wake()
    assert inbox.take(60) == []
    assert inbox._woken is False
