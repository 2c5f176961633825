"""Search in logs: lines that a regular expression finds, the newest first, and their exact number.

A page is answered within a time limit, with where to go on; so even an expression that is nowhere in 10 million lines
answers at once. `count` has a limit of its own, and says whether it came to the end. What is searched is the redacted
text (`redacted_text.py`), nothing else. There is no index of words: a segment of 100 kB takes 50 µs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..files.search_pattern import Pattern
from ..processes.model import Run
from .batch import job_of, log_line
from .line_search import count_matching_lines, matching_lines, ranges_in
from .marks import Segment
from .model import LogLine, ParsedLine
from .queries import LogQueries
from .redacted_text import RedactedText
from .rows import RowFilter, segments_with_rows
from .segments import LogView
from .tally import CLASSES, class_of, rows_in

PAGE_S = 0.04
COUNT_S = 2.0
MAX_CONTEXT = 20


@dataclass(frozen=True, slots=True)
class Match:
    """A line that was found, with its row in the view, its neighbours there, and where in the message the pattern
    matches: (start, end) in UTF-16 code units, as JavaScript counts; none if only `raw` matches."""

    row: int
    seq: int
    line: LogLine
    ranges: tuple[tuple[int, int], ...]
    before: tuple[LogLine, ...]
    after: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Matches, the newest first. `count`: of all matches where the whole log was searched for this page, else null.
    `next_before`: to be asked with for the next page; null at the beginning of the log."""

    matches: tuple[Match, ...]
    count: int | None
    is_exact: bool
    next_before: int | None


@dataclass(frozen=True, slots=True)
class MatchCount:
    """How many rows match among the newest `searched_lines` lines of what is indexed, and those that are not indexed
    yet; `is_exact`: those are all."""

    count: int
    is_exact: bool
    searched_lines: int


