"""Lines of a block that a pattern finds, by number: pure functions over bytes of whole lines."""

from __future__ import annotations

from collections.abc import Iterator

from ..files.search_pattern import Pattern

_MOST_RANGES = 50


def matching_lines(text: bytes, pattern: Pattern) -> Iterator[int]:
    """The places (from 0) of the lines with a match, each once. A match of nothing, as of `^$`, counts too."""
    if not text:
        return
    search = pattern.search
    end = len(text) - text.endswith(b"\n")
    at = counted = line = 0
    while at <= end and (match := search(text, at, end)) is not None:
        start = match.start()
        line += text.count(b"\n", counted, start)
        counted = start
        yield line
        following = text.find(b"\n", match.end(), end)
        if following < 0:
            return
        at = following + 1
        line += 1
        counted = at


def count_matching_lines(text: bytes, pattern: Pattern) -> int:
    """How many lines have a match."""
    return sum(1 for _ in matching_lines(text, pattern))


def ranges_in(message: str, pattern: Pattern) -> tuple[tuple[int, int], ...]:
    """Where a pattern matches in a message, in UTF-16 code units; the first fifty places."""
    data = message.encode("utf-8", "replace")
    ranges: list[tuple[int, int]] = []
    at = 0
    while at <= len(data) and len(ranges) < _MOST_RANGES and (match := pattern.search(data, at)) is not None:
        start, end = match.span()
        if start < end:
            ranges.append((_units(data[:start]), _units(data[:end])))
        at = max(end, start + 1)
    return tuple(ranges)


def _units(data: bytes) -> int:
    text = data.decode("utf-8", "replace")
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
