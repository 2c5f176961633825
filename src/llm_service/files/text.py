"""Text from any bytes: encoding, line and column, the lines around an error. Pure functions."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    # Before UTF-16: the UTF-32 mark starts with the UTF-16 mark.
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""The characters that YAML does not allow (1.1 §5.1, as libyaml implements it)."""
_FORBIDDEN_ASCII = bytes(code for code in range(128) if FORBIDDEN.match(chr(code)))

_MARK_FIRST_BYTES = frozenset(mark[:1] for mark, _, _ in _BYTE_ORDER_MARKS)
HEAD_BYTES = 8_192
"""How much of a file `kind_of` looks at."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))  # ESC starts a terminal colour code
_MAX_CONTROL_SHARE = 0.02
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file, without a byte order mark, and the detected encoding."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class ContentKind:
    """Text or binary. `codec` is Python's name of the encoding, None for binary content.

    `mark` is the length of the byte order mark in bytes; `guessed` is True if nothing in the file proves the encoding.
    """

    codec: str | None
    encoding: str | None
    mark: int = 0
    guessed: bool = False


BINARY = ContentKind(None, None)
_UTF8 = ContentKind("utf-8", "utf-8")


def kind_of(head: bytes) -> ContentKind:
    """The kind of content of a file that starts with `head`, of which the first `HEAD_BYTES` are examined.

    In this order: text if there is a byte order mark; binary if there is a NUL or more than 2 % control characters;
    UTF-8 if at most a fifth of the non-ASCII part is invalid; else Windows-1252, as a guess.

    Why no library: charset-normalizer 3.5 took French in Windows-1252 for mac_latin2 and Polish for iso8859_10, and
    rejected 256 KiB of Shift-JIS that end in half a character: wrong text without a warning.
    """
    head, start = head[:HEAD_BYTES], head[:1_000]
    if start[:1] in _MARK_FIRST_BYTES:
        for mark, codec, encoding in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                return ContentKind(codec, encoding, len(mark))
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if b"\0" in head or start.startswith(b"%PDF-") or controls > len(start) * _MAX_CONTROL_SHARE:
        return BINARY
    if head.isascii():
        return _UTF8
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    broken = text.count("\ufffd")
    if 4 * broken <= len(text) - len(text.encode("ascii", "ignore")) - broken:
        return _UTF8
    return ContentKind("cp1252", "windows-1252", guessed=True)


def decode(data: bytes) -> DecodedText:
    """Any bytes as text: by byte order mark, else UTF-8, else Latin-1, or Windows-1252 if Latin-1 gives control
    characters in place of quotation marks and dashes. Raises nothing."""
    for mark, codec, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return DecodedText(data[len(mark) :].decode(codec), encoding)
            except UnicodeDecodeError:
                break
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    latin = data.decode("latin-1")
    if FORBIDDEN.search(latin):
        try:
            return DecodedText(data.decode("cp1252"), "windows-1252")
        except UnicodeDecodeError:
            pass
    return DecodedText(latin, "latin-1")


def first_forbidden(text: str) -> re.Match[str] | None:
    """The first of the characters that YAML does not allow. Most texts are ASCII and have none: removing what is not
    there takes a fifth of the time of searching for it."""
    if text.isascii() and len(text.encode().translate(None, _FORBIDDEN_ASCII)) == len(text):
        return None
    return FORBIDDEN.search(text)


def lines_of(text: str) -> list[str]:
    """The lines as YAML counts them: they end with CR LF, LF, CR, NEL, LS or PS."""
    text = text.replace("\r\n", "\n")
    for mark in "\r\x85\u2028\u2029":
        text = text.replace(mark, "\n")
    return text.split("\n")


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Line and column, 1-based, of the character at `position`."""
    lines = lines_of(text[:position])
    return len(lines), len(lines[-1]) + 1


def join_escapes(text: str) -> str:
    r"""The text with each of JSON's surrogate pairs, `\ud83d\ude00`, as the one escape that YAML has, and with the
    replacement character in place of half a pair."""

    def join(match: re.Match[str]) -> str:
        high, low, half = match.groups()
        if high:
            return f"\\U{0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00:08x}"
        return "\\ufffd" if half else match.group()

    return _ESCAPE.sub(join, text)


def context_lines(text: str, line: int | None, around: int = 3) -> list[dict[str, Any]]:
    """The lines around a 1-based line: `[{line, text, is_error}]`, each cut at 200 characters.

    An error after the end of the text ("expected the end of the list") is shown at the last line.
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