class LogSearch:
    """Searches logs. May be called from any thread."""

    def __init__(self, queries: LogQueries, texts: RedactedText, clock: Callable[[], float] = time.monotonic) -> None:
        self._queries = queries
        self._texts = texts
        self._clock = clock

    def page(
        self,
        run: Run,
        pattern: Pattern,
        rows: RowFilter,
        limit: int,
        before: int | None = None,
        context: int = 0,
        seconds: float = PAGE_S,
    ) -> SearchPage:
        """At most `limit` matches before line `before` (None: from the end on). Raises FileRefused."""
        until = self._clock() + seconds
        view = self._queries.view(run)
        upper = view.end.lines + 1 if before is None else min(max(1, before), view.end.lines + 1)
        found: list[Match] = []
        for match in self._ahead(run, view, pattern, rows, before):
            if isinstance(match, Match):
                found.append(match)
            at = match.seq if isinstance(match, Match) else match
            if len(found) >= limit or self._clock() >= until:
                return SearchPage(tuple(found), None, False, at)
        for segment, text in self._newest_first(run, view, upper, rows):
            first = segment.begin.lines + 1
            places = [place for place in matching_lines(text, pattern) if first + place < upper]
            for match in self._matches(run, view, segment, places, rows, pattern, context):
                found.append(match)
                if len(found) >= limit:
                    return SearchPage(tuple(found), None, False, match.seq if match.seq > 1 else None)
            if first > 1 and self._clock() >= until:
                return SearchPage(tuple(found), None, False, first)
        is_whole = before is None and not view.ahead
        return SearchPage(tuple(found), len(found) if is_whole else None, is_whole, None)

    def count(self, run: Run, pattern: Pattern, rows: RowFilter, seconds: float = COUNT_S) -> MatchCount:
        """The number of rows that match. Raises FileRefused."""
        until = self._clock() + seconds
        view = self._queries.view(run)
        is_every = rows.phase is None and len(rows.classes) == len(CLASSES)
        is_exact = is_every or not view.ahead
        count = 0
        for match in self._ahead(run, view, pattern, rows, None):
            count += isinstance(match, Match)
            if self._clock() >= until:
                return MatchCount(count, False, 0)
        for segment, text in self._newest_first(run, view, view.end.lines + 1, rows):
            count += self._count_in(run, view, segment, text, pattern, rows)
            if segment.begin.lines and self._clock() >= until:
                return MatchCount(count, False, view.end.lines - segment.begin.lines)
        return MatchCount(count, is_exact, view.end.lines)

    def _ahead(
        self, run: Run, view: LogView, pattern: Pattern, rows: RowFilter, before: int | None
    ) -> Iterator[Match | int]:
        """Matches in what is not parsed yet, the newest first; between them a number: there are no more from that line
        on. Their rows are those of a log of which everything from there on is in the view."""
        known = self._queries.row_of(view, rows, view.end.counts) - view.end.lines
        blocks = [block for block in reversed(view.ahead) if block.end > view.end.offset]
        for block, text in self._texts.of_ahead(run, blocks):
            if before is not None and before <= block.lines + 1:
                continue
            lines = text.split(b"\n")
            for place in reversed(list(matching_lines(text, pattern))):
                seq = block.lines + place + 1
                if seq <= view.end.lines or (before is not None and seq >= before):
                    continue
                (line,) = self._queries.make_parser(run, b"").parse(lines[place] + b"\n")
                if class_of(line) in rows.classes and rows.phase in (None, view.end.phase):
                    ranges = ranges_in(line.message, pattern)
                    yield Match(known + seq - 1, seq, self._shown(run, view, seq, line), ranges, (), ())
            yield max(block.lines, view.end.lines) + 1

    def _newest_first(self, run: Run, view: LogView, upper: int, rows: RowFilter) -> Iterator[tuple[Segment, bytes]]:
        """(segment, its text) of those with lines before number `upper` and rows in the view."""
        if upper > 1:
            numbers = segments_with_rows(view, rows, view.with_line(upper - 1) + 1)
            yield from self._texts.of(run, view, map(view.segment, numbers))

    def _count_in(
        self, run: Run, view: LogView, segment: Segment, text: bytes, pattern: Pattern, rows: RowFilter
    ) -> int:
        if rows.phase is None and rows_in(segment.counts, rows.classes) == sum(segment.counts):
            return count_matching_lines(text, pattern)
        places = set(matching_lines(text, pattern))
        return sum(place in places for place, _ in self._rows(run, view, segment, rows)) if places else 0

    def _rows(self, run: Run, view: LogView, segment: Segment, rows: RowFilter) -> Iterator[tuple[int, int]]:
        """(place in the segment, row) of the lines that are rows of the view."""
        row = self._queries.row_of(view, rows, segment.begin.counts)
        for place, kind in enumerate(self._queries.segment_lines(run, view, segment).classes):
            in_phase = rows.phase is None or view.phase_at(segment.begin.lines + place + 1) == rows.phase
            if in_phase and kind in rows.classes:
                yield place, row
                row += 1

    def _matches(
        self,
        run: Run,
        view: LogView,
        segment: Segment,
        places: Sequence[int],
        rows: RowFilter,
        pattern: Pattern,
        context: int,
    ) -> Iterator[Match]:
        """The lines at these places that are in the view, the last one first."""
        if not places:
            return
        lines = self._queries.segment_lines(run, view, segment)
        row_at = dict(self._rows(run, view, segment, rows))
        for place in reversed(places):
            row = row_at.get(place)
            if row is None:
                continue
            seq = segment.begin.lines + place + 1
            around = self._context(run, view, rows, row, context)
            shown = self._shown(run, view, seq, lines[place])
            yield Match(row, seq, shown, ranges_in(lines[place].message, pattern), *around)

    def _context(
        self, run: Run, view: LogView, rows: RowFilter, row: int, context: int
    ) -> tuple[tuple[LogLine, ...], tuple[LogLine, ...]]:
        """`context` rows before and after a row."""
        before: list[LogLine] = []
        after: list[LogLine] = []
        if not context:
            return (), ()
        for number, seq, line in self._queries.walk(run, view, rows, max(0, row - context)):
            if number > row + context:
                break
            if number != row:
                (before if number < row else after).append(self._shown(run, view, seq, line))
        return tuple(before), tuple(after)

    def _shown(self, run: Run, view: LogView, seq: int, line: ParsedLine) -> LogLine:
        return log_line(line, run.run_id, job_of(run.owner), seq, view.phase_at(seq))
