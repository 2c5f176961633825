"""A second judge of Claude Code's logs, by Anthropic's manuals: all lines first, then each response once, the fullest.

- Messages API, `usage`: `input_tokens` leave cached ones out; `cache_creation` splits the writes by lifetime.
- Fast mode: the response reports `speed`. Batches: `service_tier`. Data residency: `inference_geo` says where it ran.
- Web search: `server_tool_use.web_search_requests` are billed; for the tool of Claude Code the result says how many.
- Compaction: "the top-level usage does not include compaction iterations"; an advisor is another model, not as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from .dollars import Response
from .log_documents import documents


def recount(folder: Path) -> list[Response]:
    """Every response and every use of the search tool in all logs of a folder."""
    messages: dict[str, list[dict[str, Any]]] = {}
    searched: dict[str, dict[str, Any]] = {}
    for _, line in documents(folder):
        told = line.get("toolUseResult")
        if line.get("type") == "assistant" and line["message"].get("model") != "<synthetic>":
            messages.setdefault(line["message"]["id"], []).append(line)
        elif isinstance(told, dict) and {"query", "searchCount"} <= set(told) and told["searchCount"]:
            searched.setdefault(line["message"]["content"][0]["tool_use_id"], line)
    found = [one for lines in messages.values() for one in responses_in(lines)]
    for line in searched.values():
        found.append(Response(None, line["timestamp"], searches=line["toolUseResult"]["searchCount"]))
    return found


def responses_in(lines: list[dict[str, Any]]) -> Iterator[Response]:
    """The response that these lines repeat, and those inside it that its usage leaves out."""
    fullest = max(lines, key=lambda line: line["message"]["usage"]["output_tokens"])
    usage, model = fullest["message"]["usage"], fullest["message"]["model"]
    at = min(line["timestamp"] for line in lines)
    told = Decimal(str(fullest["costUSD"])) if "costUSD" in fullest else None
    tier = "fast" if usage.get("speed") == "fast" else "batch" if usage.get("service_tier") == "batch" else None
    in_us = usage.get("inference_geo") == "us"
    searches = usage.get("server_tool_use", {}).get("web_search_requests", 0)
    yield used(usage, model, at, tier, in_us, searches, told)
    for iteration in usage.get("iterations", []):
        if iteration["type"] == "compaction":
            yield used(iteration, model, at, tier, in_us)
        elif iteration["type"] == "advisor_message":
            yield used(iteration, iteration["model"], at, None if tier == "fast" else tier, in_us)


def used(
    usage: dict[str, Any],
    model: str,
    at: str,
    tier: str | None,
    in_us: bool,
    searches: int = 0,
    told: Decimal | None = None,
) -> Response:
    hour = usage.get("cache_creation", {}).get("ephemeral_1h_input_tokens", 0)
    return Response(
        model,
        at,
        fresh=usage["input_tokens"],
        read=usage.get("cache_read_input_tokens", 0),
        written=usage.get("cache_creation_input_tokens", 0) - hour,
        written_1h=hour,
        output=usage["output_tokens"],
        told_usd=told,
        tier=tier,
        in_us=in_us,
        searches=searches,
    )
