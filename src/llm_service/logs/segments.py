"""The index of a log: marks at about every 100 kB, no entry per line. 10 million lines take 1 MB.

A `Mark` is a place at the beginning of a line, with all that is needed to start reading there: how many lines of each
class precede it, the phase, the parser's state. A segment is what lies between two marks; its lines are parsed again
from the log whenever they are asked for. Readers take a `LogView`, which does not change while the log grows.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .arrivals import Arrivals
from .marks import AheadBlock, FileIdentity, Mark, PhaseStart, Segment
from .model import PHASES
from .tally import CLASSES, rows_in

MAX_PHASES = 2_000
"""Changes of phase that are stored of one log; a program that prints more of them is not in phases."""
_WIDTH = len(CLASSES)


class SegmentTable:
    """The marks of one log in columns. Written by one thread; `view` may be called from any."""

    def __init__(self, generation: int = 1) -> None:
        """`generation`: 1 for the first log of a run, one more each time that it was replaced by another."""
        self.generation = generation
        self._offsets, self._times = array("Q"), array("q")
        self._counts = array("I")
        self._phases, self._flags = bytearray(), bytearray()
        self._states: list[bytes] = []
        self._digests: list[bytes] = []
        self.phases: tuple[PhaseStart, ...] = ()
        self.arrivals = Arrivals()
        self.end = Mark()
        """Everything before it has been parsed."""
        self.flags = 0
        """Of the open segment, from the last mark to the end."""
        self.ahead: tuple[AheadBlock, ...] = ()
        """What was scanned ahead, but is not parsed yet."""
        self.identity: FileIdentity | None = None
        self.is_complete = False
        """The run has ended, and its log is parsed to the end."""
        self.lock = threading.Lock()
        """Held while the end moves, so that a view is of one moment."""
        self._add(self.end)

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def begin(self) -> Mark:
        """Where the open segment begins."""
        return self.mark(len(self) - 1)

    def mark(self, number: int) -> Mark:
        """The mark at which segment `number` begins."""
        counts = tuple(self._counts[number * _WIDTH : (number + 1) * _WIDTH])
        phase = PHASES[self._phases[number]]
        return Mark(self._offsets[number], counts, self._times[number], phase, self._states[number])

    def close_segment(self, digest: bytes = b"") -> None:
        """The open segment ends at `end`, where the next one begins."""
        self._flags[-1], self._digests[-1] = self.flags, digest
        self.flags = 0
        self._add(self.end)

    def reopen(self) -> None:
        """The open segment has to be parsed again, from the last mark on."""
        with self.lock:
            self.end, self.flags, self.is_complete = self.begin, 0, False
            lines = self.end.lines
            self.phases = tuple(start for start in self.phases if start.seq <= lines)

    def add_phase(self, start: PhaseStart) -> bool:
        """Note that a phase begins; False if there are too many."""
        if len(self.phases) >= MAX_PHASES:
            return False
        self.phases = (*self.phases, start)
        return True

    def view(self) -> LogView:
        """What is known of the log now."""
        with self.lock:
            return LogView(self, len(self), self.end, self.flags, self.phases, self.identity, self.ahead)

    def _add(self, mark: Mark) -> None:
        # `len` counts offsets: last, so that what is counted is complete.
        self._counts.extend(mark.counts)
        self._times.append(mark.time_ms)
        self._phases.append(PHASES.index(mark.phase))
        self._flags.append(0)
        self._states.append(mark.state)
        self._digests.append(b"")
        self._offsets.append(mark.offset)

    # For `LogView`.

    def flags_of(self, number: int) -> int:
        """The flags of a closed segment."""
        return self._flags[number]

    def digest(self, number: int) -> bytes:
        """Of a closed segment that redaction leaves as it is; empty if that is not known. It is not stored with the
        index: that lies where agents write, and an index of theirs must not say which text has no secrets."""
        return self._digests[number]

    def offsets(self) -> array[int]:
        """Where the segments begin, in bytes."""
        return self._offsets

    def times(self) -> array[int]:
        """The latest time before each segment."""
        return self._times

    def rows_before(self, number: int, classes: Collection[int]) -> int:
        """How many lines of these classes precede segment `number`."""
        base, counts = number * _WIDTH, self._counts
        return sum(counts[base + each] for each in classes)


@dataclass(frozen=True, slots=True)
class LogView:
    """The first `size` segments of a table, the last of which ends at `end`."""

    table: SegmentTable
    size: int
    end: Mark
    open_flags: int
    phases: tuple[PhaseStart, ...]
    identity: FileIdentity | None
    ahead: tuple[AheadBlock, ...] = ()

    def segment(self, number: int) -> Segment:
        """Segment `number`, from 0."""
        is_last = number == self.size - 1
        end = self.end if is_last else self.table.mark(number + 1)
        flags = self.open_flags if is_last else self.table.flags_of(number)
        return Segment(number, self.table.mark(number), end, flags, b"" if is_last else self.table.digest(number))

    def segments(self, start: int = 0) -> Iterator[Segment]:
        """The segments from number `start` on."""
        for number in range(start, self.size):
            yield self.segment(number)

    def with_row(self, row: int, classes: Collection[int]) -> int:
        """The number of the segment with row `row` (from 0) of the lines of these classes; 0 if there is none."""
        found = bisect_right(range(self.size), row, key=lambda number: self.table.rows_before(number, classes))
        return max(0, found - 1)

    def with_line(self, seq: int) -> int:
        """The number of the segment with line `seq` (from 1)."""
        return self.with_row(seq - 1, range(_WIDTH))

    def with_time(self, time_ms: int) -> int:
        """The number of the first segment that may have a line of this time or later."""
        found = bisect_right(range(self.size), time_ms - 1, key=lambda number: self.table.times()[number])
        return max(0, found - 1)

    def phase_at(self, seq: int) -> str:
        """The phase that line `seq` belongs to."""
        if not self.phases or seq < self.phases[0].seq:
            return PHASES[0]
        if seq >= self.phases[-1].seq:  # it is asked for each line that was just printed
            return self.phases[-1].phase
        number = bisect_right(self.phases, seq, key=lambda start: start.seq)
        return self.phases[number - 1].phase

    def rows(self, classes: Collection[int]) -> int:
        """How many lines are in these classes."""
        return rows_in(self.end.counts, classes)
