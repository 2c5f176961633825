"""Characters that are not seen or change the direction of writing: names and source that read otherwise than they are.

Zero-width and bidirectional formatting characters are the same for both; a text may have line breaks and tabs, a name
may not. Source: unicode.org/reports/tr36 (bidirectional text spoofing), trojansource.codes, and for what is not seen
the property Default_Ignorable_Code_Point of Unicode.

Some are a proper part of a text: a joiner in an emoji or in a script that joins letters, one variation selector
after a character, the tags of a flag. These are marked only where they are none of that.
"""

from __future__ import annotations

import re

_INVISIBLE = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"

HIDDEN_IN_NAME = re.compile(f"[\x00-\x1f\x7f-\x9f{_INVISIBLE}\ufff9-\ufffb\ud800-\udfff]")
"""Not allowed in what is shown of a path: control characters and lone surrogates, too."""

_IN_TEXT = (
    "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000\\U000e0080-\\U000e00ff\\U000e01f0-\\U000e0fff]"
)
_JOINED = (
    "\\u0590-\\u08ff\\u0900-\\u0dff\\u0e80-\\u109f\\u1780-\\u18af\\u1900-\\u1cff\\ua800-\\uabff\\ufb1d-\\ufdff\\ufe0f\\ufe70-\\ufefc"
    "\\u00a9\\u00ae\\u203c-\\u3299\\U00010a00-\\U00011fff\\U0001e800-\\U0001efff\\U0001f000-\\U0001faff"
)
"""What a joiner may follow: letters of scripts in which it has a meaning, and emoji."""
_SELECTORS, _TAGS = "\\u180b-\\u180d\\u180f\\ufe00-\\ufe0f\\U000e0100-\\U000e01ef", "\\U000e0001-\\U000e007f"

HIDDEN_IN_TEXT = re.compile(
    f"{_IN_TEXT}|(?<![{_JOINED}])[\\u200c\\u200d]|(?<=[{_SELECTORS}])[{_SELECTORS}]+|(?<![\\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
"""Marked where a text is shown. `static/lib/hidden.js` has the same expression; a test compares them."""


_CANDIDATE = re.compile(f"{_IN_TEXT[:-1]}\u200c\u200d{_SELECTORS}{_TAGS}]")


def has_hidden_in_text(text: str) -> bool:
    """True if `HIDDEN_IN_TEXT` finds something; of an ordinary text in a twentieth of its time, which looks behind each
    character."""
    return _CANDIDATE.search(text) is not None and HIDDEN_IN_TEXT.search(text) is not None


def printable(path: str) -> str:
    """A path as text that can be displayed and sent as UTF-8: bytes that are not UTF-8, control characters, invisible
    and bidirectional formatting characters are escaped."""
    return HIDDEN_IN_NAME.sub(_escape, path)


def terminal_text(text: str) -> str:
    """A line for a terminal, with U+FFFD for characters that control it or cannot be seen."""
    return "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in text)


def _escape(match: re.Match[str]) -> str:
    number = ord(match.group())
    if 0xDC80 <= number <= 0xDCFF:  # surrogateescape: a byte of a name that is not UTF-8
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
