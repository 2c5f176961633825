"""Calls themselves, page by page or one after another, as they are shown and exported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...calendar_days import HOUR
from ...database.bulk import marks
from ...database.database import History
from ...database.interned_names import find, texts
from ...errors import BadRequest
from ...times import iso_time
from ..model import STATUSES, flag_names, usd
from .totals import DIMENSIONS, NOBODY, SPAN_CODES

SOURCES = ("priced", "reported", "unknown")
_EXPORT_ROWS = 2_000
_ALWAYS = (0, 1 << 62)
_LONGEST_HOUR_MS = 2 * 3_600_000
_NAME_COLUMNS = frozenset(("agent", "tool", "model", "provider", "task", "job", "run", "session", "project"))
_CALL = (
    "SELECT id, invocation_id, timestamp_ms, agent, tool, model, provider, task, job, run, session, project,"
    " prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, cost_nanos, cost_source,"
    " latency_ms, status, error_message, privacy, flags FROM calls"
)

Numbers = dict[str, tuple[int, ...]]
"""column -> the numbers of the names that are wanted in it, NOBODY for calls that name none"""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls: names by column, state, source of the cost, time range in seconds since the epoch."""

    names: tuple[tuple[str, frozenset[str]], ...] = ()
    status: frozenset[str] = frozenset()
    cost: frozenset[str] = frozenset()
    first: int | None = None
    end: int | None = None


