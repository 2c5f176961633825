"""Log lines in JSON: structlog, pino, bunyan, zap, logrus, our own. The message is followed by the other fields."""

from __future__ import annotations

from typing import Any

import msgspec

from .levels import level_of_value
from .times import time_of_value

MAX_CHARACTERS = 16 << 20
"""A longer line is text."""
_ROLES = {
    "message": ("message", "msg", "event"),
    "level": ("level", "severity", "lvl", "log.level", "levelname"),
    "time": ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime"),
    "name": ("logger", "name", "logger_name", "component"),
    "trace": ("exception", "exc_info", "stack", "stack_trace", "stacktrace", "traceback"),
    "": ("pid", "hostname", "v"),
}
_ROLE = {key: role for role, keys in _ROLES.items() for key in keys}
"""What a field is for; the others follow the message."""
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
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    else:
        try:
            text = _encode(value).decode()
        except (RecursionError, ValueError):
            text = "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_json_line(fields: dict[str, Any]) -> tuple[str, str | None, str | None] | None:
    """(message, level or None, time or None) of a log line; None if it has none of the fields of one."""
    roles: dict[str, Any] = {}
    others: list[str] = []
    for key, value in fields.items():
        role = _ROLE.get(key)
        if role is None:
            if len(others) <= _MAX_FIELDS:
                others.append(f"{key[:_MAX_FIELD]}={compact(value)}" if len(others) < _MAX_FIELDS else "…")
        elif value is not None:
            roles.setdefault(role, value)
    level = level_of_value(roles.get("level"))
    if level is None and "message" not in roles:
        return None
    parts = others
    if "message" in roles:
        message, name = compact(roles["message"], 1 << 16), roles.get("name")
        parts = [f"{name[:_MAX_FIELD]}: {message}" if isinstance(name, str) and name else message, *others]
    if trace := roles.get("trace"):
        level = level or "error"
        parts.append(_last_line(trace))
    return " ".join(parts), level, time_of_value(roles.get("time"))


def _last_line(trace: Any) -> str:
    """What a traceback in a field ends with; "" without one."""
    if not isinstance(trace, str):
        return ""
    return trace.rstrip()[-2_000:].rpartition("\n")[2].strip()[:_MAX_FIELD]
