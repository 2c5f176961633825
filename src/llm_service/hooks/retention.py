"""Removes the oldest files of sessions when all take too much space: only those silent for a day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from ..errors import FileRefused
from ..files import SafeRoot, Signature
from .model import Session

log = logging.getLogger(__name__)

INTERVAL_S = 600.0
OLD_S = 86_400.0


class HookRetention:
    """Called again and again, it does something every ten minutes. `sessions()` are all that are known."""

    def __init__(
        self,
        max_bytes: int,
        sessions: Callable[[], Sequence[Session]],
        now_s: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes, self._sessions = max_bytes, sessions
        self._now_s, self._clock = now_s, clock
        self._next_at = float("-inf")

    def __call__(self, root: str, files: Mapping[str, Signature], refused: Collection[str]) -> None:
        """Remove what is too much of `files` below `root`; never one with `refused` lines: it may be anybody's."""
        if self._clock() < self._next_at:
            return
        self._next_at = self._clock() + INTERVAL_S
        files = dict(files)  # the watcher takes out of it what is removed
        excess = sum(signature.size_bytes for signature in files.values()) - self._max_bytes
        if excess <= 0:
            return
        with SafeRoot(root) as place:
            for name in self._removable(files, refused):
                if excess <= 0:
                    break
                try:
                    place.remove(name)
                except FileRefused as problem:
                    log.warning("the hook file %s could not be removed: %s", name, problem)
                    continue
                excess -= files[name].size_bytes
                log.info("the hook file %s was removed: all together are larger than `hooks_max_mb`", name)

    def _removable(self, files: Mapping[str, Signature], refused: Collection[str]) -> list[str]:
        """The names of files of sessions of known programs that are silent for long, the oldest first."""
        now = self._now_s()
        found = []
        for session in self._sessions():
            name = session.file.rpartition("/")[2]
            last = datetime.fromisoformat(session.last_at).timestamp()
            if name in files and name not in refused and session.client != "unknown" and now - last > OLD_S:
                found.append((last, name))
        return [name for _, name in sorted(found)]
