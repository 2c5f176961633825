"""`LogFolder`: follows a folder of growing logs and stores the calls in new lines, with how far it has read.

Driven by a `Follower`, one for each folder. `load` only lists the files. Old logs (the backlog) are then read oldest
first, a slice at a time, between reads of what is being written now (live), so that gigabytes of old logs delay
nothing. A batch of calls is stored with the checkpoints of its files in one transaction: after a crash, reading
continues exactly after the last counted line. If the store is unavailable the batch is retried, and nothing more is
read meanwhile.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...errors import FileChanging, FileRefused, FileUnreadable, FileVanished
from ...watch.hints import Hint, HintKind
from ...watch.retry import SAID_AFTER_S, reason_of
from ...watch.root import WatchedRoot
from ...watch.scan import Mirror
from ...watch.settle import Settler
from .batch import BatchWriter, Ingest
from .checkpoints import Checkpoint
from .kinds import KINDS, file_filter
from .log_files import LogFiles
from .log_kind import Kind, ReaderFactory
from .log_problems import LogProblems

BATCH_CALLS = 8_000
_SLICE_S = 0.1
_BACKLOG_PAUSE_S = 0.002
"""Between two slices of the backlog, so that other threads can run."""


class LogFolder:
    """All logs in one folder; a `Tracker`."""

    def __init__(
        self,
        kind: Kind,
        root: WatchedRoot,
        make_reader: ReaderFactory,
        ingest: Ingest,
        checkpoints: Mapping[str, Checkpoint],
        window_s: float = 0.2,
        max_wait_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`checkpoints`: by absolute path, from the store; those of other folders are ignored."""
        self.name = f"telemetry {kind}"
        self._kind = kind
        self._sort_key, self._log_of = KINDS[kind].sort_key, KINDS[kind].log_of
        self._root = root
        self._clock = clock
        self._filter = file_filter(kind)
        self._mirror = Mirror(root.root, self._filter, root.watch, root.forget, found=root.scan_found)
        self._files = LogFiles(os.path.abspath(root.root), make_reader, checkpoints, KINDS[kind].open)
        self._settler = Settler(window_s, max_wait_s)
        self._live: deque[str] = deque()
        self._backlog: deque[str] = deque()
        self._pending_since: dict[str, float] = {}
        self._batch = BatchWriter(root.root, ingest, clock)
        self._bytes_done = self._bytes_total = 0
        self._problems = LogProblems()
        self._interrupted = False

    # Called by the Follower: see `Tracker`.

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """List the files; `turn` reads them, a slice at a time."""
        now = self._clock()
        self._root.check(now)
        paths = self._scan(now, "")
        self._bytes_total = sum(self._unread_bytes(path) for path in paths)
        self._pending_since |= dict.fromkeys(paths, now)
        self._backlog.extend(paths)
        self._problems.add_lines(self._files.refused_lines())

    def hint(self, hint: Hint, now: float) -> None:
        """A log that is being written is read when writing pauses, or after half a second at the latest."""
        if hint.kind is HintKind.DIRECTORY:
            self.rescan(hint.path)
            return
        if not self._filter.file(hint.path):
            self._mirror.check_left_out(hint.path)
        else:
            path = self._log_of(hint.path)
            self._pending_since.setdefault(path, hint.at)
            self._settler.hint(path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan a folder; files that differ are read in the next turns."""
        now = self._clock()
        queued = {*self._live, *self._backlog}
        for path in self._scan(now, folder):
            self._pending_since.setdefault(path, now)
            if path not in queued:
                self._live.append(path)

    def turn(self, now: float) -> bool:
        """Read and store a slice of the live logs, or of the backlog if none is due; True if it was live."""
        if self._batch.retry_at is not None:
            return now >= self._batch.retry_at and self._store_batch()
        self._try_again(now)
        self._root.set_folders(self._mirror.refused, self._mirror.skipped)
        self._root.set_unread(self._mirror.unread.reasons(now - SAID_AFTER_S))
        self._live.extend(self._sort(path for path in map(str, self._settler.due(now)) if self._exists(path)))
        if not (self._live or self._backlog):
            return False
        was_live = bool(self._live)
        self._read_slice(self._clock() + _SLICE_S)
        if not ((self._live or self._backlog) and self._batch.may_grow(BATCH_CALLS)):
            self._store_batch()
        if not self._backlog:
            self._bytes_done = self._bytes_total
        return was_live

    def next_due(self) -> float | None:
        """Immediately while files are queued."""
        if self._batch.retry_at is not None:
            return self._batch.retry_at
        if self._live:
            return self._clock()
        if self._backlog:
            return self._clock() + _BACKLOG_PAUSE_S
        due = [self._settler.next_due(), self._mirror.unread.next_due(), self._mirror.unlisted.next_due()]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """When the oldest content that is not counted yet was seen; for old logs, when they were listed."""
        return min([*self._pending_since.values(), *self._batch.finished.values()], default=None)

    # Called from any thread.

    def progress(self) -> tuple[int, int]:
        """(bytes read, bytes in total) of the backlog."""
        return self._bytes_done, self._bytes_total

    def status(self) -> dict[str, Any]:
        """A row of `GET /api/telemetry/sources`; calls and duplicates since the service started."""
        return {
            "kind": self._kind,
            "folder": self._root.root,
            "mode": self._root.mode,
            "files": sum(self._log_of(path) == path for path in list(self._mirror.files)),
            "calls": self._batch.accepted,
            "duplicates": self._batch.duplicates,
            "refused": self._files.refused_count(),
            "problems": self._problems.rows(),
        }

    # Scanning.

    def _scan(self, now: float, folder: str) -> list[str]:
        """Scan below a folder and forget deleted files; the paths to read, in order."""
        to_read, gone = self._mirror.rescan(folder)
        if not folder:
            took_s = self._clock() - now
            self._root.scan_finished(self._clock(), took_s, self._mirror.refused, self._mirror.skipped)
        for path in gone:
            self._forget(path)
        return self._sort(path for path in {*map(self._log_of, to_read)} if path in self._mirror.files)

    def _sort(self, paths: Iterable[str]) -> list[str]:
        known = self._mirror.files
        return sorted(paths, key=lambda path: self._sort_key(path, known[path].mtime_ns))

    def _exists(self, path: str) -> bool:
        if self._mirror.check(path):
            return True
        if self._mirror.is_gone(path):
            self._forget(path)
        else:
            self._pending_since.pop(path, None)
        return False

    def _forget(self, path: str) -> None:
        self._files.remove(path)
        self._pending_since.pop(path, None)
        self._problems.clear_file(path)
        self._mirror.unread.done(path)

    def _unread_bytes(self, path: str) -> int:
        signature = self._mirror.files[path]
        try:
            return max(0, signature.size_bytes - self._files.get(path, signature).source.position.offset)
        except (FileRefused, OSError):
            return signature.size_bytes  # reading it will say why

    def _try_again(self, now: float) -> None:
        """Read what could not be read, if it is time for that."""
        for folder in self._mirror.unlisted.due(now, limit=4):
            self.rescan(folder)
        for path in self._mirror.unread.due(now):
            self._settler.check_again(path, now)

    # Reading.

    def _read_slice(self, until: float) -> None:
        """Fill the batch: live logs in turn, so that a long one does not delay the others; the backlog in order."""
        while not self._interrupted and len(self._batch.calls) < BATCH_CALLS:
            queue = self._live or self._backlog
            if not queue or self._clock() >= until:
                return
            path = queue.popleft()
            if self._read_part(path, queue is self._backlog):
                continue
            if queue is self._backlog:
                queue.appendleft(path)
            else:
                queue.append(path)

    def _read_part(self, path: str, from_backlog: bool) -> bool:
        """Read a part of a file into the batch; True if the file was read to its end or cannot be read."""
        try:
            file = self._files.get(path, self._mirror.files.get(path))
            before = file.source.position
            part = file.source.read(BATCH_CALLS - len(self._batch.calls) if self._kind == "lines" else BATCH_CALLS)
            file = self._files.after_read(path, file, before, part.restarted)
            try:
                self._batch.calls += file.reader.read(part.lines)
            except (FileRefused, OSError):
                self._files.discard(path)  # what the lines need cannot be read now: they are read again
                raise
        except FileVanished:
            self._forget(path)
            return True
        except FileChanging:
            self._settler.check_again(path, self._clock() + self._settler.window_s)
            return True
        except (FileRefused, OSError) as problem:
            self._add_unreadable(path, problem)
            return True
        except Exception:
            self._files.discard(path)
            raise
        self._problems.clear_file(path)
        self._mirror.unread.done(path)
        refused = sorted([*part.refused, *file.reader.refused])
        file.reader.refused.clear()
        if refused:
            self._problems.add_lines((path, problem) for problem in file.add_refused(refused))
        after = file.source.position
        if after != before:
            self._batch.checkpoints[path] = self._files.checkpoint(path, file)
        if from_backlog:
            self._bytes_done += after.offset - (0 if part.restarted else before.offset)
        if not part.more:
            self._batch.finish(path, self._pending_since.pop(path, self._clock()))
        return not part.more

    def _add_unreadable(self, path: str, problem: FileRefused | OSError) -> None:
        """Show the file in `status` until it can be read; it is tried again, unless it is nothing that is ever read."""
        reason = problem.message if isinstance(problem, FileRefused) else (problem.strerror or str(problem))
        self._problems.add_file(path, reason)
        if isinstance(problem, FileUnreadable):
            reason = reason_of(reason)
        if isinstance(problem, FileUnreadable | OSError):
            self._mirror.unread.failed(path, reason, self._clock())
        else:
            self._mirror.unread.done(path)
        self._pending_since.pop(path, None)

    # Storing.

    def _store_batch(self) -> bool:
        """Store the batch; False if the store is unavailable, which keeps the batch for a retry."""
        checkpoints = self._batch.store(BATCH_CALLS)
        if checkpoints is None:
            return False
        self._files.mark_stored(checkpoints)
        return True
