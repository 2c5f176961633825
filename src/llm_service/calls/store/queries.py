"""`CallQueries`: reads single calls, by page or as a stream, in the JSON form of REST and exports."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...calendar_days import HOUR
from ...database.bulk import placeholders
from ...database.database import Database
from ...database.interned_names import find, texts
from ...errors import BadRequest
from ...times import iso_time_ms
from ..model import STATUSES, flag_names, usd
from .job_calls import JobCalls
from .sorted_calls import NEWEST_FIRST, Order, check_number, in_order, sorted_ids
from .totals import ALL_TIME, DIMENSIONS, NO_NAME, SPAN_CODES
from .week_hours import WeekHours

COST_SOURCES = ("priced", "reported", "unknown")
_EXPORT_ROWS = 2_000
_ALL_TIME_MS = (0, 1 << 62)
_LONGEST_HOUR_MS = 2 * 3_600_000
_NAME_COLUMNS = frozenset(("agent", "tool", "model", "provider", "task", "job", "run", "session", "project"))
_SELECT_CALLS = (
    "SELECT id, invocation_id, timestamp_ms, agent, tool, model, provider, task, job, run, session, project,"
    " prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, cost_nanos, cost_source,"
    " latency_ms, status, error_message, privacy, flags, cache_write_1h_tokens, web_searches, service_tier,"
    " inference_geo, unconfirmed FROM calls"
)

NameIds = dict[str, tuple[int, ...]]
"""column -> ids of the names to select, NO_NAME for calls without a name"""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls: (column, names; "" for calls without one), status, cost source, [first, end) in epoch seconds, hours
    of the week, and those of a job (None: all)."""

    names: tuple[tuple[str, frozenset[str]], ...] = ()
    status: frozenset[str] = frozenset()
    cost: frozenset[str] = frozenset()
    first: int | None = None
    end: int | None = None
    week_hours: WeekHours | None = None
    job: JobCalls | None = None


