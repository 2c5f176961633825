"""Reading the journal, forwards or backwards, without loading a segment whole: `read(folder, ...)` gives a page.

Where a page starts is found by the times at the ends of each segment and by bisection in one. A line that is no event
(torn by a killed process, written by somebody else) is skipped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from ..errors import BadRequest, FileRefused
from ..files import open_file
from . import lines
from .journal_segments import HEAD, Segment, segments
from .lines import lines_backwards, lines_with_ends

_MAX_SCANNED = 64_000_000
"""Bytes that one page reads at most: then it ends, with the cursor to go on."""
_CURSOR = re.compile(r"(\d{1,9})\.(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Events as JSON objects in the order that was asked for. `cursor` continues behind them; None: that is all."""

    events: list[dict[str, Any]]
    cursor: str | None


def read(
    folder: str,
    since: str | None = None,
    until: str | None = None,
    types: Iterable[str] | None = None,
    limit: int = 500,
    *,
    is_backwards: bool = False,
    cursor: str | None = None,
) -> Page:
    """A page of at most `limit` events with a time from `since` on and before `until` (`iso_time` texts), of these
    types; the oldest first, or backwards the newest. It may have fewer, or none, and yet a cursor: then the service has
    read enough for one request. Raises BadRequest for a cursor that is none of ours."""
    start = _parsed(cursor)
    wanted = frozenset(name.encode() for name in types) if types is not None else None
    low, high = (since or "").encode(), (until or "~").encode()
    found: list[dict[str, Any]] = []
    scanned = 0
    for segment in _in_order(folder, start, is_backwards):
        if not low[:10] <= segment.day.encode() <= high[:10]:
            continue
        try:
            handle = open_file(folder, segment.name)
        except FileRefused:
            continue
        try:
            size = os.fstat(handle).st_size
            at = start[1] if start is not None and start[0] == segment.number else None
            for line, behind in _lines_from(handle, size, at, low, high, is_backwards):
                scanned += len(line)
                head = HEAD.match(line)
                if head is not None and not low <= head[4] < high:
                    if (head[4] < low) == is_backwards:
                        break  # times rise within a segment
                    continue
                if head is not None and (wanted is None or head[3] in wanted):
                    event = _event(line)
                    if event is not None:
                        found.append(event)
                if len(found) >= limit or scanned > _MAX_SCANNED:
                    return Page(found, f"{segment.number}.{behind}")
        finally:
            os.close(handle)
    return Page(found, None)


def _parsed(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise BadRequest("The cursor is not one of this list.")
    return int(match[1]), int(match[2])


def _in_order(folder: str, start: tuple[int, int] | None, is_backwards: bool) -> list[Segment]:
    """The segments from the one of the cursor on."""
    known = segments(folder)
    if is_backwards:
        known.reverse()
    if start is None:
        return known
    return [one for one in known if (one.number <= start[0] if is_backwards else one.number >= start[0])]


def _event(line: bytes) -> dict[str, Any] | None:
    with suppress(msgspec.DecodeError, ValueError, RecursionError):
        event = msgspec.json.decode(line)
        return event if isinstance(event, dict) else None
    return None


def _lines_from(
    handle: int, size: int, at: int | None, low: bytes, high: bytes, is_backwards: bool
) -> Iterator[tuple[bytes, int]]:
    """(line, offset to continue at) from an offset on, or from where the times may be."""
    if is_backwards:
        end = min(at, size) if at is not None else _bisect(handle, size, high)
        return lines_backwards(handle, end)
    return lines_with_ends(handle, min(at, size) if at is not None else _bisect(handle, size, low), size)


def _bisect(handle: int, size: int, time: bytes) -> int:
    """The offset of the first line with at least that time; `size` if there is none."""
    last = next((head[4] for line, _ in lines_backwards(handle, size) if (head := HEAD.match(line))), b"")
    if last < time:
        return size
    low, high = 0, size
    while high - low > lines.CHUNK:
        middle = (low + high) // 2
        found = _first_time(handle, middle, high)
        if found is not None and found[1] < time:
            low = found[0]
        else:
            high = middle
    for line, behind in lines_with_ends(handle, low, size):
        head = HEAD.match(line)
        if head is not None and head[4] >= time:
            return behind - len(line)
    return size


def _first_time(handle: int, start: int, end: int) -> tuple[int, bytes] | None:
    """(offset, time) of the first whole line behind an offset."""
    is_first = start > 0
    for line, behind in lines_with_ends(handle, start, end):
        head = None if is_first else HEAD.match(line)
        is_first = False
        if head is not None:
            return behind - len(line), head[4]
    return None
