"""Lines in logfmt (`time=… level=info msg="…" key=value`, brandur.org/logfmt), as logrus, slog and hclog write them."""

from __future__ import annotations

import re

from .levels import level_of_value
from .times import time_of_value

FIRST_LETTERS = frozenset("tlmsa")
"""Of `time=`, `ts=`, `level=`, `lvl=`, `msg=`, `message=`, `severity=`, `at=`; others do not begin such a line."""
_BEGINS = re.compile(r"(?:time|timestamp|ts|t|level|lvl|msg|message|severity|at)=", re.ASCII)
_PAIR = re.compile(r'([\w.@/-]{1,80})=(?:"((?:[^"\\]|\\.)*)"|(\S*))', re.ASCII)
_ESCAPED = re.compile(r'\\([nt"\\])')
_UNESCAPED = {"n": " ⏎ ", "t": " ", '"': '"', "\\": "\\"}
_LEVELS = frozenset(("level", "lvl", "severity"))
_TIMES = frozenset(("time", "timestamp", "ts", "t"))
_MESSAGES = frozenset(("msg", "message"))


def read_logfmt(text: str) -> tuple[str, str | None, str | None] | None:
    """(message with the other pairs behind it, level or None, time or None); None if the line is no logfmt."""
    if not _BEGINS.match(text):
        return None
    message = level = time = None
    others = []
    at = 0
    for match in _PAIR.finditer(text):
        key, quoted, bare = match.groups()
        if text[at : match.start()].strip():
            return None  # text between pairs: a sentence that has a "=" in it
        at = match.end()
        value = bare if quoted is None else _ESCAPED.sub(lambda each: _UNESCAPED[each[1]], quoted)
        if key in _LEVELS and level is None:
            level = level_of_value(value)
        elif key in _TIMES and time is None:
            time = time_of_value(value)
        elif key in _MESSAGES and message is None:
            message = value
        else:
            others.append(match[0])
    if text[at:].strip() or (level is None and message is None):
        return None
    return " ".join([*([message] if message else []), *others]), level, time
