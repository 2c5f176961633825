"""`SessionTracker` follows one folder of logs: which there are, and that one was written to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import FileChanging, FileRefused
from ..files import Signature
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import Known, SessionBoard
from .opencode.folder import FILTER, OpenCodeFolder, in_order
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
        """List the logs; they are read in the turns to come, the last written first."""
        super().load()
        self._is_loading = False

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Note which logs there are."""
        for path in gone:
            self.remove(Log(self._kind, self.root.root, path))
            self.done(path)
        found = sorted(present, key=lambda path: self.mirror.files[path].mtime_ns, reverse=True)
        for path in found:
            self.put(Log(self._kind, self.root.root, path), self.mirror.files[path])
            self.done(path)

    def put(self, log: Log, signature: Signature) -> None:
        """A log appeared or has changed."""
        known = self._board.put(log, signature)
        if known is not None and self._is_loading:
            self._unseen.append(known)
            if self._look_at is None:
                self._look_at = self.clock()
        elif known is not None:
            self._board.look(known)
            self._changed(known, True)

    def remove(self, log: Log) -> None:
        """A log is gone."""
        known = self._board.remove(log)
        if known is not None:
            self._changed(known, False)

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


class OpenCodeTracker(SessionTracker):
    """A `Tracker` of a folder of OpenCode, where many sessions are in one file."""

    def __init__(
        self,
        root: WatchedRoot,
        board: SessionBoard,
        changed: Callable[[Known, bool], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """See `SessionTracker`."""
        super().__init__("opencode", root, FILTER, board, changed, clock)
        self._folder = OpenCodeFolder(root.root)

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Note which sessions there are."""
        changes = dict[Log, Signature | None]()
        for path in gone:
            changes.update(self._folder.removed(path))
            self.done(path)
        for path in in_order(present):
            try:
                changes.update(self._folder.changed(path, self.mirror.files[path]))
            except FileChanging:
                self.settler.check_again(path, self.clock() + self.settler.window_s)
            except (FileRefused, OSError) as problem:
                self.failed(path, problem)
            else:
                self.done(path)
        for log, signature in sorted(changes.items(), key=lambda change: -(change[1].mtime_ns if change[1] else 0)):
            if signature is None:
                self.remove(log)
            else:
                self.put(log, signature)
