"""What files do not hold, in SQLite: today the lane changes seen, so that a task's history outlives a restart.

One writer thread, WAL, batched commits, numbered migrations. A database that is damaged is moved aside with a
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
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ..domain.tasks import iso_time
from ..errors import HistoryUnavailable

log = logging.getLogger(__name__)

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE lane_changes (
        id INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL,
        time TEXT NOT NULL,
        previous_lane TEXT,
        lane TEXT,
        agent TEXT,
        path TEXT NOT NULL
    );
    CREATE INDEX lane_changes_by_task ON lane_changes (task_id, id);
    """,
)
"""Forward only: entry n takes the schema from version n to n + 1, in one transaction."""

BUSY_TIMEOUT_MS = 5_000
_BATCH = 500
_GATHER_S = 0.1
_QUEUE = 50_000


@dataclass(frozen=True, slots=True)
class LaneChange:
    """A task came from one lane (None: it was new) into another (None: it was removed)."""

    task_id: str
    time: str
    previous_lane: str | None
    lane: str | None
    agent: str | None
    path: str


class History:
    """The history database. Writing never blocks and never raises; reading raises HistoryUnavailable."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problem: str | None = None
        self.dropped = 0
        self._waiting: queue.Queue[LaneChange | threading.Event | None] = queue.Queue(_QUEUE)
        self._hurry = threading.Event()
        self._writer: threading.Thread | None = None

    def start(self) -> None:
        """Open or make the database, bring its schema up to date, and start the writer."""
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self._prepare()
        except (sqlite3.Error, OSError, HistoryUnavailable) as problem:
            self.problem = str(problem)
            log.warning("history is off: %s", problem)
            return
        self._writer = threading.Thread(target=self._write_all, name="history-writer", daemon=True)
        self._writer.start()

    def record(self, changes: Sequence[LaneChange]) -> None:
        """Queue lane changes for writing; what does not fit is counted in `dropped`."""
        if self._writer is None:
            return
        for change in changes:
            try:
                self._waiting.put_nowait(change)
            except queue.Full:
                self.dropped += 1

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything recorded so far is on the disk; False if that took too long."""
        if self._writer is None:
            return True
        written = threading.Event()
        self._hurry.set()
        self._waiting.put(written)
        return written.wait(timeout_s)

    def stop(self) -> None:
        """Write what is queued and close."""
        if self._writer is not None:
            self._hurry.set()
            self._waiting.put(None)
            self._writer.join(timeout=2)
            self._writer = None

    def lane_changes(self, task_id: str, limit: int = 100) -> list[LaneChange]:
        """The last lane changes of a task, oldest first."""
        if self._writer is None:
            raise HistoryUnavailable(f"The history database cannot be used: {self.problem or 'not started'}")
        try:
            with closing(self._connect()) as connection:
                rows = connection.execute(
                    "SELECT task_id, time, previous_lane, lane, agent, path FROM lane_changes"
                    " WHERE task_id = ? ORDER BY id DESC LIMIT ?",
                    (task_id, limit),
                ).fetchall()
        except sqlite3.Error as problem:
            raise HistoryUnavailable(f"The history database cannot be read: {problem}") from problem
        return [LaneChange(*row) for row in reversed(rows)]

    def status(self) -> dict[str, Any]:
        """`{path, ok, problem, dropped}` for `/health`."""
        return {
            "path": self.path,
            "ok": self.problem is None,
            "problem": self.problem,
            "dropped": self.dropped,
        }

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS:d}")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

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
            self._migrate()

    def _migrate(self) -> None:
        connection = self._connect()
        try:
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
        finally:
            connection.close()

    def _write_all(self) -> None:
        connection = self._connect()
        going = True
        while going:
            batch = [self._waiting.get()]
            if isinstance(batch[0], LaneChange) and self._waiting.qsize() < _BATCH:
                # Changes come in bursts: one transaction for what the next moment brings, not one for each.
                self._hurry.wait(_GATHER_S)
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            going = None not in batch
            self._write(connection, [item for item in batch if isinstance(item, LaneChange)])
            for item in batch:
                if isinstance(item, threading.Event):
                    self._hurry.clear()
                    item.set()
        connection.close()

    def _write(self, connection: sqlite3.Connection, changes: Sequence[LaneChange]) -> None:
        if not changes:
            return
        rows = [(c.task_id, c.time, c.previous_lane, c.lane, c.agent, c.path) for c in changes]
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO lane_changes (task_id, time, previous_lane, lane, agent, path) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("COMMIT")
            self.problem = None
        except sqlite3.Error as problem:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self.dropped += len(changes)
            if self.problem is None:
                log.warning("history could not be written: %s", problem)
            self.problem = str(problem)
