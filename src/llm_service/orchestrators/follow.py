"""`RegistryFile`, the tracker of the registry: what it says is read at each change, and who is alive is asked again.

The folder of the registry is watched, not what is in its folders. That a process ended without a word is no change of
a file: so while any runs, the system is asked twice a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import FileRefused
from ..files import Signature
from ..watch.hints import Hint
from ..watch.root import WatchedRoot
from .board import OrchestratorBoard
from .model import Registry

_ASK_S = 0.5
_SHARE = 20.0
"""Asking takes at most a twentieth of the time."""
_AGAIN_S = 0.05
_WHOLE_S = 0.5
"""A file that is no JSON may be written in place: so long it may take to become whole."""
_LATER_S = 5.0
"""What still cannot be read is read again so often: that it can be, no hint may say."""


class RegistryFile:
    """Keeps the board equal to the file; a `Tracker`. `read()` gives the registry, `status()` the signature of the
    file, None if there is none."""

    name = "orchestrators"

    def __init__(
        self,
        board: OrchestratorBoard,
        root: WatchedRoot,
        file_name: str,
        read: Callable[[], Registry],
        status: Callable[[], Signature | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._root = root
        self._file_name = file_name
        self._read = read
        self._status = status
        self._clock = clock
        self._pending_since: float | None = None
        self._read_at = float("-inf")
        self._broken_since: float | None = None
        self._asked_at = float("-inf")
        self._ask_s = _ASK_S

    def load(self) -> None:
        """Read it for the first time."""
        self._root.check(self._clock())
        self.rescan("")
        self._board.loaded()

    def interrupt(self) -> None:
        """Nothing takes long."""

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened in the folder."""
        if hint.path == self._file_name and self._pending_since is None:
            self._pending_since = now

    def rescan(self, folder: str) -> None:
        """Read it again."""
        started = self._clock()
        refused: dict[str, str] = {}
        self._root.watch("")
        try:
            self._status()
        except FileRefused as problem:
            refused[self._file_name] = problem.message
        self._apply(started)
        now = self._clock()
        self._root.scan_finished(now, now - started, refused)

    def turn(self, now: float) -> bool:
        """Read it if something happened, and ask the system if that is due."""
        again_at = self._again_at()
        is_due = self._pending_since is not None or (again_at is not None and now >= again_at)
        if is_due:
            self._apply(now)
        elif self._board.has_alive() and now - self._asked_at >= self._ask_s:
            self._board.refresh()
            self._asked(now)
        return is_due

    def next_due(self) -> float | None:
        """At once after a change, else when it is to be read again, or the system to be asked."""
        if self._pending_since is not None:
            return self._clock()
        due = [self._again_at(), self._asked_at + self._ask_s if self._board.has_alive() else None]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when a change waits to be read."""
        return self._pending_since

    def _again_at(self) -> float | None:
        """When what could not be read is read again; None if it could."""
        if self._broken_since is None:
            return None
        is_young = self._read_at - self._broken_since < _WHOLE_S
        return self._read_at + (_AGAIN_S if is_young else _LATER_S)

    def _apply(self, now: float) -> None:
        self._pending_since = None
        self._read_at = now
        registry = self._read()
        if registry.problem is not None and not registry.entries:
            self._broken_since = now if self._broken_since is None else self._broken_since
        else:
            self._broken_since = None
        self._board.apply_registry(registry)
        self._asked(now)

    def _asked(self, began: float) -> None:
        """The system was asked; where a registry makes that slow, it is asked less often."""
        self._asked_at = self._clock()
        self._ask_s = max(_ASK_S, _SHARE * (self._asked_at - began))
