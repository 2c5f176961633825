"""Log lines in JSON: structlog, pino, bunyan, zap, logrus, our own. The message is followed by the other fields."""

from __future__ import annotations

from typing import Any

import msgspec

from .levels import level_of_value
from .times import time_of_value

MAX_CHARACTERS = 16 << 20
"""A longer line is text."""
_MESSAGES = ("message", "msg", "event")
_LEVELS = ("level", "severity", "lvl", "log.level", "levelname")
_TIMES = ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime")
_NAMES = ("logger", "name", "logger_name", "component")
_TRACES = ("exception", "exc_info", "stack", "stack_trace", "stacktrace", "traceback")
_DROPPED = frozenset(("pid", "hostname", "v", *_MESSAGES, *_LEVELS, *_TIMES, *_NAMES, *_TRACES))
_MAX_FIELD, _MAX_FIELDS = 200, 20

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode_object(text: str) -> dict[str, Any] | None:
    """The object of a line that is one JSON object, None of any other."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def compact(value: Any, limit: int = _MAX_FIELD) -> str:
    """A value as one short piece of text."""
    if isinstance(value, str):
        text = value
    else:
        try:
            text = _encode(value).decode()
        except (RecursionError, ValueError):
            text = "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_json_line(fields: dict[str, Any]) -> tuple[str, str | None, str | None] | None:
    """(message, level or None, time or None) of a log line; None if it has none of the fields of one."""
    message = _first(fields, _MESSAGES)
    level = level_of_value(_first(fields, _LEVELS))
    if message is None and level is None:
        return None
    parts = [] if message is None else [compact(message, 1 << 16)]
    name = _first(fields, _NAMES)
    if isinstance(name, str) and name and parts:
        parts[0] = f"{name[:_MAX_FIELD]}: {parts[0]}"
    others = [key for key in fields if key not in _DROPPED]
    parts += [f"{key[:_MAX_FIELD]}={compact(fields[key])}" for key in others[:_MAX_FIELDS]]
    if len(others) > _MAX_FIELDS:
        parts.append("…")
    if level is None and any(fields.get(key) for key in _TRACES):
        level = "error"
    if reason := _last_line(_first(fields, _TRACES)):
        parts.append(reason)
    return " ".join(parts), level, time_of_value(_first(fields, _TIMES))


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if (value := fields.get(name)) is not None:
            return value
    return None


def _last_line(trace: Any) -> str:
    """What a traceback in a field ends with; "" without one."""
    if not isinstance(trace, str):
        return ""
    return trace.rstrip()[-2_000:].rpartition("\n")[2].strip()[:_MAX_FIELD]
