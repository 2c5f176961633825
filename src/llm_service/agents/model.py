"""Agents: what is known of each from its tasks and its calls. Values and pure functions.

A state never says more than is known: "working" needs a sign of it within `ACTIVE_S`; without one, an agent with a task
that says it is under way is "quiet".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..tasks.model import TaskSummary
from ..tasks.status_words import is_under_way
from ..times import iso_time

ACTIVE_S = 600.0
"""So long after the last sign of it an agent counts as working. A call to a model can take minutes."""
STATES = ("working", "quiet", "waiting", "stale", "done", "idle")
"""Working; a task under way, but no sign of it; a task that is not under way; nothing for too long; all done; none."""


@dataclass(frozen=True, slots=True)
class CurrentTask:
    """The assigned task that an agent has at hand: of those that say they are under way, the one changed last."""

    id: str
    key: str
    path: str
    title: str
    status: str | None


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Calls of an agent: today's number, cost of those with a known one (None: there are calls, and none has one) and
    number of the others; when the last of all calls was, in epoch seconds, None if there was none."""

    calls: int = 0
    cost_usd: float | None = 0.0
    unpriced: int = 0
    last_call: float | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that tasks or calls name. `counts` are its tasks per lane.

    `state` is one of `STATES`, for the `reason`; by time alone it is another at `state_until`. `last_activity` is the
    last sign of it, `last_activity_kind` which: a "call", a change of a task's "file", or that one came to its "lane";
    both are None if there is none. `today` is None where calls are not counted or cannot be read.
    """

    name: str
    counts: dict[str, int]
    current_task: CurrentTask | None
    state: str
    reason: str
    state_until: str | None
    last_activity: str | None
    last_activity_kind: str | None
    today: CallTotals | None


def agents_of(
    tasks: Iterable[TaskSummary],
    calls: Mapping[str, CallTotals] | None,
    lanes: Sequence[str],
    now: float,
    stale_after_s: float,
) -> list[Agent]:
    """All agents by name. `calls` is None where they are not known, `now` in epoch seconds; 0 as `stale_after_s`: none
    is stale."""
    by_agent: dict[str, list[TaskSummary]] = defaultdict(list)
    for task in tasks:
        if task.agent:
            by_agent[task.agent].append(task)
    names = sorted(by_agent.keys() | (calls or {}).keys())
    return [
        _agent(name, by_agent.get(name, []), None if calls is None else calls.get(name, CallTotals()), lanes, now,
               stale_after_s)
        for name in names
    ]  # fmt: skip


def _agent(
    name: str,
    tasks: list[TaskSummary],
    today: CallTotals | None,
    lanes: Sequence[str],
    now: float,
    stale_after_s: float,
) -> Agent:
    counts = Counter(task.lane for task in tasks)
    current = _current(tasks)
    signs = [sign for task in tasks if task.lane != "inbox" for sign in _signs(task)]
    last_call = today.last_call if today else None
    if last_call is not None:
        signs.append((iso_time(last_call), "call"))
    last_at, kind = max(signs, default=(None, None))  # as text: all are written by `iso_time`
    last = None if last_at is None else datetime.fromisoformat(last_at).timestamp()
    state, reason, until = _state(current, counts["done"], last, last_call, now, stale_after_s)
    return Agent(
        name=name,
        counts={lane: counts[lane] for lane in lanes},
        current_task=CurrentTask(current.id, current.key, current.path, current.title, current.status)
        if current
        else None,
        state=state,
        reason=reason,
        state_until=None if until is None else iso_time(until),
        last_activity=last_at,
        last_activity_kind=kind,
        today=today,
    )


def _current(tasks: list[TaskSummary]) -> TaskSummary | None:
    assigned = [task for task in tasks if task.lane == "assigned"]
    assigned.sort(key=lambda task: task.modified_at, reverse=True)
    started = (task for task in assigned if task.status and is_under_way(task.status))
    return next(started, assigned[0] if assigned else None)


def _signs(task: TaskSummary) -> Iterable[tuple[str, str]]:
    """Nobody in the inbox has done anything yet: its files are changed by those who write them."""
    yield task.modified_at, "file"
    if task.lane_since is not None:
        yield task.lane_since, "lane"


def _state(
    current: TaskSummary | None,
    done: int,
    last: float | None,
    last_call: float | None,
    now: float,
    stale_after_s: float,
) -> tuple[str, str, float | None]:
    """(state, reason, when it is another)."""
    if last_call is not None and now - last_call < ACTIVE_S:
        return "working", f"It called a model within the last {ACTIVE_S / 60:.0f} minutes.", last_call + ACTIVE_S
    if current is None:
        return ("done", "All its tasks are done.", None) if done else ("idle", "No task is assigned to it.", None)
    last = now if last is None else last
    stale_at = last + stale_after_s if stale_after_s else None
    if stale_at is not None and now >= stale_at:
        return "stale", f"It has a task, and nothing happened for {stale_after_s / 3600:g} hours.", None
    says = f"Its task says “{current.status}”" if current.status else "Its task says no status"
    if not (current.status and is_under_way(current.status)):
        return "waiting", f"{says}.", stale_at
    if now - last < ACTIVE_S:
        return "working", f"{says}, and it changed within the last {ACTIVE_S / 60:.0f} minutes.", last + ACTIVE_S
    return "quiet", f"{says}, but nothing happened for {ACTIVE_S / 60:.0f} minutes.", stale_at
