"""`split_ansi(text)`: a line without the codes of terminals, and its colours as spans.

The styles are the names of `static/lib/ansi.js`, by the same rules (ECMA-48, section 8.3.117): "red", "on-blue",
"bold", ...; bright and 256-colour and RGB colours become the nearest of those that the page has in both themes. Colours
end with the line: a program that does not switch them off would colour everything after it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .model import Span
from .patterns import literal

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_POINTS = {
    "black": (0, 0, 0),
    "red": (205, 0, 0),
    "green": (0, 205, 0),
    "yellow": (205, 205, 0),
    "blue": (0, 0, 238),
    "magenta": (205, 0, 205),
    "cyan": (0, 205, 205),
    "white": (229, 229, 229),
    "grey": (127, 127, 127),
}
_DECORATIONS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strikethrough"}
_ENDS = {21: ("bold",), 22: ("dim", "bold"), 23: ("italic",), 24: ("underline",), 27: ("reverse",)} | {
    29: ("strikethrough",)
}
# Colours; other control sequences; titles and links, which end with BEL or ST; escapes of one character; a lone ESC.
_SEQUENCE = (
    r"\x1b(?:\[([0-9;:]*)m|\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[@-Z\\^_c=>78a-z])?"
)
_IN_TEXT = re.compile(_SEQUENCE)
_PLAIN_CODE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x00-\x1f\x7f]*\x1b\\|[ -/]+[0-~]|[@-Z\\^_c=>78a-z])?"
_WITHOUT_CONTROLS, _WITHOUT_CONTROLS_IN_BYTES = re.compile(_PLAIN_CODE), re.compile(_PLAIN_CODE.encode())
_IN_BYTES = re.compile(_SEQUENCE.encode())
_CONTROL_SEQUENCES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_COLOURS = re.compile(rb"\x1b\[[0-9;:]*m")
_TITLES = re.compile(r"\x1b[\]PX^_][^\x07\x1b\n]*\x07")
_BEHIND_BACKSLASH = literal(b"\\\x1b")

_Style = tuple[str | None, str | None, frozenset[str]]
_PLAIN: _Style = (None, None, frozenset())
_MAX_CACHED = 500
"""Characters of codes in a line."""


def without_ansi(data: bytes) -> bytes:
    """The bytes without codes of terminals; never more or fewer lines."""
    plain = _CONTROL_SEQUENCES.sub(b"", data)
    # Where nothing else began with ESC, that were all of them, in a fifth less time.
    return _IN_BYTES.sub(b"", data) if b"\x1b" in plain else plain


def without_titles(text: str) -> str:
    """The text without titles and links that end with BEL, which is no control character of the text then."""
    return _TITLES.sub("", text) if "\x07" in text and "\x1b" in text else text


def without_colours(block: bytes) -> bytes | None:
    """The block without codes of terminals, as `without_ansi` and `block_without_codes` give it, if they are colours
    only and none is behind a backslash, whose meaning depends on what follows; else None."""
    plain = _COLOURS.sub(b"", block)
    return None if b"\x1b" in plain or _BEHIND_BACKSLASH.is_in(block) else plain


def without_plain_codes(text: str) -> str:
    """A text of several lines as `split_ansi` leaves each of them, but for those with other control characters, which
    still have one."""
    return _WITHOUT_CONTROLS.sub("", text)


def block_without_codes(block: bytes) -> bytes:
    """The same of bytes, before they are text: bytes that had a code between them may become one character."""
    return _WITHOUT_CONTROLS_IN_BYTES.sub(b"", block)


def split_ansi(text: str) -> tuple[str, tuple[Span, ...]]:
    """(text without codes, spans of its colours in order, in characters of that text)."""
    parts = _IN_TEXT.split(text)  # text, codes of a colour or None, text, ...
    pieces, codes = parts[::2], tuple(parts[1::2])
    plain = "".join(pieces)
    # What a program prints has few different sequences of codes; a hostile one does not fill the memory with them.
    styles = _styles(codes) if len(text) - len(plain) < _MAX_CACHED else _styles.__wrapped__(codes)
    spans: list[Span] = []
    length, before = len(pieces[0]), ""
    for number, names in enumerate(styles, 1):
        size = len(pieces[number])
        if not size:
            continue
        if names and names == before:  # what was between them is empty
            spans[-1] = (spans[-1][0], length + size, names)
        elif names:
            spans.append((length, length + size, names))
        before = names
        length += size
    return plain, tuple(spans)


def shift(spans: tuple[Span, ...], by: int, length: int) -> tuple[Span, ...]:
    """The spans after their text was moved by `by` characters (negative: its beginning was cut off) and is now
    `length` characters long; what lies outside is cut."""
    moved: list[Span] = []
    for start, end, style in spans:
        start, end = start + by, end + by
        if start < 0:
            start = 0
        if end > length:
            end = length
        if start < end:
            moved.append((start, end, style))
    return tuple(moved)


@lru_cache(maxsize=1024)
def _styles(codes: tuple[str | None, ...]) -> tuple[str, ...]:
    """The style behind each of the codes in a line, "" for none; None: it is no code of a colour."""
    style, styles = _PLAIN, []
    for each in codes:
        style = style if each is None else _after(style, each)
        styles.append(_names(style))
    return tuple(styles)


@lru_cache(maxsize=512)
def _names(style: _Style) -> str:
    text, ground, decorations = style
    is_reversed = "reverse" in decorations
    if is_reversed:
        text, ground = ground, text
    names = [text, ground and f"on-{ground}", "reverse" if is_reversed and not ground else None]
    names += [name for name in _DECORATIONS.values() if name != "reverse" and name in decorations]
    return " ".join(name for name in names if name)


def _after(style: _Style, codes: str) -> _Style:
    """The style after "\\x1b[<codes>m"."""
    text, ground, decorations = style
    numbers = [int(code[:4]) if code else 0 for code in codes.replace(":", ";").split(";")[:32]]
    at = 0
    while at < len(numbers):
        code = numbers[at]
        at += 1
        if code in (38, 48):
            colour, at = _colour(numbers, at)
            text, ground = (colour, ground) if code == 38 else (text, colour)
        elif code == 0:
            text, ground, decorations = _PLAIN
        elif code in _DECORATIONS:
            decorations |= {_DECORATIONS[code]}
        elif code in _ENDS:
            decorations -= set(_ENDS[code])
        elif 30 <= code <= 37 or 90 <= code <= 97:
            text = "grey" if code == 90 else _NAMES[code % 10]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            ground = "grey" if code == 100 else _NAMES[code % 10]
        elif code == 39:
            text = None
        elif code == 49:
            ground = None
    return text, ground, decorations


def _colour(numbers: list[int], at: int) -> tuple[str | None, int]:
    """(name, index of the next number) of a colour of the table (5;n) or in RGB (2;r;g;b)."""
    kind = numbers[at] if at < len(numbers) else None
    if kind == 5 and at + 1 < len(numbers):
        index = min(numbers[at + 1], 255)
        if index < 16:
            return ("grey" if index == 8 else _NAMES[index % 8]), at + 2
        return _nearest(_of_table(index)), at + 2
    if kind == 2 and at + 3 < len(numbers):
        return _nearest((numbers[at + 1], numbers[at + 2], numbers[at + 3])), at + 4
    return None, len(numbers)


def _of_table(index: int) -> tuple[int, int, int]:
    if index >= 232:
        grey = 8 + (index - 232) * 10
        return grey, grey, grey
    levels, place = (0, 95, 135, 175, 215, 255), index - 16
    return levels[place // 36], levels[place // 6 % 6], levels[place % 6]


def _nearest(point: tuple[int, int, int]) -> str:
    def distance(name: str) -> int:
        return sum((ours - theirs) ** 2 for ours, theirs in zip(_POINTS[name], point, strict=True))

    return min(_POINTS, key=distance)
