"""Logs in UTF-16, as PowerShell writes them: `as_utf8(block)`, or no rule would find anything in them."""

from __future__ import annotations

_LEAST_SHARE = 0.3
"""Of the bytes of a line are zeros, if it is UTF-16 of a European text."""
_BIG_ENDIAN = b"\xfe\xff"
_NOT_IN_LINES = str.maketrans("\n\0", "  ")
"""They would be lines, or UTF-16, of their own."""


def as_utf8(block: bytes) -> bytes:
    """The block with each line in UTF-8 that is UTF-16; as many lines. Lines end at the byte of a line end, so that
    the other byte of it is at the beginning of the next line, or at the end of its own."""
    return b"\n".join(_line(line) if _is_utf16(line) else line for line in block.split(b"\n"))


def _is_utf16(line: bytes) -> bool:
    """Every second byte is a zero, or nearly; not those of a binary file that has many more."""
    return len(line) * _LEAST_SHARE < line.count(0) <= (len(line) + 1) // 2


def _line(line: bytes) -> bytes:
    if line == b"\0":
        return b""
    if line.startswith(_BIG_ENDIAN) or (len(line) > 2 and line[0] == 0 and line[-1] == 0 and not any(line[2::2])):
        # Of ASCII both orders look alike from the second line on.
        text = line[: len(line) // 2 * 2].decode("utf-16-be", "replace")
    else:
        line = line[1:] if len(line) % 2 and line.startswith(b"\0") else line
        text = line[: len(line) // 2 * 2].decode("utf-16-le", "replace")
    return text.lstrip("\ufeff").translate(_NOT_IN_LINES).encode("utf-8", "replace")
