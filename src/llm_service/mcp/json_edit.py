"""`with_json_entry(text, path, value)`: a JSON file with one entry set and every other character as it was.

Programs' settings are often JSON with comments and trailing commas, which a parser that writes again would lose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"-?\d[\d.eE+-]*|true|false|null")
_DEEPEST = 100


class NotJson(ValueError):
    """The text is no JSON, nor JSON with comments."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A value at text[start:end]; of an object its members, `{key: value}`."""

    start: int
    end: int
    plain: Any
    members: dict[str, _Value] | None = None
    inner_end: int = 0
    """Of an object: where its last member, with the comma after it, ends; else the place after its brace."""
    has_comma: bool = False


def parse(text: str) -> Any:
    """The plain value of JSON with comments and trailing commas. Raises NotJson."""
    return _document(text).plain


def with_json_entry(text: str, path: Sequence[str], value: Any) -> str:
    """The text with the value at `path`, objects on the way made where there are none. Raises NotJson."""
    if not text.strip():
        text = "{}\n"
    return _set(text, _document(text), list(path), value, 1)


def _set(text: str, node: _Value, path: list[str], value: Any, depth: int) -> str:
    if node.members is None:
        raise NotJson("there is no object where one has to be")
    key, rest = path[0], path[1:]
    known = node.members.get(key)
    if known is not None and rest:
        return _set(text, known, rest, value, depth + 1)
    for name in reversed(rest):
        value = {name: value}
    step = _step(text)
    shown = json.dumps(value, indent=step, ensure_ascii=False).replace("\n", "\n" + step * depth)
    if known is not None:
        return text[: known.start] + shown + text[known.end :]
    line = f"\n{step * depth}{json.dumps(key, ensure_ascii=False)}: {shown}"
    before, after = text[: node.inner_end], text[node.inner_end :]
    comma = "," if node.members and not node.has_comma else ""
    if after.lstrip().startswith("}") and not after.partition("}")[0].strip() and "\n" not in after.partition("}")[0]:
        after = f"\n{step * (depth - 1)}" + after.lstrip()
    return before + comma + line + after


def _step(text: str) -> str:
    found = re.search(r"^([ \t]+)\"", text, re.MULTILINE)
    return found[1] if found else "  "


def _document(text: str) -> _Value:
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    value = _read(text, start, 0)
    if _skip(text, value.end) != len(text):
        raise NotJson("there is something after its end")
    return value


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _read(text: str, at: int, depth: int) -> _Value:
    if depth > _DEEPEST:
        raise NotJson("it is nested too deeply")
    first = text[at : at + 1]
    if first == "{":
        return _read_object(text, at, depth)
    if first == "[":
        return _read_list(text, at, depth)
    found = (_TEXT if first == '"' else _SCALAR).match(text, at)
    if found is None:
        raise NotJson(f"line {text.count(chr(10), 0, at) + 1} is no JSON")
    try:
        return _Value(at, found.end(), json.loads(found[0], strict=False))
    except ValueError as problem:
        raise NotJson(str(problem)) from problem


def _read_object(text: str, start: int, depth: int) -> _Value:
    members: dict[str, _Value] = {}
    at, inner_end, has_comma = _skip(text, start + 1), start + 1, False
    while text[at : at + 1] != "}":
        if members and not has_comma:
            raise NotJson(f"line {text.count(chr(10), 0, at) + 1} lacks a comma")
        key = _read(text, at, depth + 1)
        colon = _skip(text, key.end)
        if not isinstance(key.plain, str) or text[colon : colon + 1] != ":":
            raise NotJson(f"line {text.count(chr(10), 0, at) + 1} is no JSON")
        value = members[key.plain] = _read(text, _skip(text, colon + 1), depth + 1)
        at, inner_end = _skip(text, value.end), value.end
        has_comma = text[at : at + 1] == ","
        if has_comma:
            inner_end = at + 1
            at = _skip(text, at + 1)
    plain = {key: value.plain for key, value in members.items()}
    return _Value(start, at + 1, plain, members, inner_end, has_comma)


def _read_list(text: str, start: int, depth: int) -> _Value:
    items: list[Any] = []
    at, has_comma = _skip(text, start + 1), True
    while text[at : at + 1] != "]":
        if not has_comma:
            raise NotJson(f"line {text.count(chr(10), 0, at) + 1} lacks a comma")
        value = _read(text, at, depth + 1)
        items.append(value.plain)
        at = _skip(text, value.end)
        has_comma = text[at : at + 1] == ","
        if has_comma:
            at = _skip(text, at + 1)
    return _Value(start, at + 1, items)
