"""The text of an agent's file: decoded from any bytes, cut into the lines that YAML counts, and, when it does not
parse, searched for what names a card. Pure functions of bytes and text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    # A UTF-32 mark begins with the UTF-16 one.
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""The characters that may not stand in YAML (1.1 §5.1, as libyaml has it)."""

_MARK_STARTS = frozenset(mark[:1] for mark, _, _ in _MARKS)
HEAD_BYTES = 8_192
"""So much of a file's beginning tells what kind of content it has."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))  # an escape begins a terminal's colour
_MOST_CONTROLS = 0.02
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_SALVAGE = re.compile(r"^(id|task_id|title|agent|assignee|status|priority)[ \t]*:[ \t]+(\S.{0,400})", re.MULTILINE)
_QUOTED = re.compile(r"""(["'])(.*?)(?:\1\s*(?:#.*)?)?$""")
_CARD_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file and the encoding that was found; a byte order mark is removed."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class ContentKind:
    """What kind of content a file has. `codec` is Python's name of the encoding, None for what is not text.

    `mark` is the length of the byte order mark; `guessed` says that nothing in the file proves the encoding.
    """

    codec: str | None
    encoding: str | None
    mark: int = 0
    guessed: bool = False


BINARY = ContentKind(None, None)
_UTF8 = ContentKind("utf-8", "utf-8")


def kind_of(head: bytes) -> ContentKind:
    """What the first `HEAD_BYTES` of a file tell: text by its byte order mark; not text if there is a NUL or many
    control characters; UTF-8 if it is valid or nearly so; else Windows-1252, a guess.

    A library that guesses more (charset-normalizer 3.5) took French in Windows-1252 for mac_latin2, Polish for
    iso8859_10, and gave up on 256 KiB of Shift-JIS that end in half a character: a wrong text that looks certain.
    """
    head, start = head[:HEAD_BYTES], head[:1_000]
    if start[:1] in _MARK_STARTS:
        for mark, codec, encoding in _MARKS:
            if head.startswith(mark):
                return ContentKind(codec, encoding, len(mark))
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if b"\0" in head or start.startswith(b"%PDF-") or controls > len(start) * _MOST_CONTROLS:
        return BINARY
    if head.isascii():
        return _UTF8
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    broken = text.count("\ufffd")
    if 4 * broken <= len(text) - len(text.encode("ascii", "ignore")) - broken:
        return _UTF8
    return ContentKind("cp1252", "windows-1252", guessed=True)


def decode(data: bytes) -> Decoded:
    """The text of any bytes: by byte order mark, else UTF-8, else Latin-1 or, where that would give control
    characters in place of quotation marks and dashes, Windows-1252."""
    for mark, codec, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(codec), encoding)
            except UnicodeDecodeError:
                break
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    latin = data.decode("latin-1")
    if FORBIDDEN.search(latin):
        try:
            return Decoded(data.decode("cp1252"), "windows-1252")
        except UnicodeDecodeError:
            pass
    return Decoded(latin, "latin-1")


def lines_of(text: str) -> list[str]:
    """The lines as YAML counts them: ended by CR LF, LF, CR, NEL, LS or PS."""
    text = text.replace("\r\n", "\n")
    for mark in "\r\x85\u2028\u2029":
        text = text.replace(mark, "\n")
    return text.split("\n")


def place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column, 1-based, of the character at `position`."""
    lines = lines_of(text[:position])
    return len(lines), len(lines[-1]) + 1


def join_escapes(text: str) -> str:
    r"""The text with JSON's two escapes of one character, `\ud83d\ude00`, written as the one that YAML knows, and
    with the replacement character in place of half a pair."""

    def joined(found: re.Match[str]) -> str:
        high, low, half = found.groups()
        if high:
            return f"\\U{0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00:08x}"
        return "\\ufffd" if half else found.group()

    return _ESCAPE.sub(joined, text)


def context_lines(text: str, line: int | None, around: int = 3) -> list[dict[str, Any]]:
    """The lines around a 1-based line: `[{line, text, is_error}]`, each cut at 200 characters.

    An error behind the end of the text ("expected the end of the list") is shown at the last line.
    """
    if line is None or not text:
        return []
    lines = lines_of(text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    line = min(line, len(lines))
    first, last = max(1, line - around), min(len(lines), line + around)
    return [
        {"line": number, "text": lines[number - 1][:200], "is_error": number == line}
        for number in range(first, last + 1)
    ]


def salvage(text: str) -> dict[str, str]:
    """Of a text that does not parse: its plain top-level values that name a card, at most 200 characters each.

    Depends on the text alone. Of two lines with one key the first counts: it is the head's.
    """
    found: dict[str, str] = {}
    for key, value in _SALVAGE.findall("\n".join(lines_of(text[:65_536]))):
        quoted = _QUOTED.match(value.rstrip())
        plain = quoted.group(2) if quoted else value.split(" #")[0].split("\t#")[0]
        plain = FORBIDDEN.sub("\ufffd", plain).strip()[:_CARD_CHARACTERS]
        if plain and plain[0] not in "[{|>&!#":
            found.setdefault(key, plain)
    return found
