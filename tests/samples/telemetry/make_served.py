"""Sample logs whose prices depend on more than tokens: tiers, regions, searches, compactions; `make.py` writes them."""

from __future__ import annotations

import json
import shutil
from typing import Any

from make import HERE, HOME, LANES, SLUG, Claude, Codex, text, thinking, tool

OPUS5 = "claude-opus-5"


def searches(log: Claude, count: object, found: str) -> None:
    """The tool WebSearch answers."""
    block = {"tool_use_id": log.name("toolu_"), "type": "tool_result", "content": found}
    result = {
        "query": found,
        "results": [{"tool_use_id": log.name("srvtoolu_"), "content": []}],
        "durationSeconds": 3.4,
    }
    log.line("user", {"role": "user", "content": [block]}, toolUseResult=result | {"searchCount": count})


def claude_served() -> None:
    """Fast mode, the US, batches, searches of both kinds, a compaction, an advisor, a sub-agent, a fork."""
    folder = "claude-served/" + SLUG

    def session_log(session: str, seed: int, start: str, **fields: Any) -> Claude:
        return Claude(f"{folder}/{session}.jsonl", seed, start, session, **fields)

    main = session_log("b1d0a5f2-0001-4a7e-9c11-5f2d7e8c9a01", 61, "2026-11-20T09:00:00", version="2.1.210")
    main.says(f"Take {LANES}/assigned/backend/2026-11-20T0900-tide-tables.yaml.")
    plain = {"service_tier": "standard", "speed": "standard", "inference_geo": "not_available"}
    fast = plain | {"speed": "fast"}
    for _ in range(3):
        main.answers(
            OPUS5, thinking("Slowly."), text("Reading."), tool("Read", file_path="a"), usage=plain, one_hour=True
        )
        main.result("ok\n" * 300)
    for number in range(4):
        main.answers(OPUS5, thinking("Quickly."), text("Writing."), usage=fast, one_hour=number % 2 == 0)
        main.result("ok\n" * 200)
    main.answers("claude-opus-5-5", text("The next model, as quick."), usage=fast)
    main.answers(OPUS5, text("At home."), usage=fast | {"inference_geo": "us"})
    main.answers("claude-sonnet-5-5", text("At home, slowly."), usage=plain | {"inference_geo": "us"})
    main.answers("claude-haiku-4-5-20251001", text("Anywhere."), usage=plain | {"inference_geo": "global"})
    main.answers(OPUS5, text("Overnight."), usage={"service_tier": "batch"})
    main.answers(OPUS5, text("Promised."), usage={"service_tier": "priority"})
    main.answers(
        OPUS5, text("Looked up."), usage=fast | {"server_tool_use": {"web_search_requests": 7, "web_fetch_requests": 2}}
    )
    main.answers(OPUS5, tool("WebSearch", query="spring tides"), usage=plain)
    searches(main, 3, "spring tides")
    searches(main, 0, "nothing found")
    main.result("no search", searchCount="unknown to the tool")
    inner = {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500, "cache_creation_input_tokens": 900}
    advice = {"type": "advisor_message", "model": "claude-fable-5-2", "input_tokens": 5_210, "output_tokens": 388}
    whole = {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000}
    for used in (plain, fast):
        main.answers(
            OPUS5, thinking("Summed up."), text("Going on."),
            usage=used | {"input_tokens": 23_000, "iterations": [inner, whole, advice]},
        )  # fmt: skip
    main.write()
    helper = Claude(
        f"{folder}/{main.session}/subagents/agent-c0ffee1.jsonl", 62, "2026-11-20T09:20:00", main.session,
        isSidechain=True, agentId="c0ffee1",
    )  # fmt: skip
    helper.says("Which harbours publish tide tables?")
    helper.answers("claude-haiku-4-5-20251001", tool("WebSearch", query="tide tables"))
    searches(helper, 2, "tide tables")
    helper.answers("claude-haiku-4-5-20251001", text("Four."))
    helper.write()
    (HERE / folder / main.session / "subagents/agent-c0ffee1.meta.json").write_text(
        json.dumps({"agentType": "Explore"})
    )
    fork = session_log("b1d0a5f2-0002-4a7e-9c11-5f2d7e8c9a02", 63, "2026-11-21T10:00:00")
    fork.lines = [line.replace(main.session, fork.session) for line in main.lines]
    fork.context, fork.cached = main.context, 0
    fork.says("The other way round.")
    for _ in range(3):
        fork.answers(OPUS5, text("Quickly."), tool("Bash", command="make"), usage=fast)
        fork.result("ok")
    searches(fork, 1, "neap tides")
    fork.write()
    early = session_log("b1d0a5f2-0003-4a7e-9c11-5f2d7e8c9a03", 64, "2026-03-20T10:00:00", version="2.1.62")
    early.says("In spring this was six times the price.")
    early.answers("claude-opus-4-6", text("Quickly."), text("Very."), usage={"speed": "fast"}, one_hour=True)
    early.answers("claude-opus-4-6", text("Slowly."), usage={"inference_geo": "us"})
    early.write()


