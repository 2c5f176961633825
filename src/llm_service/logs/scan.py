"""`special_lines(block)`: which lines of a block need more than their format read; most need nothing more.

RE2 goes through a block at 400 MB/s without holding the interpreter's lock, which is what lets one core read 300,000
lines a second.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from . import phases, tracebacks, visible, words
from .patterns import compiled, flat

_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f]"


LEVEL, RARE, OTHER = 1, 2, 4
"""Bits of a mark: colours, control characters, words of a level, tracebacks; facts, phases, noise; what the
caller looks for (`mark_lines_with`)."""


@cache
def _expressions() -> tuple[tuple[int, Any], ...]:
    """What begins a message may be behind a time and a level here, so it is found anywhere."""
    levels = (*words.AT_BEGIN.values(), *words.ANYWHERE.values(), tracebacks.BEGINS)
    rare = (words.WAITING, words.RATE_LIMIT, words.HINTS, phases.HINTS, visible.NOISE)
    return (
        (LEVEL, compiled(_CONTROLS, *flat(levels), max_mb=32)),
        (RARE, compiled(words.FACT, *flat(rare), max_mb=32)),
    )


def special_lines(block: bytes, lines: int) -> bytearray:
    """The marks of the block's lines, of which there are `lines`; 0 for those that need no more than their format."""
    marks = bytearray(lines)
    for bit, expression in _expressions():
        _mark(expression.search, bit, block, marks)
    return marks


def _mark(search: Any, bit: int, block: bytes, marks: bytearray) -> None:
    count, find = block.count, block.find
    at = number = 0
    while (match := search(block, at)) is not None:
        begin = match.start()
        number += count(b"\n", at, begin)
        marks[number] |= bit
        at = find(b"\n", begin) + 1
        if not at:
            break
        number += 1


def mark_lines_with(text: bytes, block: bytes, marks: bytearray) -> None:
    """Mark the lines that have this text as `OTHER`."""
    at = number = 0
    while (begin := block.find(text, at)) >= 0:
        number += block.count(b"\n", at, begin)
        marks[number] |= OTHER
        at = block.find(b"\n", begin) + 1
        if not at:
            break
        number += 1
