"""Times as ISO-8601 text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_time(seconds: float) -> str:
    """A Unix time as ISO-8601 UTC with milliseconds and `Z`; outside the years 1 to 9999, the first or last of them."""
    clipped = min(max(seconds, -62_135_596_800.0), 253_402_300_799.0)
    text = datetime.fromtimestamp(clipped, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_time_ms(milliseconds: int) -> str:
    """Milliseconds since 1970 as ISO-8601 UTC with milliseconds and `Z`, exactly; the years 1970 to 9999."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
