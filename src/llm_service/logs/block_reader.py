"""`BlockOfLines`: which lines of a block have to be read to know what they count as, and those lines, read.

Each line has a byte: the class that the word in its head says, or a code (`formats/block_levels.py`), and a bit for
each search that found something in it. So the lines to be read are found by one search in these bytes.
"""

from __future__ import annotations

import re
from itertools import compress

from . import cleaning, scan
from .ansi import block_without_codes, without_plain_codes
from .details import DetailReader
from .formats.block_levels import LOOK, OBJECT, PLAIN, block_levels, codes_of
from .formats.heads import NO_HEAD, read_head
from .formats.json_lines import level_of_object
from .formats.logfmt import FIRST_LETTERS
from .line_maker import has_long_line
from .lines import Lines, Make
from .made_lines import with_phase
from .model import LEVELS, ParsedLine
from .phases import PhasePatterns
from .tally import INDEX
from .tracebacks import FIRST_CHARACTERS
from .visible import is_noise_of, is_progress, is_shown
from .words import levels_of_words

_CLASSES = {level: INDEX[level, level != "debug"] for level in LEVELS}
_CODES = codes_of(_CLASSES).__getitem__
_INFO = _CLASSES["info"]
_LEVEL, _RARE, _CODE = scan.LEVEL << 4, scan.RARE << 4, 15


def _special() -> str:
    """The bytes of lines that are read singly: what is rare, no level but perhaps words of one, no known head, JSON."""
    return "".join(
        re.escape(chr(byte))
        for byte in range(128)
        if byte & _RARE or byte & _CODE in (LOOK, OBJECT) or (byte & _LEVEL and byte & _CODE == PLAIN)
    )


_SPECIAL = re.compile(f"[{_special()}]".encode("latin-1"))
_HAS_NO_LEVEL = bytes(byte in (PLAIN, LOOK, OBJECT) for byte in range(16))
_AS_CLASS = bytes(_INFO if byte & _CODE == PLAIN else byte & _CODE for byte in range(256))


