"""`FollowedLog`: the log of one run, read on in blocks, parsed, indexed, given to the batch and to listeners."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from ..errors import FileRefused, FileVanished
from ..processes.model import Run, RunStatus
from ..watch.tail import fingerprint
from .ahead import AHEAD_BYTES, Ahead
from .batch import OutputBatch, job_of
from .blocks import Block, BlockReader
from .events import RunOutput
from .marks import FACTS, OVERLONG, SEGMENT_BYTES, Digest, Mark, PhaseStart
from .model import ParsedLine
from .parsing import MakeParser, Parser, survey, time_ms
from .segments import MAX_PHASES, SegmentTable
from .store import LogStore, identity_of
from .tally import NOTHING, plus

LinesListener = Callable[[Run, int, Sequence[ParsedLine]], None]
"""Called with a run, the number of the first of some lines, and the lines."""
_BLOCKS = 4
_LOG_FOR_STATE = 25
"""Bytes of log for each byte of the parser's state at a mark."""


class FollowedLog:
    """Used by the follower's thread only."""

    def __init__(self, run: Run, store: LogStore, make_parser: MakeParser, listeners: Sequence[LinesListener]) -> None:
        self.run = run
        self._store = store
        self._make_parser = make_parser
        self._listeners = listeners
        self._file = store.file(run.run_id)
        self._blocks = BlockReader()
        self.batch = OutputBatch(run.run_id, job_of(run.owner))
        loaded = store.load(run)
        self._table, self._mark = loaded if loaded else (SegmentTable(), b"")
        if loaded:
            self._table.reopen()
        else:
            self._file.begin(self._table.generation)
        self._size = 0
        self._written_ms = 0
        """When the log was written to last, as of the last look."""
        self._ahead: Ahead | None = None
        self._last = b""
        """The log's fingerprint before the offset."""
        self._given = self._table.end.lines
        """Lines up to this number were given to the batch and the listeners."""
        self._begin_at(self._table.begin, self._mark)
        self.is_complete = False
        self.wanted_bytes: int | None = None
        """A request to be in sync waits until so much is read."""
        store.follow(run.run_id, self._table)

    @property
    def is_ended(self) -> bool:
        """True if nothing is written to the log any more."""
        return has_ended(self.run)

    @property
    def has_more(self) -> bool:
        """The end of a very long line is still looked for."""
        return self._blocks.has_more

    def read(self) -> int:
        """Read on, a few blocks at most; how many bytes that were. Raises FileRefused, OSError."""
        try:
            handle = self._store.open(self.run)
        except FileVanished:
            if self._lines:
                self._restart()
            self.is_complete = self.is_ended
            self.wanted_bytes = None
            return 0
        try:
            return self._read(handle)
        finally:
            os.close(handle)
            self._file.flush()

    def due(self) -> float | None:
        """When `output` has to be called; None if there is nothing to send."""
        has_unseen = self._is_behind and (self._ahead is None or self._ahead.offset < self._size)
        return self.batch.next_at if has_unseen else self.batch.due()

    @property
    def _is_behind(self) -> bool:
        return self._size - self._offset > AHEAD_BYTES

    def output(self, now: float) -> RunOutput | None:
        """The event with the lines that wait; the newest, if the log grows faster than it is parsed."""
        if self._is_behind:
            self._look_ahead()
        return self.batch.take(now, self._table.generation, self._table.view().phase_at)

    def _read(self, handle: int) -> int:
        status = os.fstat(handle)
        if not self._is_known(handle, status.st_size):
            self._restart()
        before, is_ended, at_end = self._offset, self.is_ended, False
        self._written_ms = min(status.st_mtime_ns, time.time_ns()) // 1_000_000
        for _ in range(_BLOCKS):
            filled = (self._offset - self._table.begin.offset) % SEGMENT_BYTES
            block = self._blocks.next(handle, self._offset, filled, is_ended)
            if block is None:
                at_end = not self._blocks.has_more
                break
            self._apply(handle, block)
        self._last = fingerprint(handle, self._offset) if self._offset != before else self._last
        self._size = status.st_size
        if at_end and self._ahead is not None:
            self._ahead, self._table.ahead = None, ()
        if self.wanted_bytes is not None and (at_end or self._offset >= self.wanted_bytes):
            self.wanted_bytes = None
        with self._table.lock:
            self._table.identity = identity_of(status) if at_end else None
        if at_end and is_ended and not self.is_complete:
            self._complete(handle)
        return self._offset - before

    def _look_ahead(self) -> None:
        ahead = self._ahead
        if ahead is None:
            ahead = self._ahead = Ahead(self._make_parser(self.run, self._parser.state()), self._offset, self._lines)
        try:
            handle = self._store.open(self.run)
        except FileRefused:
            return
        try:
            size = os.fstat(handle).st_size
            if self._is_known(handle, size):
                self.batch.add_ahead(*ahead.newest(handle, size, self._make_parser(self.run, b"")))
                with self._table.lock:
                    self._table.ahead = ahead.blocks
        finally:
            os.close(handle)

    def _is_known(self, handle: int, size: int) -> bool:
        return size >= self._offset and (not self._offset or fingerprint(handle, self._offset) == self._last)

    def _restart(self) -> None:
        """The log is another one."""
        self._table = SegmentTable(self._table.generation + 1)
        self._file.begin(self._table.generation)
        self.batch.restart()
        self._given = 0
        self._begin_at(Mark(), b"")
        self._store.follow(self.run.run_id, self._table)

    def _begin_at(self, mark: Mark, known: bytes) -> None:
        self._parser: Parser = self._make_parser(self.run, mark.state)
        self._offset, self._lines, self._last = mark.offset, mark.lines, known
        self._digest: Digest | None = Digest()
        """Of the open segment, None if redaction changes it."""
        self._blocks.reset()
        self._ahead, self._size = None, 0

    def _apply(self, handle: int, block: Block) -> None:
        table = self._table
        if block.is_overlong and self._offset > table.begin.offset:
            self._close_segment(handle)
        lines = self._parser.parse(block.data)
        if self._digest is not None and self._parser.is_unchanged and not block.is_overlong:
            self._digest.add(block.data)
        else:
            self._digest = None
        found, end = survey(lines), table.end
        starts, phase = self._phase_starts(found.phases, lines)
        flags = (FACTS if found.has_facts else 0) | (OVERLONG if block.is_overlong else 0)
        with table.lock:
            for start in starts:
                table.add_phase(start)
            table.end = Mark(block.end, plus(end.counts, found.counts), max(end.time_ms, time_ms(found.time)), phase)
            table.flags |= flags
        first_seq = self._lines + 1
        if found.time is None and (at_ms := table.arrivals.add(first_seq, self._written_ms)) is not None:
            self._file.add_arrival(first_seq, at_ms)
        self._offset, self._lines = block.end, self._lines + len(lines)
        if block.is_overlong or self._is_full():
            self._close_segment(handle)
        self._give(first_seq, lines)

    def _is_full(self) -> bool:
        """True if the open segment ends here: an agent with much that is open must not make the index as large as its
        log."""
        filled = self._offset - self._table.begin.offset
        return filled >= SEGMENT_BYTES and filled >= _LOG_FOR_STATE * len(self._parser.state())

    def _phase_starts(self, places: Sequence[int], lines: Sequence[ParsedLine]) -> tuple[list[PhaseStart], str]:
        """The phases that begin in these lines, and the one in which they end."""
        end = self._table.end
        phase = end.phase
        starts: list[PhaseStart] = []
        counts, at = NOTHING, 0
        for place in places:
            line = lines[place]
            if line.phase is None or line.phase == phase:
                continue
            if len(self._table.phases) + len(starts) >= MAX_PHASES:
                break
            counts, at = plus(counts, survey(lines[at:place]).counts), place
            phase = line.phase
            start = PhaseStart(phase, self._lines + place + 1, line.time, plus(end.counts, counts))
            starts.append(start)
            self._file.add_phase(start)
        return starts, phase

    def _close_segment(self, handle: int) -> None:
        table, end = self._table, self._table.end
        mark = Mark(end.offset, end.counts, end.time_ms, end.phase, self._parser.state())
        flags = table.flags
        with table.lock:
            table.end = mark
            table.close_segment(self._digest.value() if self._digest is not None else b"")
        self._digest = Digest()
        self._file.add_segment(mark, flags, fingerprint(handle, mark.offset))

    def _give(self, first_seq: int, lines: Sequence[ParsedLine]) -> None:
        """To the batch and the listeners, without what they had before the index was opened again."""
        known = max(0, self._given - first_seq + 1)
        lines, first_seq = lines[known:], first_seq + known
        if not lines:
            return
        self._given = first_seq + len(lines) - 1
        self.batch.add(first_seq, lines)
        for listener in self._listeners:
            listener(self.run, first_seq, lines)

    def _complete(self, handle: int) -> None:
        status = os.fstat(handle)
        if status.st_size > self._offset:
            return  # written at the very end: read first
        self.is_complete = True
        with self._table.lock:
            self._table.is_complete = True
            self._table.identity = identity_of(status)
            end = self._table.end
        self._file.add_end(end, self._table.flags, identity_of(status))


def has_ended(run: Run) -> bool:
    """True if nothing is written to the log of a run any more."""
    return run.status in (RunStatus.FINISHED, RunStatus.UNKNOWN) and not run.survivors


def size_of(store: LogStore, run: Run) -> int:
    """The bytes of a run's log, 0 if there is none."""
    try:
        return store.identity(run).size
    except (FileRefused, OSError):
        return 0
