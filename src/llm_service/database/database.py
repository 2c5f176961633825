"""The database of what files do not contain, in one SQLite file: lane changes, LLM calls and their costs.

One writer thread, WAL, group commit, numbered migrations. A damaged database is moved aside with a time stamp and a new
one is started. If it cannot be written (disk full, read-only, locked), history is degraded, which `status` reports, and
the live board is not affected.
"""

from __future__ import annotations

import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import HistoryUnavailable
from ..times import iso_time
from .migrations import MIGRATIONS

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
_MAX_BATCH = 64
_GATHER_S = 0.1
_QUEUE_SIZE = 10_000
_READERS = 4
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 4_096, 512
"""SQLite's own caches of pages, which fill as the file grows; the system caches the file too."""
_OPEN_TIMEOUT_S = 1.0

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""Statements to execute in the writer's transaction; the caller of `write` gets its result after the commit."""


@dataclass(frozen=True, slots=True)
class _Item:
    work: Work[Any]
    done: Future[Any]
    loss: int = 0
    """How much `dropped` grows if the work fails; 0 where a caller waits for the result."""


class Database:
    """The database of one workspace. `write_later` never blocks or raises; `write` and `read_transaction` raise
    HistoryUnavailable."""

    def __init__(self, path: str, on_trouble: Callable[[str | None], None] = lambda reason: None) -> None:
        """`on_trouble(reason)` is called when writing starts to fail or a damaged file was moved aside, and with None
        when writing works again."""
        self.path = path
        self.problem: str | None = None
        self.moved_aside: str | None = None
        self.dropped = 0
        self._on_trouble = on_trouble
        self._on_rollback: list[Callable[[], None]] = []
        self._queue: queue.Queue[_Item | None] = queue.Queue(_QUEUE_SIZE)
        self._write_now = threading.Event()
        self._writer: threading.Thread | None = None
        self._opened = threading.Event()
        self._usable = False
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_READERS)

    def after_rollback(self, forget: Callable[[], None]) -> None:
        """Call `forget()` after each rollback, so that caches of what the transaction wrote can be emptied."""
        self._on_rollback.append(forget)

    @property
    def trouble(self) -> str | None:
        """Why the database cannot be written, or that a damaged file was moved aside; None if there is no trouble."""
        aside = f"was damaged; moved to {self.moved_aside}, a new one was started" if self.moved_aside else None
        return self.problem or aside

    def start(self) -> None:
        """Start the writer, which opens or creates the database, checks it and migrates its schema.

        Returns once that is done or after a second: a database of gigabytes is checked while the board loads.
        """
        self._writer = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._writer.start()
        self._opened.wait(_OPEN_TIMEOUT_S)

    def wait_open(self, timeout_s: float) -> bool:
        """Wait until the database was opened or opening it failed; True if it can be used."""
        self._opened.wait(timeout_s)
        return self._usable

    def write_later(self, work: Work[None], loss: int = 1) -> None:
        """Queue work without waiting for it; if it fails, `loss` is added to `dropped`."""
        if self._is_off():
            return
        try:
            self._queue.put_nowait(_Item(work, Future(), loss))
        except queue.Full:
            self.dropped += loss

    def write(self, work: Work[T], timeout_s: float = 60.0) -> T:
        """Do the work in a transaction and return its result after the commit. Raises HistoryUnavailable."""
        if self._is_off():
            raise self._unavailable()
        item = _Item(work, Future())
        try:
            self._queue.put(item, timeout=timeout_s)
            self._write_now.set()
            result: T = item.done.result(timeout_s)
        except (queue.Full, TimeoutError) as problem:
            raise HistoryUnavailable(f"The history database did not answer within {timeout_s:g} s.") from problem
        return result

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything queued so far is committed; False if that failed or `timeout_s` passed first."""
        if self._is_off():
            return True
        try:
            self.write(lambda connection: None, timeout_s)
        except HistoryUnavailable:
            return False
        return True

    def stop(self) -> None:
        """Write what is queued, and close the database."""
        if self._writer is not None:
            self._queue.put(None)
            self._write_now.set()
            self._writer.join(timeout=5)
            self._writer = None
        self._usable = False
        while not self._readers.empty():
            self._readers.get_nowait().close()

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading one consistent state of the database. Raises HistoryUnavailable."""
        if not self._usable:
            raise self._unavailable()
        try:
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._return_reader(connection)
        except sqlite3.Error as problem:
            raise HistoryUnavailable(f"The history database cannot be read: {problem}") from problem

    def written_at(self) -> int:
        """A number that changes with each commit of this or another process."""
        try:
            return os.stat(f"{self.path}-wal").st_mtime_ns
        except OSError:
            return 0

    def status(self) -> dict[str, Any]:
        """`{path, ok, problem, dropped, moved_aside?}` for `/health`."""
        report = {"path": self.path, "ok": self.problem is None, "problem": self.problem, "dropped": self.dropped}
        return report | ({"moved_aside": self.moved_aside} if self.moved_aside else {})

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS:d}")
        # A commit that was reported to a caller is on the disk, also after a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB:d}")
        return connection

    def _take_reader(self) -> sqlite3.Connection:
        try:
            return self._readers.get_nowait()
        except queue.Empty:
            return self._connect()

    def _return_reader(self, connection: sqlite3.Connection) -> None:
        try:
            self._readers.put_nowait(connection)
        except queue.Full:
            connection.close()

    # Opening.

    def _is_off(self) -> bool:
        return self._writer is None or (self._opened.is_set() and not self._usable)

    def _unavailable(self) -> HistoryUnavailable:
        state = "not started" if self._writer is None else "it is being checked" if not self._opened.is_set() else "off"
        return HistoryUnavailable(f"The history database cannot be used: {self.problem or state}")

    def _run(self) -> None:
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self._open()
            self._usable = True
        except (sqlite3.Error, OSError, HistoryUnavailable) as problem:
            self.problem = str(problem)
            log.warning("history is off: %s", problem)
            self._on_trouble(f"history is off: {problem}")
        self._opened.set()
        if self._usable:
            self._write_all()
        else:
            self._refuse_queued()

    def _refuse_queued(self) -> None:
        while not self._queue.empty():
            item = self._queue.get()
            if item is not None:
                item.done.set_exception(self._unavailable())

    def _open(self) -> None:
        try:
            self._migrate()
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):
                raise
            aside = f"{self.path}.damaged-{iso_time(time.time()).replace(':', '')}"
            os.replace(self.path, aside)
            for leftover in (f"{self.path}-wal", f"{self.path}-shm"):
                if os.path.exists(leftover):
                    os.replace(leftover, aside + leftover[len(self.path) :])
            log.warning("the history database was damaged (%s); moved to %s, a new one was started", problem, aside)
            self.moved_aside = aside
            self._migrate()
            self._on_trouble(f"was damaged ({problem}); moved to {aside}, a new one was started")

    def _migrate(self) -> None:
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise HistoryUnavailable(
                    f"{self.path} has schema {version}, this version knows {len(MIGRATIONS)}: "
                    "use the newer llm-service, or move the file away."
                )
            for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
                connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")

    # The writer.

    def _write_all(self) -> None:
        with closing(self._connect()) as connection:
            connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB:d}")
            is_running = True
            while is_running:
                batch = [self._queue.get()]
                if batch[0] is not None and batch[0].loss and self._queue.empty():
                    # Such work comes in bursts: gather it for a moment, for one transaction instead of one for each.
                    self._write_now.wait(_GATHER_S)
                self._write_now.clear()
                while len(batch) < _MAX_BATCH and not self._queue.empty():
                    batch.append(self._queue.get())
                is_running = None not in batch
                self._write(connection, [item for item in batch if item is not None])

    def _write(self, connection: sqlite3.Connection, items: list[_Item]) -> None:
        if not items:
            return
        results: list[Any] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [item.work(connection) for item in items]
            connection.execute("COMMIT")
        except Exception as problem:  # noqa: BLE001 - raised in the caller that waits, or logged
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            for forget in self._on_rollback:
                forget()
            if len(items) > 1:  # a bad item must not fail the others
                for item in items:
                    self._write(connection, [item])
                return
            self._report_failure(items[0], problem)
            return
        if self.problem is not None:
            self.problem = None
            self._on_trouble(None)
        for item, result in zip(items, results, strict=True):
            item.done.set_result(result)

    def _report_failure(self, item: _Item, problem: Exception) -> None:
        self.dropped += item.loss
        if not isinstance(problem, sqlite3.Error):
            log.error("work on the history database failed", exc_info=problem)
            item.done.set_exception(problem)
            return
        if self.problem is None:
            log.warning("history could not be written: %s", problem)
            self._on_trouble(f"history could not be written: {problem}")
        self.problem = str(problem)
        refusal = HistoryUnavailable(f"The history database could not be written: {problem}")
        item.done.set_exception(refusal)
