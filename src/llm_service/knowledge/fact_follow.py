"""Follows the files of facts, `work/knowledge/*.md|*.yaml`: each change is applied to the board and published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished, Unparseable
from ..files import SafeRoot, printable, read_file
from ..hub.event import Event
from ..times import iso_time
from ..watch.hints import Hint, HintKind
from ..watch.retry import SAID_AFTER_S, reason_of
from ..watch.root import WatchedRoot
from ..watch.scan import Filter, Mirror
from ..watch.settle import Settler
from .board import FactBoard
from .clean import Cleaner
from .fact_reader import MAX_FILE_BYTES, is_fact_name, read_fact
from .model import FactFile

MAX_FILES = 5_000
_MAX_PROBLEMS = 100
FILTER = Filter(folder=lambda path: not path, file=lambda path: "/" not in path and is_fact_name(path))


class FactTracker:
    """The files of facts; a `Tracker`. `problems`: path -> why a file is no fact."""

    name = "knowledge"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: FactBoard,
        cleaner: Cleaner,
        publish: Callable[[Event], object],
        load_decisions: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.problems: dict[str, str] = {}
        self._root, self._settler, self._board = root, settler, board
        self._cleaner, self._publish, self._clock = cleaner, publish, clock
        self._load_decisions = load_decisions
        self._folder = SafeRoot(root.root)
        self._mirror = Mirror(root.root, FILTER, root.watch, root.forget, found=root.scan_found, clock=clock)
        self._changing: dict[str, float] = {}
        self._known: set[str] = set()
        self._interrupted = False

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """Read all facts."""
        self._load_decisions()
        self._root.check(self._clock())
        self.rescan("")

    def hint(self, hint: Hint, now: float) -> None:
        """Schedule a check of a file."""
        if hint.kind is HintKind.DIRECTORY or not FILTER.file(hint.path):
            self._mirror.check_left_out(hint.path)
        else:
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan the folder, and apply what differs."""
        started = self._clock()
        if not self._root.is_lost:
            to_read, gone = self._mirror.rescan()
            self._apply(to_read, gone)
        now = self._clock()
        self._root.scan_finished(now, now - started, self._mirror.refused, self._mirror.skipped)

    def turn(self, now: float) -> bool:
        """Check the files that are due."""
        for path in self._mirror.unread.due(now):
            self._settler.check_again(path, now)
        due = [str(path) for path in self._settler.due(now)]
        present = [path for path in due if self._mirror.check(path)]
        self._apply(present, [path for path in due if self._mirror.is_gone(path)])
        self._root.set_folders(self._mirror.refused, self._mirror.skipped)
        self._root.set_unread(self._mirror.unread.reasons(now - SAID_AFTER_S))
        return bool(due)

    def next_due(self) -> float | None:
        """When the next check is due."""
        due = [self._settler.next_due(), self._mirror.unread.next_due(), self._mirror.unlisted.next_due()]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest file that is being written waits."""
        return None if self._root.is_lost else min(self._changing.values(), default=None)

    # Internals.

    def _apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        changes: dict[str, FactFile | None] = {}
        with self._folder:
            for path in present:
                if self._interrupted:
                    break
                self._read(path, changes)
        for path in gone:
            self._drop(path)
            changes[path] = None
        for event in self._board.apply(changes):
            self._publish(event)

    def _read(self, path: str, changes: dict[str, FactFile | None]) -> None:
        """Read a file; without a change if it is being written, or cannot be read now."""
        now = self._clock()
        if path not in self._known and len(self._known) >= MAX_FILES:
            self._refuse(path, f"there are more than {MAX_FILES:,} files")
            return
        try:
            content = read_file(self._folder, path, MAX_FILE_BYTES)
            modified_at = iso_time(content.signature.mtime_ns / 1e9)
            changes[path] = read_fact(path, content.data, modified_at, self._cleaner)
        except FileChanging:
            self._changing.setdefault(path, now)
            self._settler.check_again(path, now + self._settler.window_s)
            return
        except FileVanished:
            changes[path] = None
            self._drop(path)
            return
        except FileUnreadable as problem:
            self._mirror.unread.failed(path, reason_of(problem.message), now)
            return
        except (Unparseable, ValueError) as problem:
            if self._may_be_unfinished(content.signature.mtime_ns) and path not in self._changing:
                self._changing[path] = now
                self._settler.check_again(path, now + self._settler.window_s)
                return
            changes[path] = None
            self._refuse(path, problem.message if isinstance(problem, Unparseable) else str(problem))
        except FileRefused as problem:
            changes[path] = None
            self._refuse(path, problem.message)
        else:
            self.problems.pop(path, None)
        self._known.add(path)
        self._changing.pop(path, None)
        self._mirror.unread.done(path)

    def _may_be_unfinished(self, mtime_ns: int) -> bool:
        """True right after a write: a file that does not parse is given the window to become whole."""
        age_s = datetime.now(UTC).timestamp() - mtime_ns / 1e9
        return 0 <= age_s < self._settler.window_s

    def _refuse(self, path: str, reason: str) -> None:
        self._changing.pop(path, None)
        if path in self.problems or len(self.problems) < _MAX_PROBLEMS:
            self.problems[path] = f"{printable(path)}: {reason}"

    def _drop(self, path: str) -> None:
        self._known.discard(path)
        self._changing.pop(path, None)
        self.problems.pop(path, None)
        self._mirror.unread.done(path)
