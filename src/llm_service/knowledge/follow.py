"""Follows the files of streams, `work/streams/<topic>.jsonl`: new lines go to the intake, each once.

A further file there, `.probe-<nonce>`, is that of doctor, which measures how long its way through the service takes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence

from ..errors import FileRefused, FileUnreadable, FileVanished
from ..watch.hints import Hint, HintKind
from ..watch.retry import SAID_AFTER_S, reason_of
from ..watch.root import WatchedRoot
from ..watch.scan import Filter, Mirror
from ..watch.settle import Settler
from ..watch.tail import Position, Tail
from .model import TOPICS
from .reader import MAX_LINE_BYTES

PROBE = re.compile(r"\.probe-([0-9a-f]{32})\Z")
"""The name of doctor's file."""
_FILES = {f"{topic}.jsonl": topic for topic in TOPICS}
_LINES_AT_ONCE = 500
_HISTORY_RETRY_S = 0.5

TakeLines = Callable[[str, str, Sequence[tuple[int, bytes]], Position], object]
"""(topic, path, lines as (number, line), how far the file was read with them)."""


class StreamTracker:
    """The files of all streams; a `Tracker`."""

    name = "streams"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        take_lines: TakeLines,
        refuse: Callable[[str, int, str], object],
        positions: Callable[[], Mapping[str, Position] | None],
        on_probe: Callable[[str], object] = lambda nonce: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`positions()` says how far the files were read before, None while that is not known; `refuse` takes (topic,
        line number, reason)."""
        self._root, self._settler, self._clock = root, settler, clock
        self._take_lines, self._refuse, self._on_probe = take_lines, refuse, on_probe
        self._positions = positions
        self._known: Mapping[str, Position] | None = None
        self._asked_at = float("-inf")
        self._mirror = Mirror(root.root, FILTER, root.watch, root.forget, found=root.scan_found, clock=clock)
        self._tails: dict[str, Tail] = {}
        self._pending: dict[str, float] = {}
        self._interrupted = False

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """List the files; `turn` reads them."""
        now = self._clock()
        self._root.check(now)
        self._ask_positions(now)
        self._scan(now)

    def hint(self, hint: Hint, now: float) -> None:
        """A file is read when its writer closed it, or when writing pauses."""
        if hint.kind is HintKind.DIRECTORY or not FILTER.file(hint.path):
            self._mirror.check_left_out(hint.path)
        else:
            self._pending.setdefault(hint.path, hint.at)
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan the folder; files that differ are read in the next turn."""
        self._scan(self._clock())

    def turn(self, now: float) -> bool:
        """Read what is due."""
        if self._known is None and not self._ask_positions(now):
            return False
        for path in self._mirror.unread.due(now):
            self._settler.check_again(path, now)
        due = [str(path) for path in self._settler.due(now)]
        for path in due:
            if not self._interrupted:
                self._check(path, now)
        self._root.set_folders(self._mirror.refused, self._mirror.skipped)
        self._root.set_unread(self._mirror.unread.reasons(now - SAID_AFTER_S))
        return bool(due)

    def next_due(self) -> float | None:
        """When the next read is due."""
        if self._known is None:
            return self._asked_at + _HISTORY_RETRY_S
        due = [self._settler.next_due(), self._mirror.unread.next_due(), self._mirror.unlisted.next_due()]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """When the oldest content that was not read yet was seen."""
        return None if self._root.is_lost else min(self._pending.values(), default=None)

    # Internals.

    def _ask_positions(self, now: float) -> bool:
        """False while it is not known how far the files were read: reading them now would count lines twice."""
        if now - self._asked_at >= _HISTORY_RETRY_S:
            self._asked_at = now
            self._known = self._positions()
        return self._known is not None

    def _scan(self, started: float) -> None:
        if not self._root.is_lost:
            to_read, gone = self._mirror.rescan()
            for path in gone:
                self._forget(path)
            for path in to_read:
                self._pending.setdefault(path, started)
                self._settler.check_again(path, started)
        now = self._clock()
        self._root.scan_finished(now, now - started, self._mirror.refused, self._mirror.skipped)

    def _check(self, path: str, now: float) -> None:
        if not self._mirror.check(path):
            if self._mirror.is_gone(path):
                self._forget(path)
            self._pending.pop(path, None)
            return
        probe = PROBE.match(path)
        if probe is not None:
            self._pending.pop(path, None)
            self._on_probe(probe[1])
            return
        try:
            is_complete = self._read(path)
        except FileVanished:
            self._forget(path)
            return
        except (FileRefused, OSError) as problem:
            self._fail(path, problem)
            return
        self._mirror.unread.done(path)
        if is_complete:
            self._pending.pop(path, None)
        else:
            self._settler.check_again(path, now)

    def _read(self, path: str) -> bool:
        """Read a part of a file; True if it was read to its end."""
        place = f"{self._root.root}/{path}"
        tail = self._tails.get(path)
        if tail is None:
            position = (self._known or {}).get(place, Position())
            tail = self._tails[path] = Tail(self._root.root, path, position, MAX_LINE_BYTES)
        before = tail.position
        part = tail.read(_LINES_AT_ONCE)
        topic = _FILES[path]
        try:
            for number, reason in part.refused:
                self._refuse(topic, number, reason)
            if tail.position != before:
                self._take_lines(topic, place, part.lines, tail.position)
        except Exception:
            tail.position = before
            raise
        return not part.more

    def _fail(self, path: str, problem: FileRefused | OSError) -> None:
        """Show the file as unreadable until it can be read; what is no regular file is not tried again."""
        self._pending.pop(path, None)
        reason = problem.message if isinstance(problem, FileRefused) else (problem.strerror or str(problem))
        if isinstance(problem, FileUnreadable):
            reason = reason_of(reason)
        self._mirror.unread.failed(path, reason, self._clock())

    def _forget(self, path: str) -> None:
        tail = self._tails.pop(path, None)
        if tail is not None:  # it may come back as it was
            self._known = {**(self._known or {}), f"{self._root.root}/{path}": tail.position}
        self._pending.pop(path, None)
        self._mirror.unread.done(path)


FILTER = Filter(
    folder=lambda path: not path,
    file=lambda path: path in _FILES or PROBE.match(path) is not None,
)
