"""`Readers`: a few open connections for reading, so that not every request opens one."""

from __future__ import annotations

import queue
import sqlite3
from contextlib import suppress

from ..errors import HistoryUnavailable
from .file import DatabaseFile

_MOST = 4
_CACHE_KIB = 512
"""Of pages, for each connection; the system caches the file too."""

Reader = tuple[int, sqlite3.Connection]


class Readers:
    """Thread-safe. Connections to a file that was made again since are not used any more."""

    def __init__(self, file: DatabaseFile) -> None:
        self._file = file
        self._generation = 0
        self._is_closed = False
        self._idle: queue.LifoQueue[Reader] = queue.LifoQueue(_MOST)

    def take(self, busy_timeout_ms: int) -> Reader:
        """A connection. Raises HistoryUnavailable, sqlite3.Error."""
        with suppress(queue.Empty):
            while True:
                reader = self._idle.get_nowait()
                if reader[0] == self._generation:
                    return reader
                reader[1].close()
        generation = self._generation
        if self._file.lost():
            raise HistoryUnavailable("The history database was removed; it is made again in a moment.")
        connection = self._file.connect(busy_timeout_ms)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB:d}")
        return generation, connection

    def give_back(self, reader: Reader) -> None:
        """It is not used any more."""
        with suppress(queue.Full):
            if reader[0] == self._generation and not self._is_closed:
                self._idle.put_nowait(reader)
                return
        reader[1].close()

    def renew(self) -> None:
        """The file was made again: use no connection from before."""
        self._generation += 1

    def close(self) -> None:
        """Close those that are idle, and from now on every one that is given back."""
        self._is_closed = True
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait()[1].close()
