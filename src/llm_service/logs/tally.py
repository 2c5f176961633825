"""How many lines there are of each class: a level, shown in the user view or not. Pure functions and values.

A line is in exactly one of eight classes, so that the rows of every view with every set of levels are a sum of some of
them, and their sum is the number of lines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .model import LEVELS, ParsedLine

CLASSES = tuple((level, is_shown) for is_shown in (True, False) for level in LEVELS)
Tally = tuple[int, ...]
"""The number of lines of each of CLASSES."""
NOTHING: Tally = (0,) * len(CLASSES)
INDEX = {one: number for number, one in enumerate(CLASSES)}
"""(level, is shown) -> the number of the class."""
VIEWS = ("user", "all")


def plus(left: Sequence[int], right: Sequence[int]) -> Tally:
    """The sum."""
    return tuple(map(int.__add__, left, right))


def minus(left: Sequence[int], right: Sequence[int]) -> Tally:
    """The difference."""
    return tuple(map(int.__sub__, left, right))


def classes_of(view: str, levels: Collection[str] = ()) -> frozenset[int]:
    """The classes, as numbers, of the lines in a view ("user": what is shown; "all") with these levels (none: any)."""
    return frozenset(
        number
        for number, (level, is_shown) in enumerate(CLASSES)
        if (is_shown or view == "all") and (not levels or level in levels)
    )


def class_of(line: ParsedLine) -> int:
    """The class of a line, as a number."""
    return INDEX[line.level, line.is_shown]


def rows_in(counts: Sequence[int], classes: Collection[int]) -> int:
    """How many lines are in these classes."""
    return sum(counts[number] for number in classes)


def by_level(counts: Tally, view: str = "all") -> dict[str, int]:
    """`{debug, info, warning, error}`: the lines of a view by level."""
    return {level: rows_in(counts, classes_of(view, (level,))) for level in LEVELS}
