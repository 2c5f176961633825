"""Keeps the store equal to the files of the jobs: what changes in their folder is read and applied."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from ..errors import FileChanging
from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot
from ..watch.scan import Filter, Mirror
from ..watch.settle import Settler
from .model import JobFile
from .reader import id_of, is_job_file, read_job

_AGAIN_S = 0.02

Apply = Callable[[str, JobFile | None], None]
"""Takes the file of a job, None if it is gone."""

FILTER = Filter(folder=lambda path: path == "", file=is_job_file)


class JobTracker:
    """A `Tracker` of the folder of jobs, whose clients know it as `shown` (below the workspace)."""

    name = "jobs"

    def __init__(
        self,
        root: WatchedRoot,
        folder: str,
        shown: str,
        apply: Apply,
        settler: Settler,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._folder = folder
        self._shown = shown
        self._apply = apply
        self._settler = settler
        self._clock = clock
        self._mirror = Mirror(folder, FILTER, root.watch, root.forget, found=root.scan_found, clock=clock)
        self._deferred: dict[str, float] = {}
        self._paths: dict[str, str] = {}
        """id -> the path that it is read from: `x.yaml` and `x.yml` are one job, the first that was seen."""
        self._written: set[str] = set()
        self._held: set[str] = set()
        """Files that vanished together with the folder: they are gone if they are not there when it is back."""

    def wrote(self, path: str) -> None:
        """We wrote this new file, and what it says is applied: if it is gone before it is seen, that counts too.
        Called from any thread."""
        self._written.add(path)

    def load(self) -> None:
        """Read all files."""
        self._root.check(self._clock())
        self.rescan("")

    def interrupt(self) -> None:
        """The follower ends; there is nothing that takes long."""

    def hint(self, hint: Hint, now: float) -> None:
        """Schedule a check of a path."""
        if hint.kind is HintKind.DIRECTORY:
            self.rescan("")
        elif is_job_file(hint.path):
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan the folder, and apply what differs."""
        started = self._clock()
        if not self._root.is_lost:
            written = list(self._written)
            to_read, gone = self._mirror.rescan()
            self._read(to_read, self._clock())
            held = [path for path in (*written, *self._held) if path not in self._mirror.files]
            self._held.clear()
            self._remove([*gone, *held])
            self._written.difference_update(written)
        now = self._clock()
        self._root.scan_finished(now, now - started, self._mirror.refused, self._mirror.skipped)

    def turn(self, now: float) -> bool:
        """Check the paths that are due."""
        due = [str(path) for path in self._settler.due(now)]
        self._read([path for path in due if self._mirror.check(path)], now)
        self._remove([path for path in due if self._mirror.is_gone(path)])
        return bool(due)

    def next_due(self) -> float | None:
        """When the next check is due."""
        return self._settler.next_due()

    def oldest_pending(self) -> float | None:
        """Since when the oldest file that was being written waits."""
        return min(self._deferred.values(), default=None)

    def _read(self, paths: Iterable[str], now: float) -> None:
        for path in paths:
            since = self._deferred.get(path, now)
            try:
                file = read_job(self._folder, path, self._shown)
            except FileChanging:
                self._defer(path, since, now + _AGAIN_S)
                continue
            may_become_whole = file is not None and file.problem is not None and self._is_fresh(path)
            if may_become_whole and now - since < self._settler.max_wait_s:
                self._defer(path, since, now + self._settler.window_s)
                continue
            self._deferred.pop(path, None)
            if file is None:
                self._remove([path])
            elif self._paths.setdefault(file.id, path) == path:
                self._apply(file.id, file)

    def _remove(self, paths: Iterable[str]) -> None:
        if not self._root.is_there():
            self._held.update(paths)  # with the folder itself gone, nothing is known of what is in it
            for path in self._held:
                self._deferred.pop(path, None)
            return
        for path in paths:
            self._deferred.pop(path, None)
            job = id_of(path)
            if self._paths.get(job, path) == path:  # one of ours may be gone before it was read
                self._paths.pop(job, None)
                self._apply(job, None)
                self._read([other for other in self._mirror.files if id_of(other) == job], self._clock())

    def _defer(self, path: str, since: float, again_at: float) -> None:
        self._deferred[path] = since
        self._settler.check_again(path, again_at)

    def _is_fresh(self, path: str) -> bool:
        """True if a file was written so lately that it may not be whole yet."""
        signature = self._mirror.files.get(path)
        return signature is not None and 0 <= time.time() - signature.mtime_ns / 1e9 < self._settler.window_s


def shown_folder(workspace: str, folder: str) -> str:
    """The folder as clients know it: below the workspace, POSIX."""
    return os.path.relpath(folder, workspace).replace(os.sep, "/")
