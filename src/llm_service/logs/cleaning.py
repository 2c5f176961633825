"""Text of a line as it can be stored, sent and shown: one line, no control characters, of bounded length."""

from __future__ import annotations

import re

MAX_CHARACTERS = 1 << 16
"""A longer line is cut, and says so."""

_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\x1b"}
_CONTROLS_BUT_BREAKS = {code: shown for code, shown in _CONTROLS.items() if code != 10}
_BREAKS = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]+\s*")
_HAS_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]")
_ERASED = re.compile("[^\b]\b")
_SURROGATES = re.compile("[\ud800-\udfff]")


def last_state(text: str) -> str:
    """What a terminal shows at the end of a line whose progress was written over with `\\r` or backspaces."""
    if "\r" in text:
        states = text.split("\r")
        text = next((state for state in reversed(states) if state.strip()), "")
    if "\b" in text:
        for _ in range(100):
            text, erased = _ERASED.subn("", text)
            if not erased:
                break
        text = text.replace("\b", "")
    return text


def without_controls(text: str) -> str:
    """The text with U+FFFD for each control character but tab and ESC."""
    return text.translate(_CONTROLS) if _HAS_CONTROLS.search(text) else text


def one_line(text: str) -> str:
    """Text out of JSON on one line, "⏎" for its line breaks, without what cannot be shown or encoded."""
    if text.isprintable():
        return text
    text = text.strip().replace("\n", " ⏎ ")
    if text.isprintable():
        return text
    text = _BREAKS.sub(" ⏎ ", text)
    return _SURROGATES.sub("\ufffd", text).translate(_CONTROLS)


def clean(text: str) -> str:
    """Text out of JSON without what cannot be shown or encoded; its line breaks stay."""
    if text.isprintable():
        return text
    return _SURROGATES.sub("\ufffd", text).translate(_CONTROLS_BUT_BREAKS)


def cut(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text, or its beginning with how long it was."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … (cut: {len(text):,} characters)"
