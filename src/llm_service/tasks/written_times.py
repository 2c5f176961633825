"""Times as people write them: `sort_key(text)` puts `2026-11-05`, `Nov 5, 2026` and `5.11.2026` where they belong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SHORT_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_LONG_NAMES = "january february march april may june july august september october november december sept"
_MONTHS = {name: number for number, name in enumerate(_SHORT_NAMES.split(), 1)}
_MONTH = rf"(?P<month>\d\d?|{'|'.join(f'{_LONG_NAMES} {_SHORT_NAMES}'.split())})"
_DAY, _YEAR = r"(?P<day>\d\d?)", r"(?P<year>\d{4})"
_DATES = [
    re.compile(form.replace("YEAR", _YEAR).replace("MONTH", _MONTH).replace("DAY", _DAY))
    for form in (
        r"YEAR[-/. ]MONTH(?:[-/. ]DAY)?",
        r"(?=[a-z])MONTH\.?[- ](?:DAY[- ])?YEAR",
        r"DAY[-. ] ?(?=[a-z])MONTH\.?[- ]YEAR",
        r"DAY\. ?MONTH\. ?YEAR",
        r"YEAR",
    )
]
_SLASHES = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
_TIME = re.compile(
    r"[t ]-? ?(?P<hour>\d\d?)(?::(?P<minute>\d\d))?(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)? ?(?:[a-z]{1,5}|(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?)?"
)
_NOISE = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?|\bof\b|\bat\b|,")
# What the command `date` prints.
_TIME_BEFORE_YEAR = re.compile(r"([a-z]+ \d\d?) (\d\d?:\d\d:\d\d(?: [a-z]{3,4})?) (\d{4})")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_MAX_CHARACTERS = 60


def sort_key(text: str | None) -> str | None:
    """A time as text that sorts like the time; a date is its first moment, a time without a known zone is UTC.

    None for no text and for text that is not a time, or could be two (`11/05/2026`).
    """
    moment = _moment(text.strip()) if text and len(text) <= _MAX_CHARACTERS else None
    return None if moment is None else moment.isoformat(timespec="microseconds")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        plain = " ".join(_ORDINAL.sub("", _NOISE.sub(" ", text.lower())).split())
        return _written(_TIME_BEFORE_YEAR.sub(r"\1 \3 \2", plain))
    except (ValueError, OverflowError):  # a 31st of February
        return None


def _written(text: str) -> datetime | None:
    slashes = _SLASHES.match(text)
    if slashes is not None:
        first, second, year = map(int, slashes.groups())
        if max(first, second) <= 12 and first != second:
            return None
        date, end = datetime(year, min(first, second), max(first, second), tzinfo=UTC), slashes.end()
        return _with_time(date, text[end:])
    for form in _DATES:
        found = form.match(text)
        if found is not None:
            parts = found.groupdict()
            month = parts.get("month") or "1"
            number = int(month) if month.isdigit() else _MONTHS[month[:3]]
            date = datetime(int(parts["year"]), number, int(parts.get("day") or 1), tzinfo=UTC)
            moment = _with_time(date, text[found.end() :])
            if moment is not None:
                return moment
    return None


def _with_time(date: datetime, text: str) -> datetime | None:
    """A date with the time that the text after it says; None if it says something else."""
    if not text:
        return date
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    moment = date.replace(hour=hour, minute=int(found["minute"] or 0), second=int(found["second"] or 0))
    if found["sign"]:
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        return moment - offset if found["sign"] == "+" else moment + offset
    return moment
