"""Codex' logs: counters and records, copies of other logs, agents and tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import SAMPLES, merge_calls, numbered, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.codex import CodexReader
from llm_service.calls.sessions.session_facts import TaskPaths, TaskSwitches
from llm_service.tasks.model import LANES

PATHS = TaskPaths(LANES)
ME, PARENT = "019a9775-ef93-7c41-ae1f-a37beed9aa01", "019a9000-0000-7c41-ae1f-a37beed9aa00"
TURN = "019a9776-0a34-7842-8627-112b63d66e90"


def reader(switches: TaskSwitches | None = None, **options: Any) -> CodexReader:
    return CodexReader(switches or TaskSwitches(), PATHS, now_ms=lambda: 1_795_500_000_000, **options)


def read(*lines: Any, **options: Any) -> list[Call]:
    made = reader(**options)
    calls = made.read(numbered(lines))
    assert made.refused == []
    return calls


def item(kind: str, at: str = "2026-11-18T09:00:00.000Z", **payload: Any) -> dict[str, Any]:
    return {"timestamp": at, "type": kind, "payload": payload}


def head(session: str = ME, **more: Any) -> dict[str, Any]:
    meta = {"cwd": "/home/ada/quayside", "source": "cli", "model_provider": "openai"} | more
    return item("session_meta", id=session, **meta)


def turn(model: str | None = "gpt-5.2-codex", **more: Any) -> dict[str, Any]:
    return item("turn_context", cwd="/home/ada/quayside", **({"model": model} if model else {}), **more)


def usage(prompt: int, output: int, cached: int = 0, written: int = 0) -> dict[str, int]:
    return {
        "input_tokens": prompt, "cached_input_tokens": cached, "cache_write_input_tokens": written,
        "output_tokens": output, "reasoning_output_tokens": output // 2, "total_tokens": prompt + output,
    }  # fmt: skip


def counter(total: dict[str, int] | None, last: dict[str, int] | None, **more: Any) -> dict[str, Any]:
    info = {"total_token_usage": total, "last_token_usage": last}
    return item("event_msg", type="token_count", info=info, **more)


def record(response: str, used: dict[str, int], **more: Any) -> dict[str, Any]:
    return item("token_usage_record", response_id=response, thread_id=ME, usage=used, **more)


def user_message(text: str) -> dict[str, Any]:
    return item("event_msg", type="user_message", message=text)


def prompts(calls: list[Call]) -> list[int]:
    return [call.prompt_tokens for call in merge_calls(calls).values()]


# Tiers.


def settings(tier: object = ..., thread: str | None = ME, **more: Any) -> dict[str, Any]:
    chosen = more if tier is ... else {"service_tier": tier} | more
    origin = {} if thread is None else {"thread_id": thread}
    return item("event_msg", type="thread_settings_applied", thread_settings=chosen, **origin)


def tiers(*lines: Any) -> list[tuple[str | None, bool]]:
    return [(call.service_tier, call.unconfirmed) for call in read(head(), turn(), *lines)]


def requests(*numbers: int) -> list[dict[str, Any]]:
    return [record(f"resp_{number:032}", usage(1000 + number, 10)) for number in numbers]


def test_the_tier_in_the_settings_is_that_of_the_next_requests_and_not_confirmed() -> None:
    one, two, three, four = requests(1, 2, 3, 4)
    found = tiers(one, settings("priority"), two, turn(), three, settings("default"), four)
    assert found == [(None, False), ("priority", True), ("priority", True), (None, False)]


@pytest.mark.parametrize(
    ("tier", "found"),
    [("fast", "priority"), ("Priority", "priority"), ("flex", "flex"), ("standard", None), (None, None), (7, None)],
)
def test_both_names_of_the_fast_tier_are_one(tier: object, found: str | None) -> None:
    assert tiers(settings("ultrafast"), settings(tier), *requests(1)) == [(found, found is not None)]


def test_settings_without_a_tier_keep_it() -> None:
    assert tiers(settings("flex"), settings(model="gpt-5.6-sol"), *requests(1)) == [("flex", True)]


def test_settings_in_the_copied_part_of_a_fork_are_not_its_own() -> None:
    assert tiers(settings("priority", PARENT), *requests(1), settings("priority", None), *requests(2)) == [
        (None, False),
        ("priority", True),
    ]


def test_settings_name_the_model_until_a_turn_does() -> None:
    calls = read(head(), settings(model="gpt-5.6-sol"), *requests(1), turn("gpt-6.1-sol"), *requests(2))
    assert [call.model_name for call in calls] == ["gpt-5.6-sol", "gpt-6.1-sol"]


# Counters.


def test_a_counter_is_a_call_with_reads_and_writes_included_in_its_input() -> None:
    used = usage(1000, 50, cached=600, written=100)
    (call,) = read(head(), turn(), counter(used, used))
    assert (call.prompt_tokens, call.completion_tokens) == (1000, 50)
    assert (call.cache_read_tokens, call.cache_write_tokens) == (600, 100)
    assert (call.agent_name, call.model_name, call.provider) == ("codex", "gpt-5.2-codex", "openai")
    assert (call.session_id, call.project, call.latency_ms) == (ME, "quayside", None)


def test_a_repeated_counter_is_no_call() -> None:
    used = usage(1000, 50)
    assert prompts(read(head(), turn(), counter(used, used), counter(used, used), counter(used, usage(7, 7)))) == [1000]


def test_rate_limits_and_estimates_are_no_calls() -> None:
    nothing = item("event_msg", type="token_count", info=None, rate_limits={})
    estimate = usage(0, 0) | {"total_tokens": 13_989}
    assert read(head(), turn(), nothing, counter(usage(5, 5), estimate)) == []


def test_a_total_that_falls_at_compaction_counts_only_the_last_request() -> None:
    lines = [counter(usage(300_000, 90), usage(100_000, 30)), counter(usage(250_000, 60), usage(10_000, 20))]
    assert prompts(read(head(), turn(), *lines)) == [100_000, 10_000]


def test_totals_without_the_last_usage_count_their_differences() -> None:
    lines = [counter(usage(100, 10), None), counter(usage(250, 30), None), counter(usage(40, 4), None)]
    assert prompts(read(head(), turn(), *lines)) == [100, 150, 40]


def test_a_fork_without_the_usage_of_its_first_call_counts_from_the_next() -> None:
    lines = [counter(usage(9_000, 10), None), counter(usage(9_100, 30), None)]
    assert prompts(read(head(forked_from_id=PARENT), turn(), *lines)) == [100]


def test_the_model_is_that_of_the_turn_or_unknown() -> None:
    first, second = counter(usage(10, 1), usage(10, 1)), counter(usage(30, 2), usage(20, 1))
    assert [call.model_name for call in read(head(), first, turn("gpt-5.5"), second)] == [None, "gpt-5.5"]


# Copies.


def test_a_call_copied_by_a_fork_with_another_time_is_the_same_call() -> None:
    one, two, own = usage(10, 1), usage(30, 3), usage(60, 9)
    parent = [head(PARENT), turn(), counter(one, one), counter(two, usage(20, 2))]
    copied = [line | {"timestamp": "2026-11-18T15:00:00.000Z"} for line in parent]
    calls = read(*parent) + read(head(forked_from_id=PARENT), *copied, turn(), counter(own, usage(30, 6)))
    assert prompts(calls) == [10, 20, 30]


def test_copies_in_a_fork_of_a_fork_have_the_ids_of_the_originals() -> None:
    first = [head(PARENT), turn(), counter(usage(10, 1), usage(10, 1))]
    second = [head("B", forked_from_id=PARENT), *first, head("B"), turn(), counter(usage(30, 3), usage(20, 2))]
    third = [head("C", forked_from_id="B"), *second, head("C"), turn(), counter(usage(60, 6), usage(30, 3))]
    assert prompts(read(*first) + read(*second) + read(*third)) == [10, 20, 30]


def test_equal_usage_in_two_sessions_is_two_calls() -> None:
    used = usage(5023, 12, cached=4992)
    assert (
        len(merge_calls(read(head(), turn(), counter(used, used)) + read(head("other"), turn(), counter(used, used))))
        == 2
    )


def test_equal_usage_of_two_sub_agents_in_different_turns_is_two_calls() -> None:
    used = usage(5023, 12)
    calls = []
    for number in "12":
        calls += read(
            head(number, forked_from_id=PARENT), head(PARENT), turn(turn_id=TURN + number), counter(used, used)
        )
    assert len(merge_calls(calls)) == 2


# Records.


def test_a_record_and_its_counter_are_one_call() -> None:
    one, two = usage(100, 10), usage(200, 20)
    lines = [record("r1", one), counter(one, one), record("r2", two), counter(usage(300, 30), two)]
    calls = read(head(), turn(turn_id=TURN), *lines)
    assert [call.invocation_id for call in calls] == ["codex:r1", "codex:r2"]


def test_a_record_after_its_counter_is_the_same_call() -> None:
    one = usage(100, 10)
    assert prompts(read(head(), turn(), counter(one, one), record("r1", one))) == [100]


def test_counters_without_a_record_count_in_addition_to_records() -> None:
    one, two = usage(100, 10), usage(200, 20)
    assert prompts(read(head(), turn(), record("r1", one), counter(one, one), counter(usage(300, 30), two))) == [
        100,
        200,
    ]


def test_the_record_repeated_by_a_compaction_counts_once() -> None:
    usage_record = record("r1", usage(100, 10))
    compacted = item("compacted", message="", latest_token_usage_record=usage_record["payload"])
    assert prompts(read(head(), turn(), usage_record, compacted)) == [100]
    assert prompts(read(head(), turn(), compacted)) == [100]


def test_a_record_has_the_model_of_its_own_turn() -> None:
    lines = [turn("gpt-5.5", turn_id="a"), turn("gpt-5.6-sol", turn_id="b"), record("r", usage(1, 1), turn_id="a")]
    assert [call.model_name for call in read(head(), *lines)] == ["gpt-5.5"]


# Agents and tasks.


@pytest.mark.parametrize(
    ("meta", "name"),
    [
        ({"source": "exec"}, "codex"),
        ({"source": {"subagent": "review"}}, "review"),
        ({"source": {"subagent": {"other": "guardian"}}}, "guardian"),
        ({"source": {"subagent": {"thread_spawn": {"agent_role": "explorer", "agent_nickname": "Heron"}}}}, "explorer"),
        ({"source": {"subagent": {"thread_spawn": {"agent_role": "default", "agent_nickname": "Heron"}}}}, "Heron"),
        ({"source": {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}}, ME),
        ({"source": "vscode", "thread_source": "subagent", "agent_nickname": "Tern"}, "Tern"),
    ],
)
def test_a_sub_agent_has_its_own_name(meta: dict[str, Any], name: str) -> None:
    header = head()
    header["payload"] |= meta
    (call,) = read(header, turn(), counter(usage(1, 1), usage(1, 1)))
    assert call.agent_name == name


def shell(command: str) -> dict[str, Any]:
    return item(
        "response_item", type="function_call", name="shell", arguments=json.dumps({"command": ["cat", command]})
    )


def user_item(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return item("response_item", type="message", role="user", content=content)


@pytest.mark.parametrize(
    ("line", "task"),
    [
        (user_message("Do work/collaboration/inbox/one.yaml"), "one"),
        (user_item("Do work/collaboration/inbox/one.yaml"), "one"),
        (user_item("# AGENTS.md instructions\n\nSee inbox/one.yaml"), None),
        (user_item("<environment_context>inbox/one.yaml</environment_context>"), None),
        (shell("assigned/ada/one.yaml"), "one"),
        (
            item("response_item", type="custom_tool_call", name="apply_patch", input="*** Update File: done/one.yml"),
            "one",
        ),
        (item("response_item", type="function_call_output", output="inbox/one.yaml"), None),
        (item("response_item", type="message", role="assistant", content=[{"text": "inbox/one.yaml"}]), None),
        (item("event_msg", type="agent_message", message="inbox/one.yaml"), None),
    ],
)
def test_a_task_is_named_by_typed_text_or_a_tool_input(line: dict[str, Any], task: str | None) -> None:
    (call,) = read(head(), turn(), line, counter(usage(1, 1), usage(1, 1)))
    assert call.task_id == task


def test_a_sub_agent_works_on_the_task_of_the_session_that_started_it() -> None:
    switches = TaskSwitches()
    read(head(PARENT), user_message("Do inbox/one.yaml"), switches=switches)
    spawned = head(source={"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}})
    (call,) = read(spawned, turn(), counter(usage(1, 1), usage(1, 1)), switches=switches)
    assert call.task_id == "one"


def test_with_workspace_scope_other_sessions_do_not_count() -> None:
    lines = [head(), turn(), counter(usage(1, 1), usage(1, 1))]
    assert len(read(*lines, workspaces=["/home/ada"])) == 1
    assert read(*lines, workspaces=["/home/bob"]) == []


# Bad lines.


@pytest.mark.parametrize(
    ("bad", "reason_part"),
    [
        (b'{"timestamp":"2026-11-18T09:00:00.000Z","type":"event_msg","payload":{"type":"token_c', "whole JSON object"),
        (json.dumps(counter(None, {"input_tokens": "many"})).encode(), "has to be a whole number"),
        (json.dumps(counter(usage(7, 1), usage(5, 1, cached=9))).encode(), "cached tokens"),
        (json.dumps(counter(usage(-7, 1), usage(-5, 1))).encode(), "negative"),
        (json.dumps(record("", usage(1, 1))).encode(), "has no response id"),
        (json.dumps(item("token_usage_record", response_id="r")).encode(), "unknown structure"),
        (json.dumps(item("token_usage_record", response_id="r", usage=7)).encode(), "not an object"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_and_the_others_count(bad: bytes, reason_part: str) -> None:
    made = reader()
    one, two = counter(usage(100, 1), usage(100, 1)), counter(usage(300, 2), usage(200, 1))
    calls = made.read(numbered([head(), one, bad, two]))
    assert prompts(calls) == [100, 200]
    ((number, reason),) = made.refused
    assert number == 3
    assert reason_part in reason


# The state.

LOGS = sorted(SAMPLES.glob("codex-*/**/*.jsonl"))


@given(data=st.data())
def test_a_session_read_in_any_parts_with_restarts_has_the_same_calls(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(LOGS))
    lines = numbered([each for each in path.read_bytes().split(b"\n")[:-1] if each])
    whole = reader()
    expected = whole.read(lines)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(lines)), max_size=8)))
    calls: list[Call] = []
    refused: list[tuple[int, str]] = []
    state: Any = None
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        made = reader(state=state)
        calls += made.read(lines[start:end])
        refused += made.refused
        state = json.loads(json.dumps(made.state()))
    assert calls == expected
    assert refused == whole.refused


def test_the_sample_sets_are_attributed_to_agents_and_tasks(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        store.read("codex", SAMPLES / "codex-counters")
        store.read("codex", SAMPLES / "codex-records")
        calls = store.calls()
    certificates = "2026-11-20T0810-devops-certificate-renewal"
    assert {call["task_id"] for call in calls if call["agent_name"] == "explorer"} == {certificates}
    assert {call["agent_name"] for call in calls} == {"codex", "explorer"}
    old = [call for call in calls if call["timestamp"].startswith("2025")]
    assert [(call["model_name"], call["cost_usd"]) for call in old] == [(None, None)] * 2
    assert {call["project"] for call in calls} == {"quayside"}
