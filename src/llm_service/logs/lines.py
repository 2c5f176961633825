"""`Lines`: the lines of a block, each of which is made when somebody asks for it.

Of most lines nobody ever sees more than that they were counted. So a block is its texts, one byte a line for its class
(level, shown or not), and the few lines that had to be read to know that; the others are made of their text on demand,
and are the same then. A caller that needs counts, facts or phases asks `classes` and `notable`; one that goes through
the lines has them all made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import overload

from .model import ParsedLine
from .tally import CLASSES, INDEX, Tally

Make = Callable[[list[bytes], bytes], list[ParsedLine]]
"""The lines of these texts, which say nothing about each other, each of a class. May be called from any thread."""
_ERROR = INDEX["error", True]
_SHOWN = frozenset(number for number, (_, is_shown) in enumerate(CLASSES) if is_shown)


class Lines(Sequence[ParsedLine]):
    """Lines that follow each other; what is in it does not change, so it may be used from any thread. A slice is
    `Lines` too, and holds the texts of its own lines only. Equal to any sequence with the same lines."""

    __slots__ = ("_made", "_make", "_texts", "classes", "read")

    def __init__(self, texts: list[bytes], classes: bytes, read: Mapping[int, ParsedLine], make: Make) -> None:
        """`texts`: redacted; `read`: those that were read, by place; `make` gives any of the others."""
        self._texts, self._make = texts, make
        self._made: list[ParsedLine] | None = None
        self.classes = classes
        """A byte for each line: the number of its class in `tally.CLASSES`."""
        self.read = read
        """Every line with facts or a phase, and others, by place."""

    @classmethod
    def of(cls, lines: Sequence[ParsedLine]) -> Lines:
        """Any lines."""
        if isinstance(lines, Lines):
            return lines
        classes = bytes(INDEX[line.level, line.is_shown and not line.is_folded] for line in lines)
        return cls([b""] * len(lines), classes, dict(enumerate(lines)), _none_left)

    @property
    def counts(self) -> Tally:
        """The number of lines of each class."""
        count = self.classes.count
        return tuple(count(number) for number in range(len(CLASSES)))

    def notable(self) -> list[int]:
        """The places of the lines with facts or a phase, in order."""
        return sorted(place for place, line in self.read.items() if line.facts or line.phase is not None)

    def errors(self) -> tuple[int, int]:
        """(number of errors, place of the last one or -1); what is folded under one is none."""
        return self.classes.count(_ERROR), self.classes.rfind(_ERROR)

    @property
    def has_shown(self) -> bool:
        """True if one of the lines is in the user view."""
        return not _SHOWN.isdisjoint(self.classes)

    def is_of_system(self) -> bool:
        """True if all lines are of the system."""
        read = self.read
        return all(place in read and read[place].source == "system" for place in range(len(self)))

    def some(self, places: Sequence[int]) -> list[ParsedLine]:
        """The lines at these places, made together."""
        if self._made is not None:
            return [self._made[place] for place in places]
        read = self.read
        others = [place for place in places if place not in read]
        each = iter(self._make_at(others) if others else ())
        return [read[place] if place in read else next(each) for place in places]

    def texts_from_end(self) -> Iterator[tuple[int, bytes]]:
        """(place, text as it came) of the lines, the last one first; b"" of one that is in `read`, perhaps."""
        return zip(range(len(self._texts) - 1, -1, -1), reversed(self._texts), strict=True)

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[ParsedLine]:
        return iter(self._all())

    @overload
    def __getitem__(self, place: int) -> ParsedLine: ...
    @overload
    def __getitem__(self, place: slice) -> Lines: ...
    def __getitem__(self, place: int | slice) -> ParsedLine | Lines:
        size = len(self._texts)
        if isinstance(place, slice):
            places = range(size)[place]
            if len(places) == size and places.step == 1:
                return self
            read = self.read
            some = {at: read[number] for at, number in enumerate(places) if number in read}
            return Lines(self._texts[place], self.classes[place], some, self._make)
        number = range(size)[place]
        line = self.read.get(number)
        if line is not None:
            return line
        return self._made[number] if self._made is not None else self._make_at([number])[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and self._all() == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._all())

    def _make_at(self, places: Sequence[int]) -> list[ParsedLine]:
        """Those at these places, none of which is in `read`."""
        return self._make([self._texts[place] for place in places], bytes([self.classes[place] for place in places]))

    def _all(self) -> list[ParsedLine]:
        if self._made is None:
            read, size = self.read, len(self._texts)
            if read:
                others = [place for place in range(size) if place not in read]
                each = iter(self._make_at(others) if others else ())
                self._made = [read[place] if place in read else next(each) for place in range(size)]
            else:
                self._made = self._make(self._texts, self.classes) if size else []
        return self._made


class Newest(Sequence[ParsedLine]):
    """The last `most` lines of those that are added, made when they are asked for."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: deque[Sequence[ParsedLine]] = deque()
        self._size = 0

    def add(self, lines: Sequence[ParsedLine]) -> None:
        """Lines behind all others."""
        lines = lines[-self._most :]
        if not lines:
            return
        self._parts.append(lines)
        self._size += len(lines)
        while self._size - len(self._parts[0]) >= self._most:
            self._size -= len(self._parts.popleft())

    def clear(self) -> None:
        """Forget all."""
        self._parts.clear()
        self._size = 0

    def __len__(self) -> int:
        return min(self._size, self._most)

    def __iter__(self) -> Iterator[ParsedLine]:
        return islice(chain.from_iterable(list(self._parts)), max(0, self._size - self._most), None)

    @overload
    def __getitem__(self, place: int) -> ParsedLine: ...
    @overload
    def __getitem__(self, place: slice) -> list[ParsedLine]: ...
    def __getitem__(self, place: int | slice) -> ParsedLine | list[ParsedLine]:
        return list(self)[place]


def _none_left(texts: list[bytes], _: bytes) -> list[ParsedLine]:
    """For lines all of which are there already."""
    raise ValueError(f"{len(texts)} lines are not there.")
