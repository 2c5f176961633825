"""Who belongs together: `drafts_of(world)` puts what is known of one agent in one place (pure).

A session is its agent's: by the name that its hook gives, else by that of the first who called in it, else by its
program. Who calls later in the same session by another name was started in it, and so is a sub-agent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..calls.store.recent_calls import RecentCalls
from ..hooks.model import WAITING, Session, State
from ..jobs.model import Job, JobStatus
from ..orchestrators.model import Orchestrator
from ..pipelines.model import RunningStep
from ..times import unix_time
from .shapes import AGENT, JOB, ORCHESTRATOR
from .world import TaskFacts, World

RECENT_S = 86_400.0
"""A session that waits for nobody and was silent for so long is not at hand any more."""


@dataclass
class Unit:
    """One thing that an agent is at, with the calls that are its own, and those of sub-agents by name."""

    session: Session | None = None
    job: Job | None = None
    step: RunningStep | None = None
    calls: list[RecentCalls] = field(default_factory=list)
    subs: dict[str, list[RecentCalls]] = field(default_factory=dict)
    session_id: str | None = None


@dataclass
class Draft:
    """An agent: `calls` are those that belong to none of its `units`; `ended` is its last session if that is over."""

    kind: str
    name: str
    tasks: TaskFacts = field(default_factory=lambda: TaskFacts({}))
    units: list[Unit] = field(default_factory=list)
    calls: list[RecentCalls] = field(default_factory=list)
    subs: dict[tuple[str, str], list[RecentCalls]] = field(default_factory=dict)
    orchestrator: Orchestrator | None = None
    ended: Session | None = None


class _Drafts(dict[tuple[str, str], Draft]):
    def __missing__(self, key: tuple[str, str]) -> Draft:
        found = self[key] = Draft(*key)
        return found

    def agent(self, name: str) -> Draft:
        return self[AGENT, name]


def drafts_of(world: World, now: float) -> list[Draft]:
    """All agents, in no particular order."""
    drafts = _Drafts()
    for agent, facts in world.tasks.items():
        drafts.agent(agent).tasks = facts
    by_session, loose = _by_session(world.calls or ())
    sessions = {one.id: one for one in world.sessions}
    callers: dict[str, tuple[float, Draft]] = {}
    live = {one.id for one in world.sessions if _is_live(one, now)}
    for session_id in sessions.keys() | by_session.keys():
        session, calls = sessions.get(session_id), by_session.get(session_id, [])
        first = min((one for one in calls if one.agent), key=lambda one: one.first, default=None)
        own = first.agent if first is not None else None
        said = session.agent if session is not None else None
        name: str | None = said or own or (session.client if session is not None else None)
        if name is None or (session is not None and session_id not in live and not calls and _is_old(session, now)):
            continue
        draft = drafts.agent(name)
        _add_session(draft, session_id, session if session_id in live else None, session, own, calls)
        _note_callers(callers, draft, calls)
    for call in loose:
        if call.agent:
            drafts.agent(call.agent).calls.append(call)
            _note_callers(callers, drafts.agent(call.agent), [call])
    _add_jobs(drafts, world.jobs, callers)
    _add_steps(drafts, world.steps)
    for one in world.orchestrators:
        if one.is_alive or one.status == "crashed":
            drafts[ORCHESTRATOR, one.id].orchestrator = one
    return list(drafts.values())


def _is_live(session: Session, now: float) -> bool:
    if session.state == State.ENDED:
        return False
    return session.state in WAITING or not _is_old(session, now)


def _is_old(session: Session, now: float) -> bool:
    return now - (unix_time(session.last_at) or 0.0) >= RECENT_S


def _by_session(calls: Sequence[RecentCalls]) -> tuple[Mapping[str, list[RecentCalls]], list[RecentCalls]]:
    found: dict[str, list[RecentCalls]] = defaultdict(list)
    loose = []
    for call in calls:
        if call.session:
            found[call.session].append(call)
        else:
            loose.append(call)
    return found, loose


def _add_session(
    draft: Draft,
    session_id: str,
    live: Session | None,
    session: Session | None,
    own: str | None,
    calls: Sequence[RecentCalls],
) -> None:
    mine = [call for call in calls if call.agent in (own, None)]
    subs: dict[str, list[RecentCalls]] = defaultdict(list)
    for call in calls:
        if call.agent is not None and call.agent != own:
            subs[call.agent].append(call)
    if live is not None:
        draft.units.append(Unit(session=live, calls=mine, subs=dict(subs), session_id=session_id))
        return
    draft.calls += mine
    for name, found in subs.items():
        draft.subs[session_id, name] = found
    if session is not None and (draft.ended is None or session.last_at > draft.ended.last_at):
        draft.ended = session


def _note_callers(callers: dict[str, tuple[float, Draft]], draft: Draft, calls: Sequence[RecentCalls]) -> None:
    for call in calls:
        if call.job and call.last >= callers.get(call.job, (0.0, draft))[0]:
            callers[call.job] = call.last, draft


def _add_jobs(drafts: _Drafts, jobs: Sequence[Job], callers: Mapping[str, tuple[float, Draft]]) -> None:
    """A job that runs is its caller's; one that nobody called for, its own."""
    for job in jobs:
        if job.status is not JobStatus.IN_PROGRESS or job.problem is not None:
            continue
        draft = callers[job.id][1] if job.id in callers else drafts[JOB, job.id]
        unit = next((one for one in draft.units if any(call.job == job.id for call in one.calls)), None)
        if unit is not None and unit.job is None:
            unit.job = job  # its session is known
            continue
        own = [call for call in draft.calls if call.job == job.id]
        draft.calls = [call for call in draft.calls if call.job != job.id]
        draft.units.append(Unit(job=job, calls=own))


def _add_steps(drafts: _Drafts, steps: Sequence[RunningStep]) -> None:
    """A step that is reported as running is that of its session, else of the agent that it names."""
    units = {unit.session_id: unit for draft in drafts.values() for unit in draft.units if unit.session_id}
    callers = {call.session: draft for draft in drafts.values() for call in draft.calls if call.session is not None}
    for step in steps:
        unit = units.get(step.session or "")
        if unit is not None and unit.step is None:
            unit.step = step
            continue
        draft = callers.get(step.session or "") or drafts.agent(step.agent)
        own = [] if step.session is None else [call for call in draft.calls if call.session == step.session]
        if own:
            draft.calls = [call for call in draft.calls if call not in own]
        draft.units.append(Unit(step=step, calls=own, session_id=step.session))