def settings(log: Codex, thread: str | None = None, **chosen: Any) -> None:
    """What Codex writes when settings of a session change, and at the start of a fork."""
    payload = {"type": "thread_settings_applied", "thread_settings": {"cwd": HOME, **chosen}}
    log.item("event_msg", payload | ({"thread_id": thread} if thread else {}))


def codex_served() -> None:
    """Tiers that are set, changed and unset, records and counters, a fork that copies them, an archived session."""
    day, place = "2026-11-20", "codex-served/sessions"
    one, two, three = (f"019fa150-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
    log = Codex(day, "10:00:00", "019fa149-0000-7c41-ae1f-a37beed9ab01", 71, place, cli_version="0.154.0")
    log.turn("gpt-5.6-sol", "Slowly first.", turn_id=one)
    log.counts(log.records(one))
    settings(log, log.session, model="gpt-5.6-sol", service_tier="priority")
    log.counts(log.records(one))
    log.turn("gpt-5.6-sol", "Quickly.", turn_id=two)
    for _ in range(3):
        log.counts(log.records(two))
    settings(log, log.session, model="gpt-5.4", service_tier="fast")
    log.turn("gpt-5.4", "Still quickly.", turn_id=three)
    log.counts(log.records(three))
    settings(log, log.session, model="gpt-5.4")
    log.counts(log.records(three))
    settings(log, log.session, model="gpt-5.4", service_tier="flex")
    log.counts(log.records(three))
    settings(log, log.session, model="gpt-5.4", service_tier="default")
    log.counts(log.records(three))
    settings(log, log.session, model="gpt-5.4", service_tier="priority")
    log.counts(log.records(three))
    log.write()

    fork = Codex(day, "12:00:00", "019fa149-0000-7c41-ae1f-a37beed9ab02", 72, place, forked_from_id=log.session)
    stamp = fork.at(0, 1)
    fork.lines += [json.dumps(json.loads(line) | {"timestamp": stamp}, separators=(",", ":")) for line in log.lines]
    fork.total, fork.context = dict(log.total), log.context
    own = "019fa150-1111-7000-8000-000000000001"
    fork.turn("gpt-5.6-terra", "Slowly: the copied settings are not mine.", turn_id=own)
    fork.counts(fork.records(own))
    settings(fork, fork.session, model="gpt-5.6-terra", service_tier="priority")
    fork.counts(fork.records(own))
    fork.write()

    counted = Codex("2026-06-20", "09:00:00", "019ea149-0000-7c41-ae1f-a37beed9ab03", 73, place, cli_version="0.146.0")
    settings(counted, None, model="gpt-5.5", service_tier="priority")
    counted.turn("gpt-5.5", "Counters only.", turn_id="019ea150-0000-7000-8000-000000000001")
    counted.works(3)
    counted.turn("gpt-5.1-codex", "Another model.", turn_id="019ea150-0000-7000-8000-000000000002")
    counted.works(2)
    counted.write()
    archived = HERE / "codex-served/archived_sessions" / counted.path.name
    archived.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(counted.path, archived)
    shutil.rmtree(HERE / "codex-served/sessions/2026/06")


SERVED_SETS = (claude_served, codex_served)
