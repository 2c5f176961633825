"""The rows of a transcript: what each line of a log shows, redacted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .clean import Cleaner
from .formats.kinds import Format, parse
from .formats.values import MAX_PART
from .index import MAX_LINE_BYTES, Line
from .model import Part, TranscriptRow
from .view import valid_time

SHORT = 4_000
"""Characters of a part that are sent with a page; the whole is asked for by itself."""
MOST_PARTS = 200


def rows_of(
    reader: Format, lines: Iterable[Line], clean: Cleaner, view: str, limit: int = SHORT
) -> list[TranscriptRow]:
    """The rows of these lines, each part with at most `limit` characters."""
    found = []
    for number, data in lines:
        value = parse(data) if data is not None else None
        parts = parts_of(reader, data, value, view)[:MOST_PARTS]
        shown = tuple(clean.part(part, limit) for part in parts)
        found.append(TranscriptRow(line=number, time=time_of(value), parts=shown))
    return found


def parts_of(reader: Format, data: bytes | None, value: dict[str, Any] | None, view: str) -> list[Part]:
    """What a line shows; never nothing in the view of all lines."""
    if value is None:
        if data is None:
            return [Part("broken", f"This line has more than {MAX_LINE_BYTES:,} bytes and is not read.")]
        if not data and view == "all":
            return [Part("meta", "", title="(an empty line)")]
        return [Part("broken", data[:MAX_PART].decode("utf-8", "replace"), title="This line is no JSON object.")]
    parts = reader.parts(value)
    if parts or view != "all":
        return parts
    payload = value.get("payload")
    inner = payload.get("type") if isinstance(payload, dict) else value.get("subtype")
    names = [each for each in (value.get("type"), inner) if isinstance(each, str)]
    try:
        text = json.dumps(value, ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        text = "(nested too deeply)"
    return [Part("meta", text[:MAX_PART], title=" ".join(names) or "line")]


def time_of(value: dict[str, Any] | None) -> str | None:
    """When a line was written, as it says."""
    time = value.get("timestamp") if value is not None else None
    return valid_time(time) if isinstance(time, str) and len(time) <= 40 else None
