"""Follows the files of sessions, `work/hooks/<session>.jsonl`: each new line moves its session on, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ..errors import FileRefused, FileVanished
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from ..watch.tail import Tail
from .board import MOST_SESSIONS, SessionBoard
from .model import HookLine
from .reader import MAX_LINE_BYTES, BadLine, read_line

SUFFIX = ".jsonl"
_LINES_AT_ONCE = 500
_MAX_NAME = 200


def _is_session(path: str) -> bool:
    return "/" not in path and path.endswith(SUFFIX) and not path.startswith(".") and len(path) <= _MAX_NAME


FILTER = Filter(folder=lambda path: not path, file=_is_session)


class HookTracker(FolderTracker):
    """The files of all sessions; a `Tracker`. What is in them when it loads is not news."""

    name = "hooks"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: SessionBoard,
        tidy: Callable[[HookTracker], object] = lambda tracker: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tidy(tracker)` is called in each turn."""
        super().__init__(root, settler, FILTER, clock)
        self._board, self._tidy = board, tidy
        self._tails: dict[str, Tail] = {}
        self._is_loading = True
        self._old: set[str] = set()
        self.refused: dict[str, tuple[int, str]] = {}
        """File -> how many of its lines were refused, and where and why the last one was."""

    def load(self) -> None:
        """Read what is there."""
        super().load()
        self._is_loading = False

    def turn(self, now: float) -> bool:
        """Check the files that are due."""
        self._tidy(self)
        return super().turn(now)

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read the new lines of files, a part of each; the rest in the next turn."""
        for path in gone:
            self.forget(path)
        for path in present:
            if not self.is_interrupted:
                self._check(path)

    def forget(self, path: str) -> None:
        """A file is gone."""
        self._old.discard(path)
        self.refused.pop(path, None)
        if self._tails.pop(path, None) is not None:
            self._board.remove(path)
        self.done(path)

    def _check(self, path: str) -> None:
        if path not in self._tails and len(self._tails) >= MOST_SESSIONS:
            self.done(path)
            return
        if self._is_loading:
            self._old.add(path)
        try:
            is_complete = self._read(path)
        except FileVanished:
            self.forget(path)
            return
        except (FileRefused, OSError) as problem:
            self.failed(path, problem)
            return
        if is_complete:
            self._old.discard(path)
            self.done(path)
        else:
            self.settler.check_again(path, self.clock())

    def _read(self, path: str) -> bool:
        """Read a part of a file; True if it was read to its end."""
        tail = self._tails.get(path)
        if tail is None:
            tail = self._tails[path] = Tail(self.root.root, path, max_line_bytes=MAX_LINE_BYTES)
        before = tail.position
        part = tail.read(_LINES_AT_ONCE)
        if tail.position == before and not part.restarted:
            return not part.more
        try:
            is_new = part.restarted or before.offset == 0
            if is_new:
                self.refused.pop(path, None)
            lines = self._lines(path, part.lines, part.refused)
            self._board.apply(path, lines, is_new, path in self._old)
        except Exception:
            tail.position = before  # they are read again
            raise
        return not part.more

    def _lines(self, path: str, lines: list[tuple[int, bytes]], refused: list[tuple[int, str]]) -> list[HookLine]:
        session, found = path.removesuffix(SUFFIX), []
        for number, line in lines:
            try:
                found.append(read_line(line, session))
            except BadLine as problem:
                refused = [*refused, (number, str(problem))]
        for number, reason in refused:
            count, _ = self.refused.get(path, (0, ""))
            self.refused[path] = (count + 1, f"line {number:,}: {reason}")
        return found
