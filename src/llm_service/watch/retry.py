"""What could not be read is read again: `Retries` says which, and when.

Too many open files, an I/O error, rights that somebody is about to change: the system says why a path cannot be read
now, and nothing reports when it can be. So it is tried again, soon at first, then less often, until it is read or gone.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

_FIRST_S, _LAST_S, _GROWTH = 0.1, 10.0, 1.5
SAID_AFTER_S = 0.5
"""A file that cannot be read is reported after this time: most can be at the next try."""
_PER_SECOND = 500
"""At most about so many tries a second, however much cannot be read."""
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


def is_absence(problem: OSError) -> bool:
    """True if an error proves that there is nothing at the path; every other one leaves open what is there."""
    return problem.errno in _ABSENT


def reason_of(message: str) -> str:
    """The system's words in the message of a FileUnreadable, which begins with the path."""
    return message.rpartition(": ")[2].rstrip(".")


@dataclass(slots=True)
class _Failure:
    reason: str
    since: float
    pause_s: float
    due: float


class Retries:
    """Paths that could not be read. Pure bookkeeping: the caller brings the clock."""

    def __init__(self, first_s: float = _FIRST_S, last_s: float = _LAST_S) -> None:
        self._first_s, self._last_s = first_s, last_s
        self._failures: dict[str, _Failure] = {}

    def __len__(self) -> int:
        return len(self._failures)

    def __contains__(self, path: object) -> bool:
        return path in self._failures

    def failed(self, path: str, reason: str, now: float) -> float:
        """A path could not be read; since when that is so."""
        known = self._failures.get(path)
        if known is None:
            known = self._failures[path] = _Failure(reason, now, self._first_s, now)
        else:
            known.reason, known.pause_s = reason, min(_GROWTH * known.pause_s, self._last_s)
        known.due = now + max(known.pause_s, len(self._failures) / _PER_SECOND)
        return known.since

    def since(self, path: str) -> float | None:
        """Since when a path cannot be read; None if it can."""
        failure = self._failures.get(path)
        return None if failure is None else failure.since

    def any_since(self, at: float) -> bool:
        """True if something could be read until after that time, and cannot since then."""
        return any(failure.since > at for failure in self._failures.values())

    def done(self, path: str) -> None:
        """It was read, or is gone."""
        self._failures.pop(path, None)

    def due(self, now: float, limit: int = 64) -> list[str]:
        """The paths to try now, those that waited longest first. The caller says of each how it went."""
        if not self._failures:
            return []
        waiting = sorted((failure.due, path) for path, failure in self._failures.items() if failure.due <= now)
        paths = [path for _, path in waiting[:limit]]
        for path in paths:
            failure = self._failures[path]
            failure.due = now + max(failure.pause_s, len(self._failures) / _PER_SECOND)
        return paths

    def next_due(self) -> float | None:
        """When the next try is due; None if nothing failed."""
        return min((failure.due for failure in self._failures.values()), default=None)

    def paths(self) -> list[str]:
        """All paths that could not be read."""
        return list(self._failures)

    def reasons(self, before: float = float("inf")) -> dict[str, str]:
        """Path -> why it could not be read at the last try; of those that could not be read before that time."""
        return {path: failure.reason for path, failure in self._failures.items() if failure.since <= before}
