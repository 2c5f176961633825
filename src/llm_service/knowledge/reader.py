"""Reads one line of a stream's file: `read_line(line)` gives what it says, or raises BadLine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .model import SEVERITIES

MAX_LINE_BYTES = 65_536
_SEVERITIES = dict(zip(SEVERITIES, SEVERITIES, strict=True)) | {
    "warn": "warning", "critical": "error", "fatal": "error", "err": "error", "notice": "info", "debug": "info",
}  # fmt: skip
_OLDEST = timedelta(days=366)


class BadLine(ValueError):
    """A line that is no message; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said on a stream, as it came: neither redacted nor cut. `time` is ISO-8601 UTC or None."""

    text: str
    source: str | None = None
    severity: str | None = None
    job: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    time: str | None = None


def read_line(line: bytes, now: datetime | None = None) -> Said:
    """The message of a line, one JSON object. Raises BadLine."""
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as problem:
        raise BadLine("it is no JSON") from problem
    return said(value, now)


def said(value: Any, now: datetime | None = None) -> Said:
    """The message that an object means. Raises BadLine."""
    if not isinstance(value, dict):
        raise BadLine("it is no JSON object")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadLine("it has no `text`")
    data = value.get("data", {})
    if not isinstance(data, dict):
        raise BadLine("its `data` is no object")
    return Said(
        text,
        _text(value, "source"),
        severity_of(value.get("severity")),
        _text(value, "job"),
        data,
        _time(value.get("created_at", value.get("time")), now or datetime.now(UTC)),
    )


def severity_of(value: object) -> str | None:
    """One of the SEVERITIES, None for what is none."""
    return _SEVERITIES.get(value.strip().lower()) if isinstance(value, str) else None


def _text(value: dict[str, Any], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) and found.strip() else None


def _time(value: object, now: datetime) -> str | None:
    """A time that its author gives, if it can be true: not in the future, and not older than a year."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not now - _OLDEST <= moment <= now + timedelta(minutes=1):
        return None
    return min(moment, now).isoformat(timespec="milliseconds").replace("+00:00", "Z")
