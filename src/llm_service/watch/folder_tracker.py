"""`FolderTracker`: what trackers that follow the files of a folder have in common."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from ..errors import FileRefused, FileUnreadable
from .hints import Hint, HintKind
from .retry import SAID_AFTER_S, reason_of
from .root import WatchedRoot
from .scan import Filter, Mirror
from .settle import Settler


class FolderTracker(ABC):
    """A `Tracker` of the files of a folder. `pending`: since when a file that changed is not applied."""

    name: str
    keeps_with_root = False
    """True: files that vanish together with the root are gone only if they are not there when it is back."""

    def __init__(
        self, root: WatchedRoot, settler: Settler, files: Filter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.root, self.settler, self.clock = root, settler, clock
        self.files = files
        self.mirror = Mirror(root.root, files, root.watch, root.forget, found=root.scan_found, clock=clock)
        self.pending: dict[str, float] = {}
        self.is_interrupted = False
        self._held: set[str] = set()
        """Files that vanished together with the root."""
        self._scanned = "", 0.0
        """The folder that was scanned last, and when that began."""

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
        """Schedule a check: at once when the writer closed the file, else when writing pauses. A wanted folder that is
        new or gone is scanned at once, unless a scan of one above it came after the hint."""
        if hint.kind is HintKind.DIRECTORY and self.files.folder(hint.path):
            folder, began = self._scanned
            if not (hint.path.startswith(f"{folder}/") and hint.at < began):
                self.rescan(hint.path)
        elif hint.kind is HintKind.DIRECTORY or not self.files.file(hint.path):
            self.mirror.check_left_out(hint.path)
        else:
            self.pending.setdefault(hint.path, hint.at)
            self.settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan everything below a folder, "" for all, and apply what differs."""
        started = self.clock()
        if not self.root.is_lost:
            self._scanned = folder, started
            to_read, gone = self.mirror.rescan(folder)
            # Also what a turn that failed has left: nothing else would look at it again.
            left = [path for path in self.pending if path not in self.settler]
            if not folder:
                held, self._held = self._held, set()
                left += held
            to_read = list(dict.fromkeys([*to_read, *(path for path in left if path in self.mirror.files)]))
            gone = list(dict.fromkeys([*gone, *(path for path in left if path not in self.mirror.files)]))
            for path in to_read:
                self.pending.setdefault(path, started)
            self.apply(to_read, self._surely_gone(gone))
        if not folder:
            now = self.clock()
            self.root.scan_finished(now, now - started, self.mirror.refused, self.mirror.skipped)

    def turn(self, now: float) -> bool:
        """Check the files that are due."""
        if not self.is_ready(now):
            return False
        for folder in self.mirror.unlisted.due(now, limit=4):
            self.rescan(folder)
        for path in self.mirror.unread.due(now):
            self.settler.check_again(path, now)
        due = [str(path) for path in self.settler.due(now)]
        present = [path for path in due if self.mirror.check(path)]
        gone = [path for path in due if self.mirror.is_gone(path)]
        for path in {*due} - {*present, *gone}:
            self.pending.pop(path, None)  # it cannot be accessed now, and is tried again
        self.apply(present, self._surely_gone(gone))
        self.root.set_folders(self.mirror.refused, self.mirror.skipped)
        self.root.set_unread(self.mirror.unread.reasons(now - SAID_AFTER_S))
        return bool(due)

    def hold(self, paths: Iterable[str]) -> None:
        """At the next scan of everything, these files are gone if they are not there."""
        self._held.update(paths)

    def _surely_gone(self, gone: list[str]) -> list[str]:
        """Those of these files that are gone, and did not vanish with the root."""
        if not gone or not self.keeps_with_root or self.root.is_there():
            return gone
        self.hold(gone)  # a scan of everything follows when it is back
        for path in gone:
            self.pending.pop(path, None)
        return []

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
