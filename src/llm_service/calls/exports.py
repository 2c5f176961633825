"""Writes calls as CSV, JSON or JSON lines: `FORMATS[name] -> (media type, write(calls))`. Streamed, however many."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def write_csv(calls: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The calls as CSV (RFC 4180) with a header; text that a spreadsheet would read as a formula is quoted."""
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
    """The calls as JSON lines; `llm-service telemetry import` reads them."""
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


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
