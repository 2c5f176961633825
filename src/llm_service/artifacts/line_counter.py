"""`LineCounter` counts the lines of the files in the tree, in its own thread, the latest changed folders first.

It gives way by itself: it works for a moment, then pauses, longer while something else is scanned. Not by
an idle priority of the system's: a thread that is not given the processor while it holds Python's lock would keep
everything else from it, which is the contrary of idle.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import islice

from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished
from ..files import SafeRoot
from ..watch.retry import Retries, reason_of
from .tree.listing import LineCount, count_lines
from .tree.records import is_uncounted, unpack
from .tree.tree import ArtifactTree

log = logging.getLogger(__name__)

_WORK_S = 0.02
_PAUSE_SHARE = 0.3
"""It pauses for this part of the time that it worked."""
_BATCH = 100_000
_BUSY_PAUSE_S = 0.05
_PAUSE_S = 0.1
_SEARCH_SHARE = 10


class LineCounter:
    """Keeps the lines of `tree` counted. `on_counted(project)` is called when totals changed by it."""

    def __init__(
        self,
        tree: ArtifactTree,
        root: Callable[[], str],
        digest_bytes: int,
        on_counted: Callable[[str], None],
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tree = tree
        self._root = root
        self._digest_bytes = digest_bytes
        self._on_counted = on_counted
        self._is_busy = is_busy
        self._unread, self._lock = Retries(), threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="line counter", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, in the middle of the work."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """There may be something to count."""
        self._wake.set()

    def count(self, path: str) -> None:
        """Count one file (from the root) now, in the calling thread, if it waits for it and is small."""
        record = self._tree.record_at(path)
        if record is not None and is_uncounted(record) and unpack(record).size_bytes <= self._digest_bytes:
            with SafeRoot(self._root()) as safe_root:
                self._count(safe_root, path, record)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._pause_until_retry())
            self._wake.clear()
            try:
                while self._count_some():
                    pass
            except Exception:  # what is not counted now is counted after the next change
                log.exception("lines could not be counted")

    def _count_some(self) -> bool:
        """Count the next files, and pause; False if none is left that could be counted."""
        counted = 0
        began = time.monotonic()
        found_s: float | None = None
        with self._lock:
            waiting = set(self._unread.paths()) - set(self._unread.due(began, _BATCH))
        seen: set[str] = set()
        with SafeRoot(self._root()) as safe_root:
            for path, record in islice(self._tree.uncounted(), _BATCH):
                if found_s is None:
                    found_s = time.monotonic() - began
                seen.add(path)
                if path in waiting:
                    continue
                project = self._count(safe_root, path, record)
                if project is not None:
                    self._on_counted(project)
                    counted += 1
                worked_s = time.monotonic() - began
                if worked_s > _WORK_S:
                    safe_root.close()  # while it pauses, folders may become others
                    self._pause(worked_s)
                    began = time.monotonic()
                if self._stopping.is_set():
                    return False
        with self._lock:
            for path in [path for path in self._unread.paths() if path not in seen]:
                self._unread.done(path)  # it is gone, or was counted
        # Finding what is to be counted must not cost more than counting it, where files come one by one.
        self._stopping.wait(max(_PAUSE_S, (found_s or 0.0) * _SEARCH_SHARE))
        return bool(counted)

    def _pause_until_retry(self) -> float | None:
        """Seconds until something that could not be read is to be read again; None if there is nothing."""
        with self._lock:
            due = self._unread.next_due()
        return None if due is None else max(0.0, due - time.monotonic())

    def _pause(self, worked_s: float) -> None:
        self._stopping.wait(worked_s * _PAUSE_SHARE)
        while self._is_busy() and not self._stopping.wait(_BUSY_PAUSE_S):
            pass

    def _count(self, safe_root: SafeRoot, path: str, record: bytes) -> str | None:
        """Count the file that has this record; the project whose totals that changed."""
        try:
            counted = count_lines(safe_root, path, record, self._digest_bytes)
        except (FileChanging, FileVanished):
            return None  # the watch reports it, and then it is checked again
        except FileUnreadable as refusal:
            with self._lock:
                self._unread.failed(path, reason_of(refusal.message), time.monotonic())
            self._wake.set()  # so that it is tried again
            return None
        except FileRefused:
            counted = LineCount(None, None)
        with self._lock:
            self._unread.done(path)
        return self._tree.apply_count(path, record, counted.lines, counted.sha256)
