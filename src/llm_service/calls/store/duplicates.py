"""Calls that two ways in tell of under two ids: an agent's session log, and its OpenTelemetry exporter.

A call may say under which id another way in tells of it (`Call.twin_id`). Whichever comes first is counted; the ids
under which it is known beside its own are kept as hashes, so that the other one is a duplicate, whenever it comes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from ...database.bulk import insert_rows, select_in
from ..model import Call


def id_hash(invocation_id: str) -> int:
    """63 bits of the id, for finding it."""
    return int.from_bytes(blake2b(invocation_id.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def counted_as_twins(connection: sqlite3.Connection, calls: Sequence[tuple[Call, int]]) -> set[str]:
    """The ids of those of these calls, new by their own ids, that were counted under another one.

    Given are calls with the `id_hash` of their ids. Those found are noted: later sightings are known too, even if
    those say less of where else they are told of.
    """
    if not any(call.twin_id is not None for call, _ in calls) and _are_none(connection):
        return set()
    by_hash = {number: call.invocation_id for call, number in calls}
    found = {by_hash[number] for (number,) in select_in(connection, "SELECT hash FROM twins WHERE hash IN", by_hash)}
    by_twin: dict[str, list[str]] = {}
    for call, _ in calls:
        if call.twin_id is not None and call.invocation_id not in found:
            by_twin.setdefault(call.twin_id, []).append(call.invocation_id)
    hashes = map(id_hash, by_twin)
    told = {
        name
        for (twin,) in select_in(connection, "SELECT invocation_id FROM calls WHERE id_hash IN", hashes)
        for name in by_twin.get(twin, ())
    }
    _note(connection, told)
    return found | told


def note_twins(connection: sqlite3.Connection, calls: Iterable[Call]) -> None:
    """These calls were counted: what comes under their other ids is known."""
    _note(connection, (call.twin_id for call in calls if call.twin_id is not None))


def _are_none(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM twins LIMIT 1").fetchone() is None


def _note(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    insert_rows(connection, "OR IGNORE INTO twins (hash)", [(id_hash(name),) for name in names])
