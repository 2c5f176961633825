"""A second judge of the logs of pi and OpenClaw, by pi's own description: all lines, then each message once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from .recounted import Response, summary


def recount(folder: Path) -> dict[str, object]:
    """The totals of all logs and archives in a folder."""
    messages = {}
    for path in folder.rglob("*.jsonl*"):
        if ".bak" in path.name:
            continue
        for text in path.read_text().splitlines():
            if text.startswith("{") and text.endswith("}"):
                line = json.loads(text)
                message = line.get("message", {})
                if message.get("role") == "assistant":
                    messages[json.dumps(message, sort_keys=True)] = message
    responses, failed = [], 0
    for message in messages.values():
        usage = message["usage"]
        cached = usage["cacheRead"] + usage["cacheWrite"]
        if usage["input"] + cached + usage["output"] == 0:
            failed += message["stopReason"] == "error"
            continue
        told = Decimal(repr(usage["cost"]["total"]))
        responses.append(
            Response(
                message["model"], message["timestamp"], usage["input"] + cached, usage["cacheRead"],
                usage["cacheWrite"], usage["output"], told,
            )
        )  # fmt: skip
    return summary(responses, failed)
