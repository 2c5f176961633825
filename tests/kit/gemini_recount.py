"""A second judge of Gemini CLI's logs, from Google's description of UsageMetadata: each message once, by its id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from .recounted import Response, summary


def recount(folder: Path) -> dict[str, object]:
    """The totals of all chats below a folder."""
    by_id = {message["id"]: message for message in _messages(folder) if message.get("tokens")}
    responses = []
    for message in by_id.values():
        tokens = message["tokens"]
        # The total is what Google bills: prompt, tool prompt, candidates and thoughts.
        output = tokens["output"] + tokens["thoughts"]
        at_ms = datetime.fromisoformat(message["timestamp"]).timestamp() * 1000
        given = tokens["total"] - output
        responses.append(Response(message["model"], at_ms, given, tokens["cached"], 0, output, provider="google"))
    return summary(responses)


def _messages(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("*/chats/**/*.json*"):
        text = path.read_text()
        if path.suffix == ".json":
            yield from json.loads(text)["messages"]
            continue
        for line in map(json.loads, text.splitlines()):
            yield from line.get("$set", {}).get("messages", [])
            if "id" in line:
                yield line
