"""The plan that a file calls the current one: `read_current(...)`, and `CurrentTracker`, which follows that file.

`.claude/current-plan.txt` has the path of a plan, or its name; who works by commands writes it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished
from ..files import SafeRoot, decode, read_file
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import PlanBoard
from .reader import is_plan_name
from .tracker import PlanFileTracker

MAX_BYTES = 4_096


def current_of(text: str) -> str | None:
    """The name of the plan that a text names, by its path or its name; None if by neither."""
    name = text.strip().replace("\\", "/").rpartition("/")[2].removesuffix(".md")
    return name if is_plan_name(name) else None


def read_current(root: SafeRoot | str, path: str) -> str | None:
    """The name of the plan that a file names; None for one that names none, or cannot be read as text for good.

    Raises FileVanished, FileChanging, FileUnreadable.
    """
    try:
        return current_of(decode(read_file(root, path, MAX_BYTES).data).text)
    except (FileVanished, FileChanging, FileUnreadable):
        raise
    except FileRefused:
        return None


class CurrentTracker(PlanFileTracker):
    """The file directly in its folder."""

    name = "current plan"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: PlanBoard,
        file_name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(root, settler, file_filter(file_name), clock)
        self._board = board
        self._current: str | None = None

    def read(self, path: str) -> None:
        """Read the file."""
        self._current = read_current(self.folder, path)

    def gone(self, path: str) -> None:
        """There is no such file."""
        self._current = None

    def finish(self) -> None:
        """Apply."""
        self._board.apply_current(self._current)


def file_filter(name: str) -> Filter:
    """This file alone."""
    return Filter(folder=lambda path: not path, file=lambda path: path == name)


def offline_current(workspace: str, path: str) -> str | None:
    """The same for a file that is not followed; None for one that cannot be read."""
    try:
        return read_current(workspace, os.path.normpath(path))
    except FileRefused:
        return None
