"""The numbers of a board, followed change by change, are those that a count of all its cards gives."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from kit.task_files import broken, task

from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.numbers import BoardNumbers
from llm_service.tasks.reader import document_of

_PATHS = [f"{lane}/{name}.yaml" for lane in ("inbox", "assigned/ada", "assigned/bob", "done/ada") for name in "abc"]
_KINDS = st.sampled_from(["high", "low", "odd", "broken", "gone"])
_STEPS = st.lists(st.tuples(st.sampled_from(_PATHS), _KINDS, st.booleans()), max_size=40)


@given(_STEPS)
def test_the_numbers_are_those_of_all_cards(steps: list[tuple[str, str, bool]]) -> None:
    board = TaskBoard(document_of, 0.0, 0.0)
    numbers = BoardNumbers(board)
    for now, (path, kind, is_asked) in enumerate(steps):
        name = path[-6:-5]
        file = None if kind == "gone" else broken(path, name) if kind == "broken" else task(path, name, priority=kind)
        board.apply([TaskChange(path, file)], now)
        board.expire(now + 0.5)
        if is_asked:
            check(board, numbers)
    check(board, numbers)


def check(board: TaskBoard, numbers: BoardNumbers) -> None:
    found, cards = numbers.now(), board.tasks()
    assert (found.total, found.invalid) == (len(cards), sum(card.error is not None for card in cards))
    assert dict(found.lanes) == dict(Counter(card.lane for card in cards))
    assert dict(found.priorities) == dict(Counter(card.priority for card in cards))
    assert found.agents == len({card.agent for card in cards if card.agent})


def test_what_is_returned_does_not_change_any_more() -> None:
    board = TaskBoard(document_of, 0.0, 0.0)
    board.load({"inbox/a.yaml": task("inbox/a.yaml")})
    numbers = BoardNumbers(board)
    before = numbers.now()
    board.apply([TaskChange("inbox/b.yaml", task("inbox/b.yaml"))], 0.0)
    assert (before.total, before.lanes["inbox"], numbers.now().total) == (1, 1, 2)
