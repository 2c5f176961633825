"""Reads exports back: `export_format(start)` recognises CSV and JSON, `read_export(file, kind, now_ms)` yields calls.

JSON lines are read like any other lines (`sessions/json_lines.py`). An export that is imported into an empty database
and exported again is the same file.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO

from .exports import unescape
from .model import Call, CallRefused, read_call

Part = tuple[list[Call], list[tuple[int | None, str]]]
"""Calls, and what was refused: (line, reason)."""

_PART = 2_000
_CHUNK = 1 << 20
_MAX_OBJECT = 16 << 20
_NUMBERS = frozenset(
    (
        "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
        "total_tokens", "web_searches", "latency_ms",
    )
)  # fmt: skip
_LIST_START = re.compile(r'\s*(?:\{\s*"calls"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_decode = json.JSONDecoder().raw_decode


def export_format(start: bytes) -> str | None:
    """By the first bytes of a file: "csv" for a header with our columns, "json" for a list of calls, None otherwise."""
    text = start.decode("utf-8-sig", "replace")
    if _LIST_START.match(text):
        return "json"
    header = text.partition("\n")[0].strip().split(",")
    return "csv" if "invocation_id" in header and "timestamp" in header else None


def read_export(file: TextIO, kind: str, now_ms: int) -> Iterator[Part]:
    """The calls of a file of this format, a few thousand at a time, with the lines that were refused.

    The file is opened as UTF-8 with or without a byte order mark, and without translated line ends.
    """
    documents = (_from_csv if kind == "csv" else _from_json)(file)
    calls: list[Call] = []
    refused: list[tuple[int | None, str]] = []
    line: int | None = None
    while True:
        try:
            line, build = next(documents)
            calls.append(read_call(build(), now_ms))
        except StopIteration:
            break
        except CallRefused as problem:
            refused.append((line, str(problem)))
        except (csv.Error, UnicodeDecodeError, ValueError, RecursionError) as problem:
            refused.append((None, f"After line {line or 0} this file cannot be read: {problem}."))
            break
        if len(calls) + len(refused) >= _PART:
            yield calls, refused
            calls, refused = [], []
    yield calls, refused


Documents = Iterator[tuple[int, Callable[[], object]]]
"""(line, a function that gives the document or raises CallRefused)"""


def _from_csv(text: TextIO) -> Documents:
    rows = csv.reader(text, strict=True)
    header = next(rows)
    for row in rows:
        if row:
            yield rows.line_num, lambda row=row: _from_cells(header, row)  # type: ignore[misc]


def _from_cells(header: list[str], row: list[str]) -> dict[str, Any]:
    if len(row) != len(header):
        raise CallRefused(f"This line has {len(row):,} columns, the header {len(header):,}.")
    return {name: _from_cell(name, cell) for name, cell in zip(header, row, strict=True) if cell}


def _from_cell(name: str, cell: str) -> Any:
    if name in _NUMBERS:
        try:
            return int(cell)
        except ValueError:
            raise CallRefused(f"{name} has to be a whole number, not “{cell[:50]}”.") from None
    if name == "cost_usd":
        try:
            return Decimal(cell)
        except InvalidOperation:
            raise CallRefused(f"cost_usd has to be a number, not “{cell[:50]}”.") from None
    if name == "unconfirmed":
        return cell == "true"
    return cell.split() if name == "flags" else unescape(cell)


def _from_json(text: TextIO) -> Documents:
    buffer = text.read(_CHUNK)
    start = _LIST_START.match(buffer)
    if start is None:
        raise ValueError("it is not a list")
    place, line = start.end(), 1 + buffer.count("\n", 0, start.end())
    while True:
        after = _BETWEEN.match(buffer, place)
        first = after.end() if after else place
        line += buffer.count("\n", place, first)
        place = first
        if buffer[place : place + 1] == "]":
            return
        try:
            value, end = _decode(buffer, place)
            complete = end < len(buffer)  # a number may go on in the next chunk
        except json.JSONDecodeError:
            complete = False
        if complete:
            yield line, lambda value=value: value  # type: ignore[misc]
            line += buffer.count("\n", place, end)
            place = end
            continue
        more = text.read(_CHUNK)
        if not more or len(buffer) - place > _MAX_OBJECT:
            raise ValueError("what follows is not a whole call")
        buffer, place = buffer[place:] + more, 0
