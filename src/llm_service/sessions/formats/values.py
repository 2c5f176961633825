"""What the readers of all formats need: texts of JSON values of any type, the input of a tool as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from ...logs.agents.values import object_of, objects_of, text_of, whole_of

__all__ = [
    "ADDED", "JSON_ERRORS", "MAX_PART", "files_written", "first_line", "has_parts", "input_text", "input_title",
    "joined", "number_sum", "object_of", "objects_of", "parse", "text_of", "whole_of",
]  # fmt: skip

MAX_PART = 1 << 20
"""Characters of one part that are read."""
_MAX_TITLE = 300
_TITLES = (
    "command", "cmd", "file_path", "notebook_path", "absolute_path", "path", "pattern", "query", "url", "description",
    "skill", "subject", "prompt", "question", "text",
)  # fmt: skip
_MAX_FIELDS = 200
_WRITES = {
    "write": "add", "create": "add", "write_file": "add",
    "edit": "update", "replace": "update", "apply_patch": "update",
}  # fmt: skip
_PATHS = ("path", "file_path", "absolute_path")

ADDED = (
    "tool", "shell", "web_search", "(no text)", "(nothing that is shown)", "(nested too deeply)", "Infinity",
    "The turn was ended: no reason said", "The conversation was compacted",
)  # fmt: skip
"""What readers show that is not in the line, without what is shown for a line that cannot be read."""

JSON_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not JSON, or not of the type that is wanted."""
_decode = msgspec.json.Decoder().decode


def parse(line: bytes) -> dict[str, Any] | None:
    """The JSON object in a line; None if it is none."""
    try:
        value = _decode(line)
    except JSON_ERRORS:
        try:
            value = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def has_parts(line: bytes, parts: Callable[[dict[str, Any]], Sequence[Any]]) -> bool | None:
    """Whether a line has any of those `parts` that its JSON object gives; None if it is no JSON object."""
    value = parse(line)
    return None if value is None else bool(parts(value))


def first_line(text: str, limit: int = _MAX_TITLE) -> str:
    """The first line with something in it, cut."""
    for line in text[:10_000].splitlines():
        if line := " ".join(line.split()):
            return line if len(line) <= limit else line[: limit - 1] + "…"
    return ""


def input_title(given: Any) -> str:
    """What says most of a tool's input, in one line; "" if none of it is text."""
    if isinstance(given, str):
        return first_line(given)
    fields = object_of(given)
    for key in _TITLES:
        value = fields.get(key)
        if isinstance(value, list):
            value = " ".join(str(each) for each in value[:20] if isinstance(each, str))
        if isinstance(value, str) and (line := first_line(value)):
            return line
    return ""


def input_text(given: Any) -> str:
    """A tool's input: a line for each field, texts of several lines below their names."""
    if isinstance(given, str):
        return given[:MAX_PART]
    if not isinstance(given, dict):
        return "" if given is None else _json(given)
    lines = []
    for key, value in list(given.items())[:_MAX_FIELDS]:
        text = value if isinstance(value, str) else _json(value)
        lines.append(f"{key}:\n{text}" if "\n" in text else f"{key}: {text}")
    return "\n".join(lines)[:MAX_PART]


def joined(content: Any, keys: tuple[str, ...] = ("text",)) -> str:
    """The texts of a content: a text, or a list of blocks, of which those without one are named."""
    if isinstance(content, str):
        return content[:MAX_PART]
    found = []
    for each in content if isinstance(content, list) else [content]:
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            text = next((each[key] for key in keys if isinstance(each.get(key), str)), None)
            found.append(text if text is not None else f"({text_of(each.get('type'), 50) or 'no text'})")
    return "\n".join(found)[:MAX_PART]


def number_sum(values: dict[str, Any], *names: str) -> int | None:
    """The sum of these whole numbers; None if there is none of them."""
    found = [number for name in names if (number := whole_of(values.get(name))) is not None and number >= 0]
    return sum(found) if found else None


def files_written(uses: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    """(path, kind) of the files that tools write, of (name of the tool, its input)."""
    found = []
    for name, given in uses:
        how = _WRITES.get(name) if isinstance(name, str) else None
        path = next((text for key in _PATHS if (text := text_of(object_of(given).get(key), 1_000))), None)
        if how is not None and path is not None:
            found.append((path, how))
    return tuple(found)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, indent=1 if isinstance(value, dict | list) else None)
    except (ValueError, RecursionError):
        return "(nested too deeply)"
