"""`LogIndex`: where each line of a session's log is, and what all lines add up to; the log itself stays on the disk.

Twelve bytes a line. What was read is recognised by its content, as `watch/tail.py` does, so a log that is replaced is
read anew, with another `generation`.
"""

from __future__ import annotations

import os
import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

from .. import files
from ..watch.tail import fingerprint, read_at
from .figures import add_facts
from .formats.kinds import Format, parse
from .model import Figures

MAX_LINE_BYTES = 4 << 20
MOST_LINES = 3_000_000
"""More lines of one log are not shown."""
_CHUNK_BYTES = 1 << 20
_MAX_BLOCK_BYTES = 8 << 20
_PORTION = 500

Line = tuple[int, bytes | None]
"""(number of the line from 1, the line or None if it is too long to be read)"""


class LogIndex:
    """One log. May be used from any thread."""

    def __init__(
        self, root: str, path: str, make_format: Callable[[], Format], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._path, self._make_format, self._clock = root, path, make_format, clock
        self._lock = threading.Lock()
        self.generation = 0
        self._reset()

    def _reset(self) -> None:
        self.generation += 1
        self._format = self._make_format()
        self._starts: array[int] = array("Q", [0])
        self._shown: array[int] = array("I")
        self._mark = b""
        self._skipped_to = 0
        self.size = 0
        self._counted = 0
        self.figures = Figures()

    @property
    def lines(self) -> int:
        """How many whole lines are known."""
        return len(self._starts) - 1

    def rows(self, view: str) -> int:
        """How many rows of a view are known."""
        return self.lines if view == "all" else len(self._shown)

    def settled(self, view: str) -> int:
        """How many rows, from the first on, do not change any more: a log is only added to."""
        return self.rows(view)

    def update(self, budget_s: float) -> bool:
        """Read what is new, for so long at most; True if that was all. Raises FileRefused, OSError."""
        with self._lock:
            handle = files.open_file(self._root, self._path)
            try:
                return self._update(handle, self._clock() + budget_s)
            finally:
                os.close(handle)

    def add_up(self, budget_s: float) -> bool:
        """Add up what is new in the lines that are known, for so long at most; True if that was all. Raises
        FileRefused, OSError."""
        until = self._clock() + budget_s
        while self._counted < self.lines:
            with self._lock:
                begin = self._counted
                handle = files.open_file(self._root, self._path)
                try:
                    if not self._is_known(handle):
                        return False
                    for number, line in self._read(handle, self._numbers("all", begin, _PORTION)):
                        self._count(line)
                        self._counted = number
                finally:
                    os.close(handle)
            if self._clock() >= until:
                break
        return self._counted >= self.lines

    def row_of(self, view: str, line: int) -> int:
        """The row of a line, or of the next one that the view has; the last row if there is none."""
        if view == "all":
            return max(0, min(line, self.lines) - 1)
        return max(0, min(bisect_left(self._shown, line), len(self._shown) - 1))

    def read(self, view: str, first: int, count: int) -> list[Line]:
        """The lines of rows from `first` on, not many bytes at once. Raises FileRefused, OSError."""
        with self._lock:
            numbers = self._numbers(view, first, count)
            if not numbers:
                return []
            handle = files.open_file(self._root, self._path)
            try:
                if not self._is_known(handle):
                    return []
                return list(self._read(handle, numbers))
            finally:
                os.close(handle)

    def _numbers(self, view: str, first: int, count: int) -> list[int]:
        end = min(first + count, self.rows(view))
        if view == "all":
            return list(range(first + 1, end + 1))
        return list(self._shown[first:end])

    def _read(self, handle: int, numbers: list[int]) -> Iterator[Line]:
        taken = at = 0
        chunk, last = b"", self._starts[numbers[-1]] if numbers else 0
        for number in numbers:
            begin, end = self._starts[number - 1], self._starts[number]
            if end - begin > MAX_LINE_BYTES:
                yield number, None
                continue
            taken += end - begin
            if taken > _MAX_BLOCK_BYTES and taken != end - begin:
                return
            if end > at + len(chunk):  # one call of the system for many lines
                at, chunk = begin, read_at(handle, max(end - begin, min(_CHUNK_BYTES, last - begin)), begin)
            yield number, chunk[begin - at : end - at].strip()

    def _is_known(self, handle: int) -> bool:
        offset = self._starts[-1]
        return offset == 0 or (os.fstat(handle).st_size >= offset and fingerprint(handle, offset) == self._mark)

    def _update(self, handle: int, until: float) -> bool:
        if not self._is_known(handle):
            self._reset()
        self.size = os.fstat(handle).st_size
        held, offset = b"", self._starts[-1]
        begin = offset
        position = max(offset, self._skipped_to)
        is_long = position > offset
        while position < self.size and self.lines < MOST_LINES:
            chunk = read_at(handle, _CHUNK_BYTES, position)
            if not chunk:
                break
            position += len(chunk)
            if is_long:  # the rest of a line that is not read
                end = chunk.find(b"\n")
                if end < 0:
                    self._skipped_to = position
                    continue
                self._starts.append(position - len(chunk) + end + 1)
                self._shown.append(self.lines)
                self.figures.errors += 1
                chunk, is_long = chunk[end + 1 :], False
            held = self._take(held + chunk)
            if len(held) > MAX_LINE_BYTES:
                held, is_long, self._skipped_to = b"", True, position
            if self._clock() >= until:
                break
        if self._starts[-1] != begin or not self._mark:
            self._mark = fingerprint(handle, self._starts[-1])
        return position >= self.size or self.lines >= MOST_LINES

    def _take(self, data: bytes) -> bytes:
        """Whole lines; what is left behind the last one."""
        lines = data.split(b"\n")
        starts, shown, offset = self._starts, self._shown, self._starts[-1]
        is_shown, number = self._format.is_shown, len(starts) - 1
        for line in lines[:-1]:
            offset += len(line) + 1
            number += 1
            starts.append(offset)
            if not line or line.isspace():
                continue
            found = is_shown(line) if len(line) <= MAX_LINE_BYTES else None
            if found is None:  # it is shown that it cannot be read
                self.figures.errors += 1
                shown.append(number)
            elif found:
                shown.append(number)
        return lines[-1]

    def _count(self, line: bytes | None) -> None:
        value = parse(line) if line is not None and self._format.counts(line) else None
        if value is not None:
            add_facts(self.figures, self._format.facts(value))
