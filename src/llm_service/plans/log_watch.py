"""Watches where the logs of orchestrators are, and rings for who waits for lines: `LogBell`, `LogTracker`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot
from ..watch.scan import Filter, Mirror

_MAX_RUNG = 10_000


class LogBell:
    """Who follows a log waits here until something happened to it. Thread-safe."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0
        self._counts: dict[str, int] = {}
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """True once the service ends."""
        return self._is_closed

    def ring(self, path: str) -> None:
        """Something happened to the log at a path."""
        with self._rung:
            self._count += 1
            if len(self._counts) > _MAX_RUNG:
                self._counts.clear()
            self._counts[path] = self._count
            self._rung.notify_all()

    def close(self) -> None:
        """Wake everybody for good."""
        with self._rung:
            self._is_closed = True
            self._rung.notify_all()

    def now(self) -> int:
        """A mark: `wait` returns for what happens after it."""
        return self._count

    def wait(self, paths: Sequence[str], mark: int, timeout_s: float) -> None:
        """Wait until something happens to one of these paths after `mark`, `timeout_s` at most."""
        with self._rung:
            self._rung.wait_for(
                lambda: self._is_closed or any(self._counts.get(path, 0) > mark for path in paths), timeout_s
            )


def log_filter(templates: Sequence[str]) -> Filter:
    """The files that fit one of these templates, and the folders on the way to them."""
    parts = [(folder, *name.split("{plan}")) for folder, _, name in (text.rpartition("/") for text in templates)]
    folders = {""}
    for folder, *_ in parts:
        steps = folder.split("/") if folder else []
        folders |= {"/".join(steps[: number + 1]) for number in range(len(steps))}

    def is_log(path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return any(
            folder == where and name.startswith(begin) and name.endswith(end) and len(name) > len(begin) + len(end)
            for where, begin, end in parts
        )

    return Filter(folder=lambda path: path in folders, file=is_log)


class LogTracker:
    """A `Tracker` that reads nothing: it rings the bell."""

    name = "plan logs"

    def __init__(
        self, root: WatchedRoot, files: Filter, bell: LogBell, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._files, self._bell, self._clock = root, files, bell, clock
        self._mirror = Mirror(root.root, files, root.watch, root.forget, found=root.scan_found, clock=clock)

    def load(self) -> None:
        """Begin to watch."""
        self._root.check(self._clock())
        self.rescan("")

    def interrupt(self) -> None:
        """Wake who waits for lines: the service ends."""
        self._bell.close()

    def hint(self, hint: Hint, now: float) -> None:
        """Ring at once: who reads the log sees what really changed."""
        if hint.kind is HintKind.DIRECTORY:
            self.rescan(hint.path)
        elif self._files.file(hint.path):
            self._bell.ring(hint.path)
            if hint.kind is HintKind.GONE or hint.path not in self._mirror.files:
                self._mirror.check(hint.path)  # else the next sweep takes it for a change that nobody reported

    def rescan(self, folder: str) -> None:
        """Ring for what changed."""
        started = self._clock()
        if not self._root.is_lost:
            changed, gone = self._mirror.rescan(folder)
            for path in (*changed, *gone):
                self._bell.ring(path)
        if not folder:
            now = self._clock()
            self._root.scan_finished(now, now - started, self._mirror.refused)

    def turn(self, now: float) -> bool:
        """Nothing waits."""
        return False

    def next_due(self) -> float | None:
        """Nothing waits."""
        return None

    def oldest_pending(self) -> float | None:
        """Nothing waits."""
        return None
