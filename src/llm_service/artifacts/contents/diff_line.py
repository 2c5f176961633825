"""What is shown of changed lines: what differs in them, and of a long line the part where it differs.

`line_texts(old, new, take)` compares the lines of one changed region. Beginnings and ends that are the same are passed
over first, so a change in a line of a megabyte costs what the change costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcodes

LINE_CHARACTERS = 2_000
_BEFORE = 200
"""So many characters of a long line are shown before its first difference."""
_MOST_CANDIDATES = 8
_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
_WORD_END = re.compile(r"\w*\Z")
_WORD_START = re.compile(r"\w*")
_LONGEST_WORD = 100
_LEAST_LIKE = 0.4
_CUT = " …"

Span = tuple[int, int]


@dataclass(slots=True)
class LineText:
    """A line; `marks` are the characters [start, end) that differ, `first` is the first one that does."""

    whole: str
    marks: tuple[Span, ...] = ()
    first: int = 0

    def shown(self) -> tuple[str, tuple[Span, ...], bool, int]:
        """(text, its marks in UTF-16 code units, whether it is cut, the column at which it begins)."""
        whole = self.whole
        start = 0
        if len(whole) > LINE_CHARACTERS and self.first > LINE_CHARACTERS - _BEFORE:
            start = self.first - _BEFORE
        end = start + LINE_CHARACTERS
        text = whole[start:end]
        shift = _units(whole[:start])
        marks = ((_units(whole[:a]) - shift, _units(whole[:b]) - shift) for a, b in self._within(start, end))
        if whole.isascii():
            marks = ((a - start, b - start) for a, b in self._within(start, end))
        cut = len(text) < len(whole)
        return text + (_CUT if end < len(whole) else ""), tuple(marks), cut, shift + 1

    def _within(self, start: int, end: int) -> list[Span]:
        return [(max(a, start), min(b, end)) for a, b in self.marks if a < end and b > start]


def line_texts(
    old: Sequence[str], new: Sequence[str], take: Callable[[int], bool]
) -> tuple[list[LineText], list[LineText]]:
    """The lines of a region in which `old` became `new`. `take(pairs)` says whether so many words may be compared."""
    gone, came = [LineText(line) for line in old], [LineText(line) for line in new]
    if len(gone) == len(came):
        for one, other in zip(gone, came, strict=True):
            _compare(one, other, take)
    else:
        _find_differences(gone, came)
        _find_differences(came, gone)
    return gone, came


def steps(old: Sequence[Hashable], new: Sequence[Hashable]) -> Opcodes:
    """How one becomes the other by the fewest insertions and deletions."""
    from rapidfuzz.distance import Indel  # with the first diff: a twentieth of the time that a start takes

    return Indel.opcodes(old, new)


def _compare(old: LineText, new: LineText, take: Callable[[int], bool]) -> None:
    start = _same_beginning(old.whole, new.whole)
    end = _same_beginning(old.whole[start:][::-1], new.whole[start:][::-1])
    old.first = new.first = start
    # Whole words: what is marked of "left" and "lent" is not two letters.
    start -= len(_last_word(old.whole[max(0, start - _LONGEST_WORD) : start]))
    if end:
        end -= len(_first_word(old.whole[len(old.whole) - end :][:_LONGEST_WORD]))
    words_old = _WORDS.findall(old.whole, start, len(old.whole) - end)
    words_new = _WORDS.findall(new.whole, start, len(new.whole) - end)
    if take(len(words_old) * len(words_new)):
        found = [step for step in steps(words_old, words_new) if step.tag != "equal"]
        spans_old = [(step.src_start, step.src_end) for step in found]
        spans_new = [(step.dest_start, step.dest_end) for step in found]
    else:
        spans_old, spans_new = [(0, len(words_old))], [(0, len(words_new))]
    gone = sum(len(word) for a, b in spans_old for word in words_old[a:b])
    if gone > len(old.whole) * (1 - _LEAST_LIKE):
        return  # hardly anything in common: marks would be noise
    old.marks, new.marks = _spans(words_old, spans_old, start), _spans(words_new, spans_new, start)


def _find_differences(lines: Sequence[LineText], others: Sequence[LineText]) -> None:
    """Where long lines first differ from those that look like them."""
    long = [other for other in others if len(other.whole) > LINE_CHARACTERS][:_MOST_CANDIDATES]
    for line in lines:
        if long and len(line.whole) > LINE_CHARACTERS:
            line.first = max(_same_beginning(line.whole, other.whole) for other in long)


def _same_beginning(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _last_word(text: str) -> str:
    found = _WORD_END.search(text)
    return found.group() if found else ""


def _first_word(text: str) -> str:
    found = _WORD_START.match(text)
    return found.group() if found else ""


def _spans(words: Sequence[str], ranges: Sequence[Span], offset: int) -> tuple[Span, ...]:
    """The characters that ranges of words are, neighbouring ones as one."""
    ends = [offset]
    for word in words:
        ends.append(ends[-1] + len(word))
    joined: list[Span] = []
    for start, stop in ranges:
        if start == stop:
            continue
        if joined and joined[-1][1] == ends[start]:
            joined[-1] = (joined[-1][0], ends[stop])
        else:
            joined.append((ends[start], ends[stop]))
    return tuple(joined)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
