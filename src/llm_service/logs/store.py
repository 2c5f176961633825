"""`LogStore`: the indexes of all logs by run; those of ended runs are loaded when they are asked for."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable

from .. import files
from ..errors import FileRefused, FileVanished, NotFound
from ..processes.feature import RUNS_FOLDER
from ..processes.model import Run
from ..watch.tail import fingerprint
from .marks import FileIdentity
from .segment_file import SegmentFile
from .segments import SegmentTable

LOG_NAME = "output.log"
_MOST = 32
"""Indexes of ended runs in memory."""


class LogStore:
    """Opens logs and their indexes. Thread-safe; only the follower changes a table."""

    def __init__(self, workspace: str, folder: str, find_run: Callable[[str], Run]) -> None:
        """`folder`: of the indexes. `find_run(run_id)` raises NotFound."""
        self.workspace = workspace
        self.folder = folder
        self.find_run = find_run
        self._lock = threading.Lock()
        self._live: dict[str, SegmentTable] = {}
        self._ended: OrderedDict[str, SegmentTable] = OrderedDict()

    def open(self, run: Run) -> int:
        """A descriptor of a run's log, which the caller closes. Raises FileRefused."""
        return files.open_file(self.workspace, f"{run.folder}/{LOG_NAME}")

    def file(self, run_id: str) -> SegmentFile:
        """The stored index of a run. Raises NotFound for an id that is no name."""
        try:
            return SegmentFile(self.folder, run_id)
        except ValueError as problem:
            raise NotFound("There is no such run.") from problem

    def table(self, run_id: str) -> SegmentTable:
        """The index of a run's log; an empty one if nothing is known of it yet."""
        with self._lock:
            table = self._live.get(run_id) or self._ended.get(run_id)
        if table is not None:
            return table
        loaded = self.load(self.find_run(run_id))
        table = loaded[0] if loaded else SegmentTable()
        with self._lock:
            if run_id in self._live:
                return self._live[run_id]
            if loaded:
                self._ended[run_id] = table
                while len(self._ended) > _MOST:
                    self._ended.popitem(last=False)
        return table

    def load(self, run: Run) -> tuple[SegmentTable, bytes] | None:
        """The stored index if it is of the log that is there, with the log's fingerprint before the last mark."""
        loaded = self.file(run.run_id).load()
        if loaded is None:
            return None
        table, mark = loaded
        try:
            handle = self.open(run)
        except FileVanished:
            return None
        try:
            status = os.fstat(handle)
            offset = table.begin.offset
            if status.st_size < max(offset, table.end.offset) or (offset and fingerprint(handle, offset) != mark):
                return None
        finally:
            os.close(handle)
        return table, mark

    def is_complete(self, run: Run) -> bool:
        """True if all of an ended run's log is in its stored index."""
        try:
            loaded = self.load(run)
            return loaded is not None and loaded[0].is_complete and loaded[0].identity == self.identity(run)
        except (FileRefused, OSError):
            return False

    def identity(self, run: Run) -> FileIdentity:
        """Which file is at the log's place now. Raises FileRefused, OSError."""
        handle = self.open(run)
        try:
            return identity_of(os.fstat(handle))
        finally:
            os.close(handle)

    # For the follower.

    def follow(self, run_id: str, table: SegmentTable) -> None:
        """The log is followed; this is its index."""
        with self._lock:
            self._live[run_id] = table
            self._ended.pop(run_id, None)

    def release(self, run_id: str) -> None:
        """The log is not followed any more."""
        with self._lock:
            table = self._live.pop(run_id, None)
            if table is not None:
                self._ended[run_id] = table

    def forget(self, run_id: str) -> None:
        """The log is gone, and so is its index."""
        with self._lock:
            self._live.pop(run_id, None)
            self._ended.pop(run_id, None)
        self.file(run_id).remove()

    def tidy(self) -> None:
        """Remove the stored indexes of runs whose folders are gone."""
        runs = os.path.join(self.workspace, *RUNS_FOLDER.split("/"))
        with contextlib.suppress(OSError):
            for name in os.listdir(self.folder):
                run_id, dot, kind = name.rpartition(".")
                if dot and kind == "jsonl" and not os.path.lexists(os.path.join(runs, run_id)):
                    os.unlink(os.path.join(self.folder, name))


def identity_of(status: os.stat_result) -> FileIdentity:
    """Which file that is, with its size and when its content or anything else of it changed."""
    return FileIdentity(status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns)
