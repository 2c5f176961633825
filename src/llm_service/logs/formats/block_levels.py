"""`block_levels(block)`: the words for the levels of all lines of a block in one go, at the speed of C.

It takes a third of the time of `block_heads`, as it makes nothing but a few bytes for a line. It is asked for bytes: as
text, a block with one character beyond ASCII is twice as long.
"""

from __future__ import annotations

import re

from .block_heads import BRACKETED, LETTERS, SPACE
from .levels import LEVELS

_WORD = rf"[\[(<]?(?=[A-Za-z]{{1,9}}+[\])>]?(?:[{SPACE}:|\]\n]|-[{SPACE}]))"
_BEHIND = rf"(?:[.,]\d++)?+[{SPACE}]?(?:Z\b|UTC\b|[+-]\d\d:?\d\d\b)?+[\]{SPACE}|,-]*+"
_DATE = rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d{_BEHIND}(?:[\w.]{{1,80}}+ - )?"
_CLOCK = rf"\d\d:\d\d:\d\d{_BEHIND}"
_OTHERS = r'(?: [\w.@/-]{1,80}=(?:"[^"\\\n]*"|[^\s"]\S*)?)*+\n'
_LOGFMT = rf'time=(?:"[^"\\\n]*"|[^\s"]\S*) level=(?=[a-zA-Z]{{1,9}} msg="[^"\\\n]*"{_OTHERS})'
_KLOG = rf"\d{{4}} \d\d:\d\d:\d\d\.\d{{3,9}}[{SPACE}]+\d+ [^\]\s\x80-\xff]{{1,120}}\] ?"
# How long a name is that is not ASCII cannot be said in bytes: such a line needs a look, as its digit is no level.
_KLOG_BEYOND_ASCII = r"[IWEF](?=\d{4} [^\]\n\x80-\xff]*[\x80-\xff])"
_KEYS = r"(?:time|timestamp|ts|t|level|lvl|msg|message|severity|at)="

block_levels = re.compile(
    rf"(?:(?:{_DATE}|{_CLOCK}){_WORD}|{BRACKETED}|(?=[IWEF]{_KLOG}|{LETTERS})|{_LOGFMT}|{_KLOG_BEYOND_ASCII}|(?=[\d\[<{{]|{_KEYS}))"
    r"([A-Za-z]{1,9}+|[\d\[<{]).*+\n|.*+\n".encode("latin-1"),
).findall
"""For each line of a block, whose last line has an end too: the word of the level that its head says, as `read_head` or
`read_logfmt` find it; b"" if no format fits; b"{" of what may be JSON; anything else of a line that needs a look."""

PLAIN, LOOK, OBJECT = 8, 9, 10
"""Codes of a line instead of a level's: no format fits, it needs a look, it may be JSON."""


class Codes(dict[bytes, int]):
    """Code by what `block_levels` gives."""

    def __missing__(self, word: bytes) -> int:
        return LOOK


def codes_of(class_of: dict[str, int]) -> Codes:
    """The codes, of levels those given."""
    return Codes({word.encode(): class_of[level] for word, level in LEVELS.items()} | {b"": PLAIN, b"{": OBJECT})
