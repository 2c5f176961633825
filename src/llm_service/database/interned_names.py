"""Names as numbers: each text is stored once, and referred to by its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from .bulk import select_in

_REMEMBERED = 50_000


class Names(dict[str | None, int | None]):
    """text -> number, for the writer: one that has none is given one in the transaction under way. None for None.

    `find` and `texts` are for readers.
    """

    def __init__(self) -> None:
        super().__init__({None: None})
        self._connection: sqlite3.Connection | None = None

    def use(self, connection: sqlite3.Connection) -> Names:
        """Look up and give numbers in this connection's transaction."""
        self._connection = connection
        return self

    def __missing__(self, text: str) -> int:
        if self._connection is None:
            raise RuntimeError("use() comes first")
        if len(self) > _REMEMBERED:
            self.forget()
        row = self._connection.execute("SELECT id FROM names WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = self._connection.execute("INSERT INTO names (text) VALUES (?) RETURNING id", (text,)).fetchone()
        number: int = row[0]
        self[text] = number
        return number

    def forget(self) -> None:
        """A transaction was rolled back: numbers given in it do not exist."""
        self.clear()
        self[None] = None


def find(connection: sqlite3.Connection, texts: Collection[str]) -> dict[str, int]:
    """The numbers of the texts that have one."""
    return dict(select_in(connection, "SELECT text, id FROM names WHERE text IN", texts))


def texts(connection: sqlite3.Connection, numbers: Iterable[int | None]) -> dict[int | None, str | None]:
    """The texts of numbers; of None and 0 it is None."""
    found: dict[int | None, str | None] = {None: None, 0: None}
    wanted = {number for number in numbers if number}
    found.update(select_in(connection, "SELECT id, text FROM names WHERE id IN", wanted))
    return found
