"""What is said of an agent: its state, why, and until when, from times that are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from kit.task_files import task

from llm_service.agents.model import Agent, CallTotals, agents_of
from llm_service.tasks.model import LANES, TaskSummary

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
MINUTE, HOUR = 60.0, 3600.0


def at(ago_s: float) -> str:
    return _iso(NOW - ago_s)


def a_task(path: str, status: str | None, quiet_s: float, lane_since: float | None = None) -> TaskSummary:
    since = None if lane_since is None else at(lane_since)
    return replace(task(path, path).summary, status=status, modified_at=at(quiet_s), lane_since=since)


def ada(*tasks: TaskSummary, last_call: float | None = None, stale_after_s: float = 48 * HOUR) -> Agent:
    calls = {} if last_call is None else {"ada": CallTotals(2, 0.5, 0, NOW - last_call)}
    (found,) = agents_of(tasks, calls, LANES, NOW, stale_after_s)
    return found


@pytest.mark.parametrize(
    ("status", "quiet_s", "last_call", "state", "until"),
    [
        ("in_progress", MINUTE, None, "working", 9 * MINUTE),
        ("in_progress", 3 * HOUR, None, "quiet", 45 * HOUR),
        ("in_progress", 3 * HOUR, 2 * MINUTE, "working", 8 * MINUTE),
        ("assigned", MINUTE, None, "waiting", 48 * HOUR - MINUTE),  # that it was given a task is no sign of work
        (None, MINUTE, None, "waiting", 48 * HOUR - MINUTE),
        ("blocked", MINUTE, None, "waiting", 48 * HOUR - MINUTE),
        ("assigned", 3 * HOUR, MINUTE, "working", 9 * MINUTE),
        ("in_progress", 48 * HOUR, None, "stale", None),
        ("in_progress", 72 * HOUR, HOUR, "quiet", 47 * HOUR),
        ("in_progress", -5 * MINUTE, None, "working", 15 * MINUTE),  # another machine's clock
    ],
)
def test_the_state_of_an_agent_with_a_task(
    status: str | None, quiet_s: float, last_call: float | None, state: str, until: float | None
) -> None:
    agent = ada(a_task("assigned/ada/t.yaml", status, quiet_s), last_call=last_call)
    assert (agent.state, agent.state_until) == (state, None if until is None else _iso(NOW + until))
    assert agent.reason.endswith(".")


def test_without_a_limit_nothing_is_stale() -> None:
    agent = ada(a_task("assigned/ada/t.yaml", "doing", 9_000 * HOUR), stale_after_s=0)
    assert (agent.state, agent.state_until) == ("quiet", None)


def test_the_state_of_an_agent_without_a_task() -> None:
    assert ada(a_task("done/ada/t.yaml", "done", MINUTE)).state == "done"
    assert ada(last_call=HOUR).state == "idle"
    assert ada(last_call=MINUTE).state == "working"
    assert ada(a_task("done/ada/t.yaml", "done", HOUR), last_call=MINUTE).state == "working"


def test_a_task_in_the_inbox_is_no_sign_of_the_agent_that_it_names() -> None:
    named = replace(a_task("inbox/t.yaml", "new", MINUTE), agent="ada")
    agent = ada(named)
    assert (agent.state, agent.last_activity, agent.current_task) == ("idle", None, None)
    assert agent.counts == {"inbox": 1, "assigned": 0, "done": 0}


def test_the_last_activity_is_the_latest_of_calls_files_and_moves() -> None:
    old = a_task("done/ada/a.yaml", "done", 9 * HOUR)
    moved = a_task("done/ada/b.yaml", "done", 5 * HOUR, lane_since=2 * HOUR)
    assert _last(ada(old)) == (9 * HOUR, "file")
    assert _last(ada(old, moved)) == (2 * HOUR, "lane")
    assert _last(ada(old, moved, last_call=HOUR)) == (HOUR, "call")
    assert _last(ada(last_call=HOUR)) == (HOUR, "call")


def test_the_current_task_is_the_one_under_way_that_changed_last() -> None:
    tasks = [
        a_task("assigned/ada/a.yaml", "assigned", MINUTE),
        a_task("assigned/ada/b.yaml", "in progress", 3 * HOUR),
        a_task("assigned/ada/c.yaml", "WIP".lower(), 2 * HOUR),
        a_task("done/ada/d.yaml", "done", 0),
    ]
    current = ada(*tasks).current_task
    assert current is not None
    assert current.path == "assigned/ada/c.yaml"


def test_what_is_not_known_of_calls_is_not_given_as_none_made() -> None:
    (agent,) = agents_of([a_task("done/ada/t.yaml", "done", HOUR)], None, LANES, NOW, 0)
    assert agent.today is None
    (agent,) = agents_of([a_task("done/ada/t.yaml", "done", HOUR)], {}, LANES, NOW, 0)
    assert agent.today == CallTotals(0, 0.0, 0, None)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _last(agent: Agent) -> tuple[float, str | None]:
    assert agent.last_activity is not None
    return NOW - datetime.fromisoformat(agent.last_activity).timestamp(), agent.last_activity_kind
