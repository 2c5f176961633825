"""The database of what files do not contain, in one SQLite file: LLM calls and their costs.

One writer thread, WAL, group commit, numbered migrations. Whatever is wrong with the file (locked, disk full,
read-only, removed, renamed), the board is not affected, `status` reports it, and the writer tries until it is over.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ..errors import HistoryUnavailable
from ..settings.troubles import Troubles
from .file import DatabaseFile, check_room, shrink_wal
from .pending import Item, Pending
from .readers import Readers
from .troubles import is_lock, is_passing, refusal

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
"""How long work waits for a lock that another program holds."""
CHECK_INTERVAL_S = 0.25
"""How often the writer checks, without work, that its file is still at its path."""
RETRY_INTERVAL_S = 1.0
_BUSY_STEP_MS = 1_000
"""After this time a lock is reported as trouble, and waited for further."""
_WRITER_CACHE_KIB = 4_096
"""SQLite's own cache of pages, which fills as the file grows; the system caches the file too."""
_OPEN_TIMEOUT_S = 1.0
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""Statements to execute in the writer's transaction; the caller of `write` gets its result after the commit."""


class Database:
    """The database of one workspace. `write_later` never blocks or raises; `write` and `read_transaction` raise
    HistoryUnavailable."""

    def __init__(
        self,
        path: str,
        on_trouble: Callable[[str | None], None] = lambda reason: None,
        reclaim: Callable[[], str | None] | None = None,
    ) -> None:
        """`on_trouble(reason)` is called when something goes wrong with the file, and with None when it is over.

        `reclaim()` is called before files that were removed are made again; it returns why this process may not do
        that, or None. Without `reclaim` it never does.
        """
        self.path = path
        self._troubles = Troubles(on_trouble)
        self._reclaim = reclaim
        self._file = DatabaseFile(path)
        self._on_rollback: list[Callable[[], None]] = []
        self._pending = Pending()
        self._writer: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._tried = threading.Event()
        self._opened = threading.Event()
        self._stopping = threading.Event()
        self._readers = Readers(self._file)

    def after_rollback(self, forget: Callable[[], None]) -> None:
        """Call `forget()` after each rollback, so that caches of what the transaction wrote can be emptied."""
        self._on_rollback.append(forget)

    @property
    def problem(self) -> str | None:
        """Why the database cannot be written; None if it can be."""
        return self._troubles.problem

    @property
    def trouble(self) -> str | None:
        """The problem, or for some seconds that removed files were made again; else None."""
        return self._troubles.shown

    @property
    def note(self) -> str | None:
        """That a file was moved aside, if nothing is wrong now; else None."""
        return None if self._troubles.shown else self._file.aside_note

    def start(self) -> None:
        """Start the writer, which opens or creates the database, checks it and migrates its schema.

        Returns once that is done or after a second: a database of gigabytes is checked while the board loads.
        """
        self._writer = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._writer.start()
        self._tried.wait(_OPEN_TIMEOUT_S)

    def wait_open(self, timeout_s: float) -> bool:
        """Wait until the database can be used, at most so long; True if it can be."""
        return self._opened.wait(timeout_s)

    def write_later(self, work: Work[None], loss: int = 1) -> None:
        """Queue work without waiting for it. It is kept while the database cannot be written, within limits; if it
        has to be given up, `loss` is added to `dropped` of `status`."""
        if self._writer is not None:
            self._pending.put_later(Item(work, Future(), loss))

    def write(self, work: Work[T], timeout_s: float = 60.0) -> T:
        """Do the work in a transaction and return its result after the commit. Raises HistoryUnavailable."""
        if self._is_off():
            raise self._unavailable()
        item = Item(work, Future())
        try:
            self._pending.put(item, timeout_s)
            result: T = item.done.result(timeout_s)
        except (queue.Full, TimeoutError) as problem:
            raise HistoryUnavailable(f"The history database did not answer within {timeout_s:g} s.") from problem
        return result

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything queued so far is committed; False if that failed or `timeout_s` passed first."""
        with suppress(HistoryUnavailable):
            if not self._is_off():
                self.write(lambda connection: None, timeout_s)
            return True
        return False

    def stop(self) -> None:
        """Write what is queued, and close the database."""
        if self._writer is not None:
            self._stopping.set()
            self._pending.wake()
            self._writer.join(timeout=5)
            self._writer = None
        self._opened.clear()
        self._readers.close()

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading one consistent state of the database. Raises HistoryUnavailable."""
        if not self._opened.is_set():
            raise self._unavailable()
        try:
            reader = _, connection = self._readers.take(BUSY_TIMEOUT_MS)
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._readers.give_back(reader)
        except sqlite3.Error as problem:
            raise HistoryUnavailable(f"The history database cannot be read: {problem}") from problem

    def written_at(self) -> int:
        """A number that changes with each commit of this or another process."""
        return self._file.written_at()

    def status(self) -> dict[str, Any]:
        """`{path, ok, problem, dropped, pending, moved_aside?, restored?}` for `/health`."""
        state = {"path": self.path, "ok": self.problem is None, "problem": self.problem}
        state |= {"dropped": self._pending.dropped, "pending": self._pending.kept}
        notes = {"moved_aside": self._file.moved_aside, "restored": self._troubles.restored}
        return state | {name: note for name, note in notes.items() if note}

    def _is_off(self) -> bool:
        return self._writer is None or (self._tried.is_set() and not self._opened.is_set())

    def _unavailable(self) -> HistoryUnavailable:
        state = "not started" if self._writer is None else "off" if self._tried.is_set() else "it is being checked"
        return HistoryUnavailable(f"The history database cannot be used: {self.problem or state}")

    def _run(self) -> None:
        while not self._open():
            self._tried.set()
            self._pending.refuse_waiting(self._unavailable())
            if self._stopping.wait(RETRY_INTERVAL_S):
                self._pending.give_up()
                return
        self._troubles.end()
        if self._file.aside_note:
            self._troubles.announce(self._file.aside_note)
        self._opened.set()
        self._tried.set()
        while not self._stopping.is_set():
            items = self._pending.take(CHECK_INTERVAL_S)
            if items:
                self._write(items)
            else:
                self._rest()
        self._pending.retry()
        while items := self._pending.take(0):
            self._write(items)
        self._pending.give_up()
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> bool:
        busy_ms = min(_BUSY_STEP_MS, BUSY_TIMEOUT_MS)
        try:
            self._connection = self._file.open(busy_ms)
            self._connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB:d}")
        except (sqlite3.Error, OSError, HistoryUnavailable) as problem:
            self._troubles.begin(f"history is off: {problem}")
            return False
        return True

    def _write(self, items: list[Item]) -> None:
        results: list[Any] = []
        is_committed = False
        try:
            connection = self._begin()
            results = [item.work(connection) for item in items]
            connection.execute("COMMIT")
            is_committed = True
            self._require_file()  # what was written to a removed file is not stored
        except Exception as problem:  # noqa: BLE001 - raised in the caller that waits, or logged
            self._roll_back()
            if len(items) > 1 and not (is_committed or is_passing(problem)):
                for item in items:  # a bad item must not fail the others
                    self._write([item])
                return
            self._fail(items, problem, is_committed)
            return
        self._troubles.end()
        self._pending.retry()
        for item, result in zip(items, results, strict=True):
            item.done.set_result(result)

    def _fail(self, items: list[Item], problem: Exception, is_committed: bool) -> None:
        if isinstance(problem, sqlite3.Error | OSError | HistoryUnavailable):
            self._troubles.begin(f"history could not be written: {problem}")
        else:
            log.error("work on the history database failed", exc_info=problem)
        if is_committed:
            self._pending.fail([item for item in items if not item.loss], refusal(problem))
        elif is_passing(problem):
            self._pending.keep_or_fail(items, refusal(problem))
        else:
            self._pending.fail(items, refusal(problem))

    def _begin(self) -> sqlite3.Connection:
        """The writer's connection, in a transaction."""
        deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
        while True:
            connection = self._require_file()
            try:
                connection.execute("BEGIN IMMEDIATE")
                return connection
            except sqlite3.OperationalError as problem:
                if not is_lock(problem) or time.monotonic() >= deadline or self._stopping.is_set():
                    raise
                self._troubles.begin(f"history could not be written: {problem}")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        for forget in self._on_rollback:
            forget()

    def _rest(self) -> None:
        """Nothing to write: check the file, try again what failed."""
        try:
            connection = self._require_file()
            if self.problem is not None and self._troubles.is_retry_due(RETRY_INTERVAL_S):
                check_room(connection)
                self._troubles.end()
            elif self._file.wal_is_large():
                shrink_wal(connection, min(_BUSY_STEP_MS, BUSY_TIMEOUT_MS))
            self._troubles.settle()
        except (sqlite3.Error, OSError, HistoryUnavailable) as problem:
            self._roll_back()
            self._troubles.begin(f"history could not be written: {problem}")
        if self.problem is None:
            self._pending.retry()

    def _require_file(self) -> sqlite3.Connection:
        """The writer's connection, whose file is at its path: if it was removed, it is made again.

        Raises HistoryUnavailable, sqlite3.Error, OSError if it cannot be.
        """
        former, lost = self._connection, self._file.lost()
        if former is None:
            raise HistoryUnavailable("The history database is not open.")
        if lost is None:
            return former
        if self._reclaim is None:
            raise HistoryUnavailable(f"{lost}: what was written now is not stored; do it again.")
        self._troubles.begin(f"{lost}; it is made again")
        reason = self._reclaim()
        if reason is not None:
            raise HistoryUnavailable(f"{lost}, and is not made again: {reason}")
        self._file.copy_back(former)
        if not self._open():
            raise HistoryUnavailable(f"{lost}, and cannot be made again: {self.problem}")
        self._readers.renew()
        former.close()
        self._troubles.restore(f"{lost}; it was made again, and nothing is lost")
        return self._require_file()
