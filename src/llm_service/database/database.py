"""What files do not hold, in one SQLite file: lane changes seen, LLM calls and what they cost.

One writer thread, WAL, group commit, numbered migrations. A database that is damaged is moved aside with a
time stamp and a new one is begun; one that cannot be written (disk full, read-only, locked) degrades history
and never the live board: `status` says so.
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
_BATCH = 64
_GATHER_S = 0.1
_QUEUE = 10_000
_READERS = 4
_WRITER_CACHE_KIB = 16_384
_OPEN_WITHIN_S = 1.0

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""Statements to run in the writer's transaction; what it returns reaches whoever waits for the commit."""


@dataclass(frozen=True, slots=True)
class _Item:
    work: Work[Any]
    done: Future[Any]
    loss: int = 0
    """What is lost when it cannot be done and nobody waits to hear of it."""


class History:
    """The history database. `later` never blocks and never raises; `write` and `reading` raise HistoryUnavailable."""

    def __init__(self, path: str, on_trouble: Callable[[str | None], None] = lambda reason: None) -> None:
        """`on_trouble(reason)` is told when writing begins to fail or a file was moved aside; None: well again."""
        self.path = path
        self.problem: str | None = None
        self.moved_aside: str | None = None
        self.dropped = 0
        self._on_trouble = on_trouble
        self._on_rollback: list[Callable[[], None]] = []
        self._waiting: queue.Queue[_Item | None] = queue.Queue(_QUEUE)
        self._hurry = threading.Event()
        self._writer: threading.Thread | None = None
        self._opened = threading.Event()
        self._usable = False
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_READERS)

    def after_rollback(self, forget: Callable[[], None]) -> None:
        """Call `forget()` whenever a transaction was rolled back: caches of what it wrote are wrong."""
        self._on_rollback.append(forget)

    @property
    def trouble(self) -> str | None:
        """Why history cannot be written, or that a damaged file was moved aside; None if all is well."""
        aside = f"was damaged; moved to {self.moved_aside}, a new one was started" if self.moved_aside else None
        return self.problem or aside

    def start(self) -> None:
        """Start the writer, which opens or makes the database, checks it and brings its schema up to date.

        Returns once that is done or after a second: a database of gigabytes is checked while the board fills.
        """
        self._writer = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._writer.start()
        self._opened.wait(_OPEN_WITHIN_S)

    def wait_open(self, timeout_s: float) -> bool:
        """Wait until the database was opened or given up; True if it can be used."""
        self._opened.wait(timeout_s)
        return self._usable

    def later(self, work: Work[None], loss: int = 1) -> None:
        """Queue work that nobody waits for; if it cannot be done, `loss` is added to `dropped`."""
        if self._off():
            return
        try:
            self._waiting.put_nowait(_Item(work, Future(), loss))
        except queue.Full:
            self.dropped += loss

    def write(self, work: Work[T], timeout_s: float = 60.0) -> T:
        """Do the work in a transaction; returns its result once that is on the disk. Raises HistoryUnavailable."""
        if self._off():
            raise self._unavailable()
        item = _Item(work, Future())
        try:
            self._waiting.put(item, timeout=timeout_s)
            self._hurry.set()
            result: T = item.done.result(timeout_s)
        except (queue.Full, TimeoutError) as problem:
            raise HistoryUnavailable(f"The history database did not answer within {timeout_s:g} s.") from problem
        return result

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything queued so far is on the disk; False if that took too long or failed."""
        if self._off():
            return True
        try:
            self.write(lambda connection: None, timeout_s)
        except HistoryUnavailable:
            return False
        return True

    def stop(self) -> None:
        """Write what is queued and close."""
        if self._writer is not None:
            self._waiting.put(None)
            self._hurry.set()
            self._writer.join(timeout=5)
            self._writer = None
        self._usable = False
        while not self._readers.empty():
            self._readers.get_nowait().close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the database from its first statement on. Raises HistoryUnavailable."""
        if not self._usable:
            raise self._unavailable()
        try:
            connection = self._reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)
        except sqlite3.Error as problem:
            raise HistoryUnavailable(f"The history database cannot be read: {problem}") from problem

    def written_at(self) -> int:
        """A number that changes whenever this or another process commits."""
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
        # A commit that was told to someone is on the disk, also after a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._readers.get_nowait()
        except queue.Empty:
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            self._readers.put_nowait(connection)
        except queue.Full:
            connection.close()

    # Opening.

    def _off(self) -> bool:
        return self._writer is None or (self._opened.is_set() and not self._usable)

    def _unavailable(self) -> HistoryUnavailable:
        state = "not started" if self._writer is None else "it is being checked" if not self._opened.is_set() else "off"
        return HistoryUnavailable(f"The history database cannot be used: {self.problem or state}")

    def _run(self) -> None:
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self._prepare()
            self._usable = True
        except (sqlite3.Error, OSError, HistoryUnavailable) as problem:
            self.problem = str(problem)
            log.warning("history is off: %s", problem)
            self._on_trouble(f"history is off: {problem}")
        self._opened.set()
        if self._usable:
            self._write_all()
        else:
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        while not self._waiting.empty():
            item = self._waiting.get()
            if item is not None:
                item.done.set_exception(self._unavailable())

    def _prepare(self) -> None:
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
            log.warning("the history database was damaged (%s); moved to %s, a new one is begun", problem, aside)
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
            going = True
            while going:
                batch = [self._waiting.get()]
                if batch[0] is not None and batch[0].loss and self._waiting.empty():
                    # They come in bursts: one transaction for what the next moment brings, not one for each.
                    self._hurry.wait(_GATHER_S)
                self._hurry.clear()
                while len(batch) < _BATCH and not self._waiting.empty():
                    batch.append(self._waiting.get())
                going = None not in batch
                self._write(connection, [item for item in batch if item is not None])

    def _write(self, connection: sqlite3.Connection, items: list[_Item]) -> None:
        if not items:
            return
        results: list[Any] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [item.work(connection) for item in items]
            connection.execute("COMMIT")
        except Exception as problem:  # noqa: BLE001 - handed to whoever waits, or logged
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            for forget in self._on_rollback:
                forget()
            if len(items) > 1:  # one bad item must not take the others with it
                for item in items:
                    self._write(connection, [item])
                return
            self._failed(items[0], problem)
            return
        if self.problem is not None:
            self.problem = None
            self._on_trouble(None)
        for item, result in zip(items, results, strict=True):
            item.done.set_result(result)

    def _failed(self, item: _Item, problem: Exception) -> None:
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
