"""Lines of a block that a pattern finds, by number: pure functions over bytes of whole lines."""

from __future__ import annotations

from collections.abc import Iterator

from ..files.search_pattern import Pattern
from .ansi import without_ansi
from .patterns import literal

_MOST_RANGES = 50
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
    end = len(text) - text.endswith(b"\n")
    counted = line = 0
    for begin, following in _matching(text, pattern, end):
        line += text.count(b"\n", counted, begin)
        yield line
        line += 1
        counted = following + 1


def count_matching_lines(text: bytes, pattern: Pattern) -> int:
    """How many lines have a match."""
    return sum(1 for _ in _matching(text, pattern, len(text) - text.endswith(b"\n"))) if text else 0


def _matching(text: bytes, pattern: Pattern, end: int) -> Iterator[tuple[int, int]]:
    """(begin of the first match in a line, end of the line; `end` for the last) of all lines with one."""
    spans, find, at = pattern.spans, text.find, 0
    while at <= end:
        begin, behind = spans(text, at, end)[0]
        if begin < 0:
            return
        following = find(b"\n", behind, end)
        if following < 0:
            following = end
        yield begin, following
        at = following + 1


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
