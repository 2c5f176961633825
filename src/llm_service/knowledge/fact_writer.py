"""Writes facts: the text of a new file, and a file whose status a person changed, with all else in it as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Unparseable
from ..files import decode
from .fact_reader import split
from .model import FactSource

_FENCE = re.compile(r"\A---[ \t]*\r?\n")


def fact_text(
    fact_id: str, text: str, sources: Iterable[FactSource], status: str, created_at: str, tags: Iterable[str] = (),
    decided_at: str | None = None,
) -> bytes:  # fmt: skip
    """The content of a new file for a fact, as YAML."""
    rows = [
        {key: value for key, value in (
            ("source", one.source), ("job", one.job), ("run", one.run), ("line", one.line)
        ) if value is not None}
        for one in sources
    ]  # fmt: skip
    fields: dict[str, Any] = {"id": fact_id, "text": text, "status": status, "created_at": created_at}
    fields |= {"decided_at": decided_at} if decided_at else {}
    fields |= {"tags": list(tags)} if tags else {}
    return _lines(fields | {"sources": rows}).encode("utf-8", "replace")


def with_fields(path: str, data: bytes, changes: Mapping[str, str]) -> bytes:
    """The content of a file with these top-level fields changed and nothing else, comments and order included.

    If that cannot be done within its text, the whole file is written anew with the same values. Raises Unparseable.
    """
    before, text = split(path, data)
    content = decode(data).text
    wanted = {**before, **changes}
    if path.lower().endswith(".md"):
        edited = _edit_markdown(content, changes)
        rewritten = f"---\n{_lines(wanted)}---\n{text}"
    else:
        edited = _edit(content, changes)
        rewritten = _lines(wanted)
    try:
        is_right = split(path, edited.encode("utf-8", "replace")) == (wanted, text)
    except Unparseable:
        is_right = False
    return (edited if is_right else rewritten).encode("utf-8", "replace")


def _edit(content: str, changes: Mapping[str, str]) -> str:
    for key, value in changes.items():
        line = f"{key}: {_scalar(value)}"
        found = re.compile(rf"^{re.escape(key)}[ \t]*:.*$", re.MULTILINE)
        if found.search(content):
            content = found.sub(line.replace("\\", r"\\"), content, count=1)
        else:
            end = "" if not content or content.endswith("\n") else "\n"
            content = f"{content}{end}{line}\n"
    return content


def _edit_markdown(content: str, changes: Mapping[str, str]) -> str:
    start = _FENCE.match(content)
    end = re.search(r"^---[ \t]*$", content[start.end() :], re.MULTILINE) if start else None
    if start is None or end is None:
        return f"---\n{_edit('', changes)}---\n{content}"
    front = content[start.end() : start.end() + end.start()]
    return content[: start.end()] + _edit(front, changes) + content[start.end() + end.start() :]


def _lines(fields: Mapping[str, Any]) -> str:
    """A mapping as YAML, a line for each field: JSON is YAML."""
    return "".join(f"{_key(key)}: {_scalar(value)}\n" for key, value in fields.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][\w-]*", key, re.ASCII) else json.dumps(key, ensure_ascii=False)


def _scalar(value: Any) -> str:
    is_plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w-]*|\d{4}-\d\d-\d\dT[\d:.]+Z", value, re.ASCII)
    is_word = is_plain and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
    return value if is_word else json.dumps(value, ensure_ascii=True)
