"""Single values of a status file, whatever their type is: texts, ids, times, counts, statuses. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from ..files import printable
from ..times import iso_time

MAX_TEXT = 20_000
_MAX_ID = 200
_LARGEST_ID = 1e100
_MAX_IDS = 2_000
_SURROGATES = re.compile("[\ud800-\udfff]")
_STATUSES = {
    "pending": "pending", "todo": "pending", "not_started": "pending", "queued": "pending", "blocked": "pending",
    "in_progress": "in_progress", "running": "in_progress", "started": "in_progress", "active": "in_progress",
    "completed": "completed", "complete": "completed", "done": "completed", "success": "completed",
    "failed": "failed", "error": "failed", "failure": "failed",
    "skipped": "skipped", "cancelled": "skipped", "canceled": "skipped",
}  # fmt: skip
"""The five statuses, and what writers call them by mistake."""
_OWN = frozenset({"pending", "in_progress", "completed", "failed", "skipped"})


def status_of(value: Any) -> tuple[str, bool]:
    """(status, True if that is what the file says): one of the five; "pending" for what means nothing."""
    if isinstance(value, str):
        if value in _OWN:
            return value, True
        found = _STATUSES.get(value.strip().lower().replace("-", "_").replace(" ", "_"))
        return (found, False) if found is not None else ("pending", False)
    return "pending", False


def text_of(value: Any) -> str | None:
    """A text of at most 20,000 characters; None for an empty one and for what is no text, as in `notes: true`."""
    if not isinstance(value, str) or not value:
        return None
    return (value if value.isascii() else _SURROGATES.sub("\ufffd", value))[:MAX_TEXT]


def id_of(value: Any) -> str | None:
    """An id: a text, or a number as it was written (1.1); None for an empty one and for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and abs(value) < _LARGEST_ID:  # not isfinite, which fails for long integers
        value = str(value)
    text = text_of(value)
    return (text.strip()[:_MAX_ID] or None) if text is not None else None


def ids_of(value: Any) -> tuple[str, ...]:
    """The ids in a list, each once; () for what is no list."""
    if not isinstance(value, list):
        return ()
    found = (id_of(item) for item in value[:_MAX_IDS])
    return tuple(dict.fromkeys(item for item in found if item is not None))


def count_of(value: Any) -> int | None:
    """A whole number from 0 to 2^53; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 2**53:
        return None
    return int(value)


def time_of(value: Any) -> str | None:
    """A time as it was written, if it is an ISO-8601 time; one in milliseconds since 1970 as ISO-8601; else None."""
    if isinstance(value, str):
        return value if seconds_of(value) is not None else None
    milliseconds = count_of(value)
    return iso_time(milliseconds / 1000) if milliseconds else None


@lru_cache(maxsize=50_000)
def seconds_of(text: str) -> float | None:
    """Seconds since 1970 of an ISO-8601 time, which is UTC if it does not say; None for what is none."""
    if not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - both are UTC
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


def plain(value: Any) -> str:
    """A value for a message, short and harmless."""
    return f"“{printable(str(value))[:60]}”"
