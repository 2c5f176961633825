"""Names as numbers: each text is stored once, and rows refer to it by its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from .bulk import select_in

_CACHE_SIZE = 50_000


class Names(dict[str | None, int | None]):
    """text -> number, for the writer: a new text gets a number in the current transaction. None for None.

    Readers use `find` and `texts`.
    """

    def __init__(self) -> None:
        super().__init__({None: None})
        self._connection: sqlite3.Connection | None = None

    def use(self, connection: sqlite3.Connection) -> Names:
        """Look up and assign numbers in this connection's transaction."""
        self._connection = connection
        return self

    def __missing__(self, text: str) -> int:
        if self._connection is None:
            raise RuntimeError("call use() first")
        if len(self) > _CACHE_SIZE:
            self.forget()
        row = self._connection.execute("SELECT id FROM names WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = self._connection.execute("INSERT INTO names (text) VALUES (?) RETURNING id", (text,)).fetchone()
        number: int = row[0]
        self[text] = number
        return number

    def forget(self) -> None:
        """Empty the cache after a rollback: the numbers that the transaction assigned do not exist."""
        self.clear()
        self[None] = None


def find(connection: sqlite3.Connection, texts: Collection[str]) -> dict[str, int]:
    """text -> number, for those of the texts that have one."""
    return dict(select_in(connection, "SELECT text, id FROM names WHERE text IN", texts))


def texts(connection: sqlite3.Connection, numbers: Iterable[int | None]) -> dict[int | None, str | None]:
    """number -> text; None and 0 have the text None."""
    found: dict[int | None, str | None] = {None: None, 0: None}
    wanted = {number for number in numbers if number}
    found.update(select_in(connection, "SELECT id, text FROM names WHERE id IN", wanted))
    return found
