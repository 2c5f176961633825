"""Claude Code's logs: which lines are calls, and of which agent, project and task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import SAMPLES, copy_with_line_times, merge_calls, numbered, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.claude import ClaudeReader, SharedContext
from llm_service.calls.sessions.session_facts import TaskPaths, project_folder
from llm_service.tasks.model import LANES

PATHS = TaskPaths(LANES)
SESSION = "6b1f0c52-7d3e-4a55-9f10-2c8e5a7d9b01"
MAIN = f"-home-ada-quayside/{SESSION}.jsonl"
SUB = f"-home-ada-quayside/{SESSION}/subagents/agent-a1f3c90.jsonl"
TASK = "/home/ada/quayside/work/collaboration/assigned/backend/2026-11-18T0845-backend-ical-feed.yaml"


def reader(path: str = MAIN, shared: SharedContext | None = None, **options: Any) -> ClaudeReader:
    return ClaudeReader(path, shared or SharedContext(), PATHS, now_ms=lambda: 1_795_500_000_000, **options)


def line(kind: str = "assistant", **fields: Any) -> dict[str, Any]:
    return {
        "parentUuid": "p", "isSidechain": False, "cwd": "/home/ada/quayside", "sessionId": SESSION, "type": kind,
        "uuid": "u", "timestamp": "2026-11-18T09:00:00.000Z",
    } | fields  # fmt: skip


def answer(message_id: str = "msg_01WGPsWCBA2UxpWebWbEEWpf", output: int = 50, **fields: Any) -> dict[str, Any]:
    usage = {
        "input_tokens": 4, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 300, "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    }  # fmt: skip
    message = {"model": "claude-opus-4-5-20251101", "id": message_id, "content": [], "usage": usage}
    message |= fields.pop("message", {})
    return line(message=message, requestId="req_1") | fields


def typed(text: str, **fields: Any) -> dict[str, Any]:
    return line("user", message={"role": "user", "content": text}, **fields)


def uses(name: str, **given: Any) -> dict[str, Any]:
    return {"content": [{"type": "tool_use", "id": "toolu_1", "name": name, "input": given}]}


def read(*lines: Any, path: str = MAIN, shared: SharedContext | None = None, **options: Any) -> list[Call]:
    made = reader(path, shared, **options)
    calls = made.read(numbered(lines))
    assert made.refused == []
    return calls


def test_input_tokens_include_cache_reads_and_writes() -> None:
    (call,) = read(answer())
    assert (call.prompt_tokens, call.cache_read_tokens, call.cache_write_tokens) == (1304, 1000, 300)
    assert (call.cache_write_1h_tokens, call.completion_tokens) == (200, 50)
    assert (call.provider, call.model_name, call.session_id) == ("anthropic", "claude-opus-4-5-20251101", SESSION)


def test_cache_writes_without_a_total_are_the_sum_of_their_lifetimes() -> None:
    usage = {"input_tokens": 1, "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 5}}
    (call,) = read(answer(message={"usage": usage}))
    assert (call.prompt_tokens, call.cache_write_tokens, call.cache_write_1h_tokens) == (9, 8, 5)


def test_the_lines_of_one_response_are_one_call_with_the_largest_output() -> None:
    calls = read(answer(output=1), answer(output=1), answer(output=890), answer(output=890))
    (call,) = merge_calls(calls).values()
    assert call.completion_tokens == 890


def test_a_copy_with_another_request_id_is_the_same_call() -> None:
    one, other = read(answer(), answer(requestId="req_2"))
    assert one.invocation_id == other.invocation_id


def test_short_ids_of_a_gateway_are_distinguished_by_request_and_session() -> None:
    calls = read(answer("7"), answer("7", requestId="req_2"), answer("7"))
    assert len(merge_calls(calls)) == 2
    one, other = answer("7", sessionId="s1"), answer("7", sessionId="s2")
    del one["requestId"], other["requestId"]
    assert len(merge_calls(read(one, other))) == 2


def test_a_synthetic_response_is_no_call_but_an_api_error_is_a_failed_one() -> None:
    synthetic = {"model": "<synthetic>", "usage": {"input_tokens": 0, "output_tokens": 0}}
    said = {"content": [{"type": "text", "text": "API Error: 529 overloaded"}]}
    late = {"content": [{"type": "text", "text": "API Error: Request timed out."}]}
    calls = read(
        answer("a" * 36, message=synthetic | {"content": [{"type": "text", "text": "No response requested."}]}),
        answer("b" * 36, message=synthetic | said, isApiErrorMessage=True),
        answer("c" * 36, message=synthetic | late, isApiErrorMessage=True),
    )
    assert [(call.status, call.model_name, call.cost_nanos) for call in calls] == [
        ("error", None, 0),
        ("timeout", None, 0),
    ]
    assert calls[0].error_message == "API Error: 529 overloaded"


def test_progress_lines_about_a_sub_agent_are_not_counted_again() -> None:
    assert read(line("progress", data={"type": "agent_progress", "message": answer()})) == []


def test_a_cost_and_a_duration_are_read_only_from_logs_that_have_them() -> None:
    old, new = read(answer(costUSD=0.0123, durationMs=4321.4), answer("msg_01" + "x" * 22, costUSD=0))
    assert (old.cost_nanos, old.latency_ms) == (12_300_000, 4321)
    assert (new.cost_nanos, new.latency_ms) == (None, None)


def test_an_advisor_asked_within_a_response_is_a_separate_call() -> None:
    advice = {"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 30, "output_tokens": 4}
    usage = {"input_tokens": 1, "output_tokens": 2, "iterations": [{"type": "message", "input_tokens": 1}, advice]}
    main, advisor = read(answer(message={"usage": usage}))
    assert (main.prompt_tokens, advisor.prompt_tokens, advisor.model_name) == (1, 30, "claude-haiku-4-5")
    assert advisor.invocation_id == f"{main.invocation_id}:advisor:1"
    # An exporter reports only the response itself.
    assert (main.duplicate_id, advisor.duplicate_id) == ("claude-otel:req_1", None)


def test_how_fast_an_advisor_was_served_is_not_confirmed() -> None:
    advice = {"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 30, "output_tokens": 4}
    found = {}
    for more in ({"speed": "fast"}, {"service_tier": "batch", "inference_geo": "us"}):
        usage = {"input_tokens": 1, "output_tokens": 2, "iterations": [advice]} | more
        main, advisor = read(answer(message={"usage": usage}))
        found[main.service_tier] = (advisor.service_tier, advisor.inference_geo, advisor.unconfirmed)
    assert found == {"fast": (None, None, True), "batch": ("batch", "us", False)}


@pytest.mark.parametrize(
    ("more", "tier", "geo"),
    [
        ({}, None, None),
        ({"service_tier": "standard", "speed": "standard", "inference_geo": "global"}, None, None),
        ({"service_tier": "standard", "speed": "fast", "inference_geo": "not_available"}, "fast", None),
        ({"service_tier": "batch", "inference_geo": "us"}, "batch", "us"),
        ({"service_tier": "priority", "speed": None, "inference_geo": ""}, "priority", None),
    ],
)
def test_a_response_says_how_it_was_served(more: dict[str, Any], tier: str | None, geo: str | None) -> None:
    (call,) = read(answer(message={"usage": {"input_tokens": 1, "output_tokens": 2} | more}))
    assert (call.service_tier, call.inference_geo, call.unconfirmed) == (tier, geo, False)


def test_a_compaction_within_a_response_is_a_separate_call_of_the_same_model() -> None:
    """The numbers are the manual's: the usage of the response leaves the 180,000 tokens of the compaction out."""
    iterations = [
        {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
        {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
    ]
    usage = {"input_tokens": 23_000, "output_tokens": 1_000, "speed": "fast", "iterations": iterations}
    main, compaction = read(answer(message={"usage": usage | {"server_tool_use": {"web_search_requests": 2}}}))
    assert (main.prompt_tokens, main.completion_tokens, main.web_searches) == (23_000, 1_000, 2)
    assert (compaction.prompt_tokens, compaction.completion_tokens, compaction.web_searches) == (180_000, 3_500, 0)
    assert (compaction.model_name, compaction.provider) == (main.model_name, "anthropic")
    assert (compaction.service_tier, compaction.tool_name) == ("fast", "compaction")
    assert compaction.invocation_id == f"{main.invocation_id}:compaction:0"


def searched(count: int, tool_use: str = "toolu_01Search", **fields: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": tool_use, "content": "Web search results for query ..."}
    result = {"query": "tides", "results": [], "durationSeconds": 4.2, "searchCount": count}
    return line("user", message={"role": "user", "content": [block]}, toolUseResult=result, **fields)


def test_the_searches_of_the_tool_are_a_call_of_the_model_that_asked() -> None:
    main, search = read(answer(message=uses("WebSearch", query="tides")), searched(3))
    assert (search.invocation_id, search.web_searches) == ("claude:search:toolu_01Search", 3)
    assert (search.model_name, search.provider, search.tool_name) == (main.model_name, "anthropic", "WebSearch")
    assert (search.prompt_tokens, search.completion_tokens, search.session_id) == (0, 0, SESSION)


def test_a_search_copied_into_a_resumed_session_counts_once() -> None:
    calls = read(searched(1), searched(1, uuid="other"), searched(1, "toolu_01Next"), searched(0, "toolu_01None"))
    assert len(merge_calls(calls)) == 2


def test_a_result_that_quotes_a_search_is_none() -> None:
    quoted = line("user", message={"content": []}, toolUseResult={"stdout": json.dumps({"searchCount": 9})})
    other = line("user", message={"content": []}, toolUseResult={"query": "tides", "searchCount": 9})
    listed = line("user", message={"content": []}, toolUseResult=["searchCount"])
    assert read(answer(), quoted, other, listed)[1:] == []


@pytest.mark.parametrize(
    ("message_id", "model", "provider"),
    [
        ("msg_bdrk_0123456789abcdef01234567", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws"),
        ("msg_vrtx_0123456789abcdef01234567", "claude-sonnet-4-5@20250929", "google"),
        ("chatcmpl-0123456789abcdef01234567", "glm-4.6", None),
    ],
)
def test_the_provider_follows_from_the_message_id(message_id: str, model: str, provider: str | None) -> None:
    (call,) = read(answer(message_id, message={"model": model}))
    assert call.provider == provider


# Agents.


def test_the_main_agent_has_the_name_in_the_session() -> None:
    assert [call.agent_name for call in read(answer())] == ["claude-code"]
    setting = line("agent-setting", agentSetting="reviewer")
    assert [call.agent_name for call in read(setting, answer())] == ["reviewer"]
    assert [call.agent_name for call in read(answer(agentName="teammate"))] == ["teammate"]


def test_a_sub_agent_has_the_type_in_its_description_file() -> None:
    asked: list[str] = []

    def describe(path: str) -> dict[str, str]:
        asked.append(path)
        return {"agentType": "Explore"}

    calls = read(answer(), answer("msg_01" + "y" * 22), path=SUB, shared=SharedContext(describe))
    assert [call.agent_name for call in calls] == ["Explore", "Explore"]
    assert asked == [SUB.replace(".jsonl", ".meta.json")]


def test_a_sub_agent_without_a_description_is_identified_by_its_prompt() -> None:
    shared = SharedContext()
    read(answer(message=uses("Task", prompt="Find states.", subagent_type="Explore")), shared=shared)
    (call,) = read(typed("Find states."), answer("msg_01" + "y" * 22), path=SUB, shared=shared)
    assert call.agent_name == "Explore"
    (other,) = read(typed("Something else."), answer("msg_01" + "z" * 22, agentId="a1f3c90"), path=SUB, shared=shared)
    assert other.agent_name == "a1f3c90"


def test_a_sub_agent_that_writes_into_its_sessions_log_is_identified_by_its_prompt() -> None:
    inner = {"isSidechain": True}
    calls = read(
        answer(message=uses("Task", prompt="Columns?", subagent_type="reader"), uuid="1"),
        typed("Columns?", **inner, parentUuid=None, uuid="2"),
        answer("msg_01" + "y" * 22, **inner, parentUuid="2", uuid="3"),
        line("user", message={"content": [{"type": "tool_result", "content": "x"}]}, **inner, parentUuid="3", uuid="4"),
        answer("msg_01" + "z" * 22, **inner, parentUuid="4", uuid="5"),
        answer("msg_01" + "w" * 22, parentUuid="1", uuid="6"),
    )
    assert [call.agent_name for call in calls] == ["claude-code", "reader", "reader", "claude-code"]


# Projects.


@pytest.mark.parametrize(
    ("cwd", "names", "project"),
    [
        ("/home/ada/quayside", (), "/home/ada/quayside"),
        ("/home/ada/quayside/.claude/worktrees/fix-1/src", (), "/home/ada/quayside"),
        ("/home/ada/quayside/src/board", ("-home-ada-quayside",), "/home/ada/quayside"),
        ("/home/ada/other", ("-home-ada-quayside",), "/home/ada/other"),
        ("C:\\Users\\ada\\quayside\\src", ("C--Users-ada-quayside",), "C:/Users/ada/quayside"),
        ("/", (), ""),
    ],
)
def test_the_project_is_the_folder_in_which_the_session_started(cwd: str, names: tuple[str, ...], project: str) -> None:
    assert project_folder(cwd, names) == project


def test_a_session_that_changes_its_folder_keeps_its_project() -> None:
    calls = read(answer(), answer("msg_01" + "y" * 22, cwd="/home/ada/quayside/src"))
    assert [call.project for call in calls] == ["quayside", "quayside"]


def test_with_workspace_scope_other_sessions_do_not_count() -> None:
    calls = [answer(), answer("msg_01" + "y" * 22)]
    assert len(read(*calls, workspaces=["/home/ada/quayside"])) == 2
    assert read(*calls, workspaces=["/home/ada/quay"]) == []
    assert read(answer(cwd=None), workspaces=["/home/ada/quayside"]) == []


# Tasks.


def tasks(*lines: Any, **options: Any) -> list[str | None]:
    return [call.task_id for call in read(*lines, **options)]


FEED = "2026-11-18T0845-backend-ical-feed"


def test_a_task_file_named_by_the_user_is_the_task_from_then_on() -> None:
    assert tasks(answer(), typed(f"Do {TASK}, please."), answer("msg_01" + "y" * 22)) == [None, FEED]


def test_a_task_file_in_a_tool_input_is_the_task_from_the_next_call_on() -> None:
    assert tasks(answer(message=uses("Bash", command=f"cat {TASK}")), answer("msg_01" + "y" * 22)) == [None, FEED]


def test_the_last_of_several_named_tasks_counts() -> None:
    moved = "mv work/collaboration/inbox/2026-11-19T1545-winter-rates.yaml work/collaboration/assigned/backend/"
    assert tasks(typed(f"First {TASK}, then: {moved}"), answer()) == ["2026-11-19T1545-winter-rates"]


@pytest.mark.parametrize(
    "named",
    [
        "assigned/backend/x.yaml", "./inbox/x.yml", "C:\\work\\inbox\\x.yaml", "(done/ada/x.yaml)", "'inbox/x.yaml'",
        "…/work/collaboration/done/ada/deep/er/x.yaml:12",
    ],
)  # fmt: skip
def test_a_task_is_named_by_any_path_into_a_lane(named: str) -> None:
    assert tasks(typed(f"see {named} now"), answer()) == ["x"]


@pytest.mark.parametrize(
    "named",
    ["x.yaml", "inbox/*.yaml", "myinbox/x.yaml", "inbox/x.yaml.bak-1"[:-6] + "-old/", "docs/x.yaml", "inbox/x.toml"],
)
def test_other_paths_name_no_task(named: str) -> None:
    assert tasks(typed(f"see {named} now"), answer()) == [None]


def test_a_tool_result_names_no_task() -> None:
    result = line(
        "user", message={"content": [{"type": "tool_result", "content": TASK}]}, toolUseResult={"stdout": TASK}
    )
    assert tasks(result, answer()) == [None]


def test_text_inserted_by_the_program_names_no_task() -> None:
    assert tasks(typed(TASK, isMeta=True), answer()) == [None]


def test_a_sub_agent_works_on_its_own_task_or_on_that_of_its_session_at_the_time() -> None:
    shared = SharedContext()
    read(
        typed("Do inbox/one.yaml", timestamp="2026-11-18T09:00:00Z"),
        typed("Do inbox/two.yaml", timestamp="2026-11-18T11:00:00Z"),
        shared=shared,
    )
    early, late = answer(timestamp="2026-11-18T10:00:00Z"), answer(timestamp="2026-11-18T12:00:00Z")
    assert tasks(early, path=SUB, shared=shared) == ["one"]
    assert tasks(late, path=SUB, shared=shared) == ["two"]
    assert tasks(answer(timestamp="2026-11-18T08:00:00Z"), path=SUB, shared=shared) == [None]
    assert tasks(typed("Look at inbox/three.yaml"), early, path=SUB, shared=shared) == ["three"]


# Bad lines.


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b'{"type":"assistant","message":{"usage":{"inp', "not a whole JSON object"),
        (b"\x00\x01garbage", "not a whole JSON object"),
        (b'{"type":"assistant","usage":1}', "unknown structure"),
        (json.dumps(answer(message={"usage": {"input_tokens": "many"}})).encode(), "has to be a whole number"),
        (json.dumps(answer(message={"usage": {"input_tokens": -3}})).encode(), "negative"),
        (json.dumps(answer(timestamp=None)).encode(), "timestamp"),
        (json.dumps(answer(message={"id": None}, requestId=None, uuid=None)).encode(), "neither a message id"),
        (b'{"usage":' + b"[" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_and_the_others_count(bad: bytes, said: str) -> None:
    made = reader()
    calls = made.read(numbered([answer(), bad, answer("msg_01" + "y" * 22)]))
    assert len(calls) == 2
    ((number, reason),) = made.refused
    assert number == 2
    assert said in reason


def test_a_lone_surrogate_in_a_line_does_not_lose_its_usage() -> None:
    (call,) = read(answer(message={"content": [{"type": "text", "text": "cut \ud83d"}], "model": "m\udc00"}))
    assert call.model_name == "m?"


# The state.


def lines_of(path: Path) -> list[bytes]:
    return [each.strip() for each in path.read_bytes().split(b"\n")[:-1] if each.strip()]


SAMPLE_LOGS = [path for path in sorted(SAMPLES.glob("claude-*/**/*.jsonl")) if not path.name.startswith("agent-")]


@given(data=st.data())
def test_a_session_read_in_any_parts_with_restarts_has_the_same_calls(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SAMPLE_LOGS))
    lines = numbered(lines_of(path))
    relative = "/".join(path.parts[-2:])
    whole = reader(relative)
    expected = merge_calls(whole.read(lines))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(lines)), max_size=8)))
    calls: list[Call] = []
    refused: list[tuple[int, str]] = []
    state: Any = None
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        made = reader(relative, SharedContext(), state=state)  # only the state is passed on
        calls += made.read(lines[start:end])
        refused += made.refused
        state = json.loads(json.dumps(made.state()))
    assert merge_calls(calls) == expected
    assert refused == whole.refused
    assert state == whole.state()