class CallQueries:
    """Reads calls. Every method raises HistoryUnavailable if the database cannot be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, filters: CallFilter, limit: int, cursor: str | None, order: Order = NEWEST_FIRST
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of calls and the cursor of the next page or None. Raises BadRequest, also if too many are selected for
        that order."""
        if order.is_newest_first:
            return self._newest(filters, limit, cursor)
        with self._database.read_transaction() as connection:
            name_ids = _name_ids(connection, filters)
            check_number(_number_at_most(connection, filters, name_ids), order)
            where = _where(connection, filters, name_ids)
            ids, following = sorted_ids(connection, order, where, limit, cursor)
            return _rows_as_json(connection, in_order(connection, _SELECT_CALLS, ids)), following

    def _newest(self, filters: CallFilter, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        rows: list[tuple[Any, ...]] = []
        with self._database.read_transaction() as connection:
            name_ids = _name_ids(connection, filters)
            condition, values = _where(connection, filters, name_ids)
            before = _parse_cursor(cursor) if cursor else None
            if before:
                condition += " AND (timestamp_ms, id) < (?, ?)"
                values += before
            before_ms = before[0] if before else _ALL_TIME_MS[1]
            for begin_ms, end_ms in self._time_ranges(connection, filters, name_ids, before_ms):
                rows += connection.execute(
                    f"{_SELECT_CALLS} WHERE timestamp_ms >= ? AND timestamp_ms < ? AND {condition}"
                    " ORDER BY timestamp_ms DESC, id DESC LIMIT ?",
                    (begin_ms, end_ms, *values, limit + 1 - len(rows)),
                ).fetchall()
                if len(rows) > limit:
                    break
            page = _rows_as_json(connection, rows[:limit])
        more = len(rows) > limit
        return page, f"{rows[limit - 1][2]}.{rows[limit - 1][0]}" if more else None

    def every(self, filters: CallFilter) -> Iterator[dict[str, Any]]:
        """All matching calls in order of arrival, with a few thousand in memory at a time."""
        after = 0
        while True:
            with self._database.read_transaction() as connection:
                condition, values = _where(connection, filters, _name_ids(connection, filters))
                rows = connection.execute(
                    f"{_SELECT_CALLS} WHERE id > ? AND {condition} ORDER BY id LIMIT ?", (after, *values, _EXPORT_ROWS)
                ).fetchall()
                page = _rows_as_json(connection, rows)
            yield from page
            if len(rows) < _EXPORT_ROWS:
                return
            after = rows[-1][0]

    def flagged(self) -> dict[str, int]:
        """flag -> number of calls with it."""
        with self._database.read_transaction() as connection:
            rows = connection.execute("SELECT flags, COUNT(*) FROM calls WHERE flags != 0 GROUP BY flags").fetchall()
        found = {"future": 0, "skewed": 0}
        for flags, calls in rows:
            for name in flag_names(flags):
                found[name] += calls
        return found

    @staticmethod
    def _time_ranges(
        connection: sqlite3.Connection, filters: CallFilter, name_ids: NameIds, before_ms: int
    ) -> Iterator[tuple[int, int]]:
        """`(begin, end)` in ms, newest first: the hours that have such calls according to the totals.

        The only index is by time, so hours without a match are skipped. Adjacent hours are joined, in growing batches.
        An hour counts as two, to include the one in which clocks change; ranges do not overlap, because each ends
        where the previous one begins.
        """
        keys_by_dimension = {
            DIMENSIONS.index(column): keys for column, keys in name_ids.items() if column in DIMENSIONS
        }
        if not keys_by_dimension and filters.week_hours is None:
            yield _ALL_TIME_MS
            return
        hour = SPAN_CODES[HOUR]
        query = "SELECT start FROM rollups AS hours WHERE span = ? AND dimension = 0 AND start <= ?"
        values: list[int] = [hour, before_ms // 1000]
        for place, keys in keys_by_dimension.items():
            query += (
                " AND EXISTS (SELECT 1 FROM rollups WHERE span = ? AND dimension = ?"  # noqa: S608 - placeholders
                f" AND start = hours.start AND key IN ({placeholders(len(keys))}))"
            )
            values += [hour, place, *keys]
        if filters.week_hours is not None:
            query += f" AND {filters.week_hours.condition('start', filters.first, filters.end)}"
            if filters.first is not None:
                query += " AND start > ?"
                values.append(filters.first - _LONGEST_HOUR_MS // 1000)
            if filters.end is not None:
                query += " AND start < ?"
                values.append(filters.end)
        hours = connection.execute(f"{query} ORDER BY start DESC", values)
        batch_size, begin = 1, _ALL_TIME_MS[1]
        while batch := [start * 1000 for (start,) in islice(hours, batch_size)]:
            end, begin = min(batch[0] + _LONGEST_HOUR_MS, begin), batch[0]
            for start in batch[1:]:
                if start + _LONGEST_HOUR_MS < begin:
                    yield begin, end
                    end = start + _LONGEST_HOUR_MS
                begin = start
            yield begin, end
            batch_size *= 2


def _name_ids(connection: sqlite3.Connection, filters: CallFilter) -> NameIds:
    found: NameIds = {}
    for column, names in filters.names:
        ids = sorted(find(connection, [name for name in names if name]).values())
        found[column] = (*ids, NO_NAME) if "" in names else tuple(ids)
    return found


def _number_at_most(connection: sqlite3.Connection, filters: CallFilter, name_ids: NameIds) -> int:
    """How many calls are selected at most, according to the totals: those of the range, or with these names."""
    hour = SPAN_CODES[HOUR]
    since = 0 if filters.job is None else filters.job.since_ms // 1000
    first = max(filters.first or 0, since) - _LONGEST_HOUR_MS // 1000
    end = filters.end if filters.end is not None else 1 << 62
    row = connection.execute(
        "SELECT SUM(calls) FROM rollups WHERE span = ? AND dimension = 0 AND start >= ? AND start < ?"  # noqa: S608
        + (f" AND {filters.week_hours.condition('start', first, end)}" if filters.week_hours else ""),
        (hour, first, end),
    ).fetchone()
    found = [row[0] or 0]
    for column, keys in name_ids.items():
        if column in DIMENSIONS:
            row = connection.execute(
                "SELECT SUM(calls) FROM rollups WHERE span = ? AND dimension = ? AND start = 0"  # noqa: S608
                f" AND key IN ({placeholders(len(keys))})",
                (SPAN_CODES[ALL_TIME], DIMENSIONS.index(column), *keys),
            ).fetchone()
            found.append(row[0] or 0)
    return min(found)


def _where(connection: sqlite3.Connection, filters: CallFilter, name_ids: NameIds) -> tuple[str, list[Any]]:
    parts, values = ["1"], list[Any]()
    for column, keys in name_ids.items():
        if column not in _NAME_COLUMNS:
            raise ValueError(f"calls have no column {column}")
        options = [f"{column} IN ({placeholders(len(keys))})"]
        if NO_NAME in keys:
            options.append(f"{column} IS NULL")
        parts.append(f"({' OR '.join(options)})")
        values += keys
    for column, chosen, order in (("status", filters.status, STATUSES), ("cost_source", filters.cost, COST_SOURCES)):
        if chosen:
            codes = sorted(order.index(name) for name in chosen)
            parts.append(f"{column} IN ({', '.join(str(code) for code in codes)})")
    if filters.first is not None:
        parts.append("timestamp_ms >= ?")
        values.append(filters.first * 1000)
    if filters.end is not None:
        parts.append("timestamp_ms < ?")
        values.append(filters.end * 1000)
    if filters.week_hours is not None:
        parts.append(filters.week_hours.condition("timestamp_ms / 1000", filters.first, filters.end))
    if filters.job is not None:
        of_job, of_job_values = filters.job.condition(connection)
        parts.append(of_job)
        values += of_job_values
    return " AND ".join(parts), values


def _parse_cursor(cursor: str) -> tuple[int, int]:
    time_ms, _, row_id = cursor.partition(".")
    numbers = time_ms.isdigit() and row_id.isdigit() and cursor.isascii()
    if not numbers or max(len(time_ms), len(row_id)) > 18:  # what SQLite's integers hold
        raise BadRequest("`cursor` has to be the `cursor` of the page before.")
    return int(time_ms), int(row_id)


def _rows_as_json(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    names = texts(connection, {number for row in rows for number in (*row[3:12], row[21], row[25], row[26])})
    return [
        {
            "invocation_id": row[1],
            "timestamp": iso_time_ms(row[2]),
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
            "cache_write_1h_tokens": row[23],
            "total_tokens": row[12] + row[13],
            "web_searches": row[24],
            "service_tier": names[row[25]],
            "inference_geo": names[row[26]],
            "unconfirmed": bool(row[27]),
            "cost_usd": usd(row[16]) if row[16] is not None else None,
            "cost_source": COST_SOURCES[row[17]],
            "latency_ms": row[18],
            "status": STATUSES[row[19]],
            "error_message": row[20] or None,
            "privacy_level": names[row[21]],
            "flags": flag_names(row[22]),
        }
        for row in rows
    ]
