"""Lines in logfmt (`time=… level=info msg="…" key=value`, brandur.org/logfmt), as logrus, slog and hclog write them."""

from __future__ import annotations

import re

from .levels import level_of_value
from .times import time_of_value

FIRST_LETTERS = frozenset("tlmsa")
"""Of `time=`, `ts=`, `level=`, `lvl=`, `msg=`, `message=`, `severity=`, `at=`; others do not begin such a line."""
_BEGINS = re.compile(r"(?:time|timestamp|ts|t|level|lvl|msg|message|severity|at)=", re.ASCII)
_PAIR = re.compile(r'(([\w.@/-]{1,80})=(?:"((?:[^"\\]|\\.)*)"|(\S*))|\S+)', re.ASCII)
"""A pair, its key, its value with or without quotes; or a word that is no pair."""
_COMMON = re.compile(
    r'time=(?:"([^"\\]*)"|([^\s"]\S*)) level=([a-zA-Z]+) msg="([^"\\]*)"'
    r'((?: [\w.@/-]{1,80}=(?:"[^"\\]*"|[^\s"]\S*)?)*)$',
    re.ASCII,
)
"""What most programs write: time, level, message without escapes, and the other pairs as they are."""
_ESCAPED = re.compile(r'\\([nt"\\])')
_UNESCAPED = {"n": " ⏎ ", "t": " ", '"': '"', "\\": "\\"}
_LEVELS = frozenset(("level", "lvl", "severity"))
_TIMES = frozenset(("time", "timestamp", "ts", "t"))
_MESSAGES = frozenset(("msg", "message"))


def read_logfmt(text: str) -> tuple[str, str | None, str | None] | None:
    """(message with the other pairs behind it, level or None, time or None); None if the line is no logfmt."""
    if common := _COMMON.match(text):
        quoted, bare, level_word, message, others = common.groups()
        level, time = level_of_value(level_word), time_of_value(quoted or bare)
        if level is not None and time is not None:
            return message + others if message else others[1:], level, time
    if not _BEGINS.match(text):
        return None
    message = level = time = None
    pairs = []
    for pair, key, quoted, bare in _PAIR.findall(text):
        value = _ESCAPED.sub(_unescaped, quoted) if "\\" in quoted else quoted or bare
        if key in _LEVELS and level is None:
            level = level_of_value(value)
        elif key in _TIMES and time is None:
            time = time_of_value(value)
        elif key in _MESSAGES and message is None:
            message = value
        elif key:
            pairs.append(pair)
        else:
            return None  # text between pairs: a sentence that has a "=" in it
    if level is None and message is None:
        return None
    return " ".join([message, *pairs] if message else pairs), level, time


def _unescaped(match: re.Match[str]) -> str:
    return _UNESCAPED[match[1]]
