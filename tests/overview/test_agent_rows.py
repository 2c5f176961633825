"""Rows that are remembered are those that a look at everything gives, whatever changes and however time passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from kit.model_runs import run_sequences
from kit.task_files import task

from llm_service.calls.store.recent_calls import RecentCalls
from llm_service.hooks.model import Session
from llm_service.jobs.model import Job, JobStatus
from llm_service.orchestrators.model import Orchestrator
from llm_service.overview.rows import AgentRows
from llm_service.overview.shapes import Agent
from llm_service.overview.task_index import TaskIndex
from llm_service.overview.world import ChangedFile, World
from llm_service.pipelines.model import RunningStep
from llm_service.tasks.model import LANES, TaskSummary
from llm_service.times import iso_time

NOW = 1_795_176_000.0
STUCK_S, STALE_S = 1_200.0, 7_200.0
NAMES = st.sampled_from(["ada", "bob", "kim"])
SESSIONS = st.sampled_from(["s1", "s2", "s3"])
PROJECTS = st.sampled_from(["shop", "bank"])
SPANS = st.sampled_from([0.0, 1.0, 60.0, 599.0, 600.0, 1_200.0, 3_000.0, 7_200.0])


def agents_of(world: World, now: float, stuck_after_s: float) -> list[Agent]:
    """All agents by a look at all."""
    return AgentRows(stuck_after_s).of(world, now)


def a_task(key: str, agent: str, at: str) -> TaskSummary:
    found = task(f"assigned/{agent}/{key}.yaml").summary
    return replace(found, key=key, agent=agent, status="in progress", modified_at=at, lane_since=at)


def a_session(name: str, agent: str | None, project: str, at: str) -> Session:
    return Session(
        id=name, client="codex", agent=agent, model=None, project=project, folder=None, state="working", since=at,
        certainty="confirmed", rests_on="a hook said so", tool=None, text=None, waits=0, started_at=at, last_at=at,
        lines=3, file=f"work/hooks/{name}.jsonl",
    )  # fmt: skip


LATER = [600.0, 1_200.0, 3_600.0, 7_200.0]
"""Checked at each step, one after the other, as if nothing happened: time alone changes states."""


class Agents(RuleBasedStateMachine):
    """All that is known of agents, as it comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.rows = AgentRows(STUCK_S)
        self.rows_of_later = AgentRows(STUCK_S)
        self.tasks: dict[str, TaskSummary] = {}
        self.index = TaskIndex(LANES)
        self.sessions: dict[str, Session] = {}
        self.calls: list[RecentCalls] | None = []
        self.jobs: dict[str, Job] = {}
        self.steps: dict[str, RunningStep] = {}
        self.orchestrators: dict[str, Orchestrator] = {}
        self.files: list[ChangedFile] = []
        self.plans: dict[str, dict[str, Any]] = {}
        self.claims: tuple[str, ...] = ()
        self._put("t1", a_task("t1", "ada", iso_time(NOW - 60)))
        self._put("t2", a_task("t2", "bob", iso_time(NOW - 60)))
        for name, agent, project in (("s1", "ada", "shop"), ("s2", "bob", "bank"), ("s3", "bob", "shop")):
            self.sessions[name] = a_session(name, agent, project, iso_time(NOW - 60))
        self.files = [ChangedFile("shop", "a.py", "updated", NOW - 60)]

    @rule(seconds=SPANS)
    def time_passes(self, seconds: float) -> None:
        """Nothing else happens."""
        self.now += seconds

    @rule(
        key=st.sampled_from(["t1", "t2", "t3", "t4"]), lane=st.sampled_from(LANES), agent=NAMES,
        status=st.sampled_from([None, "new", "in progress", "blocked", "waiting_for_input"]), ago=SPANS,
    )  # fmt: skip
    def a_task_changes(self, key: str, lane: str, agent: str, status: str | None, ago: float) -> None:
        """It is new, or another."""
        found = replace(a_task(key, agent, self._at(ago)), lane=lane, status=status, lane_since=self._at(ago / 2))
        self._put(key, found)

    @rule(key=st.sampled_from(["t1", "t2", "t3", "t4"]))
    def a_task_goes(self, key: str) -> None:
        """Its file is removed."""
        self._put(key, None)

    @rule(
        name=SESSIONS, agent=st.none() | NAMES, project=st.none() | PROJECTS, ago=SPANS,
        state=st.sampled_from(["working", "idle", "permission", "ended"]),
        certainty=st.sampled_from(["confirmed", "cannot tell"]),
    )  # fmt: skip
    def a_hook_reports(
        self, name: str, agent: str | None, project: str | None, ago: float, state: str, certainty: str
    ) -> None:
        """A session is new, or another."""
        found = a_session(name, agent, project or "", self._at(ago))
        self.sessions[name] = replace(found, state=state, certainty=certainty, last_at=self._at(ago / 2))

    @rule(agent=st.none() | NAMES, session=st.none() | SESSIONS, task_id=st.sampled_from([None, "t1", "t2"]),
          job=st.sampled_from([None, "j1"]), ago=SPANS)  # fmt: skip
    def a_call_is_counted(
        self, agent: str | None, session: str | None, task_id: str | None, job: str | None, ago: float
    ) -> None:
        """One more."""
        at = self.now - ago
        self.calls = [*(self.calls or ()), RecentCalls(agent, session, task_id, job, None, at - 9, at, 2, 0.5, 1)]

    @rule(calls=st.sampled_from([None, []]))
    def calls_are_forgotten(self, calls: list[RecentCalls] | None) -> None:
        """A day is over, or the database cannot be read."""
        self.calls = calls

    @rule(name=st.sampled_from(["j1", "j2"]), project=PROJECTS, status=st.sampled_from(JobStatus),
          asks=st.booleans(), ago=st.none() | SPANS)  # fmt: skip
    def a_job_changes(self, name: str, project: str, status: JobStatus, asks: bool, ago: float | None) -> None:
        """It is new, or another; one that a hand wrote may have no times."""
        self.jobs[name] = Job(
            id=name, project=project, status=status, waiting_for_input="yes?" if asks else None,
            started_at=None if ago is None else self._at(ago), last_output_at=None if ago is None else self._at(ago),
        )  # fmt: skip

    @rule(name=st.sampled_from(["p1", "p2"]), agent=NAMES, session=st.none() | SESSIONS, ago=SPANS)
    def a_step_is_reported(self, name: str, agent: str, session: str | None, ago: float) -> None:
        """It runs, or gives a sign of life."""
        self.steps[name] = RunningStep(
            pipeline=name, title=f"ticket {name}", step="test", job="j", name="tests", agent=agent, session=session,
            project="shop", started_at=self._at(ago), active_at=self._at(ago / 2),
        )  # fmt: skip

    @rule(name=st.sampled_from(["p1", "p2"]))
    def a_step_ends(self, name: str) -> None:
        """It does not run any more."""
        self.steps.pop(name, None)

    @rule(project=PROJECTS, path=st.sampled_from(["a.py", "b.py"]), ago=SPANS)
    def a_file_changes(self, project: str, path: str, ago: float) -> None:
        """The latest is first."""
        self.files = [ChangedFile(project, path, "updated", self.now - ago), *self.files][:9]

    @rule(claims=st.sampled_from([(), ("a.py",), ("shop/b.py",)]))
    def claims_change(self, claims: tuple[str, ...]) -> None:
        """What a task says it makes."""
        self.claims = claims

    @rule(status=st.sampled_from(["running", "crashed", "stopped"]), is_stale=st.booleans(), ago=SPANS)
    def an_orchestrator_changes(self, status: str, is_stale: bool, ago: float) -> None:
        """It beats, or stops."""
        self.orchestrators["o1"] = Orchestrator(
            id="o1", plan="plan", project="shop", status=status, is_alive=status == "running", is_stale=is_stale,
            started_at=self._at(ago), last_heartbeat=self._at(ago / 2), said=status, pid=7, mode=None, can_stop=False,
            why_not=None, run_id=None, worktree_path=None, log_file=None,
        )  # fmt: skip

    @rule(phase=st.sampled_from(["one", "two"]))
    def a_plan_changes(self, phase: str) -> None:
        """It comes to another phase."""
        self.plans = {"plan": {"title": "A plan", "currentPhase": phase, "currentTask": None}}

    @invariant()
    def it_is_what_a_look_at_all_gives(self) -> None:
        """The rows, for all and for who may see a part; and what the tasks say."""
        anew = TaskIndex(LANES)
        anew.put(self.tasks)
        assert (self.index.facts, self.index.done_since(self.now - 600)) == (
            anew.facts,
            anew.done_since(self.now - 600),
        )
        world = World(
            tasks=self.index.facts, sessions=list(self.sessions.values()), calls=self.calls,
            jobs=list(self.jobs.values()), steps=list(self.steps.values()),
            orchestrators=list(self.orchestrators.values()), plans=self.plans, files=self.files, stale_after_s=STALE_S,
            claims_of=lambda one: self.claims, task_of=self.tasks.get,
        )  # fmt: skip
        assert self.rows.of(world, self.now) == agents_of(world, self.now, STUCK_S)
        for later in LATER:
            now = self.now + later
            assert self.rows_of_later.of(world, now) == agents_of(world, now, STUCK_S)

    def _at(self, ago_s: float) -> str:
        return iso_time(self.now - ago_s)

    def _put(self, key: str, found: TaskSummary | None) -> None:
        if found is None:
            self.tasks.pop(key, None)
        else:
            self.tasks[key] = found
        self.index.put({key: found})


def test_rows_that_are_remembered_are_those_of_a_look_at_all(request: pytest.FixtureRequest) -> None:
    run_sequences(Agents, request, steps=15)
