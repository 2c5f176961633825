"""Reads one line of a session's file: `read_line(line)` gives what it says, or raises BadLine.

Agents can write these files too, so nothing is trusted: wrong types, lengths and times are refused or dropped.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from .model import HookLine

MAX_LINE_BYTES = 65_536
_MAX_NAME = 200
_MAX_PATH = 4_096
_MAX_TEXT = 2_000
_MAX_BACKGROUND = 10_000


class BadLine(ValueError):
    """A line that says nothing about a session; the text says why."""


def read_line(line: bytes, session: str, now: datetime | None = None) -> HookLine:
    """What a line of the file of a session says; without a time that can be true it was now. Raises BadLine."""
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as problem:
        raise BadLine("it is no JSON") from problem
    if not isinstance(value, dict):
        raise BadLine("it is no JSON object")
    event = _text(value, "event") or _text(value, "hook_event_name")
    if event is None:
        raise BadLine("it has no `event`")
    background = value.get("background")
    is_count = isinstance(background, int) and not isinstance(background, bool)
    return HookLine(
        time=_time(value.get("time"), now or datetime.now(UTC)),
        client=_text(value, "client") or "unknown",
        event=event,
        session=session,
        cwd=_text(value, "cwd", _MAX_PATH),
        tool=_text(value, "tool"),
        call=_text(value, "call"),
        subagent=_text(value, "subagent"),
        kind=_text(value, "kind"),
        model=_text(value, "model"),
        agent=_text(value, "agent"),
        text=_text(value, "text", _MAX_TEXT),
        asks=value.get("asks") is True,
        background=min(max(background, 0), _MAX_BACKGROUND) if is_count and background else 0,
    )


def _text(value: dict[str, Any], name: str, limit: int = _MAX_NAME) -> str | None:
    found = value.get(name)
    if not isinstance(found, str):
        return None
    # Half a surrogate pair is valid JSON, and no text that could be sent.
    found = " ".join(found.encode("utf-8", "replace").decode().split())
    return found[:limit] or None


def _time(value: object, now: datetime) -> str:
    """The time of a line, not after now."""
    moment = now
    if isinstance(value, str) and len(value) <= 40:
        try:
            said = datetime.fromisoformat(value)
            said = said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
            moment = min(said, now) if said <= now + timedelta(days=1) else now
        except (ValueError, OverflowError):
            moment = now
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
