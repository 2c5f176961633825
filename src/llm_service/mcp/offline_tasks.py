"""`OfflineTasks`: tasks from their files, of which only those that changed since the last call are read."""

from __future__ import annotations

import threading
import time

from ..errors import FileChanging
from ..files import Signature
from ..settings.load import Settings
from ..tasks.board import TaskBoard
from ..tasks.model import TaskFile
from ..tasks.queries import TaskList
from ..tasks.reader import TaskSource, document_of
from ..tasks.settings import TaskSettings, collaboration_path
from ..watch.scan import walk
from .board_tasks import BoardTasks
from .errors import ToolFailure
from .sources import Json

_READ_S = 0.7
"""After so much of a call's second, what is left to read is left for the next call."""


class OfflineTasks:
    """Reads the task files that changed since the last call."""

    def __init__(self, settings: Settings) -> None:
        own = settings.of(TaskSettings)
        self._lanes = tuple(own.lanes)
        self._source = TaskSource(collaboration_path(settings), self._lanes, own.max_file_bytes)
        self._files: dict[str, tuple[Signature, TaskFile]] = {}
        self._lock = threading.Lock()

    def list(self, lane: str | None, agent: str | None, status: str | None, words: str, limit: int) -> Json:
        """See `TaskTools`."""
        return self._tasks().list(lane, agent, status, words, limit)

    def get(self, task_id: str) -> Json:
        """See `TaskTools`."""
        return self._tasks().get(task_id)

    def _tasks(self) -> BoardTasks:
        with self._lock:
            self._read()
            board = TaskBoard(document_of, removal_grace_s=0.0, duplicate_grace_s=0.0)
            board.load({path: file for path, (_, file) in self._files.items()})
        return BoardTasks(board, TaskList(board, self._lanes))

    def _read(self) -> None:
        """Raises ToolFailure if there are more files than can be read in the time; what was read is kept."""
        until = time.monotonic() + _READ_S
        found = walk(self._source.root, self._source.filter).files
        self._files = {path: known for path, known in self._files.items() if found.get(path) == known[0]}
        with self._source.folders:
            for path, signature in found.items():
                if path in self._files:
                    continue
                if time.monotonic() > until:
                    raise ToolFailure(
                        "STILL_READING",
                        f"{len(self._files):,} of {len(found):,} task files are read.",
                        "Call again to go on; a running dashboard answers at once.",
                    )
                try:
                    file = self._source.read(path, None, time.time())
                except FileChanging:
                    continue
                if file is not None:
                    self._files[path] = (signature, file)
