"""Who belongs together: sessions, calls, jobs, steps and orchestrators as rows, each below the agent whose they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kit.task_files import task

from llm_service.calls.store.recent_calls import RecentCalls
from llm_service.hooks.model import Session
from llm_service.jobs.model import Job, JobStatus, PhaseTime
from llm_service.orchestrators.model import Orchestrator
from llm_service.overview.rows import AgentRows
from llm_service.overview.shapes import Agent
from llm_service.overview.task_index import TaskIndex
from llm_service.overview.world import ChangedFile, World
from llm_service.pipelines.model import RunningStep
from llm_service.tasks.model import LANES, TaskSummary
from llm_service.times import iso_time

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def agents_of(world: World, now: float, stuck_after_s: float) -> list[Agent]:
    """All agents by a look at all."""
    return AgentRows(stuck_after_s).of(world, now)


def at(ago_s: float) -> str:
    return iso_time(NOW - ago_s)


def indexed(tasks: list[TaskSummary]) -> TaskIndex:
    """What these tasks say."""
    index = TaskIndex(LANES)
    index.put({task.key: task for task in tasks})
    return index


def session(name: str, state: str = "working", ago_s: float = MINUTE, **more: Any) -> Session:
    found = Session(
        id=name, client="claude-code", agent=None, model=None, project="", folder=None, state=state, since=at(ago_s),
        certainty="confirmed", rests_on="the hook X said so", tool=None, text=None, waits=0, started_at=at(HOUR),
        last_at=at(ago_s), lines=3, file=f"work/hooks/{name}.jsonl",
    )  # fmt: skip
    return replace(found, **more)


def called(agent: str | None, ago_s: float, session: str | None = None, **more: Any) -> RecentCalls:
    found = RecentCalls(agent, session, None, None, None, NOW - ago_s - 9, NOW - ago_s, 2, 0.5, 1)
    return replace(found, **more)


def job(name: str, project: str = "shop", status: JobStatus = JobStatus.IN_PROGRESS, **more: Any) -> Job:
    phases = (PhaseTime(phase="plan", started_at=at(2 * MINUTE)),)
    return Job(
        id=name, project=project, status=status, current_phase="plan", phases=phases, started_at=at(5 * MINUTE),
        last_output_at=at(MINUTE), **more,
    )  # fmt: skip


def step(agent: str, session: str | None = None) -> RunningStep:
    return RunningStep(
        pipeline="p1", title="ticket T-1", step="test", job="j", name="tests", agent=agent, session=session,
        project=None, started_at=at(HOUR), active_at=at(MINUTE),
    )  # fmt: skip


def orchestrator(status: str, is_alive: bool) -> Orchestrator:
    return Orchestrator(
        id="o1", plan="tide", status=status, said="running", pid=7, mode="batch", started_at=at(HOUR),
        last_heartbeat=at(MINUTE), is_stale=False, is_alive=is_alive, can_stop=False, why_not=None, run_id=None,
        worktree_path=None, log_file=None,
    )  # fmt: skip


def a_task(path: str, status: str | None = None, **more: Any) -> TaskSummary:
    return replace(task(path, path).summary, status=status, modified_at=at(MINUTE), lane_since=None, **more)


def rows(**known: Any) -> dict[str, Agent]:
    return {row.id: row for row in agents_of(World(**known), NOW, 20 * MINUTE)}


def tree(**known: Any) -> list[tuple[str, str | None, str]]:
    return [(row.id, row.parent, row.state) for row in rows(**known).values()]


def test_a_session_is_that_of_who_its_hook_names_else_of_who_called_first_in_it() -> None:
    named = {"sessions": [session("s1", agent="ada")], "calls": [called("claude-code", MINUTE, "s1")]}
    assert tree(**named) == [("agent:ada", None, "working")]
    assert rows(**named)["agent:ada"].today == rows(calls=[called("x", MINUTE)])["agent:x"].today
    calls = [called("bob", MINUTE, "s1", first=NOW - HOUR), called("Explore", 2 * MINUTE, "s1")]
    assert tree(sessions=[session("s1")], calls=calls) == [
        ("agent:bob", None, "working"), ("sub-agent:s1/Explore", "agent:bob", "working"),
    ]  # fmt: skip
    assert tree(sessions=[session("s1")]) == [("agent:claude-code", None, "working")]


def test_sub_agents_are_below_their_session_and_end_when_it_goes_on_without_them() -> None:
    calls = [
        called("cc", MINUTE, "s1", first=NOW - 3 * HOUR),
        called("Explore", 20 * MINUTE, "s1"),
        called("Plan", 2 * HOUR, "s1"),  # too long ago
        called("cc", 30 * MINUTE, "s2", first=NOW - HOUR),
        called("Explore", 15 * MINUTE, "s2"),
    ]
    sessions = [session("s1", project="shop"), session("s2", "idle", project="bank")]
    assert tree(sessions=sessions, calls=calls) == [
        ("agent:cc", None, "working"),
        ("session:s2", "agent:cc", "idle"),
        ("sub-agent:s2/Explore", "session:s2", "unknown"),  # its session has not been heard of since
        ("session:s1", "agent:cc", "working"),
        ("sub-agent:s1/Explore", "session:s1", "finished"),
    ]
    above = rows(sessions=sessions, calls=calls)["agent:cc"]
    assert (above.today and above.today.calls, above.reason) == (4, "Of 2 things at once: The hook X said so.")


def test_sub_agents_without_hooks_are_below_their_agent() -> None:
    calls = [called("cc", MINUTE, "s1", first=NOW - HOUR), called("Explore", 2 * MINUTE, "s1")]
    assert tree(calls=calls) == [
        ("agent:cc", None, "working"), ("sub-agent:s1/Explore", "agent:cc", "working"),
    ]  # fmt: skip


def test_sessions_that_are_over_or_were_silent_for_a_day_are_not_at_hand() -> None:
    assert tree(sessions=[session("s1", "ended")]) == [("agent:claude-code", None, "finished")]
    assert tree(sessions=[session("s1", "idle", 2 * DAY)]) == []
    assert tree(sessions=[session("s1", "ended", 2 * DAY)]) == []
    assert tree(sessions=[session("s1", "question", 2 * DAY)]) == [("agent:claude-code", None, "waiting")]


def test_a_job_is_its_callers_else_its_own() -> None:
    calls = [called("demo", MINUTE, "j1-session", job="j1"), called("demo", 2 * MINUTE, job="j2")]
    found = rows(jobs=[job("j1"), job("j2", "bank"), job("old", status=JobStatus.FAILED)], calls=calls)
    assert [(row.id, row.parent, row.name) for row in found.values()] == [
        ("agent:demo", None, "demo"), ("job:j2", "agent:demo", "bank"), ("job:j1", "agent:demo", "shop"),
    ]  # fmt: skip
    assert [(row.today and row.today.calls) for row in found.values()] == [4, 2, 2]
    (item,) = found["job:j1"].at
    assert (item.kind, item.label, item.detail, item.link) == ("job", "shop", "plan", "#/jobs/j1")
    (single,) = rows(jobs=[job("j1")], calls=calls[:1]).values()
    assert (single.id, single.at[0].id) == ("agent:demo", "j1")  # one thing at hand is on its own row
    assert tree(jobs=[job("j1"), job("broken", problem="no YAML")]) == [("job:j1", None, "working")]


def test_a_job_whose_session_is_known_is_one_thing() -> None:
    found = rows(jobs=[job("j1")], sessions=[session("s1")], calls=[called("ada", MINUTE, "s1", job="j1")])
    assert [item.kind for item in found["agent:ada"].at] == ["job", "session"]
    assert len(found) == 1


def test_a_step_is_that_of_its_session_else_of_the_agent_that_it_names() -> None:
    own = rows(sessions=[session("s1")], steps=[step("tester", "s1")])["agent:claude-code"]
    assert [item.kind for item in own.at] == ["pipeline", "session"]
    assert tree(steps=[step("tester", "gone")]) == [("agent:tester", None, "working")]
    found = rows(steps=[step("tester", "s9")], calls=[called("ada", MINUTE, "s9")])
    assert [(row.id, row.today and row.today.calls) for row in found.values()] == [("agent:ada", 2)]


def test_an_orchestrator_says_which_plan_phase_and_task() -> None:
    plan = {"title": "Tides", "currentPhase": "Phase 2: Build", "currentTask": {"id": "2.1", "description": "Read it",
            "startedAt": at(MINUTE)}}  # fmt: skip
    (row,) = rows(orchestrators=[orchestrator("running", True)], plans={"tide": plan}).values()
    assert (row.kind, row.name, row.state, row.last and row.last.kind) == (
        "orchestrator",
        "tide",
        "working",
        "heartbeat",
    )
    (item,) = row.at
    assert (item.label, item.detail, item.link) == ("Tides", "Phase 2: Build · 2.1 Read it", "#/plans/tide")
    assert tree(orchestrators=[orchestrator("crashed", False)]) == [("orchestrator:o1", None, "stuck")]
    assert tree(orchestrators=[orchestrator("completed", False)]) == []


def test_the_task_at_hand_is_that_of_its_folder_else_the_one_its_calls_name() -> None:
    tasks = [
        a_task("assigned/ada/a.yaml", "assigned"),
        a_task("assigned/ada/b.yaml", "in progress", agent="ada"),
        a_task("done/ada/c.yaml", "done"),
        a_task("inbox/d.yaml", "new", agent="ada"),
    ]
    facts = indexed([replace(one, agent="ada") for one in tasks]).facts
    ada = rows(tasks=facts)["agent:ada"]
    assert (ada.counts, ada.current_task and ada.current_task.label) == (
        {"inbox": 1, "assigned": 2, "done": 1}, tasks[1].title,
    )  # fmt: skip
    by_id = {tasks[1].id: tasks[1], tasks[2].id: tasks[2]}
    named = {"task_of": by_id.get, "calls": [called("bob", MINUTE, task=tasks[1].id)]}
    bob = rows(**named)["agent:bob"]
    assert bob.at[0].id == tasks[1].id
    assert bob.source == "session log"  # the file of a task that is not its own says nothing of it
    assert rows(**named | {"calls": [called("bob", MINUTE, task=tasks[2].id)]})["agent:bob"].at == ()  # it is done


def test_who_is_known_by_calls_alone_is_at_the_session_of_the_last_one() -> None:
    calls = [called("eve", HOUR, "s0"), called("eve", MINUTE, "s1")]
    (item,) = rows(calls=calls)["agent:eve"].at
    assert (item.kind, item.id, item.link) == ("session", "s1", "#/costs?range=all&session=s1&show=calls")
    assert rows(calls=calls[:1])["agent:eve"].at == ()  # it is idle by now


def test_a_session_leads_to_its_transcript_once_that_is_known_to_who_may_see_it() -> None:
    logs: dict[str, tuple[str, str]] = {}

    def find(name: str, projects: Any) -> str | None:
        found, project = logs.get(name, (None, ""))
        return found if projects is None or project in projects else None

    shown = AgentRows(20 * MINUTE)
    world = World(
        sessions=[session("s/1", project="shop")], calls=[called("eve", MINUTE, "s2", project="shop")],
        find_transcript=find,
    )  # fmt: skip

    def links(seen: World, rows: AgentRows) -> dict[str, str]:
        return {one.name: one.at[0].link for one in rows.of(seen, NOW)}

    calls = "#/costs?range=all&session={}&show=calls"
    without = {"claude-code": calls.format("s%2F1"), "eve": calls.format("s2")}
    assert links(world, shown) == without
    logs |= {"s/1": ("s/1", "shop"), "s2": ("chat-2", "bank")}
    assert links(world, shown) == {"claude-code": "#/sessions/s%2F1", "eve": "#/sessions/chat-2"}
    assert links(world.seen_by(["shop"]), AgentRows(20 * MINUTE)) == without | {"claude-code": "#/sessions/s%2F1"}
    logs.clear()
    assert links(world, shown) == without


def test_a_task_in_the_inbox_is_no_sign_of_the_agent_that_it_names() -> None:
    facts = indexed([a_task("inbox/t.yaml", "new", agent="ada")]).facts
    ada = rows(tasks=facts)["agent:ada"]
    assert (ada.state, ada.last, ada.current_task) == ("idle", None, None)


def test_files_are_those_that_its_task_claims_or_of_the_project_that_it_is_at() -> None:
    files = [
        ChangedFile("shop", "new.py", "created", NOW - MINUTE),
        ChangedFile("bank", "src/x.py", "updated", NOW - 2 * MINUTE),
        ChangedFile("bank", "other.py", "updated", NOW - 3 * MINUTE),
        ChangedFile("shop", "old.py", "updated", NOW - 2 * HOUR),
    ]
    facts = indexed([a_task("assigned/ada/t.yaml", "doing", agent="ada")]).facts
    known = {"tasks": facts, "files": files, "claims_of": lambda task: ("src/x.py", "bank/y.py", "")}
    ada = rows(**known, sessions=[session("s1", agent="ada", project="shop", ago_s=5 * MINUTE)])["agent:ada"]
    assert [(file.path, file.rests_on) for file in ada.files] == [("new.py", "project"), ("src/x.py", "claim")]
    assert ada.last is not None
    assert ada.last.kind in ("files", "file")
    assert rows(**known)["agent:ada"].files[0].path == "src/x.py"


def test_who_concerns_a_person_is_first_and_the_others_stay_in_place() -> None:
    sessions = [session("s1", agent="zoe"), session("s2", agent="ada", ago_s=9), session("s3", "question", agent="kim")]
    assert list(rows(sessions=sessions)) == ["agent:kim", "agent:ada", "agent:zoe"]


def test_only_what_is_of_ones_projects_is_joined() -> None:
    world = World(
        sessions=[session("s1", agent="ada", project="shop"), session("s2", agent="bob", project="")],
        jobs=[job("j1", "bank")], orchestrators=[orchestrator("running", True)], steps=[step("tester")],
        files=[ChangedFile("bank", "x", "created", NOW)],
    )  # fmt: skip
    seen = world.seen_by({"shop"})
    assert [row.id for row in agents_of(seen, NOW, 0)] == ["agent:ada", "agent:tester"]
    assert seen.files == []
    assert world.seen_by(None) is world


def test_what_is_not_known_of_calls_is_not_given_as_none_made() -> None:
    facts = indexed([a_task("done/ada/t.yaml", "done", agent="ada")]).facts
    assert rows(tasks=facts, calls=None)["agent:ada"].today is None
    known = rows(tasks=facts, calls=[])["agent:ada"].today
    assert known is not None
    assert (known.calls, known.cost_usd, known.unpriced) == (0, 0.0, 0)
    unpriced = rows(calls=[called("x", MINUTE, cost_usd=None)])["agent:x"].today
    assert unpriced is not None
    assert (unpriced.calls, unpriced.cost_usd) == (2, None)


def test_done_today_is_what_was_seen_to_come_else_what_the_file_says() -> None:
    tasks = [
        replace(a_task("done/ada/a.yaml"), lane_since=at(HOUR)),
        replace(a_task("done/ada/b.yaml"), lane_since=at(2 * DAY), completed_at=at(HOUR)),
        replace(a_task("done/ada/c.yaml"), completed_at=at(HOUR)),
        replace(a_task("done/ada/d.yaml"), completed_at="yesterday"),
        replace(a_task("assigned/ada/e.yaml"), lane_since=at(HOUR)),
    ]
    assert indexed(tasks).done_since(NOW - DAY) == 2
