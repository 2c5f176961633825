"""The head of a line of text: its level and time, and where the message begins.

`read_head` knows ISO times and times of day in front, with or without brackets, a level behind them or behind the name
of a logger or a thread (Python's logging, loguru, log4j, Spring, env_logger, tracing, gunicorn, nginx); lines that
begin with a level (`INFO:app:`, `[WARN]`, `ERROR - `); klog (`I1130 05:22:42.123456 1 main.go:12] `).
"""

from __future__ import annotations

import re

from .levels import LEVELS
from .times import utc_time

Head = tuple[str | None, str | None, int, str]
"""(level, time, index at which the message begins, name of the logger or ""); level and time None if not there."""

NO_HEAD: Head = (None, None, 0, "")
FRACTION = r"(?:[.,](\d{1,9})\d*)?"
DIGITS = frozenset("0123456789")

ZONE = r"(Z\b|UTC\b|[+-]\d\d:?\d\d\b)?"
_LEVEL = r"[\[(<]?([A-Za-z]{1,9})[\])>]?(?=[\s:|\]]|-\s|$)[\s:|\]-]*"
_DATE_AND_LEVEL = re.compile(
    r"(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d)"
    rf"{FRACTION}\s?{ZONE}[\]\s|,-]*(?:([\w.]{{1,80}}) - )?{_LEVEL}",
    re.ASCII,
)
_AFTER_TIME = re.compile(rf"{FRACTION}\s?{ZONE}[\]\s|,-]*{_LEVEL}", re.ASCII)
_ONLY_TIME = re.compile(rf"{FRACTION}\s?{ZONE}[\]\s|,-]*", re.ASCII)
# One or two names, threads or process ids, and then a level: " - app.core - INFO - ", " [123] [INFO] ".
_NAME_AND_LEVEL = re.compile(
    r"(?:[\[(]?([\w.$:/@#-]{1,80})[\])]?[\s|:-]+)(?:[\[(]?[\w.$:/@#-]{1,80}[\])]?[\s|:-]+)?[\[(<]?([A-Z]{4,9}|[a-z]{4,9})[\])>]?"
    r"(?=[\s:|\]]|-\s|$)[\s:|\]-]*",
    re.ASCII,
)
# Behind the level: the name of the logger of "INFO [main] app.core: text" stays in the message.
_LEVEL_FIRST = re.compile(
    r"(?:\[([A-Za-z]{1,9})\]|<([A-Za-z]{3,9})>|([A-Z]{4,9})(?=:|\s+[\[:|-]|\s+[^\sA-Z]|\s+[A-Z][^A-Z]|\s*$))"
    r"[ \t]*[:|-]?[ \t]*",
    re.ASCII,
)
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{3,9}\s+\d+ [^\]\s]{1,120}\] ?", re.ASCII)
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)
_PROCESS = re.compile(r"\d+$|[\w-]*(?:thread|pool|main|worker)[\w-]*$", re.ASCII | re.IGNORECASE)


def read_head(text: str) -> Head:
    """The head of any line of text; `NO_HEAD` if it has none."""
    first = text[:1]
    if first in DIGITS:
        return read_time_head(text, 0)
    if first == "[":
        return read_time_head(text, 1) if text[1:2] in DIGITS else read_level_head(text)
    return read_level_head(text)


def read_time_head(text: str, begin: int) -> Head:
    """The head of a line whose character at `begin` is a digit."""
    match = _DATE_AND_LEVEL.match(text, begin)
    if match is not None:
        second, fraction, zone, name, word = match.groups()
        level = LEVELS.get(word)
        if level is not None:
            return level, utc_time(second, fraction, zone), match.end(), name or ""
    if text[begin + 2 : begin + 3] == ":":
        return _clock_head(text, begin)
    end = begin + 19
    if text[begin + 13 : begin + 14] != ":" or not _DATE.match(text, begin):
        return NO_HEAD
    match = _ONLY_TIME.match(text, end)
    if match is None:  # every part of it is optional
        return NO_HEAD
    time = utc_time(text[begin:end], match[1], match[2])
    if time is None:
        return NO_HEAD
    return _behind_time(text, match.end(), time)


def _clock_head(text: str, begin: int) -> Head:
    """Of "05:22:42 [INFO] text": a time of day is no point in time, so it is only cut off."""
    if not _CLOCK.match(text, begin):
        return NO_HEAD
    match = _AFTER_TIME.match(text, begin + 8)
    if match is not None:
        level = LEVELS.get(match[3])
        if level is not None:
            return level, None, match.end(), ""
    match = _ONLY_TIME.match(text, begin + 8)
    return NO_HEAD if match is None else _behind_time(text, match.end(), None)


def _behind_time(text: str, at: int, time: str | None) -> Head:
    match = _NAME_AND_LEVEL.match(text, at)
    if match is not None:
        level = LEVELS.get(match[2])
        if level is not None:
            name = match[1]
            return level, time, match.end(), "" if _PROCESS.match(name) else name.rstrip(":")
    return None, time, at, ""


def read_level_head(text: str) -> Head:
    """The head of a line that begins with a level, or in klog's form."""
    match = _LEVEL_FIRST.match(text)
    if match is not None:
        level = LEVELS.get(match[match.lastindex or 0])
        if level is not None:
            return level, None, match.end(), ""
    elif match := _KLOG.match(text):
        return LEVELS[match[1]], None, match.end(), ""
    return NO_HEAD
