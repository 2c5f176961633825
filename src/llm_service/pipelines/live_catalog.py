"""`LiveCatalog`: what lists are made of in a dashboard, whose watcher reads what anybody writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from .board import PipelineBoard, Rows
from .queries import PipelineQuery
from .rows import LogTimes, row_of
from .store import PipelineStore
from .tool_error import ToolError

_WAIT_S = 0.7
_MOST_WRITTEN = 64


class LiveCatalog:
    """Thread-safe; see `PipelineCatalog`. `wait(seconds)`: wait until all files were read once, False if they were not.

    What tools of this process wrote counts at once, though the watcher may be some milliseconds behind.
    """

    def __init__(
        self,
        store: PipelineStore,
        board: PipelineBoard,
        wait: Callable[[float], bool],
        logs: Callable[[str], LogTimes],
    ) -> None:
        """`logs(pipeline_id)`: its log pages as the watcher knows them."""
        self._store, self._board, self._wait, self._logs = store, board, wait, logs
        self._lock = threading.Lock()
        self._written: dict[str, int] = {}
        self._writes = 0

    def refresh(self, query: PipelineQuery | None = None, at_once: bool = False) -> Rows:
        """See `PipelineCatalog`. Raises ToolError (BUSY) while the dashboard starts."""
        if not self._wait(_WAIT_S):
            raise ToolError("BUSY", "The dashboard is still reading the pipelines.", "Call again in a moment.")
        with self._lock:
            written = dict(self._written)
        late = {}
        for name, number in written.items():
            file = self._store.read(name)
            is_known = self._board.get(name) == (None if file is None else row_of(file))
            if not is_known and (file is None or file.problem is None):
                late[name] = file
                continue
            with self._lock:
                if self._written.get(name) == number:
                    del self._written[name]
        return self._board.with_files(late) if late else self._board

    def recheck(self, names: Iterable[str]) -> bool:
        """See `PipelineCatalog`: the watcher does that."""
        return False

    def logs(self, names: Sequence[str]) -> dict[str, LogTimes]:
        """See `PipelineCatalog`."""
        times, written = self._store.log_times, self._written
        return {name: times(name) if name in written else self._logs(name) for name in names}

    def wrote(self, pipeline_id: str) -> None:
        """See `PipelineCatalog`."""
        with self._lock:
            self._writes += 1
            self._written.pop(pipeline_id, None)
            self._written[pipeline_id] = self._writes
            while len(self._written) > _MOST_WRITTEN:
                del self._written[next(iter(self._written))]
