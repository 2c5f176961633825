"""Write the calls of the sample workspace: `python scripts/sample_calls.py` fills `work/telemetry/`, always the same.

Invented, but believable: each agent works at its own tasks, in sessions in which the context grows and is read from
the cache. The tasks are those that lie in `work/collaboration`.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

WORK = Path(__file__).resolve().parents[1] / "work"
OPUS, SONNET, HAIKU = (
    ("claude-opus-5-5", "anthropic"),
    ("claude-sonnet-5-5", "anthropic"),
    ("claude-haiku-4-5", "anthropic"),
)
SOL, CODEX, LOCAL = ("gpt-5.6-sol", "openai"), ("gpt-5.3-codex", "openai"), ("quay-local-32b", "ollama")
HABITS = {
    "architect": [OPUS], "backend": [SONNET, SONNET, OPUS], "frontend": [SONNET, HAIKU], "tester": [CODEX, SOL],
    "devops": [CODEX], "writer": [HAIKU, LOCAL],
}  # fmt: skip
DAYS = {  # agent -> the tasks that it works at on each day
    "2026-11-16": {"architect": "2026-11-16T0930-architect-waiting-list"},
    "2026-11-17": {
        "backend": "2026-11-17T1000-backend-payment-deposit",
        "frontend": "2026-11-17T1330-frontend-harbourmaster-board",
        "architect": "2026-11-16T0930-architect-waiting-list",
    },
    "2026-11-18": {
        "backend": "2026-11-18T0845-backend-ical-feed",
        "frontend": "2026-11-18T1100-frontend-offline-map",
        "writer": "2026-11-18T1600-writer-skipper-guide",
    },
    "2026-11-19": {
        "tester": "2026-11-19T0900-tester-load-regatta-day",
        "backend": "2026-11-17T1000-backend-payment-deposit",
        "devops": "2026-11-19T1400-devops-log-retention",
        "frontend": "2026-11-17T1330-frontend-harbourmaster-board",
    },
    "2026-11-20": {
        "devops": "2026-11-20T0810-devops-certificate-renewal",
        "tester": "2026-11-19T0900-tester-load-regatta-day",
        "backend": "2026-11-18T0845-backend-ical-feed",
        "writer": "2026-11-18T1600-writer-skipper-guide",
    },
}
TOOLS = ("read", "edit", "shell", "search", None)


def session(chance: random.Random, day: str, agent: str, task: str) -> list[dict[str, Any]]:
    """The calls of one agent at one task on one day."""
    now = datetime.fromisoformat(f"{day}T{chance.randint(7, 14):02d}:{chance.randint(0, 59):02d}:00").replace(
        tzinfo=UTC
    )
    name = f"{agent}-{day[5:]}"
    context, cached, calls = chance.randint(9_000, 16_000), 0, []
    for number in range(chance.randint(14, 26)):
        model, provider = chance.choice(HABITS[agent])
        took = chance.randint(1_400, 28_000)
        now += timedelta(milliseconds=took + chance.randint(800, 140_000))
        failed = chance.random() < 0.04
        output = 0 if failed else chance.randint(40, 2_400)
        read = 0 if failed else cached
        call: dict[str, Any] = {
            "invocation_id": f"{name}-{number:02d}",
            "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "agent_name": agent, "model_name": model, "provider": provider, "task_id": task, "session_id": name,
            "project": "quayside", "prompt_tokens": 0 if failed else context, "completion_tokens": output,
            "latency_ms": took, "status": "success",
        }  # fmt: skip
        if tool := chance.choice(TOOLS):
            call["tool_name"] = tool
        if read:
            call["cache_read_tokens"] = read
        if provider == "anthropic" and not failed:
            call["cache_write_tokens"] = context - read - chance.randint(2, 12)
        if failed:
            call |= chance.choice(
                [
                    {"status": "error", "error_message": "529 overloaded"},
                    {"status": "timeout", "error_message": "no answer within 60 s", "latency_ms": 60_000},
                ]
            )
        else:
            cached, context = context, context + output + chance.randint(200, 4_000)
        calls.append(call)
    return calls


def main() -> None:
    """Write one file a day."""
    chance = random.Random(1729)
    folder = WORK / "telemetry"
    folder.mkdir(exist_ok=True)
    for day, tasks in DAYS.items():
        calls = [call for agent, task in tasks.items() for call in session(chance, day, agent, task)]
        calls.sort(key=lambda call: str(call["timestamp"]))
        lines = [json.dumps(call, separators=(",", ":")) for call in calls]
        (folder / f"{day}.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
