"""Lines of a block that a pattern finds, by number: pure functions over bytes of whole lines."""

from __future__ import annotations

from collections.abc import Iterator

from ..files.search_pattern import Pattern
from .ansi import without_ansi
from .patterns import literal

_MOST_RANGES = 50
_ENOUGH, _MOST_SAVED = 5, 8
"""Searches that were saved, or lost, before a run is searched for; more are not remembered, as a log changes."""
_WINDOWS_END = literal(b"\r\n")


def searched_text(block: bytes) -> bytes:
    """A block as it is searched: without codes of terminals, and without the CR before LF that a program prints to a
    terminal, which would hide what is before it from `$`. It has as many lines."""
    text = without_ansi(block) if b"\x1b" in block else block
    return text.replace(b"\r\n", b"\n") if _WINDOWS_END.is_in(text) else text


def matching_lines(text: bytes, pattern: Pattern) -> Iterator[int]:
    """The places (from 0) of the lines with a match, each once. A match of nothing, as of `^$`, counts too."""
    if not text:
        return
    counted = line = 0
    for begin, end, lines in _matching(text, pattern):
        line += text.count(b"\n", counted, begin)
        yield from range(line, line + lines)
        line += lines
        counted = end


def count_matching_lines(text: bytes, pattern: Pattern) -> int:
    """How many lines have a match."""
    return sum(lines for _, _, lines in _matching(text, pattern)) if text else 0


def _matching(text: bytes, pattern: Pattern) -> Iterator[tuple[int, int, int]]:
    """(begin, end, number) of lines one after another that all have a match; `begin` is in the first one.

    A search for each line, or two for a line and all that follow it, whichever has been fewer (`saved`).
    """
    size = len(text)
    end = size - text.endswith(b"\n")
    spans, find, count = pattern.spans, text.find, text.count
    at = saved = 0
    while at <= end:
        begin, behind = spans(text, at, end)[0]
        if begin < 0:
            return
        if saved < _ENOUGH:
            if find(b"\n", at, begin) < 0:
                saved += 1
            elif saved > -_MOST_SAVED:
                saved -= 1
        at = find(b"\n", behind, end) + 1 or end + 1
        yield begin, at, 1
        if saved >= _ENOUGH and at < size and (runs := pattern.line_runs) is not None:
            begin, behind = runs.spans(text, at, size)[0]
            lines = count(b"\n", begin, behind) if begin >= 0 else 0
            saved = min(_MOST_SAVED, saved + lines - 1)
            if lines:
                yield begin, behind, lines
                at = behind


def ranges_in(message: str, pattern: Pattern) -> tuple[tuple[int, int], ...]:
    """Where a pattern matches in a message, in UTF-16 code units; the first fifty places."""
    data = message.encode("utf-8", "replace")
    ranges: list[tuple[int, int]] = []
    at = 0
    while at <= len(data) and len(ranges) < _MOST_RANGES:
        start, end = pattern.spans(data, at, len(data))[0]
        if start < 0:
            break
        if start < end:
            ranges.append((_units(data[:start]), _units(data[:end])))
        at = max(end, start + 1)
    return tuple(ranges)


def _units(data: bytes) -> int:
    text = data.decode("utf-8", "replace")
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
