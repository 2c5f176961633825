"""When the lines of a log were written that have only a time of the day: `times_of_lines(lines, modified_s)`. Pure.

`HH:MM:SS [LEVEL] message` has no date. The last line was written when the file was; above it, a time that is later than
the one below it was the day before. The time is that of the local zone, in which such logs are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

_TIME = re.compile(r"\[?(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?")
_SLACK_S = 60
"""A file may be written a little before the time in its line, as clocks and buffers go."""


def times_of_lines(lines: Sequence[str], modified_s: float, zone: tzinfo | None = None) -> list[float | None]:
    """Seconds since 1970 of each line; a line without a time has that of the line above it, None without one.

    `zone`: None is the local zone.
    """
    found: list[float | None] = [None] * len(lines)
    latest = datetime.fromtimestamp(modified_s, zone) + timedelta(seconds=_SLACK_S)
    for number in range(len(lines) - 1, -1, -1):
        match = _TIME.match(lines[number])
        if match is None:
            continue
        moment = _moment(match, latest)
        if moment is not None:
            latest = moment + timedelta(seconds=_SLACK_S)
            found[number] = moment.timestamp()
    above = None
    for number, at in enumerate(found):
        above = at if at is not None else above
        found[number] = above
    return found


def _moment(match: re.Match[str], latest: datetime) -> datetime | None:
    try:
        hour, minute, second = int(match[2]), int(match[3]), int(match[4])
        if match[1] is not None:
            day = datetime.fromisoformat(match[1])
            return latest.replace(day.year, day.month, day.day, hour, minute, second, 0)
        moment = latest.replace(hour=hour, minute=minute, second=second, microsecond=0)
        return moment if moment <= latest else moment - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
