"""A folder of growing logs, followed: new lines become calls, which the store takes together with how far we read.

Driven by a `Follower`, one for each folder. The first look only lists the files. Reading them is done a slice at a
time between the looks at what is being written now, oldest first, so that gigabytes of old logs hold nothing up. A
batch of calls goes to the store with the checkpoints of its files in one transaction: after a crash, reading goes on
exactly behind what was counted. A batch that the store cannot take waits, and nothing more is read meanwhile.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ...errors import FileRefused, FileVanished, HistoryUnavailable
from ...files import printable
from ...watch.hints import Hint, HintKind
from ...watch.root import WatchedRoot
from ...watch.scan import Mirror
from ...watch.settle import Settler
from ..model import Call
from .checkpoints import Checkpoint
from .kinds import Kind, MakeReader, order_of, wanted_of
from .log_files import LogFiles, Refused

log = logging.getLogger(__name__)

BATCH_CALLS = 8_000
_SLICE_S = 0.1
_BREATH_S = 0.002
"""Between two slices of old logs, so that whoever else wants to compute may."""
_KEPT_PROBLEMS = 100
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 30.0


class Taken(Protocol):
    """What the store made of a batch: new calls, calls that were known, known calls that grew."""

    @property
    def accepted(self) -> int: ...

    @property
    def duplicates(self) -> int: ...

    @property
    def updated(self) -> int: ...


Ingest = Callable[[Sequence[Call], Sequence[Checkpoint]], Taken]
"""Counts calls and notes checkpoints, all or nothing, on the disk on return. Raises HistoryUnavailable."""


class LogFolder:
    """Everything that is read from one folder; a `Followed`."""

    def __init__(
        self,
        kind: Kind,
        root: WatchedRoot,
        make_reader: MakeReader,
        ingest: Ingest,
        checkpoints: Mapping[str, Checkpoint],
        window_s: float = 0.2,
        max_wait_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`checkpoints`: by absolute path, as the store has them; those of other folders are not used."""
        self.name = f"telemetry {kind}"
        self._kind = kind
        self._root = root
        self._ingest = ingest
        self._clock = clock
        self._wanted = wanted_of(kind)
        self._mirror = Mirror(root.root, self._wanted, root.watch, root.forget)
        self._files = LogFiles(os.path.abspath(root.root), make_reader, checkpoints)
        self._settler = Settler(window_s, max_wait_s)
        self._new: deque[str] = deque()
        self._old: deque[str] = deque()
        self._since: dict[str, float] = {}
        self._batch = _Batch()
        self._retry_at: float | None = None
        self._retry_s = _FIRST_RETRY_S
        self._bytes_done = self._bytes_total = 0
        self._calls = self._duplicates = 0
        self._problems: tuple[dict[str, Any], ...] = ()
        self._unreadable: dict[str, dict[str, Any]] = {}
        self._interrupted = False

    # What a Follower calls: see `Followed`.

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """List what is there; `turn` reads it, a slice at a time."""
        now = self._clock()
        self._root.check(now)
        paths = self._look(now, "")
        self._bytes_total = sum(self._unread_bytes(path) for path in paths)
        self._since |= dict.fromkeys(paths, now)
        self._old.extend(paths)
        self._tell((path, problem) for path, problem in self._files.told())

    def hint(self, hint: Hint, now: float) -> None:
        """A log that is written to is looked at when it rests, or half a second later at the latest."""
        if hint.kind is HintKind.DIRECTORY:
            self.look_below(hint.path)
            return
        if self._wanted.file(hint.path):
            self._since.setdefault(hint.path, hint.at)
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def look_below(self, folder: str) -> None:
        """What differs is read in the next turns."""
        now = self._clock()
        waiting = {*self._new, *self._old}
        for path in self._look(now, folder):
            self._since.setdefault(path, now)
            if path not in waiting:
                self._new.append(path)

    def turn(self, now: float) -> bool:
        """Read a slice of what is being written, else of old logs, and have it counted. False if only of old ones."""
        if self._retry_at is not None:
            return now >= self._retry_at and self._commit()
        self._new.extend(self._in_order(path for path in map(str, self._settler.due(now)) if self._is_there(path)))
        if not (self._new or self._old):
            return False
        live = bool(self._new)
        self._read_slice(self._clock() + _SLICE_S)
        self._commit()
        if not self._old:
            self._bytes_done = self._bytes_total
        return live

    def next_due(self) -> float | None:
        """At once while anything waits to be read."""
        if self._retry_at is not None:
            return self._retry_at
        if self._new:
            return self._clock()
        return self._clock() + _BREATH_S if self._old else self._settler.next_due()

    def open_since(self) -> float | None:
        """Since when something is seen to be there and not counted yet; old logs count from the start."""
        return min([*self._since.values(), *self._batch.finished.values()], default=None)

    # What others call, from any thread.

    def progress(self) -> tuple[int, int]:
        """(bytes read, bytes to be read) of what lay there at the start."""
        return self._bytes_done, self._bytes_total

    def status(self) -> dict[str, Any]:
        """A row of `GET /api/telemetry/sources`. Calls and duplicates count from the start of the service."""
        return {
            "kind": self._kind,
            "folder": self._root.root,
            "mode": self._root.mode,
            "files": len(self._mirror.files),
            "calls": self._calls,
            "duplicates": self._duplicates,
            "refused": self._files.refused(),
            "problems": [*self._unreadable.copy().values(), *self._problems][-_KEPT_PROBLEMS:],
        }

    # Looking.

    def _look(self, now: float, folder: str) -> list[str]:
        """Scan, forget what is gone; the paths to read, in order."""
        to_read, gone = self._mirror.look_below(folder)
        if not folder:
            self._root.scanned(self._clock(), self._clock() - now, self._mirror.refused)
        for path in gone:
            self._forget(path)
        return self._in_order(to_read)

    def _in_order(self, paths: Iterable[str]) -> list[str]:
        known = self._mirror.files
        return sorted(paths, key=lambda path: order_of(self._kind, path, known[path].mtime_ns))

    def _is_there(self, path: str) -> bool:
        if not self._mirror.look(path):
            self._forget(path)
        return path in self._mirror.files

    def _forget(self, path: str) -> None:
        self._files.gone(path)
        self._since.pop(path, None)
        self._unreadable.pop(path, None)

    def _unread_bytes(self, path: str) -> int:
        signature = self._mirror.files[path]
        return max(0, signature.size_bytes - self._files.get(path, signature).tail.position.offset)

    # Reading.

    def _read_slice(self, until: float) -> None:
        """Fill the batch: what is being written in turns, so that none waits for a long one; old logs in order."""
        while not self._interrupted and len(self._batch.calls) < BATCH_CALLS:
            queue = self._new or self._old
            if not queue or self._clock() >= until:
                return
            path = queue.popleft()
            if self._read_some(path, queue is self._old):
                continue
            if queue is self._old:
                queue.appendleft(path)
            else:
                queue.append(path)

    def _read_some(self, path: str, old: bool) -> bool:
        """Read a part of a file into the batch; True if it is read to its end, or cannot be read."""
        try:
            file = self._files.get(path, self._mirror.files.get(path))
            before = file.tail.position
            part = file.tail.read(BATCH_CALLS - len(self._batch.calls) if self._kind == "lines" else BATCH_CALLS)
            file = self._files.read_on(path, file, before, part.restarted)
            self._batch.calls += file.reader.read(part.lines)
        except FileVanished:
            self._forget(path)
            return True
        except (FileRefused, OSError) as problem:
            self._cannot_read(path, problem)
            return True
        except Exception:
            self._files.drop(path)
            raise
        self._unreadable.pop(path, None)
        refused = sorted([*part.refused, *file.reader.refused])
        file.reader.refused.clear()
        if refused:
            self._tell((path, problem) for problem in file.refuse(refused))
        after = file.tail.position
        if after != before:
            self._batch.checkpoints[path] = self._files.checkpoint(path, file)
        if old:
            self._bytes_done += after.offset - (0 if part.restarted else before.offset)
        if not part.more:
            since = self._since.pop(path, self._clock())
            self._batch.finished[path] = min(since, self._batch.finished.get(path, since))
        return not part.more

    def _tell(self, problems: Iterable[tuple[str, Refused]]) -> None:
        """Keep the last lines refused for `status`."""
        told = [_problem(path, *problem) for path, problem in problems]
        self._problems = (*self._problems, *told[-_KEPT_PROBLEMS:])[-_KEPT_PROBLEMS:]

    def _cannot_read(self, path: str, problem: FileRefused | OSError) -> None:
        """Say so until it can be read; the next hint or sweep looks again."""
        reason = problem.message if isinstance(problem, FileRefused) else (problem.strerror or str(problem))
        if path not in self._unreadable and len(self._unreadable) < _KEPT_PROBLEMS:
            self._unreadable[path] = _problem(path, None, reason, time.time_ns() // 1_000_000)
        self._since.pop(path, None)

    # Handing over.

    def _commit(self) -> bool:
        """Have the batch counted; it stays as it is when the store cannot take it now."""
        batch = self._batch
        checkpoints = list(batch.checkpoints.values())
        try:
            while len(batch.calls) > BATCH_CALLS:
                self._count(batch.calls[:BATCH_CALLS], [])
                del batch.calls[:BATCH_CALLS]
            if batch.calls or checkpoints:
                self._count(batch.calls, checkpoints)
        except HistoryUnavailable as problem:
            self._wait(str(problem))
            return False
        except Exception as problem:
            self._wait(repr(problem))
            raise
        self._retry_at, self._retry_s = None, _FIRST_RETRY_S
        self._files.counted(checkpoints)
        self._batch = _Batch()
        return True

    def _count(self, calls: Sequence[Call], checkpoints: Sequence[Checkpoint]) -> None:
        taken = self._ingest(calls, checkpoints)
        self._calls += taken.accepted
        self._duplicates += taken.duplicates

    def _wait(self, reason: str) -> None:
        if self._retry_at is None:
            log.warning("calls read from %s wait to be counted: %s", self._root.root, reason)
        self._retry_at = self._clock() + self._retry_s
        self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)


class _Batch:
    """What is counted together: calls, checkpoints by path, and the files read to their end for it (path -> since when
    what was read had been seen)."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.checkpoints: dict[str, Checkpoint] = {}
        self.finished: dict[str, float] = {}


def _problem(path: str, line: int | None, error: str, at_ms: int) -> dict[str, Any]:
    return {"path": printable(path), "line": line, "error": printable(error), "time": at_ms}
