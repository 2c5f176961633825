"""`DoneTasks`: the tasks that were done in a range, and what each of them cost.

A task cost what all its calls cost, whenever they were made. A task without a known call is not taken for one that cost
nothing: `DoneCosts` counts those apart, and those whose calls all have no known price.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..calls.model import usd
from ..calls.store.task_costs import TaskCost
from ..times import iso_time, unix_time

MOST_TASKS = 5_000
"""Of a longer range the latest."""
_MOST_BINS = 12
_STEPS = (1, 2, 5)


class DoneTask(Protocol):
    """What is read of a task of the board."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def agent(self) -> str | None: ...
    @property
    def lane(self) -> str: ...
    @property
    def lane_since(self) -> str | None: ...
    @property
    def completed_at(self) -> str | None: ...


class Board(Protocol):
    """The board, as far as it is used: its tasks, and a number that rises with each change."""

    @property
    def version(self) -> int: ...
    def ids(self) -> list[str]: ...
    def tasks(self) -> Sequence[DoneTask]: ...


@dataclass(frozen=True, slots=True)
class DoneCosts:
    """The tasks of a range with their costs, most expensive first; those without a known cost last."""

    tasks: Sequence[tuple[float, DoneTask, TaskCost | None]]
    """(when it was done, the task, its cost: None without a known call)"""
    is_cut: bool
    """True: there are more than `MOST_TASKS`, and these are the latest."""

    def as_json(self, limit: int) -> dict[str, Any]:
        """Counts, median, mean, quartiles and bins over the tasks with a known cost, and the first `limit` tasks."""
        costs = sorted(_nanos(cost) for _, _, cost in self.tasks if _is_known(cost))
        return {
            "tasks": len(self.tasks),
            "is_cut": self.is_cut,
            "known": len(costs),
            "without_calls": sum(cost is None for _, _, cost in self.tasks),
            "unpriced": sum(cost is not None and not _is_known(cost) for _, _, cost in self.tasks),
            "partly_unpriced": sum(
                _is_known(cost) and cost is not None and cost.unpriced > 0 for *_, cost in self.tasks
            ),
            "total_usd": usd(sum(costs)) if costs else None,
            "mean_usd": usd(sum(costs)) / len(costs) if costs else None,
            "median_usd": _quantile(costs, 0.5),
            "quartiles_usd": [_quantile(costs, share) for share in (0.25, 0.75)],
            "bins": bins(costs),
            "rows": [_row(*entry) for entry in self.tasks[:limit]],
        }


class DoneTasks:
    """The tasks of a board that are done, by when. Thread-safe: what is cached is replaced whole."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._known: tuple[int, list[float], list[DoneTask]] = (-1, [], [])

    def ids(self) -> list[str]:
        """The ids of all tasks on the board."""
        return self._board.ids()

    def costs(
        self, first: int | None, end: int | None, costs_of: Callable[[Sequence[str]], dict[str, TaskCost]]
    ) -> DoneCosts:
        """The tasks that were done in `[first, end)`, as was seen, else as their files say."""
        times, tasks = self._by_time()
        begin = 0 if first is None else bisect_left(times, first)
        stop = len(times) if end is None else bisect_left(times, end)
        is_cut = stop - begin > MOST_TASKS
        begin = max(begin, stop - MOST_TASKS)
        costs = costs_of([task.id for task in tasks[begin:stop]])
        found = [(at, task, costs.get(task.id)) for at, task in zip(times[begin:stop], tasks[begin:stop], strict=True)]
        found.sort(key=lambda entry: (not _is_known(entry[2]), -_nanos(entry[2]), -entry[0]))
        return DoneCosts(found, is_cut)

    def _by_time(self) -> tuple[list[float], list[DoneTask]]:
        version = self._board.version
        if self._known[0] != version:
            done = [
                (at, task)
                for task in self._board.tasks()
                # Of files with the same id, the one that leads.
                if task.lane == "done" and task.key == task.id
                if (at := unix_time(task.lane_since or task.completed_at)) is not None
            ]
            done.sort(key=lambda entry: entry[0])
            self._known = version, [at for at, _ in done], [task for _, task in done]
        return self._known[1], self._known[2]


def bins(costs: Sequence[int]) -> list[dict[str, Any]]:
    """`{from_usd, to_usd, tasks}` of sorted costs in nano-dollars: at most twelve bins of a round width; `to_usd` is
    not in the bin, but of the last one."""
    if not costs:
        return []
    low, high = costs[0], costs[-1]
    width = next(width for width in _widths() if high // width - low // width < _MOST_BINS)
    edges = [number * width for number in range(low // width, high // width + 2)]
    places = [bisect_left(costs, edge) for edge in edges[:-1]] + [len(costs)]
    return [
        {"from_usd": usd(edges[at]), "to_usd": usd(edges[at + 1]), "tasks": places[at + 1] - places[at]}
        for at in range(len(edges) - 1)
    ]


def _widths() -> Iterable[int]:
    width = 1_000  # a millionth of a dollar
    while True:
        yield from (step * width for step in _STEPS)
        width *= 10


def _quantile(costs: Sequence[int], share: float) -> float | None:
    """The value at that share of sorted values, between the two nearest ones."""
    if not costs:
        return None
    place = share * (len(costs) - 1)
    below = int(place)
    above = min(below + 1, len(costs) - 1)
    return usd(costs[below]) + (usd(costs[above]) - usd(costs[below])) * (place - below)


def _is_known(cost: TaskCost | None) -> bool:
    return cost is not None and cost.unpriced < cost.calls


def _nanos(cost: TaskCost | None) -> int:
    return cost.cost_nanos if cost is not None else 0


def _row(at: float, task: DoneTask, cost: TaskCost | None) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "agent": task.agent,
        "done_at": iso_time(at),
        "cost_usd": usd(_nanos(cost)) if _is_known(cost) else None,
        "calls": cost.calls if cost else 0,
        "unpriced_calls": cost.unpriced if cost else 0,
        "unnamed_calls": cost.unnamed_calls if cost else 0,
    }
