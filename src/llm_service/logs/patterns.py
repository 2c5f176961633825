"""`compiled(...)`: expressions of RE2 over bytes, for whole blocks or single lines, that need not be UTF-8."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from ..files.expression import Expression


def compiled(*expressions: str, max_mb: int = 8, capture: bool = False) -> Expression:
    """One expression of RE2 that finds what one of these finds, each in its own line; `^` and `$` are those of lines.

    Non-ASCII characters in an expression are found as their bytes in UTF-8. `max_mb` bounds what its automata take.
    """
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    options.never_capture = not capture
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = max_mb << 20
    every = expressions[0] if len(expressions) == 1 else "|".join(f"(?:{each})" for each in expressions)
    return Expression(re2.compile(f"(?m:{every})".encode(), options))


def literal(text: bytes) -> Expression:
    """The expression that finds this text, four times as fast as `bytes.find`, of two bytes ten times as fast."""
    options = re2.Options()
    options.literal = True
    options.encoding = re2.Options.Encoding.LATIN1
    return Expression(re2.compile(text, options))


def mark_lines(expression: Expression, bit: int, block: bytes, marks: bytearray) -> None:
    """Set this bit of the marks of the lines in which the expression finds something."""
    count, find, spans, size = block.count, block.find, expression.spans, len(block)
    at = number = 0
    while (begin := spans(block, at, size)[0][0]) >= 0:
        number += count(b"\n", at, begin)
        marks[number] |= bit
        at = find(b"\n", begin) + 1
        if not at:
            break
        number += 1


def flat(groups: Iterable[Iterable[str]]) -> list[str]:
    """The expressions of several groups."""
    return [each for group in groups for each in group]
