"""Runs of lines each of which an expression finds something in, in one search: `line_runs(expression, options)`.

A search for each line takes 1 µs, of which RE2 has 0.2. Where nearly all lines match, one search for a run of them
leaves what RE2 needs. That takes an expression that cannot match a line end, which RE2's option `never_nl` cannot say
for a part of one; so `within_line` writes it down, or gives up.
"""

from __future__ import annotations

import re

import re2

from .expression import Expression

_MAX_MEMORY_BYTES = 8 << 20
_TOKEN = re.compile(
    r"(?P<group>\(\?[im]+\)|\((?:\?[im]*:)?)|(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<other>[^\[\\])",
    re.DOTALL,
)
_REWRITTEN = {r"\s": r"[^\S\n]", r"\W": r"[^\w\n]", r"\D": r"[^\d\n]"}
_LETTERS_IN_LINE = "wdSbBtfrva"
_LETTERS_IN_SET = "wdS"
"""No single characters, which may begin a range: `[\\t-\\r]`."""


def search_options(match_case: bool) -> re2.Options:
    """The options of RE2 for what a user searches for."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    options.case_sensitive = match_case
    options.never_capture = True
    return options


def line_runs(expression: str, match_case: bool) -> Expression | None:
    """Finds, at the beginning of a line, the longest run of whole lines with a match in each; perhaps a shorter one.
    None where that cannot be said of the expression."""
    inner = within_line(expression)
    if inner is None:
        return None
    options = search_options(match_case)
    options.longest_match = True
    try:
        return Expression(re2.compile(rf"(?:[^\n]*(?:{inner})[^\n]*\n)+".encode(), options), at_begin=True)
    except re2.error:  # too large
        return None


def within_line(expression: str) -> str | None:
    """The expression such that it matches no line end, and all else that it did; None if it is not simple enough."""
    made, at = "", 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            return None
        part = _within_line(token)
        if part is None:
            return None
        made += part
        at = token.end()
    return made


def _within_line(token: re.Match[str]) -> str | None:
    text = token[0]
    if token["group"]:
        return None if text == "(" and token.string.startswith("?", token.end()) else text
    if token["escape"]:
        return _REWRITTEN.get(text) or (text if _is_harmless(text[1], _LETTERS_IN_LINE) else None)
    if token["other"]:
        return text if text >= " " else None
    if "[:" in text or any(each < " " for each in text):
        return None
    if text.startswith("[^"):
        inner = text[2:]
        return rf"[^\n\{inner}" if inner.startswith("]") else rf"[^\n{inner}"
    escaped = re.findall(r"\\(.)", text)
    return text if all(_is_harmless(each, _LETTERS_IN_SET) for each in escaped) else None


def _is_harmless(escaped: str, letters: str) -> bool:
    """True if it matches no line end behind a backslash."""
    return escaped in letters if escaped.isascii() and escaped.isalnum() else escaped >= " "