class BlockOfLines:
    """The lines of a block, which are redacted and have no `\\r\\n`."""

    def __init__(self, lines: list[bytes], plain: bytes | None, details: DetailReader) -> None:
        """`lines`: what is between the line ends; `plain`: all of it without the codes of terminals, if that is known.
        `details` has the state before the block."""
        self._details = details
        if plain is None:
            block = b"\n".join(lines)
            plain = block_without_codes(block) if b"\x1b" in block else block
        if not lines[-1]:
            lines.pop()
        else:
            plain += b"\n"
        self._texts = lines
        # What is looked for in a line is looked for without its colours.
        self._data = plain
        self._codes = bytearray(map(_CODES, block_levels(self._data)))
        self._read: dict[int, ParsedLine] = {}
        self._objects: list[int] = []
        self._worded: list[tuple[int, str]] = []
        self._saying: set[int] = set()
        self._mark()

    def _mark(self) -> None:
        """Mark the lines in which something rare was found, and those with words of a level whose head says none."""
        places, lines = scan.lines_with_words(self._data)
        if not places:
            return
        codes = self._codes
        rare = scan.marks_of(scan.RARE, lines)
        worded = bytearray(not mark for mark in rare)
        if any(rare):
            rare_lines = list(compress(lines, rare))
            for place, is_saying, mark in zip(
                compress(places, rare),
                scan.saying_lines(rare_lines),
                scan.marks_of(scan.LEVEL, rare_lines),
                strict=True,
            ):
                codes[place] |= _RARE
                if is_saying:
                    self._saying.add(place)
                if mark and _HAS_NO_LEVEL[codes[place] & _CODE]:
                    codes[place] |= _LEVEL
        for place in compress(places, worded):
            if _HAS_NO_LEVEL[codes[place]]:
                codes[place] |= _LEVEL

    def lines(self, make: Make) -> Lines:
        """All of them."""
        return Lines(self._texts, bytes(self._codes.translate(_AS_CLASS)), self._read, make)

    def read_special(self) -> None:
        """Read those that have to be read, in order."""
        tracebacks, done = self._details.tracebacks, 0
        if tracebacks.kind:
            done = self._read_traceback(0)
        codes, objects = self._codes, self._objects
        for match in _SPECIAL.finditer(codes):
            place = match.start()
            if place < done:
                continue
            if codes[place] & _CODE == OBJECT:
                objects.append(place)
                continue
            self._look_at(place)
            if tracebacks.kind:
                done = self._read_traceback(place + 1)
        self._read_objects()
        if self._worded:
            self._read_words()

    def find_phases(self, patterns: PhasePatterns, make: Make) -> None:
        """Read those with which a phase begins by a profile's patterns."""
        places = patterns.possible_lines(self._data)
        wanted = {*range(len(self._texts))} if places is None else {*self._read, *places}
        if has_long_line(self._data):  # a line that is cut says so, which may be what is looked for
            wanted |= {place for place, text in enumerate(self._texts) if len(text) > cleaning.MAX_CHARACTERS}
        order = sorted(wanted)
        lines = self.lines(make).some(order)
        for number, phase in patterns.found([line.message for line in lines]):
            self._set(order[number], with_phase(lines[number], phase))

    def _look_at(self, place: int) -> None:
        """One of the special lines that is no object, outside of tracebacks."""
        code, text = self._codes[place], self._text(place)
        kind = code & _CODE
        if "\x1b" in text:
            text = without_plain_codes(text)
        first, is_rare = text[:1], code & _RARE
        if (
            (is_rare and (place in self._saying or not text.isprintable()))
            or (first in FIRST_LETTERS and "=" in text[:10])
            or (kind == PLAIN and code & _LEVEL and first in FIRST_CHARACTERS)
        ):
            self._read_one(place)
            return
        level, _, at, name = NO_HEAD if kind == PLAIN else read_head(text)
        if level is None and code & _LEVEL:
            if is_rare:
                self._read_one(place)
            else:
                self._worded.append((place, text[at:] if not name else f"{name}: {text[at:]}"))
            return
        level = level or "info"
        shown = level != "debug"
        if is_rare and level == "info":
            relative = self._details.paths.relative
            if name and is_noise_of(name):
                shown = is_progress(relative(f"{name}: {text[at:]}"))
            else:
                shown = is_shown(relative(f"{name}: {text[at:]}" if name else text[at:]), level, False, ())
        self._codes[place] = INDEX[level, shown]

    def _read_words(self) -> None:
        """The levels of lines whose words may say one."""
        relative = self._details.paths.relative
        levels = levels_of_words([relative(text) for _, text in self._worded])
        for (place, _), level in zip(self._worded, levels, strict=True):
            self._codes[place] = _CLASSES[level]

    def _text(self, place: int) -> str:
        return self._texts[place].decode("utf-8", "replace")

    def _read_one(self, place: int) -> None:
        text = self._text(place)
        if self._objects and "{" in text:  # perhaps one of an agent's, whose events are in order
            self._read_objects()
        self._set(place, self._details.read(text, scan.LEVEL | self._codes[place] >> 4))

    def _read_traceback(self, place: int) -> int:
        """The lines from this one on as long as they belong to a traceback; the place behind them."""
        tracebacks = self._details.tracebacks
        while tracebacks.kind and place < len(self._texts):
            self._read_one(place)
            place += 1
        return place

    def _read_objects(self) -> None:
        """One after the other they take two thirds of the time that they take between lines of other kinds."""
        details, codes = self._details, self._codes
        places: list[int] = []
        lines: list[tuple[str, int]] = []
        for place in self._objects:
            text, code = self._text(place), codes[place]
            if code == OBJECT and "\x1b" not in text and (level := level_of_object(text)):
                codes[place] = _CLASSES[level]
            else:
                places.append(place)
                lines.append((text, code >> 4))
        for place, line in zip(places, details.read_objects(lines), strict=True):
            self._set(place, line)
        self._objects.clear()

    def _set(self, place: int, line: ParsedLine) -> None:
        self._read[place] = line
        self._codes[place] = INDEX[line.level, line.is_shown]
