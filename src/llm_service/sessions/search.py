"""`search(index, ...)`: rows of a transcript that a pattern finds, the last first. Only what is shown is searched.

A block of lines is parsed, redacted and searched at once: line by line that takes four times as long. Before that, the
lines are searched as they are in the log for a word that a match has to have (`likely.py`): only those with it are
parsed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..files.search_pattern import Pattern
from ..logs.line_search import matching_lines, ranges_in
from .clean import Cleaner
from .formats.kinds import Format, parse
from .likely import Likely
from .model import Match, MatchPage
from .rows_index import RowsIndex
from .transcript import parts_of, time_of

_BLOCK_ROWS = 1_000
_MAX_TEXT = 400
"""Characters of a line that is shown as a match."""


def search(
    index: RowsIndex,
    reader: Format,
    clean: Cleaner,
    pattern: Pattern,
    view: str,
    before: int | None,
    limit: int,
    budget_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> MatchPage:
    """Matches in rows before `before` (None: from the end), at most `limit`. Raises FileRefused, OSError."""
    until, generation = clock() + budget_s, index.generation
    likely = Likely(pattern)
    rows = index.rows(view)
    end = rows if before is None else min(before, rows)
    found: list[Match] = []
    while end > 0 and len(found) < limit:
        first = max(0, end - _BLOCK_ROWS)
        here, first = _block(index, reader, clean, pattern, likely, view, first, end)
        room = limit - len(found)
        found += here[:room]
        end = first if len(here) <= room else found[-1].row
        if clock() >= until:
            break
    return MatchPage(
        view=view, rows=rows, generation=generation, matches=tuple(found), next_before=end if end > 0 else None
    )


def _block(
    index: RowsIndex,
    reader: Format,
    clean: Cleaner,
    pattern: Pattern,
    likely: Likely,
    view: str,
    first: int,
    end: int,
) -> tuple[list[Match], int]:
    """(matches in these rows, the last first; the first row that was searched)."""
    lines = index.read(view, first, end - first)
    while lines and len(lines) < end - first:  # too many bytes at once: the later half of them
        first += max(1, (end - first) // 2) if first + 1 < end else 0
        lines = index.read(view, first, end - first)
        if end - first <= 1:
            break
    texts, owners = list[str](), list[tuple[int, int, str, dict[str, Any] | None]]()
    for place in likely.places([data for _, data in lines]):
        number, data = lines[place]
        value = parse(data) if data is not None else None
        for part in parts_of(reader, data, value, view):
            text = f"{part.tool}\n{part.text}" if part.tool and part.kind == "tool" else part.text
            texts.append(text)
            owner = first + place, number, part.kind, value
            owners += [owner] * (text.count("\n") + 1)
    if not texts:
        return [], first
    data = clean.block(texts)
    shown = pattern.normalized(data)
    rows = shown.split(b"\n")
    matches: list[Match] = []
    for place in matching_lines(shown, pattern):
        if place >= len(owners) or (matches and matches[-1].row == owners[place][0]):
            continue  # one match a row: the row is shown with all of them marked
        row, number, kind, value = owners[place]
        text = _around(rows[place].decode("utf-8", "replace"), pattern)
        matches.append(
            Match(row=row, line=number, kind=kind, time=time_of(value), text=text, ranges=ranges_in(text, pattern))
        )
    return matches[::-1], first


def _around(text: str, pattern: Pattern) -> str:
    """The part of a long line in which the first match is."""
    if len(text) <= _MAX_TEXT:
        return text
    data = text.encode("utf-8", "replace")
    match = pattern.search(data)
    at = len(data[: match.start()].decode("utf-8", "replace")) if match is not None else 0
    begin = max(0, at - _MAX_TEXT // 4)
    return ("…" if begin else "") + text[begin : begin + _MAX_TEXT] + ("…" if begin + _MAX_TEXT < len(text) else "")
