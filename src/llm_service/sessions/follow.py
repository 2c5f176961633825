"""`SessionTracker` follows one folder of logs: which there are, and that one was written to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import Known, SessionBoard
from .reader import Log

_SLICE_S, _PAUSE_S = 0.05, 0.05
_WINDOW_S, _MAX_WAIT_S = 0.3, 1.0
"""Agents write many lines in a row; clients hear of them about once a second."""


class SessionTracker(FolderTracker):
    """A `Tracker` of the logs in a folder and the folders below it."""

    def __init__(
        self,
        kind: str,
        root: WatchedRoot,
        files: Filter,
        board: SessionBoard,
        changed: Callable[[Known, bool], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed(log, is_there)` is called when one was written to, appeared, or is gone."""
        self.name = f"sessions {kind}"
        super().__init__(root, Settler(_WINDOW_S, _MAX_WAIT_S), files, clock)
        self._kind, self._board, self._changed = kind, board, changed
        self._unseen: deque[Known] = deque()
        self._is_loading = True
        self._look_at: float | None = None

    def load(self) -> None:
        """List the logs; they are looked at in the turns to come, the last written first."""
        super().load()
        self._is_loading = False

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Note which logs there are."""
        for path in gone:
            known = self._board.remove(Log(self._kind, self.root.root, path))
            self.done(path)
            if known is not None:
                self._changed(known, False)
        found = sorted(present, key=lambda path: self.mirror.files[path].mtime_ns, reverse=True)
        for path in found:
            known = self._board.put(Log(self._kind, self.root.root, path), self.mirror.files[path])
            self.done(path)
            if known is not None and self._is_loading:
                self._unseen.append(known)
            elif known is not None:
                self._board.look(known)
                self._changed(known, True)
        if self._unseen and self._look_at is None:
            self._look_at = self.clock()

    def turn(self, now: float) -> bool:
        """Check what is due, then look at some logs that nobody has asked for yet."""
        checked = super().turn(now)
        if self._look_at is not None and now >= self._look_at:
            until = self.clock() + _SLICE_S
            while self._unseen and not self.is_interrupted and self.clock() < until:
                self._board.look(self._unseen.popleft())
            self._look_at = self.clock() + _PAUSE_S if self._unseen else None
        return checked

    def next_due(self) -> float | None:
        """When the next check, or the next look, is due."""
        due = [at for at in (super().next_due(), self._look_at) if at is not None]
        return min(due, default=None)