def test_the_state_of_a_long_session_stays_small() -> None:
    made = reader()
    for number in range(3000):
        given = uses("Task", prompt=f"p{number}", subagent_type="t", path=f"inbox/{number}.yaml")
        made.read(numbered([answer("msg_" + f"{number:024}", message=given, uuid=f"u{number}")]))
    assert len(json.dumps(made.state())) < 5_000


def test_the_sample_sets_are_attributed_to_agents_and_tasks(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        for name in ("claude-streamed", "claude-resumed", "claude-2025"):
            store.read("claude", copy_with_line_times(SAMPLES / name, tmp_path / "logs"))
        calls = store.calls()
    of = {name: [call for call in calls if call["agent_name"] == name] for name in {c["agent_name"] for c in calls}}
    assert set(of) == {
        "claude-code", "Explore", "contrast-reviewer", "aside_question-9c1", "backend", "general-purpose",
    }  # fmt: skip
    board = "2026-11-17T1330-frontend-harbourmaster-board"
    assert {call["task_id"] for call in of["Explore"] + of["contrast-reviewer"]} == {board}
    assert {call["project"] for call in calls} == {"quayside"}
    # The resumed session and its fork contain copies of the first one's calls, which stay with the first.
    sessions = {call["session_id"] for call in of["backend"]}
    assert len(sessions) == 3
    assert {call["task_id"] for call in of["backend"]} == {FEED, "2026-11-19T1545-winter-rates"}
