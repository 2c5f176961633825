"""What Claude Code says of its run as a whole: result and cost, rate limits, permissions."""

from __future__ import annotations

from typing import Any

from ...times import iso_time
from ..model import Fact
from .values import AgentLine, number_of, object_of, objects_of, text_of, whole_of


def limit_fact(status: str, kind: str | None, resets_at: str | None, utilization: float | None) -> Fact:
    """ "rate_limit" `{status, type, resets_at, utilization}`; None for what is not known."""
    return Fact("rate_limit", {"status": status, "type": kind, "resets_at": resets_at, "utilization": utilization})


def rate_limit(info: dict[str, Any]) -> AgentLine:
    """The line of a `rate_limit_info`."""
    status, kind = text_of(info.get("status")) or "unknown", text_of(info.get("rateLimitType")) or None
    resets, used = number_of(info.get("resetsAt")), number_of(info.get("utilization"))
    level = {"allowed": "debug", "rejected": "error", "unknown": "debug"}.get(status, "warning")
    text = f"Rate limit {kind or ''}: {status}".replace(" :", ":")
    if resets is not None:
        text += f", resets at {iso_time(resets)}"
    facts = (limit_fact(status, kind, None if resets is None else iso_time(resets), used),)
    return AgentLine(text, level, "system", facts if status not in ("allowed", "unknown") else ())


def control(request: dict[str, Any]) -> AgentLine:
    """The line of a request to the program that runs Claude Code, such as for a permission."""
    if request.get("subtype") != "can_use_tool":
        return AgentLine(f"control_request: {text_of(request.get('subtype'))}", "debug", "system")
    tool, given = text_of(request.get("tool_name")), object_of(request.get("input"))
    what = text_of(given.get("command")) or text_of(given.get("file_path"))
    question = f"May it use {tool}{': ' if what else ''}{what}?"
    return AgentLine(question, "info", "system", (Fact("waiting", {"question": question}),))


def result_line(event: dict[str, Any]) -> AgentLine:
    """The line of an event of type `result`, the last of a run."""
    subtype, session = text_of(event.get("subtype")), text_of(event.get("session_id"))
    is_error = event.get("is_error") is True or subtype.startswith("error")
    text, cost = text_of(event.get("result"), 1 << 16), number_of(event.get("total_cost_usd"))
    if not text and isinstance(errors := event.get("errors"), list):
        text = "\n".join(filter(None, (text_of(each) for each in errors[:20])))
    facts = [
        Fact(
            "result",
            {
                "is_error": is_error,
                "subtype": subtype,
                "text": text_of(text),
                "turns": whole_of(event.get("num_turns")),
                "duration_ms": number_of(event.get("duration_ms")),
                "session": session or None,
                "denied": [text_of(each.get("tool_name")) for each in objects_of(event.get("permission_denials"))][:50],
            },
        )
    ]
    if cost is not None and cost >= 0:
        facts.append(Fact("cost", {"session": session or None, "cost_usd": cost}))
    if event.get("api_error_status") == 429:
        facts.append(limit_fact("rejected", None, None, None))
    return AgentLine(text or f"Result: {subtype}", "error" if is_error else "info", "agent", tuple(facts))
