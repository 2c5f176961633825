"""The samples of further agents, which `make.py` writes with the others; invented, in the agents' own forms."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOME = "/home/ada/quayside"
TASK = f"{HOME}/work/collaboration/assigned/backend/2026-11-18T0845-backend-ical-feed.yaml"
SONNET, GPT, FLASH, PRO = "claude-sonnet-4-5", "gpt-5", "gemini-2.5-flash", "gemini-2.5-pro"


class Made:
    """Ids, times and counts that are the same each time."""

    def __init__(self, seed: int, start: str) -> None:
        self.random = random.Random(seed)
        self.now = datetime.fromisoformat(start).replace(tzinfo=UTC)

    def ms(self, least_s: float = 1, most_s: float = 40) -> int:
        """The time in ms, later than before."""
        self.now += timedelta(milliseconds=self.random.randint(int(least_s * 1000), int(most_s * 1000)))
        return int(self.now.timestamp() * 1000)

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-a{self.hex(3)}-{self.hex(12)}"

    def count(self, least: int, most: int) -> int:
        return self.random.randint(least, most)


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put(path: str, lines: list[dict[str, Any]], end: str = "\n") -> None:
    text = "\n".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) for line in lines)
    write(path, text + end)


def write(path: str, text: str) -> None:
    (HERE / path).parent.mkdir(parents=True, exist_ok=True)
    (HERE / path).write_bytes(text.encode())


# pi and OpenClaw.


def pi_header(made: Made, **more: Any) -> dict[str, Any]:
    return {"type": "session", "version": 3, "id": made.uuid(), "timestamp": iso(made.ms()), "cwd": HOME} | more


def pi_user(made: Made, text: str) -> dict[str, Any]:
    at = made.ms()
    message = {"role": "user", "content": [{"type": "text", "text": text}], "timestamp": at}
    return {"type": "message", "id": made.hex(8), "parentId": None, "timestamp": iso(at), "message": message}


def pi_response(
    made: Made, model: str = SONNET, provider: str = "anthropic", known: bool = True, **more: Any
) -> dict[str, Any]:
    at = made.ms()
    given, output = made.count(3, 4_000), made.count(5, 2_500)
    read, written = made.count(0, 60_000), made.count(0, 6_000)
    parts = {
        "input": given * 3 / 1e6, "output": output * 15 / 1e6, "cacheRead": read * 0.3 / 1e6,
        "cacheWrite": written * 3.75 / 1e6,
    }  # fmt: skip
    cost = {name: value if known else 0 for name, value in parts.items()}
    cost["total"] = sum(cost.values())
    usage = {"input": given, "output": output, "cacheRead": read, "cacheWrite": written}
    usage |= {"totalTokens": sum(usage.values()), "cost": cost}
    message = {
        "role": "assistant", "content": [{"type": "text", "text": "Done."}], "api": "anthropic-messages",
        "provider": provider, "model": model, "usage": usage, "stopReason": "stop", "timestamp": at,
    }  # fmt: skip
    return {
        "type": "message", "id": made.hex(8), "parentId": made.hex(8), "timestamp": iso(at + 4_000),
        "message": message | more,
    }  # fmt: skip


def without_tokens(line: dict[str, Any], **more: Any) -> dict[str, Any]:
    cost = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": 0}
    usage = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 0, "cost": cost}
    return line | {"message": line["message"] | {"content": [], "usage": usage} | more}


def pi() -> None:
    made = Made(71, "2026-11-21T08:00:00")
    folder = "pi/--home-ada-quayside--"
    head = pi_header(made)
    tool = {"type": "toolCall", "id": "t1", "name": "read", "arguments": {"path": TASK}}
    lines = [head, pi_user(made, "Read the brief"), pi_response(made, content=[tool], stopReason="toolUse")]
    lines += [pi_response(made) for _ in range(9)]
    lines.append(
        {"type": "model_change", "id": made.hex(8), "timestamp": iso(made.ms()), "provider": "openai", "modelId": GPT}
    )
    lines += [pi_response(made, GPT, "openai") for _ in range(4)]
    lines.append(pi_response(made, "quay-local-32b", "ollama", known=False))
    lines.append(pi_response(made, SONNET, "anthropic", known=False))
    lines.append(without_tokens(pi_response(made), stopReason="error", errorMessage="529 overloaded"))
    lines.append(without_tokens(pi_response(made), stopReason="aborted", errorMessage="Request was aborted"))
    lines.append(pi_response(made, stopReason="aborted", errorMessage="Request was aborted"))
    lines.append(
        {"type": "compaction", "id": made.hex(8), "timestamp": iso(made.ms()), "summary": "…", "tokensBefore": 90_000}
    )
    put(f"{folder}/2026-11-21T08-00-00-000Z_{head['id']}.jsonl", lines, "\n" + '{"type":"message","id":"half')
    fork = pi_header(made, parentSession=f"/home/ada/.pi/agent/sessions/{folder}/{head['id']}.jsonl")
    copied = [line for line in lines[1:12] if line["type"] == "message"]
    put(
        f"{folder}/2026-11-21T09-30-00-000Z_{fork['id']}.jsonl", [fork, *copied, *(pi_response(made) for _ in range(3))]
    )
    # The first version had no ids; opening such a log adds them, which a copy of it does not have.
    old = {name: value for name, value in pi_header(made).items() if name != "version"}
    bare = [{key: value for key, value in pi_response(made).items() if key not in ("id", "parentId")} for _ in range(5)]
    put(f"{folder}/2025-11-30T10-00-00-000Z_{old['id']}.jsonl", [old, *bare])
    migrated = [line | {"id": made.hex(8), "parentId": made.hex(8)} for line in bare]
    put(f"{folder}/2026-11-22T10-00-00-000Z_{old['id']}.jsonl", [old | {"version": 3}, *migrated, pi_response(made)])


def openclaw() -> None:
    made = Made(72, "2026-11-22T07:00:00")
    main, scout = "openclaw/main/sessions", "openclaw/scout/sessions"
    head = pi_header(made)
    mirror = without_tokens(pi_response(made), api="openclaw-transcript", provider="openclaw", model="delivery-mirror")
    lines = [head, pi_user(made, "Good morning"), *(pi_response(made) for _ in range(7)), mirror]
    put(f"{main}/{head['id']}.checkpoint.{made.uuid()}.jsonl", [pi_header(made), *lines[1:6]])
    put(f"{main}/{head['id']}.jsonl.bak-{made.ms()}", lines[:4])
    put(f"{main}/{head['id']}.jsonl", lines)
    for folder, ending in ((main, "reset"), (scout, "deleted")):
        other = pi_header(made, cwd="/home/ada/.openclaw/workspace")
        model, provider = (PRO, "google") if ending == "reset" else (SONNET, "anthropic")
        responses = [pi_response(made, model, provider) for _ in range(4)]
        put(f"{folder}/{other['id']}.jsonl.{ending}.2026-11-22T12-00-00.000Z", [other, *responses])


# Gemini CLI.


def gemini_tokens(made: Made, thoughts: bool = True, tool: bool = False) -> dict[str, int]:
    given, output = made.count(900, 30_000), made.count(4, 1_500)
    tokens = {
        "input": given, "output": output, "cached": made.count(0, given // 2),
        "thoughts": made.count(10, 900) if thoughts else 0, "tool": made.count(5, 300) if tool else 0,
    }  # fmt: skip
    return tokens | {"total": given + output + tokens["thoughts"] + tokens["tool"]}


def gemini_message(made: Made, kind: str = "gemini", model: str = PRO, **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"id": made.uuid(), "timestamp": iso(made.ms()), "type": kind, "content": "…"}
    if kind == "gemini":
        message |= {"thoughts": [], "tokens": gemini_tokens(made, tool=made.count(0, 3) == 0), "model": model}
    return message | more


def gemini() -> None:
    made = Made(73, "2026-11-21T10:00:00")
    folder = f"gemini/{sha256(HOME.encode()).hexdigest()}/chats"
    head = {"sessionId": made.uuid(), "projectHash": folder.split("/")[1], "startTime": iso(made.ms())}
    head |= {"lastUpdated": head["startTime"]}
    reads = {"id": "r1", "name": "read_file", "args": {"absolute_path": TASK}, "status": "success"}
    messages = [gemini_message(made, "user"), gemini_message(made, toolCalls=[reads])]
    messages += [gemini_message(made) for _ in range(6)]
    messages += [gemini_message(made, "info"), gemini_message(made, "error"), gemini_message(made, tokens=None)]
    messages += [gemini_message(made, model=FLASH) for _ in range(4)]
    name = f"session-2026-11-21T10-00-{head['sessionId'][:8]}"
    write(f"{folder}/{name}.json", json.dumps(head | {"messages": messages}, indent=2))
    # The same session, resumed by a later version: copied, then appended to.
    later = gemini_message(made, tokens=None)
    complete = later | {"tokens": gemini_tokens(made)}
    more = [gemini_message(made) for _ in range(3)]
    lines = [head, *messages, {"$set": {"lastUpdated": iso(made.ms())}}, later, complete, complete | {"toolCalls": []}]
    lines += [
        more[0],
        {"$rewindTo": more[0]["id"]},
        more[1],
        {"$set": {"messages": [*messages, complete, more[1]]}},
        more[2],
    ]
    put(f"{folder}/{name}.jsonl", lines)
    # A newer version names the project; a sub-agent's log is below its session.
    write("gemini/tide-tables/.project_root", "/home/ada/tide-tables")
    parent = {
        "sessionId": made.uuid(),
        "projectHash": sha256(b"/home/ada/tide-tables").hexdigest(),
        "startTime": iso(made.ms()),
    }
    put(
        f"gemini/tide-tables/chats/session-2026-11-22T10-00-{parent['sessionId'][:8]}.jsonl",
        [parent, *(gemini_message(made) for _ in range(3))],
    )
    sub = parent | {"sessionId": made.uuid(), "kind": "subagent"}
    put(
        f"gemini/tide-tables/chats/{parent['sessionId']}/{sub['sessionId']}.jsonl",
        [sub, *(gemini_message(made, model=FLASH) for _ in range(2))],
    )
    write("gemini/tide-tables/logs.json", "[]")


# Qwen Code.


def qwen_record(
    made: Made, session: str, kind: str = "assistant", model: str = "qwen3-coder-plus", **more: Any
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "uuid": made.uuid(), "parentUuid": made.uuid(), "sessionId": session, "timestamp": iso(made.ms()), "type": kind,
        "cwd": HOME, "version": "0.21.14",
    }  # fmt: skip
    if kind == "assistant":
        given, output = made.count(900, 30_000), made.count(40, 2_000)
        record["model"] = model
        record["message"] = {"role": "model", "parts": [{"text": "…"}]}
        # By OpenAI's count: reasoning is part of the output.
        record["usageMetadata"] = {
            "promptTokenCount": given, "candidatesTokenCount": output, "thoughtsTokenCount": made.count(0, 40),
            "totalTokenCount": given + output, "cachedContentTokenCount": made.count(0, given),
        }  # fmt: skip
    return record | more


def google_usage(made: Made) -> dict[str, int]:
    tokens = gemini_tokens(made)
    return {
        "promptTokenCount": tokens["input"], "candidatesTokenCount": tokens["output"],
        "thoughtsTokenCount": tokens["thoughts"], "cachedContentTokenCount": tokens["cached"],
        "totalTokenCount": tokens["total"],
    }  # fmt: skip


def qwen() -> None:
    made = Made(74, "2026-11-21T13:00:00")
    folder, session, branch = "qwen/-home-ada-quayside/chats", made.uuid(), made.uuid()
    calls = {"role": "model", "parts": [{"functionCall": {"name": "read_file", "args": {"path": TASK}}}]}
    lines = [qwen_record(made, session, "user", message={"role": "user", "parts": [{"text": "Go on"}]})]
    lines += [qwen_record(made, session, message=calls), *(qwen_record(made, session) for _ in range(7))]
    event = {"event.name": "qwen-code.api_response", "input_token_count": 1, "output_token_count": 1}
    lines.append(qwen_record(made, session, "system", subtype="ui_telemetry", systemPayload={"uiEvent": event}))
    lines += [qwen_record(made, session, model=PRO, usageMetadata=google_usage(made)) for _ in range(3)]
    empty = dict.fromkeys(("promptTokenCount", "candidatesTokenCount", "totalTokenCount"), 0)
    lines.append(qwen_record(made, session, usageMetadata=empty))
    lines += [
        qwen_record(made, session, isSidechain=True, agentId="explore-7f3c", agentName="Explore") for _ in range(2)
    ]
    put(f"{folder}/{session}.jsonl", lines)
    fork = {"sessionId": session, "messageUuid": "…"}
    copied = [line | {"sessionId": branch, "forkedFrom": fork | {"messageUuid": line["uuid"]}} for line in lines[:8]]
    put(f"{folder}/{branch}.jsonl", [*copied, *(qwen_record(made, branch) for _ in range(3))])


# OpenCode.

OPENCODE_TABLES = """\
PRAGMA journal_mode = WAL;
CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL, title text NOT NULL, version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE session_message (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
"""  # noqa: E501


class OpenCode(Made):
    """The statements that fill a database."""

    def __init__(self, seed: int, start: str) -> None:
        super().__init__(seed, start)
        self.statements: list[str] = []

    def insert(self, table: str, *values: Any) -> None:
        texts = (json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value for value in values)
        shown = ", ".join(
            "NULL" if text is None else f"'{text}'" if isinstance(text, str) else str(text) for text in texts
        )
        self.statements.append(f"INSERT INTO {table} VALUES ({shown});")

    def name(self, prefix: str) -> str:
        return f"{prefix}_{self.hex(12)}{self.hex(14)}"

    def session(self, parent: str | None = None) -> str:
        name, at = self.name("ses"), self.ms()
        self.insert("session", name, "global", parent, "quiet-harbor", HOME, "Feed", "1.3.2", at, at)
        return name

    def answer(self, session: str, **more: Any) -> tuple[str, dict[str, Any]]:
        """An assistant's message, not inserted yet."""
        at = self.ms()
        tokens = {
            "input": self.count(2, 5_000), "output": self.count(5, 1_500), "reasoning": self.count(0, 400),
            "cache": {"read": self.count(0, 60_000), "write": self.count(0, 3_000)},
        }  # fmt: skip
        cost = (tokens["input"] * 3 + (tokens["output"] + tokens["reasoning"]) * 15) / 1e6  # type: ignore[operator]
        data = {
            "role": "assistant", "time": {"created": at, "completed": at + self.count(900, 60_000)},
            "parentID": self.name("msg"), "modelID": SONNET, "providerID": "anthropic",
            "mode": "build", "agent": "build",
            "path": {"cwd": HOME, "root": HOME}, "cost": cost, "tokens": tokens, "finish": "stop",
        }  # fmt: skip
        return self.name("msg"), data | more

    def message(self, session: str, name: str, data: dict[str, Any]) -> None:
        at = data["time"]["created"]
        self.insert("message", name, session, at, data["time"].get("completed", at), data)


def opencode() -> None:
    made = OpenCode(75, "2026-11-21T15:00:00")
    made.insert("project", "global", "/", made.ms(), made.ms())
    main = made.session()
    user = made.name("msg")
    at = made.ms()
    made.message(
        main,
        user,
        {
            "role": "user",
            "time": {"created": at},
            "agent": "build",
            "model": {"providerID": "anthropic", "modelID": SONNET},
        },
    )
    made.insert("part", made.name("prt"), user, main, at, at, {"type": "text", "text": f"Work on {TASK}"})
    answers = [made.answer(main, parentID=user) for _ in range(8)]
    answers += [made.answer(main, modelID=GPT, providerID="openai", cost=0) for _ in range(2)]
    answers.append(made.answer(main, modelID="quay-local-32b", providerID="ollama", cost=0))
    none = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    problem = {"name": "APIError", "data": {"message": "Overloaded", "isRetryable": True}}
    answers.append(made.answer(main, tokens=none, cost=0, error=problem))
    answers.append(
        made.answer(main, tokens=none, cost=0, error={"name": "MessageAbortedError", "data": {"message": "Aborted"}})
    )
    answers.append(made.answer(main, error={"name": "MessageAbortedError", "data": {"message": "Aborted"}}))
    for name, data in answers:
        made.message(main, name, data)
    started, data = made.answer(main, tokens=none, cost=0)  # a response that never came
    made.message(main, started, data | {"time": {"created": data["time"]["created"]}})
    explorer = made.session(main)
    for _ in range(3):
        made.message(explorer, *made.answer(explorer, mode="explore", agent="explore"))
    fork = made.session()
    for _, data in answers[:6]:
        made.message(fork, made.name("msg"), data)
    for _ in range(2):
        made.message(fork, *made.answer(fork))
    newer = made.session()
    for _ in range(3):
        name, data = made.answer(newer)
        model = {"id": data.pop("modelID"), "providerID": data.pop("providerID")}
        del data["role"], data["mode"]
        times = data["time"]
        made.insert(
            "session_message", name, newer, "assistant", times["created"], times["completed"], data | {"model": model}
        )
    write("opencode/opencode.sql", OPENCODE_TABLES + "\n".join(made.statements) + "\n")
    # What the database was filled from, and a session that it does not have.
    for name, data in answers[:3]:
        message = {"id": name, "sessionID": main} | data
        write(f"opencode/storage/message/{main}/{name}.json", json.dumps(message, indent=2))
    lost = made.name("ses")
    for _ in range(2):
        name, data = made.answer(lost)
        write(
            f"opencode/storage/message/{lost}/{name}.json", json.dumps({"id": name, "sessionID": lost} | data, indent=2)
        )


AGENT_SETS = (pi, openclaw, gemini, qwen, opencode)
