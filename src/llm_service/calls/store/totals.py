"""`TotalsChange`: totals by hour, day, month and over all time; for all calls, and by model, agent, task and project.

A batch is first added up in memory, by hour and combination of names, and then to all totals: so a call costs a
fraction of a few database rows, however many totals it belongs to.
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

ALL_TIME = "ever"
SPAN_CODES = {HOUR: 0, DAY: 1, MONTH: 2, ALL_TIME: 3}
DIMENSIONS = ("all", "model", "agent", "task", "project")
NO_NAME = 0
"""The key of calls without an agent, task, ...; also the only key of the dimension "all"."""

PRICED, REPORTED, UNKNOWN = 0, 1, 2
SUCCESS, ERROR, TIMEOUT = 0, 1, 2

COLUMNS = (
    "calls", "unpriced", "reported", "errors", "timeouts",
    "input", "output", "cache_read", "cache_write", "cost_nanos", "unconfirmed",
)  # fmt: skip
_LOG_BASE = math.log(1.05)  # a latency is known within 2.5 %
_WIDTH = len(COLUMNS)

_ROLLUPS = f"INTO rollups (span, dimension, start, key, {', '.join(COLUMNS)}, last_ms)"
_ADD = (
    "ON CONFLICT (span, dimension, start, key) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in COLUMNS)
    + ", last_ms = max(last_ms, excluded.last_ms)"
)
_REMOVE_EMPTY = "DELETE FROM rollups WHERE span = ? AND dimension = ? AND start = ? AND key = ? AND calls = 0"
_LATENCIES = "INTO latencies (span, start, model, bin, calls)"
_ADD_LATENCY = "ON CONFLICT (span, start, model, bin) DO UPDATE SET calls = calls + excluded.calls"
_WORK = "INTO session_tasks (unit, task, calls, unpriced, cost_nanos)"
_ADD_WORK = (
    "ON CONFLICT (unit, task) DO UPDATE SET calls = calls + excluded.calls,"
    " unpriced = unpriced + excluded.unpriced, cost_nanos = cost_nanos + excluded.cost_nanos"
)
_REMOVE_WORK = "DELETE FROM session_tasks WHERE unit = ? AND task = ? AND calls = 0"
_SPENDING = "INTO spending (model, agent, cost_nanos)"
_ADD_SPENDING = "ON CONFLICT (model, agent) DO UPDATE SET cost_nanos = cost_nanos + excluded.cost_nanos"


class CallFigures(NamedTuple):
    """The values of a call that go into the totals; names as ids, or NO_NAME."""

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
    unconfirmed: int
    unit: int
    """`unit_of` its session and run."""


def unit_of(session: int | None, run: int | None) -> int:
    """What shows to which task a call belongs that names none: its session, without one its run; 0 without both."""
    if session:
        return 2 * session
    return 2 * run + 1 if run else 0


def figures_of(row: Iterable[int | None]) -> CallFigures:
    """The columns from timestamp_ms to unconfirmed, with model, agent, task and project before the tokens; then session
    and run."""
    time_ms, model, agent, task, project, *rest, session, run = row
    named = (time_ms, model or 0, agent or 0, task or 0, project or 0)
    return CallFigures._make((*named, *rest, unit_of(session, run)))


CallFiguresTuple = tuple[int, int, int, int, int, int, int, int, int, int | None, int, int | None, int, int, int]


@lru_cache(maxsize=50_000)
def latency_to_bin(latency_ms: int) -> int:
    """The bin of a latency; bins grow by 5 %."""
    return round(math.log(max(latency_ms, 1)) / _LOG_BASE)


def bin_to_latency(number: int) -> float:
    """The latency in milliseconds that represents a bin."""
    return math.exp(number * _LOG_BASE)


def percentile(bins: Iterable[tuple[int, int]], share: float) -> float | None:
    """The latency in milliseconds that `share` of the calls do not exceed; None without calls."""
    counts = sorted((number, calls) for number, calls in bins if calls > 0)
    rank = share * sum(calls for _, calls in counts)
    for number, calls in counts:
        rank -= calls
        if rank <= 1e-9:
            return bin_to_latency(number)
    return None


class TotalsChange:
    """The changes of all totals by one batch: `add` calls, then `write` in the transaction that stores them."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._totals: dict[tuple[int, int, int, int, int], list[int]] = {}
        self._latencies: dict[tuple[int, int, int], int] = defaultdict(int)
        self._work: dict[tuple[int, int], list[int]] = {}
        self.tasks: set[int] = set()

    def add(self, call: CallFigures | CallFiguresTuple, sign: int = 1) -> None:
        """Add a call; with `sign` -1 remove it."""
        (
            time_ms, model, agent, task, project, prompt, completion, read, write, cost, source, latency, status,
            unconfirmed, unit,
        ) = call  # fmt: skip
        hour = self._calendar.starts(time_ms // 1000).hour
        key = (hour, model, agent, task, project)
        entry = self._totals.get(key)
        if entry is None:
            entry = self._totals[key] = [0] * (_WIDTH + 1)
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
        if unconfirmed:
            entry[10] += sign
        if time_ms > entry[11]:
            entry[11] = time_ms
        if latency is not None:
            self._latencies[hour, model, latency_to_bin(latency)] += sign
        if unit:
            work = self._work.get((unit, task))
            if work is None:
                work = self._work[unit, task] = [0, 0, 0]
            work[0] += sign
            if cost is not None:
                work[2] += sign * cost
            if source == UNKNOWN:
                work[1] += sign

    def write(self, connection: sqlite3.Connection) -> None:
        """Add the changes to the tables."""
        folded: dict[tuple[int, int, int, int], list[int]] = {}
        spending: dict[tuple[int, int], int] = defaultdict(int)
        for (hour, model, agent, task, project), entry in self._totals.items():
            spending[model, agent] += entry[9]
            for dimension, name in enumerate((NO_NAME, model, agent, task, project)):
                _add_to(folded, (0, dimension, hour, name), entry)
        for (_, dimension, hour, name), entry in list(folded.items()):
            starts = self._calendar.starts(hour)
            _add_to(folded, (1, dimension, starts.day, name), entry)
            _add_to(folded, (2, dimension, starts.month, name), entry)
            _add_to(folded, (3, dimension, 0, name), entry)
        insert_rows(connection, _ROLLUPS, [(*key, *entry) for key, entry in sorted(folded.items())], _ADD)
        fewer = [key for key, entry in folded.items() if entry[0] < 0]
        if fewer:
            connection.executemany(_REMOVE_EMPTY, fewer)
        latencies: dict[tuple[int, int, int, int], int] = defaultdict(int)
        for (hour, model, number), calls in self._latencies.items():
            starts = self._calendar.starts(hour)
            for span, start in ((1, starts.day), (2, starts.month), (3, 0)):
                latencies[span, start, model, number] += calls
        rows = [(*key, calls) for key, calls in sorted(latencies.items())]
        insert_rows(connection, _LATENCIES, rows, _ADD_LATENCY)
        insert_rows(connection, _WORK, [(*key, *work) for key, work in sorted(self._work.items())], _ADD_WORK)
        emptied = [key for key, work in self._work.items() if work[0] < 0]
        if emptied:
            connection.executemany(_REMOVE_WORK, emptied)
        insert_rows(connection, _SPENDING, [(*key, cost) for key, cost in spending.items() if cost], _ADD_SPENDING)


def clear_totals(connection: sqlite3.Connection) -> None:
    """Delete all totals, to rebuild them."""
    for table in ("rollups", "latencies", "spending", "session_tasks"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants


def _add_to(
    folded: dict[tuple[int, int, int, int], list[int]], key: tuple[int, int, int, int], entry: list[int]
) -> None:
    known = folded.get(key)
    if known is None:
        folded[key] = entry.copy()
        return
    for place in range(_WIDTH):
        known[place] += entry[place]
    known[_WIDTH] = max(known[_WIDTH], entry[_WIDTH])
