"""Recognises calls that two sources report under two ids: an agent's session log and its OpenTelemetry exporter.

`Call.duplicate_id` is the id under which the other source reports the call. The call that is stored first is counted.
The other ids of stored calls are stored as hashes (table `twins`), so that the other report is recognised later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from ...database.bulk import insert_rows, select_in
from ..model import Call


def id_hash(invocation_id: str) -> int:
    """A 63-bit hash of an id, for lookups."""
    return int.from_bytes(blake2b(invocation_id.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def find_duplicates(connection: sqlite3.Connection, calls: Sequence[tuple[Call, int]]) -> set[str]:
    """The invocation ids of the calls that were already counted under another id.

    `calls` are calls whose own ids are new, with their `id_hash`. The ids found are stored, so that later reports are
    recognised even without a `duplicate_id`.
    """
    if not any(call.duplicate_id is not None for call, _ in calls) and _is_empty(connection):
        return set()
    by_hash = {number: call.invocation_id for call, number in calls}
    found = {by_hash[number] for (number,) in select_in(connection, "SELECT hash FROM twins WHERE hash IN", by_hash)}
    by_duplicate_id: dict[str, list[str]] = {}
    for call, _ in calls:
        if call.duplicate_id is not None and call.invocation_id not in found:
            by_duplicate_id.setdefault(call.duplicate_id, []).append(call.invocation_id)
    hashes = map(id_hash, by_duplicate_id)
    stored = {
        name
        for (duplicate_id,) in select_in(connection, "SELECT invocation_id FROM calls WHERE id_hash IN", hashes)
        for name in by_duplicate_id.get(duplicate_id, ())
    }
    _insert(connection, stored)
    return found | stored


def record_duplicate_ids(connection: sqlite3.Connection, calls: Iterable[Call]) -> None:
    """Store the other ids of calls that were counted."""
    _insert(connection, (call.duplicate_id for call in calls if call.duplicate_id is not None))


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM twins LIMIT 1").fetchone() is None


def _insert(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    insert_rows(connection, "OR IGNORE INTO twins (hash)", [(id_hash(name),) for name in names])
