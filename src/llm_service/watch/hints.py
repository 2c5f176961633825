"""Hints: which path to check again. What really changed is decided by the check (`scan`), never by the hint."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum


class HintKind(Enum):
    """What the operating system suggests happened."""

    COMPLETE = "complete"
    """A file was closed after writing, or moved into place."""
    CHANGED = "changed"
    """A file was created, written to or had its attributes changed; more may follow."""
    GONE = "gone"
    """A name disappeared: deleted, or moved away."""
    DIRECTORY = "directory"
    """A folder appeared, disappeared or moved: scan everything below it."""
    EVERYTHING = "everything"
    """Hints were lost, or the root itself changed: scan the whole root."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Check `path` again (relative to the root, POSIX, "" for the root itself)."""

    kind: HintKind
    path: str = ""
    at: float = field(default_factory=time.monotonic, compare=False)


class HintInbox:
    """Where watcher threads leave hints and a follower takes them; bounded, never blocks the giver.

    When more than `capacity` hints wait, they are replaced by one EVERYTHING: a scan is cheaper by then.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._hints: deque[Hint] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._woken = False

    def __len__(self) -> int:
        """How many hints wait."""
        return len(self._hints)

    def put(self, hint: Hint) -> None:
        """Leave a hint; thread-safe."""
        with self._changed:
            if len(self._hints) >= self._capacity:
                self._hints.clear()
                hint = Hint(HintKind.EVERYTHING)
            self._hints.append(hint)
            self._changed.notify()

    def wake(self) -> None:
        """Make a waiting `take` return, with or without hints."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, timeout_s: float | None) -> list[Hint]:
        """All hints that wait, oldest first; waits up to `timeout_s` for the first one."""
        with self._changed:
            if not self._hints and not self._woken:
                self._changed.wait(timeout_s)
            self._woken = False
            hints = list(self._hints)
            self._hints.clear()
            return hints
