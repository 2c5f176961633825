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
_NOT_PLAIN = frozenset((*_ROLES["level"][1:], *_ROLES["trace"]))
_MAX_FIELD, _MAX_FIELDS = 200, 20

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode_object(text: str) -> dict[str, Any] | None:
    """The object of a line that is one JSON object, None of any other."""
    if text[-1:] != "}" and text.rstrip()[-1:] != "}":
        return None  # an error of the decoder takes 20 times as long
    try:
        value = _decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def compact(value: Any, limit: int = _MAX_FIELD) -> str:
    """A value as one short piece of text."""
    kind = type(value)
    if kind is str:
        text: str = value
    elif kind is int or kind is float:
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
    role_of = _ROLE.get
    for key, value in fields.items():
        role = role_of(key)
        if role is None:
            if len(others) <= _MAX_FIELDS:
                key = key if len(key) <= _MAX_FIELD else key[:_MAX_FIELD]
                others.append(f"{key}={compact(value)}" if len(others) < _MAX_FIELDS else "…")
        elif value is not None and role not in roles:
            roles[role] = value
    level = level_of_value(roles.get("level"))
    message = roles.get("message")
    if message is None:
        if level is None:
            return None
        text = " ".join(others)
    else:
        text, name = compact(message, 1 << 16), roles.get("name")
        if isinstance(name, str) and name:
            text = f"{name[:_MAX_FIELD]}: {text}"
        if others:
            text = f"{text} {' '.join(others)}"
    if trace := roles.get("trace"):
        level = level or "error"
        text = f"{text} {_last_line(trace)}" if text or message is not None else _last_line(trace)
    return text, level, time_of_value(roles.get("time"))


def level_of_object(text: str) -> str | None:
    """The level of a line that begins with "{", "info" if it says none; None if it may be an agent's, or needs more
    than a look."""
    if "\\" in text or '"type"' in text:
        return None
    fields = decode_object(text)
    if fields is None:
        return "info"
    if not _NOT_PLAIN.isdisjoint(fields):
        return None
    return level_of_value(fields.get("level")) or "info"


def _last_line(trace: Any) -> str:
    """What a traceback in a field ends with; "" without one."""
    if not isinstance(trace, str):
        return ""
    return trace.rstrip()[-2_000:].rpartition("\n")[2].strip()[:_MAX_FIELD]
