"""`DatabaseWatch`: which sessions a database of OpenCode has, and which of them were written to since the last look.

New rows are found by their numbers. Rows that are still being written are looked at again until they are finished.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...calls.sessions.foreign_database import Columns, ForeignDatabase, Reading
from ...errors import FileUnreadable

_MOST_SESSIONS, _MOST_NEW, _MOST_OPEN = 50_000, 5_000, 512
_TABLES = ("message", "part", "session_message")
_TIMES = "json_extract(r.data, '$.time.start') IS NOT NULL AND json_extract(r.data, '$.time.end') IS NULL"
_UNENDED = "json_extract(r.data, '$.time.completed') IS NULL AND json_extract(r.data, '$.error') IS NULL"
_OPEN = {
    "message": f"json_extract(r.data, '$.role') = 'assistant' AND {_UNENDED}",
    "part": f"json_extract(r.data, '$.state.status') IN ('pending', 'running') OR ({_TIMES})",
    "session_message": f"r.type IN ('assistant', 'shell') AND {_UNENDED}",
}


@dataclass(slots=True)
class Changes:
    """Sessions that are there or have changed, with the time of the last sign of life in ms; those that are gone."""

    present: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


class DatabaseWatch:
    """One database. Used by one thread."""

    def __init__(self, root: str, path: str) -> None:
        self._database = ForeignDatabase(root, path)
        self._reset()

    def _reset(self) -> None:
        self._identity: object = None
        self.sessions: dict[str, int] = {}
        """Session -> time of the last sign of life, in ms."""
        self._updated: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._open: dict[str, dict[str, tuple[str, object]]] = {}
        """Table -> id of an unfinished row -> (session, what it looked like)"""

    def look(self) -> Changes:
        """What changed since the last look; all at first. Raises FileRefused, OSError."""
        with self._database.reading() as reading:
            columns = reading.columns()
            if not {"id", "time_updated"} <= columns.get("session", frozenset()):
                raise FileUnreadable("This database has none of the tables that are known.")
            status = self._database.status()
            identity = status.st_dev, status.st_ino, reading.layout()
            known = set(self.sessions)
            if identity != self._identity:
                self._reset()
            changes = self._changes(reading, columns)
            changes.gone = known - set(self.sessions)
            self._identity = identity
            return changes

    def _changes(self, reading: Reading, columns: Columns) -> Changes:
        changes, is_first = Changes(), not self.sessions
        sql = f"SELECT id, time_updated FROM session ORDER BY time_updated DESC LIMIT {_MOST_SESSIONS}"  # noqa: S608
        updated = {str(name): _ms(time) for name, time in reading.rows(sql)}
        for name, time_ms in updated.items():
            if self._updated.get(name) != time_ms:
                changes.present[name] = time_ms
        self._updated = updated
        for table in _TABLES:
            if {"id", "session_id", "data", "time_updated"} <= columns.get(table, frozenset()):
                for name, time_ms in self._table_changes(reading, table, is_first).items():
                    if name in updated:
                        changes.present[name] = max(time_ms, changes.present.get(name, 0))
        for name, time_ms in changes.present.items():
            changes.present[name] = max(time_ms, self.sessions.get(name, 0))
        self.sessions = {name: changes.present.get(name, self.sessions.get(name, 0)) for name in updated}
        return changes

    def _table_changes(self, reading: Reading, table: str, is_first: bool) -> dict[str, int]:
        if is_first:
            self._last[table] = int(reading.rows(f"SELECT coalesce(max(rowid), 0) FROM {table}")[0][0])  # noqa: S608
            # The last rows may be unfinished; of the others only the time of a session's last message is of interest.
            recent = self._new(reading, table, max(0, self._last[table] - _MOST_OPEN))
            if table == "part":
                return recent
            sql = f"SELECT session_id, max(time_created) FROM {table} GROUP BY session_id"  # noqa: S608
            found = {str(name): _ms(time) for name, time in reading.rows(sql)}
            return found | {name: max(time_ms, found.get(name, 0)) for name, time_ms in recent.items()}
        found = self._reopened(reading, table)
        return found | self._new(reading, table, self._last.get(table, 0))

    def _new(self, reading: Reading, table: str, after: int) -> dict[str, int]:
        """Sessions with rows behind a number."""
        found: dict[str, int] = {}
        sql = (
            f"SELECT r.rowid, r.id, r.session_id, r.time_updated, length(r.data),"  # noqa: S608
            f" CASE WHEN json_valid(r.data) THEN {_OPEN[table]} END FROM {table} r WHERE r.rowid > ?"
            f" ORDER BY r.rowid LIMIT {_MOST_NEW}"
        )
        rows = reading.rows(sql, after)
        for number, name, session, time, size, is_open in rows:
            self._last[table] = max(self._last.get(table, 0), number)
            found[str(session)] = max(_ms(time), found.get(str(session), 0))
            if is_open:
                self._remember(table, str(name), str(session), (time, size))
        return found if len(rows) < _MOST_NEW else found | self._new(reading, table, self._last[table])

    def _reopened(self, reading: Reading, table: str) -> dict[str, int]:
        """Sessions of which an unfinished row looks different."""
        waiting, found = self._open.get(table, {}), dict[str, int]()
        if not waiting:
            return found
        sql = (
            f"SELECT r.id, r.time_updated, length(r.data), CASE WHEN json_valid(r.data) THEN {_OPEN[table]} END"  # noqa: S608
            f" FROM {table} r WHERE r.id IN ({','.join('?' * len(waiting))})"
        )
        there: dict[str, tuple[Any, ...]] = {str(row[0]): row[1:] for row in reading.rows(sql, *waiting)}
        for name, (session, looked) in list(waiting.items()):
            time, size, is_open = there.get(name, (0, 0, 0))
            if (time, size) != looked or not is_open:
                found[session] = max(_ms(time), found.get(session, 0))
            if is_open:
                waiting[name] = session, (time, size)
            else:
                del waiting[name]
        return found

    def _remember(self, table: str, name: str, session: str, looks: object) -> None:
        waiting = self._open.setdefault(table, {})
        waiting[name] = session, looks
        while len(waiting) > _MOST_OPEN:
            del waiting[next(iter(waiting))]


def _ms(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 46 else 0
