"""`with_toml_table(text, path, value)`: a TOML file with one table set and every other character as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class CannotEdit(ValueError):
    """The table is written in a way that is not changed here."""


def with_toml_table(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """The text with the table at `path` in place of the one that is there, else at the end.

    Raises CannotEdit, also if the text is no TOML: what comes out always says the same but for that table.
    """
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise CannotEdit(f"it is no TOML: {problem}") from problem
    parent = wanted
    for key in path[:-1]:
        parent = parent.setdefault(key, {})
        if not isinstance(parent, dict):
            raise CannotEdit(f"{key} is no table")
    parent[path[-1]] = _plain(value)
    name = ".".join(key if _BARE.fullmatch(key) else json.dumps(key) for key in path)
    table = _table(name, value)
    start, end = _place(text, path)
    if start is None:
        edited = text + ("" if not text or text.endswith("\n") else "\n") + ("\n" if text.strip() else "") + table
    else:
        edited = text[:start] + table + ("\n" if end < len(text) else "") + text[end:]
    try:
        is_right = tomllib.loads(edited) == wanted
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise CannotEdit(f"{name} is written in a form that is not changed here")
    return edited


def _place(text: str, path: Sequence[str]) -> tuple[int | None, int]:
    """From the header of the table to the next header that is not of a part of it; comments before that stay."""
    key = r"\s*\.\s*".join(rf"(?:{re.escape(part)}|\"{re.escape(part)}\"|'{re.escape(part)}')" for part in path)
    header = re.search(rf"^[ \t]*\[\s*{key}\s*\][^\n]*\n?", text, re.MULTILINE)
    if header is None:
        return None, 0
    own = re.compile(rf"[ \t]*\[\s*{key}\s*\.")
    end = len(text)
    for following in re.finditer(r"^[ \t]*\[[^\n]*", text[header.end() :], re.MULTILINE):
        if own.match(following[0]) is None:
            end = header.end() + following.start()
            break
    body = text[header.start() : end]
    kept = re.search(r"(?:\n[ \t]*(?:#[^\n]*)?)*\n?\Z", body)
    return header.start(), header.start() + (kept.start() + 1 if kept and kept[0] else len(body))


def _table(name: str, value: Mapping[str, Any]) -> str:
    lines = [f"[{name}]"]
    lines += [f"{key} = {_value(item)}" for key, item in value.items() if not isinstance(item, Mapping)]
    text = "\n".join(lines) + "\n"
    for key, item in value.items():
        if isinstance(item, Mapping):
            text += "\n" + _table(f"{name}.{key if _BARE.fullmatch(key) else json.dumps(key)}", item)
    return text


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
