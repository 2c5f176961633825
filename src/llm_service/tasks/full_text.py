"""`find_tasks(board, task_list, ...)`: tasks by all that is in their files, those whose short fields match first.

The files are in memory, compressed: 10 µs to look into one, so a search of 20,000 takes a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .board import TaskBoard
from .model import TaskSummary
from .queries import TaskList
from .reader import unpack

_LOOK_EVERY = 64
"""So many tasks are looked at before the clock is asked again."""


@dataclass(frozen=True, slots=True)
class TaskHit:
    """A task that was found; `body` is what its file says."""

    task: TaskSummary
    body: str


def find_tasks(
    board: TaskBoard,
    task_list: TaskList,
    fits: Callable[[TaskSummary], bool] | None,
    is_in: Callable[[str], bool],
    count: int,
    is_over: Callable[[], bool],
) -> tuple[list[TaskHit], bool]:
    """(at most `count` tasks, were all looked at), the last changed first, of those that fit (None: all) and in whose
    text (small letters) what is searched for is. Ends when `is_over()`."""
    tasks, short = task_list.last_changed()
    wanted = [number for number, task in enumerate(tasks) if fits is None or fits(task)]
    first = [number for number in wanted if is_in(short[number])]
    known = set(first)
    rest = (number for number in wanted if number not in known)
    found = list[TaskHit]()
    for order in (first, rest):
        if not _look(board, tasks, short, order, is_in, count, is_over, found):
            return found, False
    return found, True


def _look(
    board: TaskBoard,
    tasks: list[TaskSummary],
    short: list[str],
    order: Iterable[int],
    is_in: Callable[[str], bool],
    count: int,
    is_over: Callable[[], bool],
    found: list[TaskHit],
) -> bool:
    """Add those that match; False if that ended early."""
    for looked, number in enumerate(order):
        if len(found) >= count or (looked % _LOOK_EVERY == 0 and is_over()):
            return False
        body = _body(board, tasks[number].key)
        if is_in(f"{short[number]}\n{body.lower()}"):
            found.append(TaskHit(tasks[number], body))
    return True


def _body(board: TaskBoard, key: str) -> str:
    file = board.file_of(key)
    return "" if file is None or file.raw is None else unpack(file.raw).decode("utf-8", "replace")
