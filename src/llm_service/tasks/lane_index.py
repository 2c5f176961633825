"""Where in the file of lane changes those of each task are: `LaneIndex(file)` finds them without reading the file.

It follows the file: each call reads what was added since the one before. It takes about 100 bytes of memory a task and
12 a change.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ..files import open_file
from ..hub.lines import lines_of, lines_with_ends, read_at
from .lane_records import LaneChange, change_in


class ChangesFile(Protocol):
    """The file: see `AppendFile`."""

    folder: str
    name: str
    generation: int


class LaneIndex:
    """The index of one file. Not thread-safe."""

    def __init__(self, file: ChangesFile) -> None:
        self._file = file
        self._clear(0)

    def update(self, found: Callable[[LaneChange], None] = lambda change: None) -> None:
        """Read what was added to the file, and call `found` for each change in that. Raises FileRefused, OSError."""
        with _opened(self._file) as (handle, generation):
            self._update(handle, generation, found)

    def changes_of(self, task_id: str) -> Iterator[LaneChange]:
        """The changes of a task, the newest first. Raises FileRefused, OSError."""
        with _opened(self._file) as (handle, generation):
            self._update(handle, generation, lambda change: None)
            number = self._last.get(hash(task_id), -1)
            while number >= 0:
                change = change_in(read_at(handle, self._sizes[number], self._offsets[number]))
                if change is not None and change.task_id == task_id:
                    yield change
                number = self._before[number]

    def first_line(self) -> bytes:
        """The first line, b"" if there is none. Raises FileRefused, OSError."""
        with _opened(self._file) as (handle, _):
            return next(lines_of(handle, 0, os.fstat(handle).st_size), b"")

    def _clear(self, generation: int) -> None:
        self._generation = generation
        self._end = 0
        self._last: dict[int, int] = {}
        """Hash of an id -> number of its last change."""
        self._offsets, self._sizes, self._before = array("Q"), array("I"), array("q")

    def _update(self, handle: int, generation: int, found: Callable[[LaneChange], None]) -> None:
        size = os.fstat(handle).st_size
        if self._generation != generation or size < self._end:
            self._clear(generation)
        for line, behind in lines_with_ends(handle, self._end, size):
            change = change_in(line)
            if change is not None:
                key = hash(change.task_id)
                self._before.append(self._last.get(key, -1))
                self._last[key] = len(self._offsets)
                self._offsets.append(behind - len(line))
                self._sizes.append(len(line))
                found(change)
            self._end = behind


@contextmanager
def _opened(file: ChangesFile) -> Iterator[tuple[int, int]]:
    """(descriptor for reading, generation) of the file; it is that generation, or already a later one."""
    generation = file.generation
    handle = open_file(file.folder, file.name)
    try:
        yield handle, generation
    finally:
        os.close(handle)
