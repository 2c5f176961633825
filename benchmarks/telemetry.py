"""Calls: how fast they are counted for good, what they weigh, how soon ten million of them answer."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import workspace

from llm_service.calendar_days import Calendar
from llm_service.calls.store.store import CallStore
from llm_service.database.database import Database

from .scale import timings

LINES = 200_000
BATCHES = 300
DONE = 2_000
MODELS = ("claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805", "gpt-5-codex", "gemini-2.5-pro", "house-model")
_LARGE = (
    "/api/stats",
    "/api/telemetry",
    "/api/telemetry/trends?bucket=hour&by=model",
    "/api/telemetry/trends?bucket=day&by=agent",
    "/api/telemetry/trends?bucket=month&by=model",
    "/api/telemetry/trends?bucket=month&by=task",
    "/api/telemetry/trends?bucket=day&by=task&from=2026-01-01&to=2026-10-31",
    "/api/telemetry/models",
    "/api/telemetry/models?from=2025-03-05T07:00&to=2026-08-09T11:00",
    "/api/telemetry/totals?by=task",
    "/api/telemetry/totals?by=task&from=2025-03-05T07:00&to=2026-08-09T11:00",
    "/api/telemetry/range",
    "/api/telemetry/range?from=2025-03-05T07:00&to=2026-08-09T11:00&compare=length",
    "/api/telemetry/trends?bucket=day&by=model&from=2026-05-01&compare=length",
    "/api/telemetry/models?from=2025-12-05&compare=length",
    "/api/telemetry/totals?by=task&from=2025-12-05&compare=length&limit=50",
    "/api/telemetry/week",
    "/api/telemetry/week?from=2025-12-05&to=2026-11-04",
    "/api/telemetry/cache?bucket=day&from=2025-12-05&compare=length",
    "/api/telemetry/cache?bucket=month",
    "/api/telemetry/done-tasks",
    "/api/telemetry/done-tasks?from=2025-12-05&compare=length&limit=50",
    "/api/telemetry/calls?weekday=tue&hour=14",
    "/api/telemetry/calls?weekday=tue&hour=14&agent=agent-03&from=2026-09-01",
    "/api/telemetry/calls",
    "/api/telemetry/calls?agent=agent-03&limit=500",
    "/api/telemetry/calls?task=task-0100000",
    "/api/telemetry/calls?status=error&model=gpt-5-codex",
    "/api/telemetry/calls?cost=unknown",
)


def call(number: int, randomly: random.Random, at_s: float) -> dict[str, Any]:
    """A believable call: 80 of them to a task, ids as long as those of Claude Code."""
    prompt = randomly.randrange(2_000, 120_000)
    return {
        "invocation_id": f"msg_01{randomly.getrandbits(110):028x}:req_011{randomly.getrandbits(90):023x}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s)),
        "agent_name": f"agent-{number // 80 % 12:02d}",
        "tool_name": "claude-code",
        "model_name": MODELS[randomly.randrange(5)],
        "provider": "anthropic",
        "task_id": f"2026-11-01T{number // 80 % 2400:04d}-task-{number // 80:06d}",
        "session_id": f"{number // 80:032x}",
        "project": f"project-{number // 800 % 8}",
        "prompt_tokens": prompt,
        "completion_tokens": randomly.randrange(20, 3_000),
        "cache_read_tokens": prompt // 2,
        "cache_write_tokens": prompt // 10,
        "latency_ms": randomly.randrange(400, 40_000),
        "status": "success" if randomly.random() > 0.01 else "error",
    }


def calls(count: int) -> list[dict[str, Any]]:
    """Calls one after another over the last three weeks."""
    randomly = random.Random(1)
    end = time.time()
    return [call(number, randomly, end - (count - number) * 9) for number in range(count)]


def counted(server: Server, count: int, limit_s: float = 120) -> float:
    """When so many calls are counted."""
    end = time.perf_counter() + limit_s
    while time.perf_counter() < end:
        if (server.get("/api/stats")["costs"] or {"calls": 0})["calls"] >= count:
            return time.perf_counter()
        time.sleep(0.1)  # asking more often would be measured too
    raise TimeoutError(f"{server.get('/api/stats')['costs']} of {count} calls")


def floor_rate(lines: list[bytes]) -> float:
    """Calls a second of the bare minimum: parse, insert into one table with a unique id, nothing summed or priced."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        names = sorted(json.loads(lines[0]))
        connection.execute(f"CREATE TABLE calls ({', '.join(names)}, UNIQUE (invocation_id))")
        insert = f"INSERT OR IGNORE INTO calls VALUES ({', '.join('?' * len(names))})"
        began = time.perf_counter()
        for start in range(0, len(lines), 2_000):
            rows = [json.loads(line) for line in lines[start : start + 2_000]]
            connection.execute("BEGIN")
            connection.executemany(insert, [[row[name] for name in names] for row in rows])
            connection.execute("COMMIT")
        rate = len(lines) / (time.perf_counter() - began)
        connection.close()
        return rate


