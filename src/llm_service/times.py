"""Times as ISO-8601 text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(256)  # of a file that is read it is asked three times
def iso_time(seconds: float) -> str:
    """A Unix time as ISO-8601 UTC with milliseconds and `Z`; outside the years 1 to 9999, the first or last of them."""
    clipped = min(max(seconds, -62_135_596_800.0), 253_402_300_799.0)
    text = datetime.fromtimestamp(clipped, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_time_ms(milliseconds: int) -> str:
    """Milliseconds since 1970 as ISO-8601 UTC with milliseconds and `Z`, exactly; the years 1970 to 9999."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unix_time(text: str | None) -> float | None:
    """The Unix time of an ISO-8601 text; None for None and for what is no time."""
    try:
        return None if text is None else datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def seconds_between(first: str, second: str) -> float | None:
    """The seconds from one ISO-8601 time to another; None if one is none, or only one says its offset."""
    try:
        return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return None
