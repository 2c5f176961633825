"""Agents as clients get them: `AgentRows` makes them of the world.

With each event the world is put together anew, which is cheap; a row is made anew only if what it rests on is another.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..calls.store.recent_calls import RecentCalls
from ..tasks.model import TaskSummary
from ..times import iso_time, unix_time
from .drafts import Draft, Unit, drafts_of
from .model import STATES, AtHand, Known, Verdict, worst_of
from .remembered import Look, Made, Signed
from .shapes import AGENT, JOB, ORCHESTRATOR, SESSION, STEP, SUB_AGENT, Agent, CallTotals, Sign
from .work import called_items, file_sign, files_of, items_of, last_session_call, task_item, totals_of
from .world import World

_SUB_AGENT_S = 3_600.0
"""A sub-agent is shown for so long after its last call."""


class AgentRows:
    """All agents, again and again: only the rows are made anew of which something changed, or time makes another."""

    def __init__(self, stuck_after_s: float) -> None:
        self._stuck_after_s = stuck_after_s
        self._lock = threading.Lock()
        self._made: dict[str, Made] = {}

    def of(self, world: World, now: float) -> list[Agent]:
        """All agents, each before what is below it: who concerns a person first, then by name, so that rows stay in
        place while they work. Thread-safe."""
        with self._lock:
            look = Look(world, now, self._stuck_after_s, self._made)
            trees = [_Tree(look, draft).rows() for draft in drafts_of(world, now)]
            self._made = look.made
        trees = [rows for rows in trees if rows]
        trees.sort(key=lambda rows: (STATES.index(rows[0].state), rows[0].name.lower(), rows[0].id))
        return [row for rows in trees for row in rows]


class _Tree:
    """The rows of one agent."""

    def __init__(self, look: Look, draft: Draft) -> None:
        self._look, self._draft = look, draft
        self._world, self._now, self._judge = look.world, look.now, look.judge
        self._id = f"{draft.kind}:{draft.name}"

    def rows(self) -> list[Agent]:
        """Its own first."""
        draft = self._draft
        units = sorted(draft.units, key=_order)
        if len(units) <= 1:
            unit = units[0] if units else Unit()
            own = self._row(unit, self._id, draft.kind, self._name(unit), None, is_whole=True)
            return [own.row, *self._sub_agents(units, {id(unit): self._id})]
        ids = {id(unit): _id_of(unit) for unit in units}
        below = [self._row(unit, ids[id(unit)], _kind_of(unit), _unit_name(unit), self._id) for unit in units]
        return [self._sum(units, below), *_with_subs([one.row for one in below], self._sub_agents(units, ids))]

    def _row(self, unit: Unit, row_id: str, kind: str, name: str, parent: str | None, is_whole: bool = False) -> Made:
        """A thing that it is at; `is_whole`: the only one, so that all that is known of the agent is of it."""
        world, draft = self._world, self._draft
        calls = [*unit.calls, *(draft.calls if is_whole else ())]
        current = self._task(calls, is_whole)
        claims = () if current is None else tuple(world.claims_of(current))
        orchestrator = draft.orchestrator if is_whole else None
        plan = None if orchestrator is None else world.plans.get(orchestrator.plan)
        files = self._look.files([unit], claims)
        whole = (draft.tasks, draft.calls, draft.ended, orchestrator) if is_whole else None
        called = last_session_call(calls)
        transcripts = (
            None if unit.session is None else world.transcript_of(unit.session.id),
            None if called is None else world.transcript_of(called.session),
        )
        rests_on = (unit, whole, kind, name, parent, current, claims, plan, files, transcripts, world.calls is None)

        def make() -> Made:
            signs = list(self._signs(unit, calls, is_whole))
            last = max(signs, default=None)
            known = self._known(unit, calls, current, last, is_whole)
            verdict = self._judge(known)
            item = None if current is None else task_item(current)
            row = Agent(
                id=row_id, kind=kind, name=name, parent=parent,
                at=items_of(world, unit, orchestrator, item) or called_items(world, verdict, calls),
                current_task=item,
                last=_sign(last), files=files_of(world, [unit], current, self._now),
                counts=dict(draft.tasks.counts) if is_whole else {},
                today=self._today(calls), session=None if is_whole else unit.session_id,
                **_said(verdict),
            )  # fmt: skip
            times = [*(at for at, _ in signs), verdict.since, None if known.task is None else known.task.changed]
            return Made(rests_on, row, verdict, last, self._now, self._look.until(times, row.files))

        return self._look.row(row_id, rests_on, make)

    def _sum(self, units: Sequence[Unit], below: Sequence[Made]) -> Agent:
        """The row above several."""
        draft = self._draft
        calls = [*draft.calls, *(call for unit in units for call in unit.calls)]
        current = self._task(calls, is_whole=True)
        verdict = worst_of(one.verdict for one in below)
        own = self._signs(Unit(), (), is_whole=True)
        last = max([*own, *(one.last for one in below if one.last is not None)], default=None)
        item = None if current is None else task_item(current)
        return Agent(
            id=self._id, kind=draft.kind, name=draft.name, parent=None,
            at=() if item is None else (item,), current_task=item,
            last=_sign(last), files=files_of(self._world, units, current, self._now),
            counts=dict(draft.tasks.counts), today=self._today(calls), session=None,
            **_said(verdict),
        )  # fmt: skip

    def _sub_agents(self, units: Sequence[Unit], ids: dict[int, str]) -> Iterator[Agent]:
        for unit in units:
            for name, calls in sorted(unit.subs.items()):
                yield from self._sub_agent(unit.session_id or "", name, calls, unit.calls, ids[id(unit)])
        for (session, name), calls in sorted(self._draft.subs.items()):
            siblings = [call for call in self._draft.calls if call.session == session]
            yield from self._sub_agent(session, name, calls, siblings, self._id)

    def _sub_agent(
        self, session: str, name: str, calls: list[RecentCalls], siblings: list[RecentCalls], parent: str
    ) -> Iterator[Agent]:
        last = max(call.last for call in calls)
        if self._now - last >= _SUB_AGENT_S:
            return
        outlived = any(call.last > last for call in siblings)
        current = self._task(calls, is_whole=False)
        row_id = f"{SUB_AGENT}:{session}/{name}"
        rests_on = (parent, calls, outlived, current, self._world.calls is None)

        def make() -> Made:
            first = min(call.first for call in calls)
            verdict = self._judge(Known(first_call=first, last_call=last, last_sign=last, outlived=outlived))
            item = None if current is None else task_item(current)
            row = Agent(
                id=row_id, kind=SUB_AGENT, name=name, parent=parent,
                at=() if item is None else (item,), current_task=item, last=_sign((last, "call")), files=(), counts={},
                today=self._today(calls), session=session, **_said(verdict),
            )  # fmt: skip
            return Made(rests_on, row, verdict, (last, "call"), self._now, self._look.until([last], ()))

        yield self._look.row(row_id, rests_on, make).row

    def _known(
        self, unit: Unit, calls: Sequence[RecentCalls], current: TaskSummary | None, last: Signed | None,
        is_whole: bool = False,
    ) -> Known:  # fmt: skip
        draft = self._draft
        tasks = draft.tasks
        # A task that only the log of a session names says nothing of what that session does.
        at_hand = current if is_whole and current is not None and current is tasks.current else None
        return Known(
            session=unit.session or (draft.ended if is_whole else None),
            job=unit.job,
            step=unit.step,
            orchestrator=draft.orchestrator if is_whole else None,
            first_call=min((call.first for call in calls), default=None),
            last_call=max((call.last for call in calls), default=None),
            task=None if at_hand is None else _at_hand(at_hand),
            done=tasks.counts.get("done", 0) if is_whole else 0,
            last_sign=None if last is None else last[0],
            stale_after_s=self._world.stale_after_s,
        )

    def _signs(self, unit: Unit, calls: Sequence[RecentCalls], is_whole: bool = False) -> Iterator[Signed]:
        draft = self._draft
        said = [
            (unit.session.last_at if unit.session else None, "hook"),
            (unit.job.last_output_at if unit.job else None, "output"),
            (unit.job.started_at if unit.job else None, "output"),
            (unit.step.active_at if unit.step else None, "report"),
        ]
        if is_whole and draft.orchestrator is not None:
            said.append((draft.orchestrator.last_heartbeat or draft.orchestrator.started_at, "heartbeat"))
        yield from ((at, kind) for text, kind in said if (at := unix_time(text)) is not None)
        yield from ((call.last, "call") for call in calls)
        if (changed := file_sign(self._world, unit)) is not None:
            yield changed, "files"
        if is_whole and draft.tasks.last is not None:
            yield draft.tasks.last, draft.tasks.last_kind

    def _task(self, calls: Sequence[RecentCalls], is_whole: bool) -> TaskSummary | None:
        """The task at hand: as its folder says, else as the latest call does, if that is not done."""
        if is_whole and self._draft.tasks.current is not None:
            return self._draft.tasks.current
        named = max((call for call in calls if call.task), key=lambda call: call.last, default=None)
        task = self._world.task_of(named.task) if named is not None and named.task else None
        return task if task is not None and task.lane != "done" else None

    def _today(self, calls: Iterable[RecentCalls]) -> CallTotals | None:
        return None if self._world.calls is None else totals_of(calls)

    def _name(self, unit: Unit) -> str:
        draft = self._draft
        if draft.kind == ORCHESTRATOR and draft.orchestrator is not None:
            return draft.orchestrator.plan
        return _unit_name(unit) if draft.kind == JOB else draft.name


def _with_subs(below: Sequence[Agent], subs: Iterator[Agent]) -> Iterator[Agent]:
    """Each row, then those below it."""
    found = list(subs)
    if not found:
        yield from below
        return
    for row in below:
        yield row
        yield from (sub for sub in found if sub.parent == row.id)
    ids = {row.id for row in below}
    yield from (sub for sub in found if sub.parent not in ids)


def _order(unit: Unit) -> tuple[str, str]:
    return _unit_name(unit).lower(), _id_of(unit)


def _id_of(unit: Unit) -> str:
    if unit.session is not None:
        return f"{SESSION}:{unit.session.id}"
    if unit.job is not None:
        return f"{JOB}:{unit.job.id}"
    return f"{STEP}:{unit.step.pipeline}/{unit.step.job}" if unit.step is not None else AGENT


def _kind_of(unit: Unit) -> str:
    return SESSION if unit.session is not None else JOB if unit.job is not None else STEP


def _unit_name(unit: Unit) -> str:
    """Where that is: a project, a folder, the title of a pipeline."""
    if unit.job is not None:
        return unit.job.project or unit.job.id
    if unit.session is not None:
        return unit.session.project or (unit.session.folder or "").rpartition("/")[2] or unit.session.client
    return unit.step.title if unit.step is not None else ""


def _at_hand(task: TaskSummary) -> AtHand:
    since = task.started_at or task.lane_since or task.assigned_at
    changed = unix_time(task.modified_at) or 0.0
    return AtHand(status=task.status, changed=changed, since=unix_time(since))


def _sign(last: Signed | None) -> Sign | None:
    return None if last is None else Sign(at=iso_time(last[0]), kind=last[1])


def _said(verdict: Verdict) -> dict[str, Any]:
    return {
        "state": verdict.state,
        "reason": verdict.reason,
        "source": verdict.source,
        "certainty": str(verdict.certainty),
        "since": None if verdict.since is None else iso_time(verdict.since),
        "state_until": None if verdict.until is None else iso_time(verdict.until),
    }
