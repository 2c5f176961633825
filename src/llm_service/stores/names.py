"""Names as numbers: each text is stored once, and referred to by its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from .bulk import select_in

_REMEMBERED = 50_000


class Names:
    """The numbers of names. `numbers` belongs to the writer's transaction; `find` and `texts` are for readers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, connection: sqlite3.Connection, wanted: Iterable[str | None]) -> dict[str | None, int | None]:
        """The number of each text, given now to those that have none; None for None."""
        found: dict[str | None, int | None] = {None: None}
        for text in wanted:
            if text is not None:
                found[text] = self._numbers.get(text) or self._look_up(connection, text)
        return found

    def _look_up(self, connection: sqlite3.Connection, text: str) -> int:
        if len(self._numbers) >= _REMEMBERED:
            self._numbers.clear()
        row = connection.execute("SELECT id FROM names WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = connection.execute("INSERT INTO names (text) VALUES (?) RETURNING id", (text,)).fetchone()
        number: int = row[0]
        self._numbers[text] = number
        return number

    def forget(self) -> None:
        """A transaction was rolled back: numbers given in it do not exist."""
        self._numbers.clear()


def find(connection: sqlite3.Connection, texts: Collection[str]) -> dict[str, int]:
    """The numbers of the texts that have one."""
    return dict(select_in(connection, "SELECT text, id FROM names WHERE text IN", texts))


def texts(connection: sqlite3.Connection, numbers: Iterable[int | None]) -> dict[int | None, str | None]:
    """The texts of numbers; of None and 0 it is None."""
    found: dict[int | None, str | None] = {None: None, 0: None}
    wanted = {number for number in numbers if number}
    found.update(select_in(connection, "SELECT id, text FROM names WHERE id IN", wanted))
    return found