def ingest() -> list[list[Any]]:
    """Calls a second for each way in, each into a database of its own, and bytes for each call."""
    made = calls(LINES)
    lines = [json.dumps(one).encode() + b"\n" for one in made]
    rows: list[list[Any]] = [["floor: parse and insert, no sums", LINES, round(floor_rate(lines)), ""]]
    with workspace(0) as root, dashboard(root) as server:
        folder = root / "work/telemetry"
        folder.mkdir(parents=True)
        counted(server, 0)
        began = time.perf_counter()
        (folder / "calls.jsonl").write_bytes(b"".join(lines))
        rate = LINES / (counted(server, LINES) - began)
        rows.append(["JSON lines", LINES, round(rate), round(size(root) / LINES)])
    with workspace(0) as root, dashboard(root) as server:
        began = time.perf_counter()
        for start in range(0, BATCHES * 100, 100):
            body = json.dumps(made[start : start + 100]).encode()
            request = urllib.request.Request(
                f"{server.url}/api/telemetry", body, headers={"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request) as answer:
                if json.load(answer)["accepted"] != 100:
                    raise RuntimeError("a call was not accepted")
        rate = BATCHES * 100 / (time.perf_counter() - began)
        rows.append(["REST, batches of 100, one client", BATCHES * 100, round(rate), round(size(root) / BATCHES / 100)])
    return rows


def size(root: Path) -> int:
    """Bytes of the database, its write-ahead log folded in."""
    path = root / ".llm-service/history.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return os.path.getsize(path)


def fill(path: str, count: int) -> None:
    """Ten million calls over two years, written by SQL; the sums are then made by the service's own code."""
    database = Database(path)
    database.start()
    first = int(time.time()) - 730 * 86_400

    def insert(connection: sqlite3.Connection) -> None:
        names = [*MODELS, *(f"agent-{number:02d}" for number in range(12)), *(f"project-{n}" for n in range(8))]
        connection.executemany("INSERT OR IGNORE INTO names (id, text) VALUES (?, ?)", enumerate(names, 1))
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO names (id, text) SELECT 1000 + i, printf('task-%07d', i) FROM n",
            (count // 80,),
        )
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)"
            " INSERT INTO calls SELECT NULL, random() >> 1,"
            " 'msg_01' || hex(randomblob(14)) || ':req_011' || hex(randomblob(11)),"
            " (? + i * (730.0 * 86400 / ?)) * 1000, 6 + i / 80 % 12, NULL, 1 + abs(random()) % 5, NULL,"
            " CASE WHEN i % 5 = 2 THEN NULL ELSE 1000 + i / 80 END,"
            " NULL, NULL, 1000 + i / 80, 18 + i / 800 % 8,"
            " 20000 + abs(random()) % 90000, 20 + abs(random()) % 3000, 9000, 2000, 0,"
            " CASE WHEN i % 50 = 7 THEN NULL ELSE 30000000 + abs(random()) % 90000000 END,"
            " CASE WHEN i % 50 = 7 THEN 2 ELSE 0 END, 400 + abs(random()) % 40000,"
            " CASE WHEN i % 97 = 3 THEN 1 ELSE 0 END, NULL, NULL, 0, 0, NULL, NULL, 0 FROM n",
            (count, first, count),
        )

    database.write(insert, timeout_s=3_600)
    store = CallStore(database, lambda _: None, Calendar(ZoneInfo("Europe/Zurich")))
    store.ensure_zone("Europe/Zurich")
    database.stop()


