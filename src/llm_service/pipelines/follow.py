"""Follows `work/pipelines`: each change of a `pipeline.yaml` is applied to the board and published; so is an entry in a
log, which is a sign of life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from ..errors import FileUnreadable
from ..files import SafeRoot
from ..hub.event import Event
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import PipelineBoard
from .events import PipelineFinished, PipelineRemoved, PipelineUpdated
from .log_page import FOLDER
from .model import PAGE_SIZE, PipelineFile, PipelineRow, seconds_of
from .reader import FILE_NAME
from .running import RunningPipelines
from .store import PipelineStore


def _is_folder(path: str) -> bool:
    if not path:
        return True
    pipeline_id, _, rest = path.partition("/")
    return not pipeline_id.startswith(".") and rest in ("", FOLDER)


def _is_file(path: str) -> bool:
    parts = path.split("/")
    if parts[0].startswith("."):
        return False
    return parts[1:] == [FILE_NAME] or (
        len(parts) == 3 and parts[1] == FOLDER and parts[2].endswith(".md") and not parts[2].startswith(".")
    )


FILTER = Filter(folder=_is_folder, file=_is_file)


class PipelineTracker(FolderTracker):
    """The files of pipelines; a `Tracker`."""

    name = "pipelines"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        store: PipelineStore,
        board: PipelineBoard,
        running: RunningPipelines,
        as_of_now: Callable[[PipelineRow], PipelineRow],
        publish: Callable[[Event], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`as_of_now(row)`: the row with its duration, and whether it is stale."""
        super().__init__(root, settler, FILTER, clock)
        self._store, self._board, self._running = store, board, running
        self._as_of_now, self._publish = as_of_now, publish
        self._digests: dict[str, bytes] = {}
        self._unfinished: set[str] = set()
        self._is_loading = False
        self.is_loaded = threading.Event()

    def load(self) -> None:
        """Read everything; of what is there then, the first page is published."""
        self._is_loading = True
        super().load()
        self._is_loading = False
        for row in reversed(self._board.rows()[:PAGE_SIZE]):
            self._publish(PipelineUpdated(pipeline=self._as_of_now(row)))
        self.is_loaded.set()

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read files, and publish what changed on the board."""
        changes: dict[str, PipelineFile | None] = {}
        touched: dict[str, None] = {}
        with SafeRoot(self.root.root) as root:
            for path in present:
                if self.is_interrupted:
                    break
                pipeline_id = path.partition("/")[0]
                if path.endswith(".md"):
                    touched[pipeline_id] = None
                    self.done(path)
                elif not self._is_half_written(path, file := self._store.read(pipeline_id, root)):
                    self._take(path, file, changes)
        for path in gone:
            pipeline_id = path.partition("/")[0]
            self.done(path)
            if path.endswith(".md"):
                touched[pipeline_id] = None
            else:
                self._take(path, None, changes)
        logged = touched.keys() - changes.keys()
        for pipeline_id, file in changes.items():
            self._running.put(pipeline_id, file)
        for pipeline_id in logged:
            self._running.touch(pipeline_id)
        before_and_after = self._board.apply(changes)
        for pipeline_id in logged:
            self._board.touch(pipeline_id)
        if not self._is_loading:
            for before, after in before_and_after:
                self._announce(before, after)
            for pipeline_id in logged:
                row = self._board.get(pipeline_id)
                self._announce(row, row)

    def _take(self, path: str, file: PipelineFile | None, changes: dict[str, PipelineFile | None]) -> None:
        pipeline_id = path.partition("/")[0]
        self._unfinished.discard(path)
        if file is None:
            self._digests.pop(pipeline_id, None)
            self.done(path)
            changes[pipeline_id] = None
            return
        if file.problem is not None and file.problem.code == FileUnreadable.code:
            self.failed(path, FileUnreadable(file.problem.message))
        else:
            self.done(path)
        if self._digests.get(pipeline_id) != file.digest or not file.digest:
            self._digests[pipeline_id] = file.digest
            changes[pipeline_id] = file

    def _is_half_written(self, path: str, file: PipelineFile | None) -> bool:
        """True once, right after a write: a file with an error is given the window to become whole."""
        if file is None or file.problem is None or path in self._unfinished:
            return False
        age = time.time() - (seconds_of(file.modified_at) or 0.0)
        if not 0 <= age < self.settler.window_s:
            return False
        self._unfinished.add(path)
        self.settler.check_again(path, self.clock() + self.settler.window_s)
        return True

    def _announce(self, before: PipelineRow | None, after: PipelineRow | None) -> None:
        if after is None:
            if before is not None:
                self._publish(PipelineRemoved(id=before.id, project=before.project))
            return
        row = self._as_of_now(after)
        self._publish(PipelineUpdated(pipeline=row))
        if row.finished_at is not None and (before is None or before.finished_at is None):
            self._publish(PipelineFinished(pipeline=row))
