"""What the demo begins with: six weeks in which two agents worked, as calls and tasks that are done."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

_DAYS = 42
_TASKS = {
    "berth-names": "Name the berths as the harbour does",
    "price-table": "Read the prices of the winter",
    "deposit-rules": "Say when a deposit comes back",
    "guest-list": "Find a guest by the name of the boat",
    "tide-marks": "Draw the tide under each berth",
    "late-arrivals": "Keep a berth until midnight",
    "invoice-lines": "Round each line of an invoice once",
    "quiet-hours": "Leave the evening without messages",
}
"""The calls of the last one were not recorded."""
_AGENTS = {
    "backend": ("claude-opus-4-5", "claude-sonnet-4-5", "claude-sonnet-4-5"),
    "frontend": ("claude-sonnet-4-5", "claude-haiku-4-5"),
}


def make_history(workspace: Path, now: datetime) -> None:
    """Write the calls into `work/telemetry/`, and the tasks into `work/collaboration/done/`, of the weeks before."""
    chance = Random(7)  # noqa: S311 - for show
    days = [now - timedelta(days=number) for number in range(_DAYS, 0, -1)]
    workdays = [day for day in days if day.weekday() < 5]
    share = len(workdays) // len(_TASKS)
    calls: list[dict[str, Any]] = []
    for number, (name, title) in enumerate(_TASKS.items()):
        agent = [*_AGENTS][number % 2]
        own = workdays[number * share : (number + 1) * share]
        for day in own[: chance.randint(2, 3)]:
            if number + 1 < len(_TASKS):
                calls += _session(chance, day, agent, name)
        _write_done(workspace, agent, name, title, own[-1])
    lines = [json.dumps(call) for call in sorted(calls, key=lambda call: str(call["timestamp"]))]
    (workspace / "work/telemetry/history.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _session(chance: Random, day: datetime, agent: str, task: str) -> list[dict[str, Any]]:
    """The calls of an agent at a task on a day: a context that grows, and is read from the cache."""
    at = day.replace(hour=chance.randint(7, 15), minute=chance.randint(0, 59), second=0, microsecond=0)
    context, cached, calls = chance.randint(8_000, 20_000), 0, []
    for number in range(chance.randint(8, 22)):
        at += timedelta(seconds=chance.randint(10, 300))
        output = chance.randint(60, 2_400)
        failed = chance.random() < 0.03
        call: dict[str, Any] = {
            "invocation_id": f"demo-{task}-{day:%m%d}-{number:02}",
            "timestamp": _iso(at),
            "agent_name": agent,
            "model_name": chance.choice(_AGENTS[agent]),
            "provider": "anthropic",
            "session_id": f"demo-{task}-{day:%m%d}",
            "project": "quayside",
            "prompt_tokens": context,
            "cache_read_tokens": cached,
            "cache_write_tokens": context - cached - 10,
            "completion_tokens": output,
            "latency_ms": chance.randint(900, 24_000),
            "status": "error" if failed else "success",
        }
        if number == 0 or chance.random() < 0.9:  # some name their session alone
            call["task_id"] = task
        calls.append(call)
        cached, context = context, context + output + chance.randint(200, 3_000)
    return calls


def _write_done(workspace: Path, agent: str, name: str, title: str, day: datetime) -> None:
    folder = workspace / "work/collaboration/done" / agent
    folder.mkdir(parents=True, exist_ok=True)
    finished = day.replace(hour=16, minute=30, second=0, microsecond=0)
    lines = (
        f"id: {name}", f"title: {title}", f"agent: {agent}", "status: done", "priority: normal",
        f'created_at: "{_iso(finished - timedelta(days=4))}"', f'completed_at: "{_iso(finished)}"',
    )  # fmt: skip
    (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