def large(count: int) -> list[list[Any]]:
    """Milliseconds of each answer over so many calls, and of the processor; two thousand tasks of them are done."""
    with workspace(117) as root:
        done = root / "work/collaboration/done/ann"
        done.mkdir(parents=True, exist_ok=True)
        for number in range(DONE):
            name = f"task-{number * (count // 80) // DONE:07d}"
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - (DONE - number) * 31_000))
            (done / f"{name}.yaml").write_text(f'id: {name}\ntitle: {name}\nstatus: done\ncompleted_at: "{at}"\n')
        (root / ".llm-service").mkdir()
        (root / "llm-service.yaml").write_text("timezone: Europe/Zurich\n")
        began = time.perf_counter()
        fill(str(root / ".llm-service/history.db"), count)
        print(f"\nfilled with {count:,} calls in {time.perf_counter() - began:.0f} s, {size(root) / count:.0f} B each")
        with dashboard(root) as server:
            counted(server, count)
            return [[path, *timings(server, path, 20), cpu_ms(server, path)] for path in _LARGE]


def cpu_ms(server: Server, path: str, count: int = 40) -> float:
    """Milliseconds of the processor for an answer."""
    before = server.cpu_s()
    for _ in range(count):
        with urllib.request.urlopen(server.url + path) as answer:
            answer.read()
    return round((server.cpu_s() - before) * 1000 / count, 1)


def line_to_page(count: int = 100) -> list[list[Any]]:
    """Milliseconds from appending a line to a session log until the ticker in Chromium shows it."""
    from .browser import opened  # needs Chromium

    taken = []
    with workspace(117) as root:
        logs = root / "sessions/-home-dev-quayside"
        logs.mkdir(parents=True)
        (root / "llm-service.yaml").write_text(f"claude_folders: ['{root / 'sessions'}']\n")
        with dashboard(root) as server, opened(server.url + "/#/costs") as page, open(logs / "s.jsonl", "a") as log:
            for number in range(count):
                log.write(json.dumps(session_line(number)) + "\n")
                log.flush()
                began = time.perf_counter()
                page.wait_for_function(
                    "([name, calls]) => document.querySelector(`[data-testid=${name}]`)?.textContent"
                    ".replace(/\\D/g, '') === calls",
                    arg=["ticker-calls-total", str(number + 1)],
                )
                taken.append((time.perf_counter() - began) * 1000)
                time.sleep(random.uniform(0, 1))
    return [["session log line → ticker", count, *spread(taken)]]


def session_line(number: int) -> dict[str, Any]:
    """A line of a Claude Code session log."""
    return {
        "type": "assistant",
        "sessionId": "5f0f7b0e-0000-4000-8000-000000000001",
        "requestId": f"req_{number:06d}",
        "cwd": "/home/dev/quayside",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "message": {
            "id": f"msg_{number:06d}",
            "role": "assistant",
            "model": MODELS[0],
            "usage": {"input_tokens": 1_200, "output_tokens": 300, "cache_read_input_tokens": 9_000},
        },
    }


def main() -> None:
    """Print the tables."""
    count = int(os.environ.get("BENCH_CALLS", "10000000"))
    table("Counting calls", ["way in", "calls", "calls/s", "bytes each"], ingest())
    table("From the log to the page (ms)", ["way", "lines", "median", "p95", "p99"], line_to_page())
    table(f"Answers over {count:,} calls (ms)", ["path", "median", "p95", "p99", "CPU"], large(count))


if __name__ == "__main__":
    sys.exit(main())
