"""Where a task file is now, by its name: task files move from lane to lane, and claims name them where they were."""

from __future__ import annotations

import threading

from ..tasks.board import TaskBoard


class NamesOfFiles:
    """The names of the task files of a board, looked up again when the board changed. For any thread."""

    def __init__(self, board: TaskBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._version = -1
        self._paths: dict[str, str | None] = {}

    def place(self, name: str) -> str | None:
        """The path, from the folder of the lanes, of the only task file with that name; None if it is not the only
        one."""
        with self._lock:
            version = self._board.version
            if version != self._version:
                self._paths = {}
                for task in self._board.tasks():
                    own = task.path.rpartition("/")[2]
                    self._paths[own] = None if own in self._paths else task.path
                self._version = version
            return self._paths.get(name)
