"""The logs of six agents at once: how fast their calls are counted for good, and in how much memory."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from kit.processes import dashboard
from kit.tables import table
from kit.workspaces import workspace

from .telemetry import counted

FILES = 800
"""Of each agent that writes files; OpenCode's sessions are rows of one database."""
CALLS_EACH = 12
DATABASE_CALLS = 12_000
AGENTS = ("claude", "codex", "pi", "gemini", "qwen", "opencode")
ROUNDS = 3
CWD = "/home/dev/quayside"


class Log:
    """The lines of one session: for each call a prompt, the response and a result of a tool."""

    def __init__(self, number: int, randomly: random.Random, end_s: float) -> None:
        self.randomly, self.at_ms = randomly, int(end_s * 1000) - (CALLS_EACH + 1) * 20_000
        self.session = f"{randomly.getrandbits(32):08x}-0000-4000-8000-{number:012}"
        self.lines: list[dict[str, Any]] = []

    def uuid(self) -> str:
        return f"{self.randomly.getrandbits(32):08x}-0000-4000-8000-{self.randomly.getrandbits(48):012x}"

    def tokens(self) -> tuple[int, int, int]:
        """(fresh input, cached input, output)"""
        return self.randomly.randrange(50, 4_000), self.randomly.randrange(50_000), self.randomly.randrange(20, 2_000)

    def at(self) -> str:
        self.at_ms += self.randomly.randrange(100, 10_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.at_ms / 1000)) + f".{self.at_ms % 1000:03}Z"

    def claude(self) -> None:
        fields = {"sessionId": self.session, "cwd": CWD, "version": "2.1.138", "isSidechain": False}
        for _ in range(CALLS_EACH):
            fresh, read, output = self.tokens()
            message = {"role": "user", "content": TEXT}
            self.lines.append(
                {"type": "user", "uuid": self.uuid(), "timestamp": self.at(), "message": message, **fields}
            )
            usage = {"input_tokens": fresh, "cache_read_input_tokens": read, "output_tokens": output}
            message = {
                "id": f"msg_01{self.randomly.getrandbits(110):028x}", "model": "claude-sonnet-4-5-20250929",
                "content": [{"type": "text", "text": TEXT}], "usage": usage | {"cache_creation_input_tokens": 0},
            }  # fmt: skip
            more = {
                "requestId": f"req_011{self.randomly.getrandbits(90):023x}",
                "uuid": self.uuid(),
                "timestamp": self.at(),
            }
            self.lines.append({"type": "assistant", "message": message, **more, **fields})

    def codex(self) -> None:
        def put(kind: str, payload: dict[str, Any]) -> None:
            self.lines.append({"timestamp": self.at(), "type": kind, "payload": payload})

        put("session_meta", {"id": self.session, "cwd": CWD, "source": "cli", "model_provider": "openai"})
        total = {"input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0, "reasoning_output_tokens": 0}
        for _ in range(CALLS_EACH):
            fresh, read, output = self.tokens()
            last = {"input_tokens": fresh + read, "cached_input_tokens": read, "output_tokens": output}
            total = {name: count + last.get(name, 0) for name, count in total.items()}
            put("turn_context", {"cwd": CWD, "model": "gpt-5-codex", "turn_id": self.uuid()})
            put(
                "response_item",
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": TEXT}]},
            )
            info = {"total_token_usage": total, "last_token_usage": last | {"reasoning_output_tokens": 0}}
            put("event_msg", {"type": "token_count", "info": info})

    def pi(self) -> None:
        self.lines.append({"type": "session", "version": 3, "id": self.session, "timestamp": self.at(), "cwd": CWD})
        for _ in range(CALLS_EACH):
            fresh, read, output = self.tokens()
            at = self.at()
            message: dict[str, Any] = {
                "role": "user",
                "content": [{"type": "text", "text": TEXT}],
                "timestamp": self.at_ms,
            }
            self.lines.append({"type": "message", "id": self.uuid()[:8], "timestamp": at, "message": message})
            at = self.at()
            cost = {"total": fresh * 3e-6 + read * 3e-7 + output * 1.5e-5}
            message = {
                "role": "assistant", "content": [{"type": "text", "text": TEXT}], "provider": "anthropic",
                "model": "claude-sonnet-4-5", "stopReason": "stop", "timestamp": self.at_ms,
                "usage": {"input": fresh, "output": output, "cacheRead": read, "cacheWrite": 0, "cost": cost},
            }  # fmt: skip
            self.lines.append({"type": "message", "id": self.uuid()[:8], "timestamp": at, "message": message})

    def gemini(self) -> None:
        self.lines.append({"sessionId": self.session, "projectHash": "b5" * 32, "startTime": self.at(), "kind": "main"})
        for _ in range(CALLS_EACH):
            fresh, read, output = self.tokens()
            self.lines.append({"id": self.uuid(), "timestamp": self.at(), "type": "user", "content": [{"text": TEXT}]})
            tokens = {"input": fresh + read, "output": output, "cached": read, "thoughts": 0, "tool": 0}
            answer = {
                "id": self.uuid(),
                "timestamp": self.at(),
                "type": "gemini",
                "content": TEXT,
                "model": "gemini-2.5-pro",
            }
            self.lines.append(answer | {"tokens": tokens | {"total": fresh + read + output}})

    def qwen(self) -> None:
        fields = {"sessionId": self.session, "cwd": CWD, "version": "0.21.14"}
        for _ in range(CALLS_EACH):
            fresh, read, output = self.tokens()
            message = {"role": "user", "parts": [{"text": TEXT}]}
            self.lines.append(
                {"uuid": self.uuid(), "timestamp": self.at(), "type": "user", "message": message, **fields}
            )
            usage = {"promptTokenCount": fresh + read, "candidatesTokenCount": output, "cachedContentTokenCount": read}
            usage |= {"totalTokenCount": fresh + read + output, "thoughtsTokenCount": 0}
            answer = {
                "uuid": self.uuid(),
                "timestamp": self.at(),
                "type": "assistant",
                "model": "qwen3-coder-plus",
                **fields,
            }
            self.lines.append(
                answer | {"message": {"role": "model", "parts": [{"text": TEXT}]}, "usageMetadata": usage}
            )


TEXT = "The tide table of the harbor has a berth for each hour of the day, and no two ships share one. " * 3
PLACES = {
    "claude": "claude/-home-dev-quayside/{}.jsonl",
    "codex": "codex/2026/11/20/rollout-2026-11-20T10-00-00-{}.jsonl",
    "pi": "pi/--home-dev-quayside--/{}.jsonl",
    "gemini": "gemini/quayside/chats/session-{}.jsonl",
    "qwen": "qwen/-home-dev-quayside/chats/{}.jsonl",
}


def write_logs(folder: Path) -> int:
    """Write all logs below a folder; how many calls they have."""
    randomly, now = random.Random(3), time.time()
    for agent, place in PLACES.items():
        for number in range(FILES):
            log = Log(number, randomly, now - number * 600)
            getattr(log, agent)()
            path = folder / place.format(log.session)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in log.lines))
    (folder / "opencode").mkdir()
    with closing(sqlite3.connect(folder / "opencode/opencode.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(
            "CREATE TABLE session (id text PRIMARY KEY, directory text, title text, time_created integer);"
            "CREATE TABLE message (id text PRIMARY KEY, session_id text, time_created integer, time_updated integer,"
            " data text); CREATE INDEX by_session ON message (session_id, time_created, id)"
        )
        for number in range(DATABASE_CALLS):
            log = Log(number, randomly, now - number * 50)
            fresh, read, output = log.tokens()
            times = {"created": log.at_ms, "completed": log.at_ms + 900}
            tokens = {"input": fresh, "output": output, "reasoning": 0, "cache": {"read": read, "write": 0}}
            data = {"role": "assistant", "time": times, "modelID": "gpt-5", "providerID": "openai", "mode": "build"}
            text = json.dumps(data | {"path": {"cwd": CWD, "root": CWD}, "cost": 0.01, "tokens": tokens})
            row = (f"msg_{log.session}", f"ses_{number // CALLS_EACH}", log.at_ms, log.at_ms + 900, text)
            database.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
        database.commit()
    return FILES * len(PLACES) * CALLS_EACH + DATABASE_CALLS


def floor_rate(folder: Path, calls: int) -> float:
    """Calls a second of the bare minimum: read all files, parse lines with tokens, insert them into one table."""
    with tempfile.TemporaryDirectory() as place, closing(sqlite3.connect(Path(place) / "floor.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, key text UNIQUE, facts text)")
        began = time.perf_counter()
        texts = (str(line) for line in _lines_with_tokens(folder))
        connection.executemany(
            "INSERT INTO calls (key, facts) VALUES (?, ?)", ((str(n), text) for n, text in enumerate(texts))
        )
        connection.commit()
        return calls / (time.perf_counter() - began)


def _lines_with_tokens(folder: Path) -> Iterator[Any]:
    for path in folder.rglob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            if b"oken" in line:
                yield json.loads(line)
    with closing(sqlite3.connect(folder / "opencode/opencode.db")) as database:
        for (text,) in database.execute("SELECT data FROM message"):
            yield json.loads(text)


def main() -> None:
    """Print the table."""
    rows = []
    for _ in range(ROUNDS):
        with workspace(0) as root:
            calls = write_logs(root / "staged")
            floor = floor_rate(root / "staged", calls)
            for agent in AGENTS:
                (root / "logs" / agent).mkdir(parents=True)
            settings = "".join(f"{agent}_folders: [logs/{agent}]\n" for agent in AGENTS)
            (root / "llm-service.yaml").write_text(settings)
            with dashboard(root) as server:
                counted(server, 0)
                before, used_s = server.worker_rss_mb(), server.cpu_s()
                began = time.perf_counter()
                for agent in AGENTS:
                    for entry in sorted((root / "staged" / agent).iterdir()):
                        os.rename(entry, root / "logs" / agent / entry.name)
                rate = calls / (counted(server, calls) - began)
                rss, used_s = server.worker_rss_mb(), server.cpu_s() - used_s
            each_us = round(used_s / calls * 1e6)
            rows.append([calls, round(floor), round(rate), each_us, f"{before:.0f}", f"{rss:.0f}"])
    heads = ["calls", "floor, calls/s", "counted, calls/s", "CPU each, µs", "RSS before, MB", "RSS after, MB"]
    table(f"{len(PLACES) * FILES:,} logs of five agents and a database of a sixth, at once", heads, rows)


if __name__ == "__main__":
    sys.exit(main())
