"""`FolderTracker`: what the trackers of streams and facts have in common, which follow the files of one folder."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from ..errors import FileRefused, FileUnreadable
from ..watch.hints import Hint, HintKind
from ..watch.retry import SAID_AFTER_S, reason_of
from ..watch.root import WatchedRoot
from ..watch.scan import Filter, Mirror
from ..watch.settle import Settler


class FolderTracker(ABC):
    """A `Tracker` of the files directly in one folder. `pending`: since when a file that changed is not applied."""

    name: str

    def __init__(
        self, root: WatchedRoot, settler: Settler, files: Filter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.root, self.settler, self.clock = root, settler, clock
        self.files = files
        self.mirror = Mirror(root.root, files, root.watch, root.forget, found=root.scan_found, clock=clock)
        self.pending: dict[str, float] = {}
        self.is_interrupted = False

    @abstractmethod
    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Files to read, and files that are gone. Take what is applied out of `pending`."""

    def is_ready(self, now: float) -> bool:
        """False while nothing can be applied yet; asked again at every turn."""
        return True

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self.is_interrupted = True

    def load(self) -> None:
        """Scan and read everything for the first time."""
        self.root.check(self.clock())
        self.is_ready(self.clock())
        self.rescan("")

    def hint(self, hint: Hint, now: float) -> None:
        """Schedule a check: at once when the writer closed the file, else when writing pauses."""
        if hint.kind is HintKind.DIRECTORY or not self.files.file(hint.path):
            self.mirror.check_left_out(hint.path)
            return
        self.pending.setdefault(hint.path, hint.at)
        self.settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan the folder, and apply what differs."""
        started = self.clock()
        if not self.root.is_lost:
            to_read, gone = self.mirror.rescan()
            # Also what was to be read when a turn failed: the file has not changed since.
            left = [path for path in self.pending if path not in self.settler and path in self.mirror.files]
            to_read = list(dict.fromkeys([*to_read, *left]))
            for path in to_read:
                self.pending.setdefault(path, started)
            self.apply(to_read, gone)
        now = self.clock()
        self.root.scan_finished(now, now - started, self.mirror.refused, self.mirror.skipped)

    def turn(self, now: float) -> bool:
        """Check the files that are due."""
        if not self.is_ready(now):
            return False
        for path in self.mirror.unread.due(now):
            self.settler.check_again(path, now)
        due = [str(path) for path in self.settler.due(now)]
        present = [path for path in due if self.mirror.check(path)]
        gone = [path for path in due if self.mirror.is_gone(path)]
        for path in {*due} - {*present, *gone}:
            self.pending.pop(path, None)  # it cannot be accessed now, and is tried again
        self.apply(present, gone)
        self.root.set_folders(self.mirror.refused, self.mirror.skipped)
        self.root.set_unread(self.mirror.unread.reasons(now - SAID_AFTER_S))
        return bool(due)

    def next_due(self) -> float | None:
        """When the next check is due."""
        due = [self.settler.next_due(), self.mirror.unread.next_due(), self.mirror.unlisted.next_due()]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest change is not applied."""
        return None if self.root.is_lost else min(self.pending.values(), default=None)

    def done(self, path: str) -> None:
        """A file was read, or is gone."""
        self.pending.pop(path, None)
        self.mirror.unread.done(path)

    def failed(self, path: str, problem: FileRefused | OSError) -> None:
        """A file cannot be read now: it is shown as such, and tried again."""
        self.pending.pop(path, None)
        reason = problem.message if isinstance(problem, FileRefused) else (problem.strerror or str(problem))
        if isinstance(problem, FileUnreadable):
            reason = reason_of(reason)
        self.mirror.unread.failed(path, reason, self.clock())
