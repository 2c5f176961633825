"""Characters that are not seen or change the direction of writing: names and source that read otherwise than they are.

Zero-width and bidirectional formatting characters are the same for both; a text may have line breaks and tabs, a name
may not. Source: unicode.org/reports/tr36 (bidirectional text spoofing), trojansource.codes.
"""

from __future__ import annotations

import re

_INVISIBLE = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"

HIDDEN_IN_NAME = re.compile(f"[\x00-\x1f\x7f-\x9f{_INVISIBLE}\ufff9-\ufffb\ud800-\udfff]")
"""Not allowed in what is shown of a path: control characters and lone surrogates, too."""

HIDDEN_IN_TEXT = re.compile(f"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f{_INVISIBLE}]")
"""Marked where a text is shown. `static/pages/artifacts/code-lines.js` has the same set; a test compares them."""


def printable(path: str) -> str:
    """A path as text that can be displayed and sent as UTF-8: bytes that are not UTF-8, control characters, invisible
    and bidirectional formatting characters are escaped."""
    return HIDDEN_IN_NAME.sub(_escape, path)


def _escape(match: re.Match[str]) -> str:
    number = ord(match.group())
    if 0xDC80 <= number <= 0xDCFF:  # surrogateescape: a byte of a name that is not UTF-8
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
