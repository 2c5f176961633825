"""Which problems of the database pass, and what a caller that waits gets."""

from __future__ import annotations

import sqlite3

from ..errors import HistoryUnavailable

_PASSING = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    )
)


def is_passing(problem: Exception) -> bool:
    """True if the file or the disk is the reason, and not the work: the same work may succeed later."""
    if isinstance(problem, OSError | HistoryUnavailable):
        return True
    return _code(problem) in _PASSING


def is_lock(problem: sqlite3.Error) -> bool:
    """True if another program has locked the file."""
    return _code(problem) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def refusal(problem: Exception) -> Exception:
    """What a caller that waits gets."""
    if isinstance(problem, sqlite3.Error | OSError):
        return HistoryUnavailable(f"The history database could not be written: {problem}")
    return problem


def _code(problem: Exception) -> int:
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF
