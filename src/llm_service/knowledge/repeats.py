"""`RepeatWindow`: the last lines of a log, and whether they are the same few lines again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..logs.lines import Lines
from ..logs.model import ParsedLine
from .figures import Repeat

COMPARED = 200
_MOST_TEXTS = 8
_MAX_TEXT = 300
_DIGITS = str.maketrans("123456789", "000000000")
_ZEROS = re.compile("0+")
_PROGRESS = re.compile(r"\d\s?%|\d\s?/\s?\d|\d\s?of\s?\d")


def masked(text: str) -> str:
    """A line with its numbers masked, so that lines that differ in numbers only are equal."""
    return _ZEROS.sub("#", text[:_MAX_TEXT].translate(_DIGITS))


class RepeatWindow:
    """One thread adds lines, another may ask. Lines are compared when somebody asks: adding costs next to nothing."""

    def __init__(self) -> None:
        self._last: tuple[int, tuple[Lines, ...]] = 0, ()
        """The number of the last line, and the lines up to it, in parts."""

    def add(self, first: int, lines: Sequence[ParsedLine]) -> None:
        """New lines, the first of which has that number."""
        if not lines:
            return
        parts = [*self._last[1], Lines.of(lines[-COMPARED:])]
        size = sum(map(len, parts))
        while size - len(parts[0]) >= COMPARED:
            size -= len(parts.pop(0))
        self._last = first + len(lines) - 1, tuple(parts)

    def repeat(self) -> Repeat | None:
        """The repeated lines; None if the last 200 are not all of at most eight kinds. Lines that say how far
        something is (40 %, 3/7) are supposed to be alike, so then it is none either."""
        end, parts = self._last
        texts_of_last = [line.message for part in parts for line in part][-COMPARED:]
        last = list(enumerate(texts_of_last, end - len(texts_of_last) + 1))
        if len(last) < COMPARED or any(_PROGRESS.search(text[:_MAX_TEXT]) for _, text in last):
            return None
        texts = Counter(masked(text) for _, text in last)
        common = [text for text, count in texts.most_common() if count > 1 and text.strip()]
        if len(texts) > _MOST_TEXTS or not common:
            return None
        return Repeat(texts=tuple(common), lines=len(last), first_line=last[0][0], last_line=last[-1][0])
