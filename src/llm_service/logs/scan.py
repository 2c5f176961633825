"""`lines_with_words(block)`: which lines of a block need more than their format read; most need nothing more.

RE2 goes through a block at 400 MB/s without holding the interpreter's lock, which is what lets one core read 300,000
lines a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..files.expression import Expression
from . import phases, tracebacks, visible, words
from .patterns import compiled, flat, mark_lines

_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f]"


LEVEL, RARE, OTHER = 1, 2, 4
"""Bits of a mark: words of a level, tracebacks; facts, phases, noise, control characters; what the caller looks for."""


@cache
def _expressions() -> dict[int, Expression]:
    """What begins a message may be behind a time and a level here, so it is found anywhere."""
    levels = flat((*words.AT_BEGIN.values(), *words.ANYWHERE.values(), tracebacks.BEGINS))
    rare = (
        _CONTROLS,
        words.FACT,
        *flat((words.WAITING, words.RATE_LIMIT, words.HINTS, phases.HINTS, visible.NOISE)),
    )
    return {
        LEVEL: compiled(*levels, max_mb=32),
        RARE: compiled(*rare, max_mb=32),
        LEVEL | RARE: compiled(*rare, *levels, max_mb=64),
    }


@cache
def _saying() -> tuple[Expression, Expression]:
    says = (words.FACT, *flat((words.WAITING, words.RATE_LIMIT, words.HINTS, phases.HINTS)))
    return compiled(*says, max_mb=16), compiled(*says, *visible.NOISE_OF_LINES, max_mb=32)


def says_something(text: str) -> bool:
    """True if a text may have facts or a phase."""
    return _saying()[0].is_in(text.encode("utf-8", "replace"))


def lines_with_words(block: bytes) -> tuple[list[int], list[bytes]]:
    """(places, lines) of the block that have what is rare or words of a level: one in ten, for which one search over
    the block takes little more than that for either."""
    places, lines, size = [], [], len(block)
    spans, count, find, rfind = _expressions()[LEVEL | RARE].spans, block.count, block.find, block.rfind
    at = number = 0
    while (found := spans(block, at, size)[0][0]) >= 0:
        number += count(b"\n", at, found)
        begin, at = rfind(b"\n", at, found) + 1 or at, find(b"\n", found) + 1
        places.append(number)
        if not at:
            lines.append(block[begin:])
            break
        lines.append(block[begin : at - 1])
        number += 1
    return places, lines


def marks_of(bit: int, lines: Sequence[bytes]) -> bytearray:
    """1 for each of these lines in which there is what is rare (RARE), or words of a level (LEVEL), else 0."""
    marks = bytearray(len(lines) + 1)
    mark_lines(_expressions()[bit], 1, b"\n".join(lines), marks)
    return marks[:-1]


def saying_lines(lines: Sequence[bytes]) -> bytearray:
    """1 for each of these lines that may have facts or a phase, else 0."""
    marks = bytearray(len(lines) + 1)
    mark_lines(_saying()[0], 1, b"\n".join(lines), marks)
    return marks[:-1]


def is_rare(text: str) -> bool:
    """True if a text, perhaps of several lines, may have facts, a phase or noise: for one that is not in the block as
    it is."""
    return _saying()[1].is_in(text.strip().encode("utf-8", "replace"))


def rare_texts(texts: Sequence[str]) -> list[bool]:
    """`is_rare` of each of these."""
    stripped = [text.strip() for text in texts]
    block = "\n".join(stripped).encode("utf-8", "replace")
    marks = bytearray(block.count(b"\n") + 1)
    mark_lines(_saying()[1], 1, block, marks)
    if not any(marks):
        return [False] * len(texts)
    found, at = [], 0
    for text in stripped:
        end = at + text.count("\n") + 1
        found.append(any(marks[at:end]))
        at = end
    return found
