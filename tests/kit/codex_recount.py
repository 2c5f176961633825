"""A second judge of Codex' logs, by what Codex documents and shows: records by response, counters by their totals.

A tier that is set (`/fast`, `thread_settings_applied`) is that of the requests behind it, until the next one; a fork
has the settings that name it, not those that it copied.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dollars import Response
from .log_documents import documents

FIELDS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """A line with what was set before it."""

    model: str | None
    tier: str | None
    at: str
    kind: str
    payload: dict[str, Any]


def recount(folder: Path) -> list[Response]:
    """Every request in all sessions of a folder; an archived log is the same session."""
    sessions: dict[str, list[Line]] = {}
    for path in sorted(folder.rglob("rollout-*.jsonl")):
        session, lines = path.stem[-36:], [line for _, line in documents(path.parent, path.name)]
        sessions[session] = list(settled(session, lines))
    counters = {name: counted_in(each) for name, each in sessions.items()}
    known: set[str] = set()
    found: list[Response] = []
    for name, each in sorted(sessions.items(), key=lambda item: item[1][0].at):
        responses: dict[str, tuple[Line, Numbers]] = {}
        for line in each:
            record = line.payload if line.kind == "token_usage_record" else None
            if line.kind == "compacted":
                record = line.payload["latest_token_usage_record"]
            if record is not None:
                responses.setdefault(record["response_id"], (line, numbers(record["usage"])))
        recorded = Counter(usage for _, usage in responses.values())
        parent = each[0].payload.get("forked_from_id")
        inherited = Counter((total, last) for _, total, last in counters.get(parent, []))
        for line, total, last in counters[name]:
            if inherited[total, last]:
                inherited[total, last] -= 1
                recorded[last] -= 1
            elif recorded[last] > 0:
                recorded[last] -= 1
            else:
                found.append(request(line, last))
        found += [request(line, usage) for response, (line, usage) in responses.items() if response not in known]
        known |= set(responses)
    return found


def settled(session: str, lines: list[dict[str, Any]]) -> Iterator[Line]:
    model = tier = None
    for line in lines:
        payload = line["payload"]
        if line["type"] == "turn_context":
            model = payload.get("model", model)
        elif payload.get("type") == "thread_settings_applied" and payload.get("thread_id", session) == session:
            chosen = payload["thread_settings"].get("service_tier", tier)
            tier = {"default": None, "fast": "priority"}.get(chosen, chosen)
        yield Line(model, tier, line["timestamp"], line["type"], payload)


def counted_in(lines: list[Line]) -> list[tuple[Line, Numbers, Numbers]]:
    """(line, total, last) of the counters of a log, each total once, without those that are no requests."""
    counters = [line for line in lines if line.payload.get("type") == "token_count" and line.payload["info"]]
    whole = [line for line in counters if "total_token_usage" in line.payload["info"]]
    found = []
    for total, group in itertools.groupby(whole, key=lambda line: numbers(line.payload["info"]["total_token_usage"])):
        line = next(group)
        last = numbers(line.payload["info"]["last_token_usage"])
        if last[0] or last[3]:
            found.append((line, total, last))
    return found


def numbers(usage: dict[str, Any]) -> Numbers:
    return tuple(usage.get(name, 0) for name in FIELDS)


def request(line: Line, usage: Numbers) -> Response:
    prompt, read, write, output = usage
    return Response(
        line.model, line.at, fresh=prompt - read - write, read=read, written=write, output=output, tier=line.tier
    )
