"""Where a task file is now, by its name: task files move from lane to lane, and claims name them where they were."""

from __future__ import annotations

import threading
from collections import defaultdict

from ..tasks.board import TaskBoard


class NamesOfFiles:
    """The names of the task files of a board, brought up to date by the tasks that changed. For any thread."""

    def __init__(self, board: TaskBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._version = -1
        self._path_of_key: dict[str, str] = {}
        self._keys_of_name: defaultdict[str, set[str]] = defaultdict(set)

    def place(self, name: str) -> str | None:
        """The path, from the folder of the lanes, of the only task file with that name; None if it is not the only
        one."""
        with self._lock:
            self._follow()
            keys = self._keys_of_name.get(name, ())
            return self._path_of_key[next(iter(keys))] if len(keys) == 1 else None

    def _follow(self) -> None:
        version, changed = self._board.changed_since(self._version)
        if changed is None:
            self._path_of_key.clear()
            self._keys_of_name.clear()
            changed = {task.key: task for task in self._board.tasks()}
        for key, task in changed.items():
            self._put(key, None if task is None else task.path)
        self._version = version

    def _put(self, key: str, path: str | None) -> None:
        before = self._path_of_key.pop(key, None)
        if before is not None:
            keys = self._keys_of_name[_name(before)]
            keys.remove(key)
            if not keys:
                del self._keys_of_name[_name(before)]
        if path is not None:
            self._path_of_key[key] = path
            self._keys_of_name[_name(path)].add(key)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
