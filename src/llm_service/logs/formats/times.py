"""Times that programs write, as ISO-8601 UTC with milliseconds. A time without a zone is that of this machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ...times import iso_time

_MAX_CACHED = 4096
SECONDS: dict[str, str | None] = {}
"""Cache of `utc_time`, by second and zone: many lines share a second. Only what is written as a time is in it."""
_WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$", re.ASCII
)


def utc_time(second: str, fraction: str | None, zone: str | None) -> str | None:
    """`second` is "2026-11-30 05:22:42", also with T or slashes; None if there is no such time."""
    key = second + zone if zone else second
    try:
        whole = SECONDS[key]
    except KeyError:
        whole = _iso_seconds(second, zone)
        if len(SECONDS) >= _MAX_CACHED:
            SECONDS.clear()
        SECONDS[key] = whole
    if whole is None:
        return None
    if fraction is None:
        return whole + ".000Z"
    return f"{whole}.{fraction[:3]:0<3}Z"


def time_of_value(value: object) -> str | None:
    """The time in a field of JSON or logfmt: text, or seconds, milliseconds, micro- or nanoseconds since 1970."""
    if type(value) is int and 10**11 < value < 10**14:  # milliseconds, as most write them
        return _time_of_milliseconds(value)
    if isinstance(value, str):
        if match := _WRITTEN.match(value):
            return utc_time(*match.groups())
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e30:
        return None
    for _ in range(3):
        if abs(value) < 1e11:
            break
        value /= 1000
    return _time_of_milliseconds(round(value * 1000)) if 1e8 < value < 1e11 else None


def _time_of_milliseconds(value: int) -> str:
    whole, milliseconds = divmod(value, 1000)
    key = str(whole)
    second = SECONDS.get(key)
    if second is None:
        second = SECONDS[key] = iso_time(whole)[:-5]
    return f"{second}.{milliseconds:03d}Z"


def _iso_seconds(second: str, zone: str | None) -> str | None:
    try:
        written = second.replace("/", "-")
        if not zone:
            moment = datetime.fromisoformat(written).astimezone(UTC)
        elif zone in ("Z", "UTC"):
            moment = datetime.fromisoformat(written).replace(tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(written + zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
