"""`EntryIndex`: the entries of one session of OpenCode, with what `LogIndex` has of the lines of a log.

Eight bytes an entry, twelve if it is shown; what an entry says is read on demand. An entry that is still being written
is read again each time, until it is finished; only then it is counted.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, insort
from collections.abc import Callable

from ..figures import add_facts
from ..formats.kinds import parse
from ..formats.opencode import OpenCodeFormat, todos_of
from ..index import Line
from ..model import Figures
from .entries import Entry, EntryReader, EntrySource, Order

_PORTION = 200
_MAX_BLOCK_BYTES = 8 << 20
_MOST_OPEN = 512
_SETTLED_S = 3_600.0
"""An entry that began so long ago and is still open is not waited for: who wrote it may be gone."""


class EntryIndex:
    """One session. May be used from any thread."""

    def __init__(
        self,
        source: EntrySource,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._source, self._clock, self._now = source, clock, now
        self._lock = threading.Lock()
        self.generation = 0
        self._reset()

    def _reset(self) -> None:
        self.generation += 1
        self._format = OpenCodeFormat()
        self._refs: array[int] = array("q")
        self._shown: array[int] = array("I")
        self._open: dict[int, int] = {}
        """Number of an entry that is being written -> when it was made, in ms."""
        self._waiting: list[Entry] = []
        self._end: Order | None = None
        self._state: object = None
        self._layout: object = None
        self.size = 0
        self.figures = Figures()

    @property
    def lines(self) -> int:
        """How many entries are known."""
        return len(self._refs)

    def rows(self, view: str) -> int:
        """How many rows of a view are known."""
        return self.lines if view == "all" else len(self._shown)

    def settled(self, view: str) -> int:
        """How many rows, from the first on, do not change any more."""
        began = (self._now() - _SETTLED_S) * 1_000
        first = min((number for number, made_ms in list(self._open.items()) if made_ms >= began), default=None)
        if first is None:
            return self.rows(view)
        return first - 1 if view == "all" else bisect_left(self._shown, first)

    def update(self, budget_s: float) -> bool:
        """Read what is new or has changed, for so long at most; True if that was all. Raises FileRefused, OSError."""
        until = self._clock() + budget_s
        with self._lock:
            state = self._source.state()
            if state == self._state and not self._waiting:
                return True
            with self._source.reading() as reading:
                self._find(reading)
                self._read_open(reading)
                while self._waiting:
                    self._read_new(reading)
                    if self._clock() >= until:
                        break
                self._take_todos(reading)
            self._state = state
            return not self._waiting

    def add_up(self, budget_s: float) -> bool:
        """True if all that is known is added up, which `update` does."""
        return not self._waiting

    def row_of(self, view: str, line: int) -> int:
        """The row of an entry, or of the next one that the view has; the last row if there is none."""
        if view == "all":
            return max(0, min(line, self.lines) - 1)
        return max(0, min(bisect_left(self._shown, line), len(self._shown) - 1))

    def read(self, view: str, first: int, count: int) -> list[Line]:
        """The entries of rows from `first` on, not many bytes at once. Raises FileRefused, OSError."""
        with self._lock:
            end = min(first + count, self.rows(view))
            numbers = list(range(first + 1, end + 1)) if view == "all" else list(self._shown[first:end])
            found: list[Line] = []
            if not numbers:
                return found
            taken = 0
            with self._source.reading() as reading:
                if reading.layout() != self._layout:
                    return found
                for number in numbers:
                    line = reading.line(self._refs[number - 1])
                    taken += len(line or b"")
                    if taken > _MAX_BLOCK_BYTES and found:
                        break
                    found.append((number, line))
            return found

    def _find(self, reading: EntryReader) -> None:
        """Note which entries there are. If any but the last ones differ, all are read anew."""
        layout = reading.layout()
        is_first = self._layout is None
        if not is_first and layout == self._layout and self._find_new(reading):
            return
        if not is_first:
            self._reset()
        self._layout = layout
        self._waiting = sorted(reading.entries(is_all=True) or ())

    def _find_new(self, reading: EntryReader) -> bool:
        """False if not all that was there still is, or something was put between."""
        new = reading.entries(is_all=False)
        if new is None:
            return False
        last = self._waiting[-1].order if self._waiting else self._end
        is_behind = not new or last is None or min(new).order > last
        if not is_behind or reading.count() != self.lines + len(self._waiting) + len(new):
            return False
        self._waiting += sorted(new)
        return True

    def _read_new(self, reading: EntryReader) -> None:
        portion = self._waiting[:_PORTION]
        for order, ref in portion:
            self._refs.append(ref)
            self._end = order
            line = reading.line(ref)
            self.size += len(line or b"")
            self._take(len(self._refs), line, order[0])
        del self._waiting[: len(portion)]

    def _read_open(self, reading: EntryReader) -> None:
        for number, made_ms in list(self._open.items()):
            self._take(number, reading.line(self._refs[number - 1]), made_ms)

    def _take(self, number: int, line: bytes | None, made_ms: int) -> None:
        is_shown = self._format.is_shown(line) if line is not None else None
        self._show(number, is_shown is not False)
        value = parse(line) if line is not None else None
        if value is not None and self._format.is_open(value):
            self._open[number] = made_ms
            while len(self._open) > _MOST_OPEN:
                del self._open[next(iter(self._open))]
            return
        self._open.pop(number, None)
        self.figures.errors += is_shown is None
        if value is not None:
            add_facts(self.figures, self._format.facts(value))

    def _show(self, number: int, is_shown: bool) -> None:
        place = bisect_left(self._shown, number)
        was_shown = place < len(self._shown) and self._shown[place] == number
        if is_shown and not was_shown:
            insort(self._shown, number)
        elif was_shown and not is_shown:
            del self._shown[place]

    def _take_todos(self, reading: EntryReader) -> None:
        todos = reading.todos()
        if todos:
            self.figures.todos = todos_of(todos)
