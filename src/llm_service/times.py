"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_time(seconds: float) -> str:
    """A Unix time as ISO-8601 UTC with milliseconds and `Z`; out of range becomes the nearest end."""
    clipped = min(max(seconds, -62_135_596_800.0), 253_402_300_799.0)
    text = datetime.fromtimestamp(clipped, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
