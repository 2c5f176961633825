"""`block_heads(text)`: the heads of most lines of a block in one go, at the speed of C.

It says of a line what `read_head` says, or nothing: then that is asked. One search over a block is three times as fast
as one for each line, and of dates only the separators are checked: a second that is not in the cache of
`times.py`, which holds checked ones only, is left to `read_head` too.
"""

from __future__ import annotations

import re

from .heads import FRACTION, ZONE

BlockHead = tuple[str, str, str, str, str, str, str]
"""(second, fraction, zone, name, level behind a time, level at the begin, message), each "" if it is not there."""

# Repeats without a way back (`*+`, `?+`) save a fifth: what they took is nowhere taken otherwise.
SPACE = r" \t\r\f\v"
"""`\\s` without the line's end."""
_LEVEL = rf"[\[(<]?([A-Za-z]{{1,9}}+)[\])>]?(?=[{SPACE}:|\]\n]|-[{SPACE}])[{SPACE}:|\]-]*+"
BRACKETED = r"\[(?=[A-Za-z]{1,9}\])"
LETTERS = rf"[DIWECNTFVSAP][A-Z]{{3,8}}(?=:|[{SPACE}]+[\[:|-]|[{SPACE}]+[^\sA-Z]|[{SPACE}]+[A-Z][^A-Z\n]|[{SPACE}]*\n)"
KLOG = rf"\d{{4}} \d\d:\d\d:\d\d\.\d{{3,9}}[{SPACE}]+\d+ [^\]\s]{{1,120}}\] ?"
_TIME = r"(?=\d)(?:(....[-/]..[-/]..[T ]..:..:..)|\d\d:\d\d:\d\d)"
block_heads = re.compile(
    rf"(?:{_TIME}{FRACTION}+[{SPACE}]?{ZONE}+[\]{SPACE}|,-]*+(?(1)(?:([\w.]{{1,80}}+) - )?){_LEVEL}"
    rf"|(?:{BRACKETED}|(?=[IWEF]\d{{4}} |{LETTERS}))([A-Za-z]{{1,9}})"
    rf"(?:{KLOG}|(?!\d)\]?[ \t]*[:|-]?[ \t]*)"
    r")(.*+)\n|.*+\n",
    re.ASCII,
).findall
"""The `BlockHead` of each line of a text, whose last line has an end too."""
