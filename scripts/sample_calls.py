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
_EARLIER = {  # task -> the days on which its agent worked at it; that of `devops-ci` made calls that nobody recorded
    "2026-10-12T0900-architect-booking-model": "10-12 10-13",
    "2026-10-14T0830-backend-schema": "10-14 10-15",
    "2026-10-15T1030-architect-tide-source": "10-15 10-16",
    "2026-10-19T0915-backend-availability-query": "10-19 10-20 10-21",
    "2026-10-21T1100-frontend-harbour-map": "10-21 10-22 10-23 10-26",
    "2026-10-26T1400-backend-tide-window": "10-26 10-27 10-28 10-29",
    "2026-10-28T1300-tester-availability-properties": "10-28 10-29 10-30",
    "2026-10-30T1530-writer-glossary": "10-31",
    "2026-11-02T0945-frontend-booking-form": "11-02 11-03 11-05 11-06",
    "2026-11-04T0800-devops-nightly-backup": "11-04 11-05",
    "2026-11-09T1015-backend-double-booking": "11-09",
    "2026-11-10T0900-tester-double-booking-race": "11-10 11-11",
    "2026-11-12T1700-devops-staging": "11-12 11-13",
}
"""Of these tasks, some calls name only their session."""
TOOLS = ("read", "edit", "shell", "search", None)


def earlier_days() -> dict[str, dict[str, str]]:
    """Like `DAYS`, of the tasks that are done."""
    found: dict[str, dict[str, str]] = {}
    for task, days in _EARLIER.items():
        agent = next(name for name in HABITS if name in task)
        for day in days.split():
            found.setdefault(f"2026-{day}", {})[agent] = task
    return found


def session(
    chance: random.Random, day: str, agent: str, task: str, numbers: tuple[int, int] = (14, 26), unnamed: float = 0
) -> list[dict[str, Any]]:
    """The calls of one agent at one task on one day; so many of them, of which this share does not name the task."""
    now = datetime.fromisoformat(f"{day}T{chance.randint(7, 14):02d}:{chance.randint(0, 59):02d}:00").replace(
        tzinfo=UTC
    )
    name = f"{agent}-{day[5:]}"
    context, cached, calls = chance.randint(9_000, 16_000), 0, []
    for number in range(chance.randint(*numbers)):
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
        if unnamed and chance.random() < unnamed:
            del call["task_id"]
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
    # What is earlier has chances of its own, so that the days after it stay as they are.
    before = random.Random(1012)
    for day, tasks in (earlier_days() | DAYS).items():
        calls = [
            call
            for agent, task in tasks.items()
            for call in (
                session(chance, day, agent, task) if day in DAYS else session(before, day, agent, task, (4, 11), 0.12)
            )
        ]
        calls.sort(key=lambda call: str(call["timestamp"]))
        lines = [json.dumps(call, separators=(",", ":")) for call in calls]
        (folder / f"{day}.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
