"""`VersionKeeper` stores what changed files contain: after a change it reads the newest state, in its own thread.

`changed` never blocks and never reads. A path that changes again before its turn is read once, as it is then; in a
flood that fills the queue further files are skipped and counted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from ...errors import FileChanging, FileUnreadable
from ...watch.retry import Retries
from .store import Versions

log = logging.getLogger(__name__)

_QUEUE = 20_000
_MAX_INITIAL = 5_000
_RETRIES = 5
_MAX_UNREAD = 1_000
_PAUSE_S = 0.05
_STOP_S = 2.0

ReadText = Callable[[str, str], bytes | None]
"""`read(project, path)`: the bytes of a text within the cap, else None. Raises FileChanging while it is written, and
FileUnreadable while the system refuses to read it."""


class VersionKeeper:
    """Feeds `versions`. The follower calls `changed` for every artifact that was made or changed, batched or not."""

    def __init__(self, versions: Versions, read: ReadText, queue: int = _QUEUE, pause_s: float = _PAUSE_S) -> None:
        self._versions = versions
        self._read = read
        self._queue = queue
        self._pause_s = pause_s
        self._pending: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._initial_files: deque[tuple[str, str]] = deque(maxlen=_MAX_INITIAL)
        self._unread = Retries()
        self._unread_files: dict[str, tuple[str, str]] = {}
        self._condition = threading.Condition()
        self._busy = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="version keeper", daemon=True)
        self.left_out = 0

    def start(self) -> None:
        """Open the store and begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Store what is pending already, for a moment, and end."""
        self.wait(_STOP_S)
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def changed(self, project: str, path: str) -> None:
        """A file was made or has other content: store that."""
        with self._condition:
            if (project, path) in self._pending:
                return
            if len(self._pending) >= self._queue:
                self.left_out += 1
                return
            self._pending[(project, path)] = _RETRIES
            self._condition.notify_all()

    def seed(self, files: Iterable[tuple[str, str]]) -> None:
        """Files that were there at the start: store what they are, slowly and when nothing else is to be done, so
        that their first change can be shown. At most 5,000; those named last come first."""
        with self._condition:
            self._initial_files.extend(files)
            self._condition.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every change reported so far is stored; False if that takes longer."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._pending and not self._busy, timeout_s)

    def _run(self) -> None:
        self._versions.open()
        while True:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
                self._condition.wait_for(self._has_work, self._pause_until_retry())
                if self._stopping:
                    return
                for path in self._unread.due(time.monotonic()):
                    self._pending.setdefault(self._unread_files[path], _RETRIES)
                if not (self._pending or self._initial_files):
                    continue
                seeding = not self._pending
                self._busy = not seeding
                key, tries = (self._initial_files.pop(), 0) if seeding else self._pending.popitem(last=False)
            try:
                self._record(*key, tries)
            except Exception:  # one file must not end the storing of the others
                log.exception("a version could not be stored")
            if seeding:
                time.sleep(self._pause_s / 10)

    def _has_work(self) -> bool:
        return bool(self._stopping or self._pending or self._initial_files)

    def _pause_until_retry(self) -> float | None:
        due = self._unread.next_due()
        return None if due is None else max(0.0, due - time.monotonic())

    def _record(self, project: str, path: str, tries: int) -> None:
        key = f"{project}/{path}"
        try:
            data = self._read(project, path)
        except FileUnreadable as refusal:
            if key in self._unread or len(self._unread) < _MAX_UNREAD:
                self._unread_files[key] = project, path
                self._unread.failed(key, refusal.message, time.monotonic())
            else:
                self.left_out += 1
            return
        except FileChanging:
            if tries > 1:
                time.sleep(self._pause_s)
                with self._condition:
                    self._pending.setdefault((project, path), tries - 1)
            return
        self._unread.done(key)
        self._unread_files.pop(key, None)
        if data is not None:
            self._versions.keep(project, path, data)
