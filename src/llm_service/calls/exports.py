"""Writes calls as CSV, JSON or JSON lines: `FORMATS[name] -> (media type, write(calls))`. Streamed, however many.

Costs are exact: a JSON number with the digits of its nano-dollars, a decimal number in CSV. `llm-service telemetry
import` reads all three back (`export_files.py`).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any


def write_csv(calls: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The calls as CSV (RFC 4180) with a header; text that a spreadsheet would read as a formula begins with `'`."""
    rows = iter(calls)
    row = next(rows, None)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    while row is not None:
        writer.writerow([_cell(row[name]) for name in CSV_COLUMNS])
        if buffer.tell() > 65_536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
        row = next(rows, None)
    yield buffer.getvalue()


def write_json(calls: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The calls as one JSON array."""
    separator = "[\n"
    for call in calls:
        yield separator + json.dumps(call)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def write_jsonl(calls: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The calls as JSON lines."""
    for call in calls:
        yield json.dumps(call) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Iterable[dict[str, Any]]], Iterator[str]]]] = {
    "csv": ("text/csv", write_csv),
    "json": ("application/json", write_json),
    "jsonl": ("application/x-ndjson", write_jsonl),
}
CSV_COLUMNS = (
    "invocation_id", "timestamp", "agent_name", "tool_name", "model_name", "provider", "task_id", "job_id", "run_id",
    "session_id", "project", "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens",
    "cache_write_1h_tokens", "total_tokens", "web_searches", "service_tier", "inference_geo", "unconfirmed",
    "cost_usd", "cost_source", "latency_ms", "status", "error_message", "privacy_level", "flags",
)  # fmt: skip


_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet may take for a formula, with any number of the `'` that prevent it."""


def unescape(cell: str) -> str:
    """The text in a cell, without the `'` that keeps a spreadsheet from calculating it."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"  # never as 1e-09
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value
