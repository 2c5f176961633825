"""Follows the files of streams, `work/streams/<topic>.jsonl`: new lines go to the intake, each once.

A further file there, `.probe-<nonce>`, is that of doctor, which measures how long its way through the service takes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import FileRefused, FileVanished
from ..watch.folder_tracker import FolderTracker
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from ..watch.tail import Position, Tail
from .model import TOPICS
from .reader import MAX_LINE_BYTES

PROBE = re.compile(r"\.probe-([0-9a-f]{32})\Z")
"""The name of doctor's file."""
_FILES = {f"{topic}.jsonl": topic for topic in TOPICS}
_LINES_AT_ONCE = 500
_HISTORY_RETRY_S = 0.5

FILTER = Filter(
    folder=lambda path: not path,
    file=lambda path: path in _FILES or PROBE.match(path) is not None,
)
TakeLines = Callable[[str, str, Sequence[tuple[int, bytes]], Position], object]
"""(topic, path, lines as (number, line), how far the file was read with them)."""


class StreamTracker(FolderTracker):
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
        super().__init__(root, settler, FILTER, clock)
        self._take_lines, self._refuse, self._on_probe = take_lines, refuse, on_probe
        self._positions = positions
        self._known: Mapping[str, Position] | None = None
        self._asked_at = float("-inf")
        self._tails: dict[str, Tail] = {}

    def is_ready(self, now: float) -> bool:
        """False while it is not known how far the files were read: reading them now would count lines twice."""
        if self._known is None and now - self._asked_at >= _HISTORY_RETRY_S:
            self._asked_at = now
            self._known = self._positions()
        return self._known is not None

    def next_due(self) -> float | None:
        """When the next read is due, or the next question how far files were read."""
        return super().next_due() if self._known is not None else self._asked_at + _HISTORY_RETRY_S

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Read the new lines of files, a part of each; the rest in the next turn."""
        for path in gone:
            self._forget(path)
        for path in present:
            if self._known is None:
                self.settler.check_again(path, self.clock())
            elif not self.is_interrupted:
                self._check(path)

    def _check(self, path: str) -> None:
        probe = PROBE.match(path)
        try:
            is_complete = probe is not None or self._read(path)
        except FileVanished:
            self._forget(path)
            return
        except (FileRefused, OSError) as problem:
            self.failed(path, problem)
            return
        if probe is not None:
            self._on_probe(probe[1])
        if is_complete:
            self.done(path)
        else:
            self.settler.check_again(path, self.clock())

    def _read(self, path: str) -> bool:
        """Read a part of a file; True if it was read to its end."""
        place = self._place(path)
        tail = self._tails.get(path)
        if tail is None:
            position = (self._known or {}).get(place, Position())
            tail = self._tails[path] = Tail(self.root.root, path, position, MAX_LINE_BYTES)
        before = tail.position
        part = tail.read(_LINES_AT_ONCE)
        topic = _FILES[path]
        try:
            for number, reason in part.refused:
                self._refuse(topic, number, reason)
            if tail.position != before:
                self._take_lines(topic, place, part.lines, tail.position)
        except Exception:
            tail.position = before  # they are read again
            raise
        return not part.more

    def _forget(self, path: str) -> None:
        tail = self._tails.pop(path, None)
        if tail is not None:  # it may come back as it was
            self._known = {**(self._known or {}), self._place(path): tail.position}
        self.done(path)

    def _place(self, path: str) -> str:
        return f"{self.root.root}/{path}"
