"""Follows the files of facts, `work/knowledge/*.md|*.yaml`: each change is applied to the board and published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished, Unparseable
from ..files import FileContent, SafeRoot, printable, read_file
from ..hub.event import Event
from ..times import iso_time
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import FactBoard
from .clean import Cleaner
from .fact_reader import MAX_FILE_BYTES, is_fact_name, read_fact
from .model import FactFile

MAX_FILES = 5_000
_MAX_PROBLEMS = 100
_HISTORY_RETRY_S = 0.5
FILTER = Filter(folder=lambda path: not path, file=lambda path: "/" not in path and is_fact_name(path))


class FactTracker(FolderTracker):
    """The files of facts; a `Tracker`. `problems`: path -> why a file is no fact."""

    name = "knowledge"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: FactBoard,
        cleaner: Cleaner,
        publish: Callable[[Event], object],
        decisions: Callable[[], Mapping[str, tuple[str, str]] | None] = dict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`decisions()` is what people decided, digest -> (status, time), None while that is not known."""
        super().__init__(root, settler, FILTER, clock)
        self.problems: dict[str, str] = {}
        self._board, self._cleaner, self._publish = board, cleaner, publish
        self._decisions = decisions
        self._asked_at: float | None = float("-inf")
        self._folder = SafeRoot(root.root)
        self._known: set[str] = set()
        self._unfinished: set[str] = set()

    def is_ready(self, now: float) -> bool:
        """Always; what people decided is asked for until it is known."""
        if self._asked_at is not None and now - self._asked_at >= _HISTORY_RETRY_S:
            decisions = self._decisions()
            self._asked_at = now if decisions is None else None
            for event in self._board.load_decisions(decisions or {}):
                self._publish(event)
        return True

    def next_due(self) -> float | None:
        """When the next check is due, or the next question what people decided."""
        due = [super().next_due(), None if self._asked_at is None else self._asked_at + _HISTORY_RETRY_S]
        return min((at for at in due if at is not None), default=None)

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read files, and publish what changed on the board."""
        changes: dict[str, FactFile | None] = {}
        with self._folder:
            for path in present:
                if self.is_interrupted:
                    break
                self._read(path, changes)
        for path in gone:
            self._drop(path, changes)
        for event in self._board.apply(changes):
            self._publish(event)

    def _read(self, path: str, changes: dict[str, FactFile | None]) -> None:
        """Read a file; without a change if it is being written, or cannot be read now."""
        if path not in self._known and len(self._known) >= MAX_FILES:
            self._refuse(path, f"there are more than {MAX_FILES:,} files")
            return
        try:
            fact = self._fact(path)
        except FileChanging:
            self.settler.check_again(path, self.clock() + self.settler.window_s)
            return
        except FileVanished:
            self._drop(path, changes)
            return
        except FileUnreadable as problem:
            self.failed(path, problem)
            return
        except (FileRefused, ValueError) as problem:
            changes[path] = None
            self._refuse(path, problem.message if isinstance(problem, FileRefused) else str(problem))
        else:
            changes[path] = fact
            self.problems.pop(path, None)
        self._known.add(path)
        self._unfinished.discard(path)
        self.done(path)

    def _fact(self, path: str) -> FactFile:
        """The fact in a file. Raises FileRefused, FileChanging also for one that may be half-written, ValueError."""
        content = read_file(self._folder, path, MAX_FILE_BYTES)
        try:
            return read_fact(path, content.data, iso_time(content.signature.mtime_ns / 1e9), self._cleaner)
        except (Unparseable, ValueError) as problem:
            if path not in self._unfinished and self._is_new(content):
                self._unfinished.add(path)
                raise FileChanging(f"{printable(path)} may be half-written.") from problem
            raise

    def _is_new(self, content: FileContent) -> bool:
        """True right after a write: a file that does not parse is given the window to become whole."""
        return 0 <= time.time() - content.signature.mtime_ns / 1e9 < self.settler.window_s

    def _refuse(self, path: str, reason: str) -> None:
        if path in self.problems or len(self.problems) < _MAX_PROBLEMS:
            self.problems[path] = f"{printable(path)}: {reason}"
        self.done(path)

    def _drop(self, path: str, changes: dict[str, FactFile | None]) -> None:
        changes[path] = None
        self._known.discard(path)
        self._unfinished.discard(path)
        self.problems.pop(path, None)
        self.done(path)
