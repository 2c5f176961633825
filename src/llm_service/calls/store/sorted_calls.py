"""Calls in another order than by time: `sorted_ids` finds a page of them among all that are selected.

Only time has an index: each further one would take a fortieth of the time of counting a call, and by cost or tokens the
entries come in no order, so that at ten million calls each is a page of the disk. So all selected calls are read and
sorted, at most `MOST_SORTED`: 500,000 of ten million take 0.1-0.7 s, and the further pages by a name up to 1.8 s.
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...database.bulk import placeholders
from ...errors import BadRequest, TooManyToSort

MOST_SORTED = 500_000


def _name(column: str) -> str:
    return f"(SELECT text FROM names WHERE names.id = calls.{column}) COLLATE NOCASE"  # noqa: S608 - constants


_VALUES: Mapping[str, str] = {
    "model": _name("model"),
    "agent": _name("agent"),
    "task": _name("task"),
    "project": _name("project"),
    "input": "prompt_tokens - cache_read_tokens - cache_write_tokens",
    "output": "completion_tokens",
    "cache": "cache_read_tokens + cache_write_tokens",
    "latency": "latency_ms",
    "cost": "cost_nanos",
    "status": "status",
}
SORTS = ("time", *_VALUES)
"""What calls can be sorted by; only "time" however many they are."""
ORDERS = ("desc", "asc")


@dataclass(frozen=True, slots=True)
class Order:
    """By what calls are sorted, one of `SORTS`, and how, one of `ORDERS`. What is not known comes last in both."""

    sort: str = "time"
    order: str = "desc"

    @property
    def is_newest_first(self) -> bool:
        """True for the order that has an index."""
        return self.sort == "time" and self.order == "desc"


NEWEST_FIRST = Order()


def check_number(selected: int, order: Order) -> None:
    """Raise TooManyToSort if so many calls cannot be sorted that way."""
    if order.sort != "time" and selected > MOST_SORTED:
        raise TooManyToSort(
            f"About {selected:,} calls are selected, and at most {MOST_SORTED:,} can be sorted by {order.sort}: take a "
            "shorter range or a filter. By time, any number can be."
        )


def sorted_ids(
    connection: sqlite3.Connection,
    order: Order,
    selection: tuple[str, Sequence[Any]],
    limit: int,
    cursor: str | None,
) -> tuple[list[int], str | None]:
    """The row ids of a page, and the cursor of the next one or None. `selection` is a condition with its values.

    Raises BadRequest for a cursor of another order.
    """
    value = "timestamp_ms" if order.sort == "time" else _VALUES[order.sort]
    direction, beyond = ("DESC", "<") if order.order == "desc" else ("ASC", ">")
    condition, values = selection
    parameters = list(values)
    if cursor:
        last, last_id = _position(cursor, order)
        if last is None:
            condition += f" AND {value} IS NULL AND id {beyond} ?"
            parameters += [last_id]
        else:
            condition += f" AND ({value} IS NULL OR {value} {beyond} ? OR ({value} = ? AND id {beyond} ?))"
            parameters += [last, last, last_id]
    # Without the words about NULL, ascending time is read off the index.
    nulls = "" if order.sort == "time" else f"{value} IS NULL, "
    rows = connection.execute(
        f"SELECT id, {value} FROM calls WHERE {condition}"  # noqa: S608 - constants and placeholders
        f" ORDER BY {nulls}{value} {direction}, id {direction} LIMIT ?",
        (*parameters, limit + 1),
    ).fetchall()
    more = len(rows) > limit
    ids = [row[0] for row in rows[:limit]]
    return ids, _cursor(order, rows[limit - 1][1], ids[-1]) if more else None


def in_order(connection: sqlite3.Connection, select: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The rows with these ids, in their order. The first column of `select` is the id."""
    rows = connection.execute(f"{select} WHERE id IN ({placeholders(len(ids))})", ids).fetchall()
    found = {row[0]: row for row in rows}
    return [found[number] for number in ids]


def _cursor(order: Order, value: Any, row_id: int) -> str:
    text = json.dumps([order.sort, order.order, value, row_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str, order: Order) -> tuple[Any, int]:
    try:
        sort, direction, value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        is_name = _VALUES.get(order.sort, "").startswith("(SELECT")
        fits = value is None or (isinstance(value, str) if is_name else type(value) is int and abs(value) < 1 << 62)
        if (sort, direction) != (order.sort, order.order) or not fits or type(row_id) is not int:
            raise ValueError
        if not 0 <= row_id < 1 << 62:
            raise ValueError
    except (ValueError, TypeError, RecursionError, binascii.Error) as problem:
        raise BadRequest("`cursor` has to be the `cursor` of the page before, in the same order.") from problem
    return value, row_id
