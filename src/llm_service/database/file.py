"""`DatabaseFile`: one SQLite file. It is opened, checked and migrated here, and made again if it was removed.

On POSIX systems a file can be removed, renamed or replaced while it is open. SQLite would go on writing to it, and all
of that would be gone when it is closed. What was in it can still be read through the open connection.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from ..errors import HistoryUnavailable
from ..settings.state_folder import make_private
from ..times import iso_time
from .migrations import MIGRATIONS

log = logging.getLogger(__name__)

_SUFFIXES = ("", "-wal", "-shm")
_COPYING, _COMPLETE = ".copying", ".complete"
_WAL_LIMIT_BYTES = 16 << 20

_Identity = tuple[int, int] | None


class DatabaseFile:
    """The file at `path`, with its `-wal` and `-shm`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.moved_aside: str | None = None
        """Where a damaged file, or one that had taken the place of ours, was moved to."""
        self.aside_note: str | None = None
        """What was moved aside, and why."""
        self._opened: tuple[_Identity, ...] = (None,) * len(_SUFFIXES)
        self._copy: _Identity = None
        self._copy_mark: str | None = None
        """What `open` has to find in the file: that it is the copy that was put there."""

    def connect(self, busy_timeout_ms: int, mode: str = "rw") -> sqlite3.Connection:
        """A new connection to what is at the path now; only the mode "rwc" creates a file."""
        address = f"{Path(os.path.abspath(self.path)).as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms:d}")
        # A commit that was reported to a caller is on the disk, also after a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def open(self, busy_timeout_ms: int) -> sqlite3.Connection:
        """The connection of the writer: the file is created, checked and migrated. A damaged one is moved aside.

        Raises sqlite3.Error, OSError, HistoryUnavailable.
        """
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        if os.path.islink(self.path):
            raise HistoryUnavailable(
                f"{self.path} is a link, which is not followed: remove it; the setting state_dir names another folder."
            )
        self._finish_copy()
        try:
            self._migrate(busy_timeout_ms)
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):
                raise
            aside = self._move_aside("damaged")
            self._note_aside(aside, f"was damaged ({problem}); moved to {aside}, a new one was started")
            self._migrate(busy_timeout_ms)
        before = _identity(self.path)
        connection = self.connect(busy_timeout_ms)
        try:
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES:d}")
            # From now on there is a -wal and a -shm.
            row = connection.execute("SELECT value FROM facts WHERE name = 'copy'").fetchone()
            opened = tuple(_identity(self.path + suffix) for suffix in _SUFFIXES)
            is_copy = self._copy_mark is None or (row is not None and row[0] == self._copy_mark)
            if opened[0] != before or None in opened or not is_copy:
                raise HistoryUnavailable(f"{self.path} was replaced while it was opened.")
        except BaseException:
            connection.close()
            raise
        self._opened, self._copy_mark = opened, None
        for suffix in _SUFFIXES:
            make_private(self.path + suffix)
        return connection

    def lost(self) -> str | None:
        """What happened to the open files: "history.db was removed", ... None if all are at their path."""
        for suffix, opened in zip(_SUFFIXES, self._opened, strict=True):
            found = _identity(self.path + suffix)
            if found != opened:
                name = os.path.basename(self.path) + suffix
                return f"{name} was {'removed' if found is None else 'replaced by another file'} while it was in use"
        return None

    def copy_back(self, connection: sqlite3.Connection) -> None:
        """Put what the connection has open at the path again, complete or not at all.

        Another file that is there is moved aside. The connection must be replaced by one of `open`. Raises
        sqlite3.Error, OSError.
        """
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        copying = self.path + _COPYING
        for leftover in (copying, f"{copying}-journal", self.path + _COMPLETE):
            _remove(leftover)
        _create(copying)
        mark = secrets.token_hex(16)
        with closing(sqlite3.connect(copying)) as target:
            connection.backup(target)
            with target:
                target.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('copy', ?)", (mark,))
        self._copy_mark = mark
        os.replace(copying, self.path + _COMPLETE)
        if _identity(self.path) in (self._opened[0], self._copy):
            _remove(self.path)  # all of it is in the new copy, with what was in the -wal
        self._finish_copy()
        self._copy = _identity(self.path)

    def wal_is_large(self) -> bool:
        """True if the `-wal` has grown over its limit, as it does while a reader holds on to an old state."""
        with suppress(OSError):
            return os.stat(f"{self.path}-wal").st_size > _WAL_LIMIT_BYTES
        return False

    def written_at(self) -> int:
        """A number that changes with each commit of this or another process."""
        try:
            return os.stat(f"{self.path}-wal").st_mtime_ns
        except OSError:
            return 0

    def _finish_copy(self) -> None:
        """Put a complete copy in place; also after a crash between the two steps of `copy_back`."""
        complete = self.path + _COMPLETE
        if not os.path.exists(complete):
            return
        with suppress(OSError):
            if os.path.getsize(self.path):
                aside = self._move_aside("replaced")
                self._note_aside(
                    aside, f"was replaced by another file while it was in use; that one was moved to {aside}"
                )
        # A -wal of the former file would be applied to the new one.
        for suffix in _SUFFIXES[1:]:
            _remove(self.path + suffix)
        os.replace(complete, self.path)
        _sync_folder(os.path.dirname(self.path))

    def _move_aside(self, reason: str) -> str:
        aside = f"{self.path}.{reason}-{iso_time(time.time()).replace(':', '')}"
        os.replace(self.path, aside)
        for suffix in _SUFFIXES[1:]:
            if os.path.exists(self.path + suffix):
                os.replace(self.path + suffix, aside + suffix)
        return aside

    def _note_aside(self, aside: str, note: str) -> None:
        log.warning("the history database %s", note)
        self.moved_aside, self.aside_note = aside, note

    def _migrate(self, busy_timeout_ms: int) -> None:
        if not os.path.exists(self.path):
            _create(self.path)
        with closing(self.connect(busy_timeout_ms)) as connection:
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


def check_room(connection: sqlite3.Connection) -> None:
    """Write and delete something. Raises sqlite3.Error if the database cannot be written or the disk is full."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('room', zeroblob(65536))")
    connection.execute("COMMIT")
    connection.execute("DELETE FROM facts WHERE name = 'room'")


def shrink_wal(connection: sqlite3.Connection, busy_timeout_ms: int) -> None:
    """Empty the `-wal`, unless a reader still needs it."""
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms:d}")


def _identity(path: str) -> _Identity:
    # Never by opening it: closing any descriptor of a file drops all locks that this process has on it.
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _create(path: str) -> None:
    """An empty file for this user only; SQLite gives its `-wal` and `-shm` the same rights."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _sync_folder(folder: str) -> None:
    """Make a rename durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
