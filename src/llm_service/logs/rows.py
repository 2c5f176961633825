"""Which lines are rows of a view, and the rows that are given (pure values)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .marks import Mark, PhaseStart
from .model import LogLine
from .segments import LogView
from .tally import classes_of, minus, rows_in


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which lines are rows: those in `view` ("user" or "all") with one of `levels` (none: any), of `phase` or any."""

    view: str = "user"
    levels: frozenset[str] = frozenset()
    phase: str | None = None
    classes: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", classes_of(self.view, self.levels))


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """Where a phase begins: the line's number, the row in the view from which on its lines are, and its time."""

    phase: str
    row: int
    seq: int
    time: str | None


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows `first_row` and those after it of a view, which has `rows` rows; `counts` are the levels of all lines of the
    view, whatever levels were asked for. `is_complete`: the run has ended, and all of its log is known."""

    run: str | None
    view: str
    generation: int
    rows: int
    lines_total: int
    counts: dict[str, int]
    phases: tuple[PhaseRow, ...]
    first_row: int
    lines: tuple[LogLine, ...]
    is_complete: bool


def row_count(view: LogView, rows: RowFilter) -> int:
    """How many rows there are."""
    return sum(rows_in(minus(end, begin), rows.classes) for begin, end in intervals(view, rows.phase))


def segments_with_rows(view: LogView, rows: RowFilter, above: int) -> Iterator[int]:
    """The numbers, below `above`, of the segments that have rows, the last one first. Those between them take no time:
    of a long log the errors, or a phase, may all be at its beginning."""
    classes = rows.classes
    for begin, end in reversed(list(intervals(view, rows.phase))):
        first, behind = rows_in(begin, classes), rows_in(end, classes)
        while above > 0:
            known = view.rows(classes) if above == view.size else view.table.rows_before(above, classes)
            last = min(behind, known) - 1
            if last < first:
                break
            is_next = view.table.rows_before(above - 1, classes) <= last
            above = above - 1 if is_next else view.with_row(last, classes)
            yield above


def intervals(view: LogView, phase: str | None) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """(counts before, counts at the end) of the parts of the log in a phase; None: all of it."""
    nothing = Mark().counts
    if phase is None:
        yield nothing, view.end.counts
        return
    starts = [PhaseStart("idle", 1, None, nothing), *view.phases, PhaseStart("", 0, None, view.end.counts)]
    for start, after in pairwise(starts):
        if start.phase == phase:
            yield start.counts, after.counts
