"""`special_lines(block)`: which lines of a block need more than their format read; most need nothing more.

RE2 goes through a block at 400 MB/s without holding the interpreter's lock, which is what lets one core read 300,000
lines a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import re2

from . import phases, tracebacks, visible, words

_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f]"


@cache
def _special() -> Any:
    """What is anchored at the beginning of a message may be behind a time and a level here, so it is found anywhere."""
    groups: tuple[Iterable[str], ...] = (
        (_CONTROLS, words.FACT),
        *words.AT_BEGIN.values(),
        *words.ANYWHERE.values(),
        words.WAITING,
        words.RATE_LIMIT,
        (each.lstrip("^") for each in words.TESTS),
        (each.lstrip("^") for each in phases.DEFAULTS),
        tracebacks.BEGINS,
        visible.NOISE,
    )
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.never_nl = True
    options.encoding = re2.Options.Encoding.LATIN1  # a line need not be UTF-8
    options.max_mem = 32 << 20
    every = "|".join(f"(?:{each})" for group in groups for each in group)
    return re2.compile(f"(?m:{every})".encode(), options)


def special_lines(block: bytes, lines: int) -> bytearray:
    """One byte for each of the block's lines, of which there are `lines`: 1 for control characters, colours, words of
    a level, and what `words`, `phases`, `tracebacks` and `visible` look for, else 0."""
    marks = bytearray(lines)
    search, count, find = _special().search, block.count, block.find
    at = number = 0
    while (match := search(block, at)) is not None:
        begin = match.start()
        number += count(b"\n", at, begin)
        marks[number] = 1
        at = find(b"\n", begin) + 1
        if not at:
            break
        number += 1
    return marks


def mark_lines_with(text: bytes, block: bytes, marks: bytearray) -> None:
    """Mark the lines that have this text."""
    at = number = 0
    while (begin := block.find(text, at)) >= 0:
        number += block.count(b"\n", at, begin)
        marks[number] = 1
        at = block.find(b"\n", begin) + 1
        if not at:
            break
        number += 1
