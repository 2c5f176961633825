"""Removes calls from the database and from the totals."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from ...database.bulk import select_in
from ...database.interned_names import texts
from .duplicates import id_hash
from .totals import CallFigures, TotalsChange, figures_of

FIGURES = (
    "timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens, cache_read_tokens,"
    " cache_write_tokens, cost_nanos, cost_source, latency_ms, status, unconfirmed, session, run"
)
"""The columns of `figures_of`."""

StoredCall = tuple[int, CallFigures]
"""(row, figures)"""


def find_calls(connection: sqlite3.Connection, invocation_ids: Collection[str]) -> list[StoredCall]:
    """The stored calls with these ids."""
    if not invocation_ids:
        return []
    query = f"SELECT invocation_id, id, {FIGURES} FROM calls WHERE id_hash IN"  # noqa: S608 - constants
    found = {
        row[0]: (row[1], figures_of(row[2:])) for row in select_in(connection, query, map(id_hash, invocation_ids))
    }
    return [call for invocation_id, call in found.items() if invocation_id in invocation_ids]


def remove_calls(connection: sqlite3.Connection, calls: Sequence[StoredCall], totals: TotalsChange) -> set[str]:
    """Delete calls, and take them out of `totals`, which the caller writes; the tasks that they belonged to."""
    if not calls:
        return set()
    connection.executemany("DELETE FROM calls WHERE id = ?", [(row,) for row, _ in calls])
    for _, figures in calls:
        totals.add(figures, -1)
    tasks = texts(connection, {figures.task for _, figures in calls if figures.task})
    return {text for text in tasks.values() if text is not None}
