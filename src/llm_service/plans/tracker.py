"""`PlanFileTracker`: what the trackers of plans and of their outputs have in common."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterable

from ..errors import FileChanging, FileUnreadable, FileVanished
from ..files import SafeRoot
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler


class PlanFileTracker(FolderTracker):
    """A `Tracker` that reads files one by one; `read` and `finish` are what is special to a kind of file."""

    keeps_with_root = True

    def __init__(
        self, root: WatchedRoot, settler: Settler, files: Filter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(root, settler, files, clock)
        self.folder = SafeRoot(root.root)
        self.is_loaded = False

    @abstractmethod
    def read(self, path: str) -> None:
        """Read a file, for `finish`. Raises FileVanished, FileChanging, FileUnreadable."""

    @abstractmethod
    def gone(self, path: str) -> None:
        """A file is gone, for `finish`."""

    @abstractmethod
    def finish(self) -> None:
        """Apply what was read, and what is gone."""

    def load(self) -> None:
        """Scan and read everything for the first time."""
        super().load()
        self.is_loaded = True

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read files, and apply what changed."""
        with self.folder:
            for path in present:
                if self.is_interrupted:
                    return
                self.pending.setdefault(path, self.clock())
                self._read(path)
        for path in gone:
            self.gone(path)
            self.done(path)
        self.finish()

    def _read(self, path: str) -> None:
        try:
            self.read(path)
        except FileChanging:
            self.settler.check_again(path, self.clock() + self.settler.window_s)
            return
        except FileVanished:
            self.gone(path)
        except FileUnreadable as problem:
            self.failed(path, problem)
            return
        self.done(path)