class CallQueries:
    """Reads calls. Every method raises HistoryUnavailable when the database cannot be read."""

    def __init__(self, history: History) -> None:
        self._history = history

    def page(self, wanted: CallFilter, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """A page of calls, newest first, and where to go on. Raises BadRequest for a cursor that is none."""
        rows: list[tuple[Any, ...]] = []
        with self._history.reading() as connection:
            numbers = _numbers(connection, wanted)
            condition, values = _condition(wanted, numbers)
            before = _position(cursor) if cursor else None
            if before:
                condition += " AND (timestamp_ms, id) < (?, ?)"
                values += before
            for begin_ms, end_ms in self._stretches(connection, numbers, before[0] if before else _ALWAYS[1]):
                rows += connection.execute(
                    f"{_CALL} WHERE timestamp_ms >= ? AND timestamp_ms < ? AND {condition}"
                    " ORDER BY timestamp_ms DESC, id DESC LIMIT ?",
                    (begin_ms, end_ms, *values, limit + 1 - len(rows)),
                ).fetchall()
                if len(rows) > limit:
                    break
            page = _as_json(connection, rows[:limit])
        more = len(rows) > limit
        return page, f"{rows[limit - 1][2]}.{rows[limit - 1][0]}" if more else None

    def every(self, wanted: CallFilter) -> Iterator[dict[str, Any]]:
        """All calls that are wanted, in the order in which they arrived, a few thousand in memory at a time."""
        after = 0
        while True:
            with self._history.reading() as connection:
                condition, values = _condition(wanted, _numbers(connection, wanted))
                rows = connection.execute(
                    f"{_CALL} WHERE id > ? AND {condition} ORDER BY id LIMIT ?", (after, *values, _EXPORT_ROWS)
                ).fetchall()
                page = _as_json(connection, rows)
            yield from page
            if len(rows) < _EXPORT_ROWS:
                return
            after = rows[-1][0]

    def flagged(self) -> dict[str, int]:
        """How many calls carry each flag."""
        with self._history.reading() as connection:
            rows = connection.execute("SELECT flags, COUNT(*) FROM calls WHERE flags != 0 GROUP BY flags").fetchall()
        found = {"future": 0, "skewed": 0}
        for flags, calls in rows:
            for name in flag_names(flags):
                found[name] += calls
        return found

    @staticmethod
    def _stretches(connection: sqlite3.Connection, numbers: Numbers, before_ms: int) -> Iterator[tuple[int, int]]:
        """`(begin, end)` in ms, the newest first: the hours of which the sums say that they have such calls.

        There is one index, in the order of time: who is seldom is not looked for where he is not. Neighbours are
        joined, the more of them the longer nobody has enough. An hour is taken for two, so that those in which clocks
        change are whole; nothing is told twice for that, since a stretch ends where the one before it began.
        """
        summed = {DIMENSIONS.index(column): keys for column, keys in numbers.items() if column in DIMENSIONS}
        if not summed:
            yield _ALWAYS
            return
        hour = SPAN_CODES[HOUR]
        query = "SELECT start FROM rollups AS hours WHERE span = ? AND dimension = 0 AND start <= ?"
        values: list[int] = [hour, before_ms // 1000]
        for place, keys in summed.items():
            query += (
                " AND EXISTS (SELECT 1 FROM rollups WHERE span = ? AND dimension = ?"  # noqa: S608 - marks
                f" AND start = hours.start AND key IN ({marks(len(keys))}))"
            )
            values += [hour, place, *keys]
        hours = connection.execute(f"{query} ORDER BY start DESC", values)
        many, begin = 1, _ALWAYS[1]
        while some := [start * 1000 for (start,) in islice(hours, many)]:
            end, begin = min(some[0] + _LONGEST_HOUR_MS, begin), some[0]
            for start in some[1:]:
                if start + _LONGEST_HOUR_MS < begin:
                    yield begin, end
                    end = start + _LONGEST_HOUR_MS
                begin = start
            yield begin, end
            many *= 2


def _numbers(connection: sqlite3.Connection, wanted: CallFilter) -> Numbers:
    found: Numbers = {}
    for column, names in wanted.names:
        known = sorted(find(connection, [name for name in names if name]).values())
        found[column] = (*known, NOBODY) if "" in names else tuple(known)
    return found


def _condition(wanted: CallFilter, numbers: Numbers) -> tuple[str, list[Any]]:
    parts, values = ["1"], list[Any]()
    for column, keys in numbers.items():
        if column not in _NAME_COLUMNS:
            raise ValueError(f"calls have no column {column}")
        options = [f"{column} IN ({marks(len(keys))})"]
        if NOBODY in keys:
            options.append(f"{column} IS NULL")
        parts.append(f"({' OR '.join(options)})")
        values += keys
    for column, chosen, known in (("status", wanted.status, STATUSES), ("cost_source", wanted.cost, SOURCES)):
        if chosen:
            codes = sorted(known.index(name) for name in chosen)
            parts.append(f"{column} IN ({', '.join(str(code) for code in codes)})")
    if wanted.first is not None:
        parts.append("timestamp_ms >= ?")
        values.append(wanted.first * 1000)
    if wanted.end is not None:
        parts.append("timestamp_ms < ?")
        values.append(wanted.end * 1000)
    return " AND ".join(parts), values


def _position(cursor: str) -> tuple[int, int]:
    time_ms, _, row_id = cursor.partition(".")
    if not (time_ms.isdigit() and row_id.isdigit() and len(cursor) < 40 and cursor.isascii()):
        raise BadRequest("`cursor` has to be the `cursor` of the page before.")
    return int(time_ms), int(row_id)


def _as_json(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    names = texts(connection, {number for row in rows for number in (*row[3:12], row[21])})
    return [
        {
            "invocation_id": row[1],
            "timestamp": iso_time(row[2] / 1000),
            "agent_name": names[row[3]],
            "tool_name": names[row[4]],
            "model_name": names[row[5]],
            "provider": names[row[6]],
            "task_id": names[row[7]],
            "job_id": names[row[8]],
            "run_id": names[row[9]],
            "session_id": names[row[10]],
            "project": names[row[11]],
            "prompt_tokens": row[12],
            "completion_tokens": row[13],
            "cache_read_tokens": row[14],
            "cache_write_tokens": row[15],
            "total_tokens": row[12] + row[13],
            "cost_usd": usd(row[16]) if row[16] is not None else None,
            "cost_source": SOURCES[row[17]],
            "latency_ms": row[18],
            "status": STATUSES[row[19]],
            "error_message": row[20],
            "privacy_level": names[row[21]],
            "flags": flag_names(row[22]),
        }
        for row in rows
    ]
