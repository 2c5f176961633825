"""Search over the logs of all runs: the latest run first, and of each the newest line first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import BadRequest, FileRefused
from ..files.search_pattern import Pattern
from ..processes.model import Run
from .rows import RowFilter
from .search import PAGE_S, LogSearch, Match

_LEAST_S = 0.005


@dataclass(frozen=True, slots=True)
class LogMatches:
    """Matches in several logs. `next_cursor`: where to go on, null at the end. `unread`: runs whose logs could not be
    read."""

    matches: tuple[Match, ...]
    next_cursor: str | None
    unread: tuple[str, ...]


def search_runs(
    search: LogSearch,
    runs: Sequence[Run],
    pattern: Pattern,
    rows: RowFilter,
    limit: int,
    cursor: str | None = None,
    seconds: float = PAGE_S,
    clock: Callable[[], float] = time.monotonic,
) -> LogMatches:
    """At most `limit` matches in these runs, the latest of which is the last one. Raises BadRequest for a cursor that
    is none."""
    until = clock() + seconds
    newest_first = list(reversed(runs))
    at, before = _place(newest_first, cursor) if cursor is not None else (0, None)
    found: list[Match] = []
    unread: list[str] = []
    for place in range(at, len(newest_first)):
        run = newest_first[place]
        try:
            left_s = max(_LEAST_S, until - clock())
            page = search.page(run, pattern, rows, limit - len(found), before, seconds=left_s)
        except FileRefused:
            unread.append(run.run_id)
            before = None
            continue
        found += page.matches
        before = None
        if page.next_before is not None:
            return LogMatches(tuple(found), f"{run.run_id}:{page.next_before}", tuple(unread))
        is_last = place == len(newest_first) - 1
        if not is_last and (len(found) >= limit or clock() >= until):
            return LogMatches(tuple(found), f"{newest_first[place + 1].run_id}:", tuple(unread))
    return LogMatches(tuple(found), None, tuple(unread))


def _place(runs: Sequence[Run], cursor: str) -> tuple[int, int | None]:
    """(which run, before which line) a cursor means."""
    run_id, colon, before = cursor.rpartition(":")
    is_number = before.isascii() and before.isdigit() and len(before) < 16
    if not colon or not (is_number or not before):
        raise BadRequest("This cursor is none of ours.")
    at = next((number for number, run in enumerate(runs) if run.run_id == run_id), len(runs))
    return at, int(before) if before else None
