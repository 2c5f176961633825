"""Rows of a view by number, from the index and the log: `LogQueries`. May be called from any thread.

A row is a line of a view: rows count from 0. The segment that has a row is found in the index, and only that part of
the log is read and parsed, in 3 ms; the last ones are cached, for the reader who scrolls.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import FileChanging, FileVanished
from ..processes.model import Run
from .ansi import without_ansi
from .batch import job_of, log_line
from .blocks import segment_bytes
from .lines import Lines
from .marks import FACTS, Segment
from .model import Fact, LogLine, ParsedLine
from .parsing import MakeParser, time_ms
from .rows import LogRows, PhaseRow, RowFilter, intervals, row_count
from .segments import LogView
from .store import LogStore
from .tally import by_level, classes_of, minus, rows_in

_CACHED = 24
_MADE = 200
"""Lines at once: who asks for rows seldom wants more."""
_TEXT_BYTES = 65_536


class LogQueries:
    """Reads logs through their indexes."""

    def __init__(self, store: LogStore, make_parser: MakeParser) -> None:
        self.store = store
        self.make_parser = make_parser
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[Any, ...], Lines] = OrderedDict()

    def lines(self, run: Run, rows: RowFilter, start_row: int | None, limit: int) -> LogRows:
        """At most `limit` rows from `start_row` on; None: the last ones. Raises FileRefused."""
        view = self.view(run)
        total = row_count(view, rows)
        start = max(0, total - limit) if start_row is None else min(start_row, total)
        found: list[LogLine] = []
        if limit and start < total:
            try:
                for _, seq, line in self.walk(run, view, rows, start):
                    found.append(log_line(line, run.run_id, job_of(run.owner), seq, view.phase_at(seq)))
                    if len(found) >= limit:
                        break
            except FileVanished:
                found = []
        return LogRows(
            run.run_id,
            rows.view,
            view.table.generation,
            total,
            view.end.lines,
            by_level(view.end.counts, rows.view),
            tuple(self._phase_rows(view, rows)),
            start,
            tuple(found),
            view.table.is_complete,
        )

    def view(self, run: Run) -> LogView:
        """What is known of a run's log now."""
        return self.store.table(run.run_id).view()

    def walk(self, run: Run, view: LogView, rows: RowFilter, start_row: int) -> Iterator[tuple[int, int, ParsedLine]]:
        """(row, number of the line, line) from row `start_row` on. Raises FileRefused."""
        row = 0
        for begin, end in intervals(view, rows.phase):
            here = rows_in(minus(end, begin), rows.classes)
            if row + here <= start_row:
                row += here
                continue
            before = rows_in(begin, rows.classes)
            first = before + max(0, start_row - row)
            for number, seq, line in self._walk_classes(run, view, rows.classes, first, before + here):
                yield row + number - before, seq, line
            row += here

    def segment_lines(self, run: Run, view: LogView, segment: Segment) -> Lines:
        """The parsed lines of a segment. Raises FileRefused."""
        key = (run.run_id, view.table.generation, segment.begin.offset, segment.end.offset, id(view.table))
        with self._lock:
            found = self._cache.get(key)
            if found is not None:
                self._cache.move_to_end(key)
                return found
        lines = self.parse(run, segment, self.read(run, segment))
        with self._lock:
            self._cache[key] = lines
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return lines

    def read(self, run: Run, segment: Segment) -> bytes:
        """The bytes of a segment as they are in the log: not redacted. Raises FileRefused."""
        handle = self.store.open(run)
        try:
            return segment_bytes(handle, segment)
        finally:
            os.close(handle)

    def parse(self, run: Run, segment: Segment, data: bytes) -> Lines:
        """The lines of these bytes. Raises FileChanging if they are not those of which the index was made."""
        lines = Lines.of(self.make_parser(run, segment.begin.state).parse(data))
        if len(lines) != sum(segment.counts):
            raise FileChanging("The log was changed; it is read again.")
        return lines

    def row_of(self, view: LogView, rows: RowFilter, counts: Sequence[int]) -> int:
        """The number of rows before the place with these counts."""
        row = 0
        for begin, end in intervals(view, rows.phase):
            upper = [min(a, b) for a, b in zip(counts, end, strict=True)]
            row += max(0, rows_in(upper, rows.classes) - rows_in(begin, rows.classes))
        return row

    def rows_before(self, run: Run, rows: RowFilter, seq: int) -> int:
        """How many rows are lines with a smaller number than `seq`. Raises FileRefused."""
        view = self.view(run)
        if seq > view.end.lines:
            return row_count(view, rows)
        segment = view.segment(view.with_line(max(1, seq)))
        counts = list(segment.begin.counts)
        for kind in self.segment_lines(run, view, segment).classes[: max(1, seq) - 1 - segment.begin.lines]:
            counts[kind] += 1
        return self.row_of(view, rows, counts)

    def at_line(self, run: Run, rows: RowFilter, seq: int) -> int:
        """The row of line `seq`, or of the first one after it in the view; the last row if there is none."""
        return min(self.rows_before(run, rows, seq), self.at_end(run, rows))

    def at_time(self, run: Run, rows: RowFilter, time: str) -> int:
        """The row of the first line of this time or later, or where lines say none, of the first one that arrived then;
        the last row if there is none."""
        view, wanted = self.view(run), time_ms(time)
        for segment in view.segments(view.with_time(wanted)):
            if segment.end.time_ms < wanted:
                continue
            for place, line in enumerate(self.segment_lines(run, view, segment), segment.begin.lines + 1):
                if line.time is not None and time_ms(line.time) >= wanted:
                    return self.at_line(run, rows, place)
        arrived = view.table.arrivals.first_after(wanted)
        return self.at_end(run, rows) if arrived is None else self.at_line(run, rows, arrived)

    def at_end(self, run: Run, rows: RowFilter) -> int:
        """The last row."""
        return max(0, row_count(self.view(run), rows) - 1)

    def next_error(self, run: Run, rows: RowFilter, after_row: int) -> int | None:
        """The next row after `after_row` (-1: from the first on) that is an error; None if there is none."""
        view = self.view(run)
        errors = rows.classes & classes_of("all", ("error",))
        start = view.with_row(after_row + 1, rows.classes) if rows.phase is None else 0
        for segment in view.segments(start):
            if not rows_in(segment.counts, errors):
                continue
            counts = list(segment.begin.counts)
            for place, kind in enumerate(self.segment_lines(run, view, segment).classes, segment.begin.lines + 1):
                if kind in errors and (rows.phase is None or view.phase_at(place) == rows.phase):
                    row = self.row_of(view, rows, counts)
                    if row > after_row:
                        return row
                counts[kind] += 1
        return None

    def text_blocks(self, run: Run, rows: RowFilter) -> Iterator[bytes]:
        """The redacted text of all rows, without codes of terminals, in blocks of about 64 kB. Raises FileRefused."""
        block: list[str] = []
        size = 0
        for _, _, line in self.walk(run, self.view(run), rows, 0):
            block.append(line.raw)
            size += len(line.raw) + 1
            if size >= _TEXT_BYTES:
                yield _text_of(block)
                block, size = [], 0
        if block:
            yield _text_of(block)

    def facts(self, run: Run) -> Iterator[tuple[int, str | None, Fact]]:
        """(number of the line, its time, fact) of all facts in the log, in order. Raises FileRefused."""
        view = self.view(run)
        for segment in view.segments():
            if segment.flags & FACTS:
                lines = self.segment_lines(run, view, segment)
                for place in lines.notable():
                    for fact in lines[place].facts:
                        yield segment.begin.lines + place + 1, lines[place].time, fact

    def _walk_classes(
        self, run: Run, view: LogView, classes: frozenset[int], first: int, end: int
    ) -> Iterator[tuple[int, int, ParsedLine]]:
        """(row of these classes, number, line) from row `first` to before `end`, whatever the phase."""
        for segment in view.segments(view.with_row(first, classes)):
            row = rows_in(segment.begin.counts, classes)
            if row >= end:
                return
            if row + rows_in(segment.counts, classes) <= first:
                continue
            lines = self.segment_lines(run, view, segment)
            places = [place for place, kind in enumerate(lines.classes) if kind in classes]
            wanted = places[max(0, first - row) : end - row]
            row = max(row, first)
            for at in range(0, len(wanted), _MADE):
                part = wanted[at : at + _MADE]
                for place, line in zip(part, lines.some(part), strict=True):
                    yield row, segment.begin.lines + place + 1, line
                    row += 1

    def _phase_rows(self, view: LogView, rows: RowFilter) -> Iterator[PhaseRow]:
        for start in view.phases:
            yield PhaseRow(start.phase, self.row_of(view, rows, start.counts), start.seq, start.time)


def _text_of(lines: Sequence[str]) -> bytes:
    return without_ansi(("\n".join(lines) + "\n").encode("utf-8", "replace"))
