"""Sums kept as calls arrive: per hour, day, month and ever; over all, per model, agent, task and project.

A batch is summed in memory first, per hour and combination of names, and folded from there: what a call costs
in the database is a share of a few rows, however many sums it belongs to.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ...calendar_days import DAY, HOUR, MONTH, Calendar
from ...database.bulk import insert_rows

EVER = "ever"
SPAN_CODES = {HOUR: 0, DAY: 1, MONTH: 2, EVER: 3}
DIMENSIONS = ("all", "model", "agent", "task", "project")
NOBODY = 0
"""The key of calls that name no agent, task, ...; the key of the dimension "all"."""

PRICED, REPORTED, UNKNOWN = 0, 1, 2
SUCCESS, ERROR, TIMEOUT = 0, 1, 2

COLUMNS = (
    "calls", "unpriced", "reported", "errors", "timeouts",
    "input", "output", "cache_read", "cache_write", "cost_nanos",
)  # fmt: skip
_LOG_BASE = math.log(1.05)  # a latency is known within 2.5 %
_WIDTH = len(COLUMNS)

_ROLLUPS = f"INTO rollups (span, dimension, start, key, {', '.join(COLUMNS)}, last_ms)"
_ADD = (
    "ON CONFLICT (span, dimension, start, key) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in COLUMNS)
    + ", last_ms = max(last_ms, excluded.last_ms)"
)
_LATENCIES = "INTO latencies (span, start, model, bin, calls)"
_ADD_LATENCY = "ON CONFLICT (span, start, model, bin) DO UPDATE SET calls = calls + excluded.calls"
_SPENDING = "INTO spending (model, agent, cost_nanos)"
_ADD_SPENDING = "ON CONFLICT (model, agent) DO UPDATE SET cost_nanos = cost_nanos + excluded.cost_nanos"


class Counted(NamedTuple):
    """What the sums need to know of one call; names as numbers, NOBODY where there is none. `CountedRow` is the same
    without names of its fields."""

    timestamp_ms: int
    model: int
    agent: int
    task: int
    project: int
    prompt_tokens: int
    completion_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_nanos: int | None
    cost_source: int
    latency_ms: int | None
    status: int


CountedRow = tuple[int, int, int, int, int, int, int, int, int, int | None, int, int | None, int]


@lru_cache(maxsize=50_000)
def latency_bin(latency_ms: int) -> int:
    """The bin of a latency; bins grow by 5 %."""
    return round(math.log(max(latency_ms, 1)) / _LOG_BASE)


def latency_of(number: int) -> float:
    """The latency in milliseconds that stands for a bin."""
    return math.exp(number * _LOG_BASE)


def percentile(bins: Iterable[tuple[int, int]], share: float) -> float | None:
    """The latency in milliseconds that `share` of the calls stay within; None without calls."""
    counts = sorted((number, calls) for number, calls in bins if calls > 0)
    rank = share * sum(calls for _, calls in counts)
    for number, calls in counts:
        rank -= calls
        if rank <= 1e-9:
            return latency_of(number)
    return None


class Sums:
    """The changes of all sums by one batch: `add` and `remove` calls, then `write` them in the same transaction."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._sums: dict[tuple[int, int, int, int, int], list[int]] = {}
        self._latencies: dict[tuple[int, int, int], int] = defaultdict(int)
        self.tasks: set[int] = set()

    def add(self, call: Counted | CountedRow, sign: int = 1) -> None:
        """Count a call; with `sign` -1 take it out again."""
        time_ms, model, agent, task, project, prompt, completion, read, write, cost, source, latency, status = call
        hour = self._calendar.starts(time_ms // 1000).hour
        key = (hour, model, agent, task, project)
        entry = self._sums.get(key)
        if entry is None:
            entry = self._sums[key] = [0] * (_WIDTH + 1)
            self.tasks.add(task)
        entry[0] += sign
        if source == UNKNOWN:
            entry[1] += sign
        elif source == REPORTED:
            entry[2] += sign
        if status == ERROR:
            entry[3] += sign
        elif status == TIMEOUT:
            entry[4] += sign
        entry[5] += sign * (prompt - read - write)
        entry[6] += sign * completion
        entry[7] += sign * read
        entry[8] += sign * write
        if cost is not None:
            entry[9] += sign * cost
        if time_ms > entry[10]:
            entry[10] = time_ms
        if latency is not None:
            self._latencies[hour, model, latency_bin(latency)] += sign

    def write(self, connection: sqlite3.Connection) -> None:
        """Add the changes to the tables."""
        folded: dict[tuple[int, int, int, int], list[int]] = {}
        spending: dict[tuple[int, int], int] = defaultdict(int)
        for (hour, model, agent, task, project), entry in self._sums.items():
            spending[model, agent] += entry[9]
            for dimension, name in enumerate((NOBODY, model, agent, task, project)):
                _fold(folded, (0, dimension, hour, name), entry)
        for (_, dimension, hour, name), entry in list(folded.items()):
            starts = self._calendar.starts(hour)
            _fold(folded, (1, dimension, starts.day, name), entry)
            _fold(folded, (2, dimension, starts.month, name), entry)
            _fold(folded, (3, dimension, 0, name), entry)
        insert_rows(connection, _ROLLUPS, [(*key, *entry) for key, entry in sorted(folded.items())], _ADD)
        latencies: dict[tuple[int, int, int, int], int] = defaultdict(int)
        for (hour, model, number), calls in self._latencies.items():
            starts = self._calendar.starts(hour)
            for span, start in ((1, starts.day), (2, starts.month), (3, 0)):
                latencies[span, start, model, number] += calls
        rows = [(*key, calls) for key, calls in sorted(latencies.items())]
        insert_rows(connection, _LATENCIES, rows, _ADD_LATENCY)
        insert_rows(connection, _SPENDING, [(*key, cost) for key, cost in spending.items() if cost], _ADD_SPENDING)


def clear(connection: sqlite3.Connection) -> None:
    """Forget all sums, to build them anew."""
    for table in ("rollups", "latencies", "spending"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants


def _fold(folded: dict[tuple[int, int, int, int], list[int]], key: tuple[int, int, int, int], entry: list[int]) -> None:
    known = folded.get(key)
    if known is None:
        folded[key] = entry.copy()
        return
    for place in range(_WIDTH):
        known[place] += entry[place]
    known[_WIDTH] = max(known[_WIDTH], entry[_WIDTH])
