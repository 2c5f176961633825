"""A second judge of our own JSON lines, by docs/telemetry.md: each id once, lines with impossible numbers left out."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from .dollars import Response
from .log_documents import documents


def recount(folder: Path) -> list[Response]:
    """Every call in all lines of a folder."""
    calls: dict[str, dict[str, Any]] = {}
    for _, line in documents(folder):
        wrong = line.get("prompt_tokens", 0) < 0 or line.get("prompt_tokens", 0) > 10**8
        if not wrong and ("timestamp" in line or "time" in line):
            calls.setdefault(line.get("invocation_id") or line.get("id") or json.dumps(line), line)
    found = []
    for call in calls.values():
        read = call.get("cache_read_tokens", 0) + call.get("cache_read_input_tokens", 0)
        write = call.get("cache_write_tokens", 0)
        found.append(
            Response(
                call.get("model_name") or call["model"],
                call.get("timestamp") or datetime.fromtimestamp(call["time"]).astimezone().isoformat(),
                fresh=call["input_tokens"] if "input_tokens" in call else call["prompt_tokens"] - read - write,
                read=read,
                written=write,
                output=call.get("completion_tokens", 0) + call.get("output_tokens", 0),
                told_usd=Decimal(str(call["cost_usd"])) if "cost_usd" in call else None,
            )
        )
    return found
