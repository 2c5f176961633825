"""Keeps the store equal to the files of the jobs: what changes in their folder is read and applied."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from ..errors import FileChanging, FileUnreadable
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .model import JobFile
from .reader import id_of, is_job_file, read_job, unreadable_job

_AGAIN_S = 0.02

Apply = Callable[[str, JobFile | None], None]
"""Takes the file of a job, None if it is gone."""

FILTER = Filter(folder=lambda path: path == "", file=is_job_file)


class JobTracker(FolderTracker):
    """A `Tracker` of the folder of jobs, whose clients know it as `shown` (below the workspace)."""

    name = "jobs"
    keeps_with_root = True

    def __init__(
        self,
        root: WatchedRoot,
        shown: str,
        apply: Apply,
        settler: Settler,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(root, settler, FILTER, clock)
        self._shown = shown
        self._apply_file = apply
        self._paths: dict[str, str] = {}
        """id -> the path that it is read from: `x.yaml` and `x.yml` are one job, the first that was seen."""
        self._written: set[str] = set()

    def wrote(self, path: str) -> None:
        """We wrote this new file, and what it says is applied: if it is gone before it is seen, that counts too.
        Called from any thread."""
        self._written.add(path)

    def rescan(self, folder: str) -> None:
        """Scan the folder, and apply what differs."""
        if not self.root.is_lost:
            written = list(self._written)
            self.hold(written)
            self._written.difference_update(written)
        super().rescan("")

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read files, and apply what they say."""
        for path in present:
            if self.is_interrupted:
                return
            self._read(path)
        for path in gone:
            self._drop(path)

    def _read(self, path: str) -> None:
        now = self.clock()
        since = self.pending.setdefault(path, now)
        try:
            file = read_job(self.root.root, path, self._shown)
        except FileChanging:
            self.settler.check_again(path, now + _AGAIN_S)
            return
        except FileUnreadable as problem:
            if id_of(path) not in self._paths:  # else what is known of it stays
                self._take(path, unreadable_job(path, self._shown, problem.message))
            self.failed(path, problem)
            return
        if file is None:
            self._drop(path)
            return
        if file.problem is not None and self._is_fresh(path) and now - since < self.settler.max_wait_s:
            self.settler.check_again(path, now + self.settler.window_s)  # it may become whole
            return
        self.done(path)
        self._take(path, file)

    def _take(self, path: str, file: JobFile) -> None:
        if self._paths.setdefault(file.id, path) == path:
            self._apply_file(file.id, file)

    def _drop(self, path: str) -> None:
        self.done(path)
        job = id_of(path)
        if self._paths.get(job, path) == path:  # one of ours may be gone before it was read
            self._paths.pop(job, None)
            self._apply_file(job, None)
            for other in [other for other in self.mirror.files if id_of(other) == job and other != path]:
                self._read(other)

    def _is_fresh(self, path: str) -> bool:
        """True if a file was written so lately that it may not be whole yet."""
        signature = self.mirror.files.get(path)
        return signature is not None and 0 <= time.time() - signature.mtime_ns / 1e9 < self.settler.window_s


def shown_folder(workspace: str, folder: str) -> str:
    """The folder as clients know it: below the workspace, POSIX."""
    return os.path.relpath(folder, workspace).replace(os.sep, "/")
