"""Writes the sample logs beside this file, the same bytes every time: `python tests/samples/telemetry/make.py`.

All of it is invented: a team that builds Quayside, a berth booking. The forms are those of the agents' own logs. The
tests do not run this; they read what it wrote and add it up in their own way.
"""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from make_agents import AGENT_SETS

HERE = Path(__file__).parent
HOME = "/home/ada/quayside"
SLUG = "-home-ada-quayside"
LANES = f"{HOME}/work/collaboration"


class Log:
    """A log that is written line by line."""

    def __init__(self, path: str, seed: int, start: str) -> None:
        self.path = HERE / path
        self.random = random.Random(seed)
        self.now = datetime.fromisoformat(start).replace(tzinfo=UTC)
        self.lines: list[str] = []

    def at(self, least: float = 0.5, most: float = 20.0) -> str:
        """The time, a little later than before."""
        self.now += timedelta(milliseconds=self.random.randint(int(least * 1000), int(most * 1000)))
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-a{self.hex(3)}-{self.hex(12)}"

    def name(self, prefix: str) -> str:
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
        return prefix + "01" + "".join(self.random.choice(alphabet) for _ in range(22))

    def put(self, value: dict[str, Any]) -> dict[str, Any]:
        self.lines.append(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
        return value

    def write(self, end: str = "\n") -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(("\n".join(self.lines) + end).encode())


class Claude(Log):
    """A log of Claude Code."""

    def __init__(self, path: str, seed: int, start: str, session: str | None = None, **fields: Any) -> None:
        super().__init__(path, seed, start)
        self.session = session or self.uuid()
        self.fields = {"isSidechain": False, "userType": "external", "cwd": HOME, "version": "2.1.138"} | fields
        self.parent: str | None = None
        self.context = 14_000
        self.cached = 0
        self.requests = True

    def line(self, kind: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
        uuid = self.uuid()
        fields = {"parentUuid": self.parent, **self.fields, "sessionId": self.session, "gitBranch": "main"}
        self.parent = uuid
        return self.put({**fields, "type": kind, "message": message, "uuid": uuid, "timestamp": self.at(), **more})

    def says(self, text: str) -> None:
        """The user types."""
        self.line("user", {"role": "user", "content": text})

    def result(self, text: str, **more: Any) -> None:
        """A tool answers."""
        block = {"tool_use_id": self.name("toolu_"), "type": "tool_result", "content": text}
        self.line("user", {"role": "user", "content": [block]}, toolUseResult={"stdout": text, **more})
        self.context += len(text) // 4

    def usage(self, output: int, one_hour: bool) -> dict[str, Any]:
        """The next usage: what was in the cache is read, what is new is written."""
        read, self.cached = self.cached, self.context
        written = max(0, self.context - read)
        hour = written if one_hour else 0
        return {
            "input_tokens": self.random.randint(2, 9),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "cache_creation": {"ephemeral_5m_input_tokens": written - hour, "ephemeral_1h_input_tokens": hour},
            "output_tokens": output,
            "service_tier": "standard",
        }

    def answers(self, model: str, *blocks: dict[str, Any], one_hour: bool = False, **more: Any) -> None:
        """One answer, streamed: a line for each block, the output known only at the last."""
        message_id, request = more.pop("message_id", None) or self.name("msg_"), self.name("req_")
        output = self.random.randint(60, 900)
        usage = self.usage(output, one_hour) | more.pop("usage", {})
        for number, block in enumerate(blocks, start=1):
            last = number == len(blocks)
            message = {
                "model": model,
                "id": message_id,
                "type": "message",
                "role": "assistant",
                "content": [block],
                "stop_reason": "tool_use" if last else None,
                "stop_sequence": None,
                "usage": usage | {"output_tokens": usage["output_tokens"] if last else self.random.randint(1, 5)},
            }
            self.line("assistant", message, **({"requestId": request} if self.requests else {}), **more)
        self.context += output

    def fails(self, said: str) -> None:
        """The API refuses, and Claude Code says so in the model's name."""
        zero = dict.fromkeys(
            ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"), 0
        )
        message = {
            "id": self.uuid(),
            "model": "<synthetic>",
            "role": "assistant",
            "type": "message",
            "stop_reason": "stop_sequence",
            "content": [{"type": "text", "text": said}],
            "usage": zero,
        }
        self.line("assistant", message, isApiErrorMessage=True)


def thinking(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": text, "signature": "EqQB" + "x" * 120}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def tool(name: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{crc32(name.encode()):08x}", "name": name, "input": given}


OPUS, SONNET, HAIKU = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"


def claude_streamed() -> None:
    """Streamed answers, a sub-agent with a description beside it, one without, a side question, errors, torn lines."""
    folder = "claude-streamed/" + SLUG
    main = Claude(
        f"{folder}/6b1f0c52-7d3e-4a55-9f10-2c8e5a7d9b01.jsonl",
        1,
        "2026-11-17T13:31:00",
        "6b1f0c52-7d3e-4a55-9f10-2c8e5a7d9b01",
    )
    main.put({"type": "summary", "summary": "Harbourmaster board", "leafUuid": main.uuid()})
    main.says("Good morning. What is open for the frontend?")
    main.answers(SONNET, text("Let me look."), tool("Bash", command="ls work/collaboration/assigned/frontend"))
    main.result("2026-11-17T1330-frontend-harbourmaster-board.yaml\n2026-11-18T1100-frontend-offline-map.yaml\n")
    task = f"{LANES}/assigned/frontend/2026-11-17T1330-frontend-harbourmaster-board.yaml"
    main.answers(SONNET, thinking("The board first."), tool("Read", file_path=task), one_hour=True)
    main.result("id: 2026-11-17T1330-frontend-harbourmaster-board\ntitle: The board of the harbourmaster\n" * 40)
    prompt = "Find every place that shows a berth's state, and list them with path and line."
    main.answers(
        OPUS,
        thinking("Where are the states?"),
        text("I have it searched."),
        tool("Task", description="Find states", subagent_type="Explore", prompt=prompt),
    )
    explorer = Claude(
        f"{folder}/{main.session}/subagents/agent-a1f3c90.jsonl",
        2,
        "2026-11-17T13:33:10",
        main.session,
        isSidechain=True,
        agentId="a1f3c90",
    )
    explorer.says(prompt)
    for place in ("src/board/berth.js", "src/map/harbour.js", "src/season/rates.js"):
        explorer.answers(HAIKU, thinking("Next."), tool("Grep", pattern="state", path=place))
        explorer.result(f"{place}:{explorer.random.randint(1, 90)}: state\n" * 200)
        # Older versions showed what a sub-agent does in the log of the session too.
        shown = json.loads(explorer.lines[-2])
        main.put(
            {
                "type": "progress",
                "data": {"type": "agent_progress", "agentId": "a1f3c90", "message": shown},
                "sessionId": main.session,
                "timestamp": main.at(),
                "uuid": main.uuid(),
            }
        )
    explorer.answers(HAIKU, text("Three places."))
    explorer.write()
    (explorer.path.parent / "agent-a1f3c90.meta.json").write_text(
        json.dumps({"agentType": "Explore", "description": "Find states", "toolUseId": "toolu_3", "spawnDepth": 1})
    )
    main.result("Three places.", agentId="a1f3c90", totalTokens=41_000, usage={"input_tokens": 9, "output_tokens": 99})
    main.fails('API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')
    main.fails("API Error: Request timed out.")
    main.says("continue")
    prompt = "Review the change to src/board/berth.js for colour contrast."
    main.answers(
        OPUS,
        thinking("Now the change."),
        tool("Edit", file_path=f"{HOME}/src/board/berth.js", new_string="x"),
        tool("Agent", description="Review", subagent_type="contrast-reviewer", prompt=prompt),
    )
    reviewer = Claude(
        f"{folder}/agent-b77e012.jsonl", 3, "2026-11-17T13:52:00", main.session, isSidechain=True, agentId="b77e012"
    )
    reviewer.says(prompt)
    reviewer.answers(SONNET, thinking("Ratios."), text("4.6 to 1: enough."))
    reviewer.write()
    main.result("4.6 to 1: enough.")
    side = Claude(
        f"{folder}/{main.session}/subagents/agent-aside_question-9c1.jsonl",
        4,
        "2026-11-17T13:55:00",
        main.session,
        isSidechain=True,
        agentId="aside_question-9c1",
    )
    for line in [line for line in main.lines if '"type":"assistant"' in line and "progress" not in line][:6]:
        copied = json.loads(line) | {"isSidechain": True, "agentId": "aside_question-9c1"}
        if "requestId" in copied:
            copied["requestId"] = side.name("req_")
        side.put(copied)
    side.says("Which colour had the old board?")
    side.answers(HAIKU, text("Blue."))
    side.write()
    main.lines.append(
        '{"parentUuid":"x","type":"assistant","message":{"model":"claude-opus-4-5-20251101","usage":{"inp'
    )
    main.lines.append("")
    main.answers(OPUS, text("Done: the board shows who is late."), one_hour=True)
    main.says("Thank you. ⚓")
    main.answers(OPUS, text("Good night."))
    main.lines[-1] = main.lines[-1].replace("Good night.", "Good night \\ud83d")  # cut within a character
    main.lines.append('{"parentUuid":"y","type":"assistant","message":{"model":"claude-opus-4-5-202511')
    main.write(end="")


def claude_resumed() -> None:
    """A session resumed under a new id, a fork of it in a worktree, lines without request ids, sold by others, an
    unknown model, an advisor."""
    first = Claude(
        "claude-resumed/" + SLUG + "/0d9a4f6e-11aa-4bcd-8e21-9f0c3d5b7a10.jsonl",
        11,
        "2026-11-18T08:46:00",
        "0d9a4f6e-11aa-4bcd-8e21-9f0c3d5b7a10",
    )
    first.put({"type": "agent-setting", "agentSetting": "backend", "sessionId": first.session})
    first.says(f"Take {LANES}/assigned/backend/2026-11-18T0845-backend-ical-feed.yaml and begin.")
    for step in range(8):
        first.answers(
            SONNET, thinking("Next step."), tool("Bash", command=f"make test STEP={step}"), one_hour=step == 0
        )
        first.result("ok\n" * first.random.randint(30, 400))
    first.write()
    resumed = Claude(
        "claude-resumed/" + SLUG + "/51c7e0b8-2f64-4f0a-b1c9-6d2e8a40f311.jsonl",
        12,
        "2026-11-18T15:02:00",
        "51c7e0b8-2f64-4f0a-b1c9-6d2e8a40f311",
    )
    resumed.lines = [line.replace(first.session, resumed.session) for line in first.lines]
    resumed.context, resumed.cached = first.context, 0
    resumed.requests = False
    resumed.says("Go on with the feed.")
    for _ in range(5):
        resumed.answers(
            OPUS, thinking("Times in UTC."), text("Writing."), tool("Write", file_path="ical.py", content="x" * 900)
        )
        resumed.result("written")
    resumed.answers("quay-local-32b", text("A summary from the harbour's own machine."))
    advised = [
        {"type": "message", "input_tokens": 3, "output_tokens": 210},
        {
            "type": "advisor_message",
            "model": OPUS,
            "input_tokens": 5210,
            "output_tokens": 388,
            "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 1200,
        },
    ]
    resumed.answers(SONNET, thinking("Ask the advisor."), text("It agrees."), usage={"iterations": advised})
    resumed.write()
    tree = f"{HOME}/.claude/worktrees/ical-strict"
    fork = Claude(
        "claude-resumed/-home-ada-quayside--claude-worktrees-ical-strict/aa5d3c1e-8b90-4c7f-9e3d-1b2a4c6d8e12.jsonl",
        13,
        "2026-11-19T09:10:00",
        "aa5d3c1e-8b90-4c7f-9e3d-1b2a4c6d8e12",
        cwd=tree,
    )
    fork.lines = [
        line.replace(resumed.session, fork.session).replace(f'"cwd":"{HOME}"', f'"cwd":"{tree}"')
        for line in resumed.lines
    ]
    fork.context = resumed.context
    fork.says(f"Now {LANES}/inbox/2026-11-19T1545-winter-rates.yaml instead.")
    bedrock = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    for _ in range(4):
        fork.answers(bedrock, text("Rates."), tool("Bash", command="make"), message_id="msg_bdrk_" + fork.hex(24))
        fork.result("ok")
    fork.write()


def claude_2025() -> None:
    """The first versions: costs and durations in the log, a sub-agent's lines among those of its session."""
    old = Claude(
        "claude-2025/-srv-quayside/3f2504e0-4f89-41d3-9a0c-0305e82c3301.jsonl",
        21,
        "2025-06-03T07:12:00",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        cwd="/srv/quayside/src",
        version="0.2.104",
    )
    model = "claude-sonnet-4-20250514"

    def answers(*blocks: dict[str, Any]) -> None:
        cost, took = round(old.random.uniform(0.002, 0.09), 7), old.random.randint(1_900, 24_000)
        old.answers(model, *blocks, costUSD=cost, durationMs=took)

    old.says("Write the schema of the bookings: ./work/collaboration/done/backend/2026-10-14T0830-backend-schema.yaml")
    answers(text("A table for each."), tool("Write", file_path="schema.sql", content="create table berth (id);"))
    old.result("ok")
    prompt = "Which columns does the old spreadsheet have?"
    answers(tool("Task", description="Columns", prompt=prompt, subagent_type="general-purpose"))
    spawner, old.parent = old.parent, None
    old.fields["isSidechain"] = True
    old.says(prompt)
    answers(tool("Bash", command="head -1 bookings.csv"))
    old.result("berth;from;to;name;phone\n")
    answers(text("Five columns."))
    old.fields["isSidechain"], old.parent = False, spawner
    old.result("Five columns.")
    answers(text("Done."))
    old.write()


class Codex(Log):
    """A log of Codex."""

    def __init__(self, day: str, clock: str, session: str, seed: int, folder: str, **meta: Any) -> None:
        stamp = f"{day}T{clock.replace(':', '-')}"
        path = f"{folder}/{day.replace('-', '/')}/rollout-{stamp}-{session}.jsonl"
        super().__init__(path, seed, f"{day}T{clock}")
        self.session = session
        self.total = dict.fromkeys((*FIELDS, "total_tokens"), 0)
        self.context = 9_000
        self.item(
            "session_meta",
            {
                "id": session,
                "timestamp": self.at(),
                "cwd": HOME,
                "originator": "codex_cli_rs",
                "cli_version": "0.58.0",
                "source": "cli",
                "model_provider": "openai",
                **meta,
            },
        )

    def item(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        return self.put({"timestamp": self.at(), "type": kind, "payload": payload})

    def turn(self, model: str | None, said: str, **more: Any) -> None:
        """The user says something, and a turn begins."""
        context = {"cwd": HOME, "approval_policy": "on-request", "summary": "auto", **more}
        self.item("turn_context", context | ({"model": model} if model else {}))
        self.item(
            "response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": said}]}
        )
        self.item("event_msg", {"type": "user_message", "message": said, "images": []})

    def used(self, write: int = 0) -> dict[str, int]:
        """The usage of the next request."""
        cached = self.random.randrange(0, self.context - write, 128) if self.total["input_tokens"] else 0
        output = self.random.randint(40, 1_200)
        usage = dict(zip(FIELDS, (self.context, cached, write, output, output // 3), strict=True))
        self.context += output + self.random.randint(50, 900)
        return usage | {"total_tokens": usage["input_tokens"] + output}

    def counts(self, last: dict[str, int], add: bool = True) -> dict[str, Any]:
        """The counter that tells of a request; `add=False`: told again, or an estimate."""
        if add:
            self.total = {name: self.total[name] + last[name] for name in self.total}
        info = {"total_token_usage": dict(self.total), "last_token_usage": last, "model_context_window": 272_000}
        limits = {"primary": {"used_percent": self.random.randint(1, 60), "window_minutes": 300}}
        return self.item("event_msg", {"type": "token_count", "info": info, "rate_limits": limits})

    def works(self, requests: int) -> None:
        """Some requests with what the agent does between them."""
        for _ in range(requests):
            call = {"type": "function_call", "name": "shell", "arguments": json.dumps({"command": ["make", "test"]})}
            self.item("response_item", call | {"call_id": f"call_{self.hex(8)}"})
            out = "…/work/collaboration/inbox/2026-11-16T1200-payment-provider.yaml\n" * 3
            self.item("response_item", {"type": "function_call_output", "call_id": "call_1", "output": out})
            last = self.used()
            self.counts(last)
            if self.random.random() < 0.5:
                self.counts(last, add=False)

    def records(self, turn: str, **more: Any) -> dict[str, int]:
        """What versions since 0.153 write before the counter."""
        last = self.used(write=self.random.randrange(0, 2_048, 128))
        self.item(
            "token_usage_record",
            {
                "thread_id": self.session,
                "session_id": self.session,
                "turn_id": turn,
                "response_id": "resp_" + self.hex(48),
                "usage": last,
                **more,
            },
        )
        return last


FIELDS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


def codex_counters() -> None:
    """Running totals told again and again, compaction, a fork and sub-agents that copy, a log without a model."""
    day, place = "2026-11-18", "codex-counters/sessions"
    parent = Codex(day, "10:00:00", "019a9775-ef93-7c41-ae1f-a37beed9aa01", 31, place)
    parent.item("event_msg", {"type": "token_count", "info": None, "rate_limits": {"primary": {"used_percent": 3.0}}})
    parent.turn(
        "gpt-5.2-codex", "Work on work/collaboration/assigned/devops/2026-11-20T0810-devops-certificate-renewal.yaml"
    )
    parent.works(6)
    copied = list(parent.lines)
    total, context = dict(parent.total), parent.context
    parent.turn("gpt-5.1-codex-mini", "Only the smaller one now.")
    parent.works(3)
    nothing = dict.fromkeys((*FIELDS, "total_tokens"), 0)
    parent.counts(nothing | {"total_tokens": 13_989}, add=False)
    parent.total = {name: value * 5 // 6 for name, value in parent.total.items()}
    parent.context = 7_000
    parent.counts(parent.used(), add=False)
    parent.works(2)
    parent.write()

    fork = Codex(day, "14:30:00", "019a9a02-1111-7c41-ae1f-a37beed9aa02", 32, place, forked_from_id=parent.session)
    stamp = fork.at(0, 1)
    fork.lines += [json.dumps(json.loads(line) | {"timestamp": stamp}, separators=(",", ":")) for line in copied]
    fork.total, fork.context = dict(total), context
    fork.turn("gpt-5.2-codex", "The other way round.")
    fork.works(4)
    fork.write()

    spawn = {
        "subagent": {
            "thread_spawn": {
                "parent_thread_id": parent.session,
                "depth": 1,
                "agent_role": "explorer",
                "agent_nickname": "Heron",
            }
        }
    }
    child = Codex(
        day,
        "10:05:00",
        "019a9775-ffff-7c41-ae1f-a37beed9aa03",
        33,
        place,
        source=spawn,
        forked_from_id=parent.session,
        thread_source="subagent",
    )
    child.lines.append(copied[0])
    child.turn("gpt-5.1-codex-mini", "Which certificates are there?", turn_id="019a9776-0a34-7842-8627-112b63d66e90")
    child.works(3)
    child.write()

    old = Codex("2025-09-08", "09:00:00", "01992b31-2222-7c41-ae1f-a37beed9aa04", 34, place)
    old.turn(None, "An early version that did not say which model it asks.")
    old.works(2)
    old.write()


def codex_records() -> None:
    """A record for each response, its counter before or behind it, compaction, and the same log archived."""
    day, place = "2026-11-19", "codex-records/sessions"
    log = Codex(day, "08:00:00", "019aa1b0-3333-7c41-ae1f-a37beed9aa05", 41, place, cli_version="0.154.0")
    first, second = "019aa1b0-4444-7000-8000-000000000001", "019aa1b0-4444-7000-8000-000000000002"
    log.turn(
        "gpt-5.6-sol", "Read assigned/backend/2026-11-17T1000-backend-payment-deposit.yaml and do it.", turn_id=first
    )
    for _ in range(5):
        log.counts(log.records(first))
    log.turn("gpt-5.5", "Now with care.", turn_id=second)
    log.counts(log.records(second))
    late = log.used()
    log.counts(late)
    log.item(
        "token_usage_record",
        {"thread_id": log.session, "turn_id": second, "response_id": "resp_" + "b" * 48, "usage": late},
    )
    compaction = log.records(second)
    record = json.loads(log.lines[-1])["payload"]
    log.item(
        "compacted",
        {
            "message": "",
            "replacement_history": [],
            "compaction_response_id": record["response_id"],
            "latest_token_usage_record": record,
        },
    )
    log.counts(compaction)
    only = {"thread_id": log.session, "turn_id": second, "response_id": "resp_" + "c" * 48, "usage": log.used()}
    log.item("compacted", {"message": "", "replacement_history": [], "latest_token_usage_record": only})
    log.works(2)
    log.write()
    archived = HERE / "codex-records/archived_sessions" / log.path.name
    archived.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(log.path, archived)
    broken = Codex(day, "11:00:00", "019aa1b0-5555-7c41-ae1f-a37beed9aa06", 42, place)
    broken.turn("gpt-5.6-sol", "Short.")
    broken.works(1)
    broken.lines.append(
        '{"timestamp":"2026-11-19T11:01:00.000Z","type":"event_msg","payload":{"type":"token_count","info":{"tot'
    )
    broken.item("event_msg", {"type": "token_count", "info": {"last_token_usage": {"input_tokens": "many"}}})
    broken.works(1)
    broken.write(end='\n{"timestamp":"2026-11-19T11:02:00.000Z","type":"event_msg","payload":{"type":"token_co')


def own_lines() -> None:
    """Our own form: repeated ids, none at all, reported costs, errors, nonsense, Windows line ends, a rotated file."""
    log = Log("lines/agents.jsonl", 51, "2026-11-20T07:00:00")
    models = [(SONNET, "anthropic"), ("gpt-5.5", "openai"), ("quay-local-32b", None)]
    for number in range(60):
        model, provider = log.random.choice(models)
        read, write = log.random.randint(0, 9_000), log.random.choice((0, 0, 1_200))
        call: dict[str, Any] = {
            "invocation_id": f"q-{number}",
            "timestamp": log.at(),
            "agent_name": "backend",
            "model_name": model,
            "provider": provider,
            "prompt_tokens": read + write + log.random.randint(10, 4_000),
            "completion_tokens": log.random.randint(5, 900),
            "cache_read_tokens": read,
            "cache_write_tokens": write,
            "latency_ms": log.random.randint(300, 30_000),
            "status": "success",
        }
        if number % 9 == 4:
            call |= {"status": "error", "error_message": "overloaded", "completion_tokens": 0}
        if number % 11 == 5:
            call["cost_usd"] = round(log.random.uniform(0.001, 0.2), 6)
        if number % 13 == 6:
            del call["invocation_id"]
        log.put(call)
        if number % 7 == 3:
            log.put(call)
    log.put(
        {"timestamp": "2031-01-01T00:00:00Z", "model": SONNET, "input_tokens": 12, "output_tokens": 3, "id": "q-far"}
    )
    text = "\r\n".join(log.lines[:40]) + "\r\n" + "\n".join(log.lines[40:]) + "\n"
    bad = [
        b'{"invocation_id":"q-neg","timestamp":"2026-11-20T08:00:00Z","prompt_tokens":-5}',
        b'{"invocation_id":"q-abs","timestamp":"2026-11-20T08:00:00Z","prompt_tokens":99999999999}',
        b'{"invocation_id":"q-when","prompt_tokens":5}',
        b"not json at all",
        b'{"invocation_id":"q-\xff","timestamp":"2026-11-20T08:00:00Z"}',
        b"[1, 2]",
        b"",
        b"\x00\x00\x00\x00"
        + json.dumps({"id": "q-nul", "time": 1795161600, "model": SONNET, "prompt_tokens": 7}).encode(),
    ]
    log.path.parent.mkdir(parents=True, exist_ok=True)
    log.path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\n".join(bad) + b'\n{"invocation_id":"q-half","times')
    rotated = Log("lines/agents.jsonl.1", 52, "2026-11-19T07:00:00")
    for number in range(10):
        rotated.put(
            {
                "invocation_id": f"r-{number}",
                "timestamp": rotated.at(),
                "agent": "writer",
                "model": HAIKU,
                "input_tokens": 40,
                "cache_read_input_tokens": 1_000 * number,
                "output_tokens": number,
            }
        )
    rotated.write()


if __name__ == "__main__":
    from make_served import SERVED_SETS

    for old_set in HERE.iterdir():
        if old_set.is_dir() and old_set.name != "__pycache__":
            shutil.rmtree(old_set)
    own_sets = (claude_streamed, claude_resumed, claude_2025, codex_counters, codex_records, own_lines)
    for make in (*own_sets, *SERVED_SETS, *AGENT_SETS):
        make()
