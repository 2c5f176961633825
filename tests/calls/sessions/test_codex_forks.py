"""Forks of Codex sessions without turn ids: each call once, at any depth, in any order of restarts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import merge_calls, numbered, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.codex import CodexReader
from llm_service.calls.sessions.codex_forks import SharedCounters
from llm_service.calls.sessions.session_facts import TaskPaths, TaskSwitches
from llm_service.tasks.model import LANES

PATHS = TaskPaths(LANES)
START = datetime(2026, 11, 20, 10, tzinfo=UTC)


class Rollout:
    """A session's log, and what Codex writes into it."""

    def __init__(
        self, number: int, at_s: float, parent: Rollout | None = None, new_times: bool = True, header: bool = False
    ):
        self.id = f"019fa149-0000-7000-8000-{number:012}"
        self.at_s = at_s
        self.total = dict(parent.total) if parent else {"input_tokens": 0, "output_tokens": 0}
        self.own: list[tuple[str, int]] = []
        meta = {"id": self.id, "cwd": "/home/ada/quayside", "source": "cli"}
        self.lines = [self.line("session_meta", meta | ({"forked_from_id": parent.id} if parent else {}))]
        for line in parent.lines[0 if header else 1 :] if parent else ():
            self.lines.append(line | {"timestamp": self.lines[0]["timestamp"]} if new_times else line)

    def line(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        at = (START + timedelta(seconds=self.at_s)).isoformat(timespec="milliseconds")
        return {"timestamp": at.replace("+00:00", "Z"), "type": kind, "payload": payload}

    def turn(self, prompt: int) -> None:
        """A turn of one call."""
        self.at_s += 5
        self.lines.append(self.line("turn_context", {"cwd": "/home/ada/quayside", "model": "gpt-5"}))
        self.at_s += 3
        last = {"input_tokens": prompt, "output_tokens": 7}
        self.total = {name: count + last[name] for name, count in self.total.items()}
        info = {"total_token_usage": dict(self.total), "last_token_usage": last}
        self.lines.append(self.line("event_msg", {"type": "token_count", "info": info}))
        self.own.append((self.id, prompt))


def read(*rollouts: Rollout, shared: SharedCounters | None = None) -> list[Call]:
    """All logs in the order in which they began, as one folder."""
    counters, tasks, calls = shared or SharedCounters(), TaskSwitches(), []
    for rollout in rollouts:
        reader = CodexReader(tasks, PATHS, now_ms=lambda: 1_795_500_000_000, counters=counters)
        calls += reader.read(numbered(rollout.lines))
        assert reader.refused == []
    return calls


def counted(calls: list[Call]) -> list[tuple[str | None, int]]:
    return sorted((call.session_id, call.prompt_tokens) for call in merge_calls(calls).values())


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("new_times", [False, True])
def test_siblings_and_a_parent_that_go_on_with_equal_numbers_are_apart(header: bool, new_times: bool) -> None:
    root = Rollout(1, 0)
    root.turn(100)
    root.turn(110)
    forks = [Rollout(2, 100, root, new_times, header), Rollout(3, 200, root, new_times, header)]
    forks.append(Rollout(4, 300, forks[0], new_times, header))
    for rollout in (root, *forks):
        rollout.at_s = 400
        rollout.turn(120)
    assert counted(read(root, *forks)) == sorted(call for one in (root, *forks) for call in one.own)


def test_a_fork_of_an_archived_fork_counts_once(tmp_path: Path) -> None:
    root = Rollout(1, 0)
    root.turn(100)
    first = Rollout(2, 100, root)
    first.turn(110)
    second = Rollout(3, 200, first)
    second.turn(120)
    for name, rollouts in (("archived_sessions", (root, first)), ("sessions", (second,))):
        for rollout in rollouts:
            path = tmp_path / name / f"rollout-2026-11-20T10-00-{rollout.id}.jsonl"
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in rollout.lines))
    shared: dict[str, Any] = {}
    with open_log_store(tmp_path) as store:
        for name in ("archived_sessions", "sessions"):
            store.read("codex", tmp_path / name, shared=shared)
        assert sorted(call["prompt_tokens"] for call in store.calls()) == [100, 110, 120]


def test_a_fork_without_calls_of_its_own_adds_nothing() -> None:
    root = Rollout(1, 0)
    root.turn(100)
    root.turn(110)
    assert counted(read(root, Rollout(2, 50, root))) == root.own


def test_a_fork_whose_parent_is_gone_counts_everything_once() -> None:
    root = Rollout(1, 0)
    root.turn(100)
    forks = [Rollout(2, 100, root), Rollout(3, 200, root)]
    for fork in forks:
        fork.turn(120)
    assert sorted(prompt for _, prompt in counted(read(*forks))) == [100, 120, 120]


def test_a_sub_agent_with_the_header_of_its_parent_but_no_copies_has_calls_of_its_own() -> None:
    root = Rollout(1, 0)
    root.turn(100)
    subs = []
    for number in (2, 3):
        sub = Rollout(number, 50)
        sub.lines[0]["payload"] |= {"source": {"subagent": {"thread_spawn": {"parent_thread_id": root.id}}}}
        sub.lines.append(sub.line("session_meta", root.lines[0]["payload"]))
        sub.turn(100)
        subs.append(sub)
    assert counted(read(root, *subs)) == sorted(root.own + subs[0].own + subs[1].own)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=7),
    st.data(),
)
def test_any_tree_of_forks_counts_each_call_once_also_after_restarts(
    tree: list[tuple[int, bool, bool, int]], data: st.DataObject
) -> None:
    rollouts: list[Rollout] = []
    for number, (parent, new_times, header, turns) in enumerate(tree):
        found = rollouts[parent % len(rollouts)] if rollouts else None
        rollout = Rollout(number, 1_000 * number, found, new_times, header)
        for _ in range(turns):
            rollout.turn(100)  # the same numbers wherever the same totals are reached
        rollouts.append(rollout)
    counters, calls = SharedCounters(), []
    for rollout in rollouts:
        state, lines = None, numbered(rollout.lines)
        while lines:
            size = data.draw(st.integers(1, len(lines)))
            reader = CodexReader(
                TaskSwitches(), PATHS, state=state, now_ms=lambda: 1_795_500_000_000, counters=counters
            )
            calls += reader.read(lines[:size])
            state, lines = json.loads(json.dumps(reader.state())), lines[size:]
    assert counted(calls) == sorted(call for rollout in rollouts for call in rollout.own)
