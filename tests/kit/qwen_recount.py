"""A second judge of Qwen Code's logs: each assistant's record once, by its uuid; output is what the total leaves."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from .recounted import Response, summary


def recount(folder: Path) -> dict[str, object]:
    """The totals of all chats below a folder."""
    records = {}
    for path in folder.glob("*/chats/*.jsonl"):
        for record in map(json.loads, path.read_text().splitlines()):
            if record["type"] == "assistant" and record["usageMetadata"]["totalTokenCount"]:
                records[record["uuid"]] = record
    responses = []
    for record in records.values():
        usage = record["usageMetadata"]
        given = usage["promptTokenCount"]
        at_ms = datetime.fromisoformat(record["timestamp"]).timestamp() * 1000
        output, read = usage["totalTokenCount"] - given, usage["cachedContentTokenCount"]
        responses.append(Response(record["model"], at_ms, given, read, 0, output))
    return summary(responses)
