"""`SessionTables`: one session in OpenCode's database, as entries; the tables are in `calls/sessions/opencode.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...calls.sessions.foreign_database import Columns, ForeignDatabase, Reading
from ...errors import FileVanished
from ..index import MAX_LINE_BYTES
from .entries import Entry, entry_line, made_at, order_of
from .session_row import session_line

_MESSAGE, _PART, _NEWER = 0, 1, 2
_TABLES = ("message", "part", "session_message")
_MOST = 1 << 60
_GLANCE_BYTES = 256 << 10
_LAST_MESSAGES, _LAST_PARTS, _FIRST_MESSAGES = 4, 8, 3
_DATA = "CASE WHEN length(r.data) <= ? THEN r.data END"
_ROLE = "CASE WHEN json_valid(r.data) THEN json_extract(r.data, '$.role') END"
Last = dict[int, tuple[int, str]]
"""Table -> number and id of its last row."""
_LATER = "NOT EXISTS (SELECT 1 FROM message m WHERE m.session_id = r.session_id AND m.time_created >= r.time_created)"
"""While the first table is still written for a session, it has everything."""


class SessionTables:
    """An `EntrySource`. What is remembered of messages is asked for once: their time and who said them."""

    def __init__(self, root: str, path: str, session: str) -> None:
        self._database, self._session = ForeignDatabase(root, path), session
        self._messages: dict[str, tuple[int, str | None]] = {}
        self._last: Last = {}

    def state(self) -> tuple[int, ...]:
        """See `EntrySource`."""
        return self._database.state()

    @contextmanager
    def reading(self) -> Iterator[_Tables]:
        """See `EntrySource`."""
        with self._database.reading() as reading:
            yield _Tables(reading, self._session, self._messages, self._last)

    def glance_lines(self) -> list[bytes]:
        """See `EntrySource`. Raises FileVanished if the session is gone."""
        with self._database.reading() as reading:
            tables = _Tables(reading, self._session, {}, {})
            line = session_line(reading, tables.columns, self._session)
            if line is None:
                raise FileVanished(f"The session {self._session} is not in the database any more.")
            return [line, *tables.first_lines(), *tables.last_lines()]


class _Tables:
    """An `EntryReader`."""

    def __init__(self, reading: Reading, session: str, messages: dict[str, tuple[int, str | None]], last: Last) -> None:
        self._reading, self._session, self._messages, self._last = reading, session, messages, last
        self.columns: Columns = reading.columns()

    def layout(self) -> int:
        """See `EntryReader`."""
        return self._reading.layout()

    def count(self) -> int:
        """See `EntryReader`."""
        return sum(int(self._of(table, "count(*)")[0][0]) for table in self._tables())

    def entries(self, is_all: bool) -> list[Entry] | None:
        """See `EntryReader`."""
        if is_all:
            self._messages.clear()
            self._last.clear()
        for table, (number, name) in self._last.items():
            row = self._reading.row(f"SELECT id FROM {_TABLES[table]} WHERE rowid = ?", number)  # noqa: S608
            if row is None or str(row[0]) != name:
                return None  # the number of a row that was deleted is given again
        return [each for table in self._tables() for each in self._new(table)]

    def line(self, ref: int) -> bytes | None:
        """See `EntryReader`."""
        return self._line(ref % 4, "r.rowid = ?", MAX_LINE_BYTES, ref // 4)

    def todos(self) -> list[dict[str, Any]]:
        """See `EntryReader`."""
        if not {"session_id", "content", "status", "position"} <= self.columns.get("todo", frozenset()):
            return []
        sql = "SELECT content, status FROM todo WHERE session_id = ? ORDER BY position LIMIT 200"
        return [{"content": text, "status": status} for text, status in self._reading.rows(sql, self._session)]

    def first_lines(self) -> list[bytes]:
        """The texts of the first messages, of which one is the first prompt."""
        if _MESSAGE not in self._tables():
            return self._some(_NEWER, "r.session_id = ? ORDER BY r.time_created, r.id LIMIT ?", _FIRST_MESSAGES)
        messages = self._message_ids("", _FIRST_MESSAGES)
        return [line for name in messages for line in self._parts_of(name, "", _FIRST_MESSAGES)]

    def last_lines(self) -> list[bytes]:
        """The last messages, each behind its last parts."""
        found: list[bytes] = []
        if _MESSAGE in self._tables():
            for name in self._message_ids("DESC", _LAST_MESSAGES)[::-1]:
                found += self._parts_of(name, "DESC", _LAST_PARTS)[::-1]
                line = self._line(_MESSAGE, "r.id = ?", _GLANCE_BYTES, name)
                found += [line] if line else []
        if _NEWER in self._tables():
            where = f"{self._unless(_NEWER)} r.session_id = ? ORDER BY r.time_created DESC, r.id DESC LIMIT ?"
            found += self._some(_NEWER, where, _LAST_MESSAGES)[::-1]
        return found

    def _tables(self) -> Sequence[int]:
        needed = {"id", "session_id", "data", "time_created"}
        known = [table for table in (_MESSAGE, _NEWER) if needed <= self.columns.get(_TABLES[table], frozenset())]
        has_parts = {"id", "message_id", "data"} <= self.columns.get("part", frozenset())
        return [_MESSAGE, _PART, *known[1:]] if known[:1] == [_MESSAGE] and has_parts else known

    def _unless(self, table: int) -> str:
        return f"{_LATER} AND" if table == _NEWER and _MESSAGE in self._tables() else ""

    def _of(self, table: int, what: str, after: int = 0) -> list[tuple[Any, ...]]:
        """Something of the rows of the session behind a row number."""
        name = _TABLES[table]
        own = "r.session_id = ?"
        if "session_id" not in self.columns[name]:
            own = "r.message_id IN (SELECT id FROM message WHERE session_id = ?)"
        sql = f"SELECT {what} FROM {name} r WHERE {self._unless(table)} {own} AND r.rowid > {after:d}"  # noqa: S608
        return self._reading.rows(sql, self._session)

    def _changed(self, table: int) -> str:
        known = self.columns[_TABLES[table]]
        return "r.time_updated" if "time_updated" in known else "r.time_created" if "time_created" in known else "0"

    def _new(self, table: int) -> Iterator[Entry]:
        kind = {_MESSAGE: _ROLE, _PART: "r.message_id", _NEWER: "NULL"}[table]
        created = "0" if table == _PART else "r.time_created"
        what = f"r.rowid, r.id, {kind}, {created}, {self._changed(table)}"
        for number, name, more, created_ms, changed_ms in self._of(table, what, self._last.get(table, (0, ""))[0]):
            if number >= _MOST:
                continue
            if number > self._last.get(table, (0, ""))[0]:
                self._last[table] = number, str(name)
            message, at_ms = str(name), _whole(created_ms)
            if table == _MESSAGE:
                self._messages[message] = at_ms, more
            elif table == _PART:
                message, at_ms = str(more), self._messages.get(str(more), (_whole(changed_ms), None))[0]
            part = str(name) if table == _PART else None
            yield Entry(order_of(message, at_ms, part, max(at_ms, _whole(changed_ms))), number * 4 + table)

    def _message_ids(self, order: str, count: int) -> list[str]:
        sql = f"SELECT id FROM message WHERE session_id = ? ORDER BY time_created {order}, id {order} LIMIT ?"  # noqa: S608
        return [str(name) for (name,) in self._reading.rows(sql, self._session, count)]

    def _parts_of(self, message: str, order: str, count: int) -> list[bytes]:
        if _PART not in self._tables():
            return []
        return self._some(_PART, f"r.message_id = ? ORDER BY r.id {order} LIMIT ?", count, message)

    def _some(self, table: int, where: str, count: int, name: str | None = None) -> list[bytes]:
        sql = f"SELECT r.rowid FROM {_TABLES[table]} r WHERE {where}"  # noqa: S608
        numbers = [number for (number,) in self._reading.rows(sql, name or self._session, count)]
        lines = (self._line(table, "r.rowid = ?", _GLANCE_BYTES, number) for number in numbers)
        return [line for line in lines if line]

    def _line(self, table: int, where: str, limit: int, value: int | str) -> bytes | None:
        """An entry as one line; None if it is too long. `where` has one `?`: each text of a query is prepared once."""
        more = {_MESSAGE: "NULL", _PART: "r.message_id", _NEWER: "r.type"}[table]
        created = "NULL" if "time_created" not in self.columns[_TABLES[table]] else "r.time_created"
        what = f"r.id, {more}, {created}, {self._changed(table)}, {_DATA}"
        row = self._reading.row(f"SELECT {what} FROM {_TABLES[table]} r WHERE {where}", limit, value)  # noqa: S608
        if row is None:
            return b"{}"
        name, other, created_ms, changed_ms, found = row
        if found is None:
            return None
        made = made_at(str(name), _whole(created_ms), max(_whole(created_ms), _whole(changed_ms)))
        at_ms = made[0] if made is not None else _whole(created_ms) or None
        facts: dict[str, Any] = {"id": str(name)}
        if table == _PART:
            facts["role"] = self._role_of(str(other))
        elif table == _NEWER:
            facts["type"] = str(other)
        data = found if isinstance(found, bytes) else str(found).encode("utf-8", "replace")
        return entry_line(_TABLES[table], at_ms, facts, data)

    def _role_of(self, message: str) -> str | None:
        known = self._messages.get(message)
        if known is None:
            row = self._reading.row(f"SELECT r.time_created, {_ROLE} FROM message r WHERE r.id = ?", message)  # noqa: S608
            known = (0, None) if row is None else (_whole(row[0]), row[1])
            self._messages[message] = known
        return known[1]


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 46 else 0
