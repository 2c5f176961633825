"""The parts that are pure: disagreements, limits, plan names, the tracker's patience; and the plans' commands."""

from __future__ import annotations

import collections
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from kit.live import eventually
from kit.orchestrators import PLAN, Desk, profile_of
from kit.settings import settings_with

from llm_service.assembly.plan_files import KnownPlans
from llm_service.feature import build_kernel
from llm_service.orchestrators.commands import plan_commands
from llm_service.orchestrators.disagreements import PlanKnowledge, disagreements
from llm_service.orchestrators.follow import RegistryFile
from llm_service.orchestrators.limits import Limit, WorkflowLimits, limits_in_force
from llm_service.orchestrators.model import Orchestrator, Registry, plan_name
from llm_service.orchestrators.resources import Machine
from llm_service.plans.feature import Plans
from llm_service.watch.root import WatchedRoot

STATUS_AT, HEARTBEAT_AT, NOW = "2026-11-20T09:00:00Z", "2026-11-20T09:59:00Z", "2026-11-20T10:00:00Z"


def orchestrator(**fields: Any) -> Orchestrator:
    values: dict[str, Any] = {
        "id": "o1", "plan": "tide", "status": "running", "said": "running", "pid": 41, "mode": "batch",
        "started_at": "2026-11-20T08:30:00Z", "last_heartbeat": "2026-11-20T09:59:00Z", "is_stale": False,
        "is_alive": True, "can_stop": True, "why_not": None, "run_id": None, "worktree_path": None, "log_file": None,
    }  # fmt: skip
    return Orchestrator(**values | fields)


def knowledge(**fields: Any) -> PlanKnowledge:
    return PlanKnowledge(**{"total": 4, "finished": 2, "at": STATUS_AT} | fields)


def worktree(**fields: Any) -> dict[str, Any]:
    facts = {"name": "w", "branch": "tide", "dirtyCount": 0, "ahead": 1, "mainBranch": "main", "lastActivityAt": NOW}
    return facts | {"problem": None} | fields


def said(*arguments: Any) -> list[tuple[Any, ...]]:
    found = disagreements(*arguments)
    return [(one.kind, *((each.source, each.says, each.at) for each in one.said)) for one in found]


def test_nothing_is_said_where_all_agree() -> None:
    assert said(knowledge(in_progress=("2.1",)), [orchestrator()], worktree(), NOW) == []
    assert said(knowledge(), [], None, NOW) == []
    assert said(knowledge(), [orchestrator(status="completed", said="completed", is_alive=False)], None, NOW) == []
    assert said(PlanKnowledge(), [], worktree(ahead=0), NOW) == []
    assert said(knowledge(finished=4), [orchestrator(mode="continuous")], None, NOW) == []  # it waits for more
    assert said(knowledge(), [], worktree(dirtyCount=None, ahead=None), NOW) == []  # git is not read


ALL_DONE = ("status", "all 4 tasks are finished", STATUS_AT)
RUNS = ("process", "process 41 runs", NOW)


@pytest.mark.parametrize(
    ("plan", "orchestrators", "tree", "expected"),
    [
        (knowledge(in_progress=("2.1",)), [], None, [
            ("nobody_works", ("status", "2.1 is in progress", STATUS_AT),
             ("process", "no orchestrator of the plan runs", NOW))]),
        (knowledge(), [orchestrator(status="crashed", is_alive=False)], None, [
            ("crashed", ("registry", "o1 is running", HEARTBEAT_AT),
             ("process", "process 41 is gone, or another one", NOW))]),
        (knowledge(), [orchestrator(status="crashed", is_alive=False, pid=None)] * 9, None, [
            ("crashed", ("registry", "o1 is running", HEARTBEAT_AT), ("process", "no process is named", NOW))] * 5),
        (knowledge(), [orchestrator(said="completed")], None, [
            ("runs_on", ("registry", "o1 is completed", HEARTBEAT_AT), RUNS)]),
        (knowledge(), [orchestrator(is_stale=True)], None, [
            ("no_heartbeat", ("registry", "the last heartbeat of o1", HEARTBEAT_AT), RUNS)]),
        (knowledge(), [orchestrator(said=None)], None, [
            ("not_registered", ("registry", "nothing of it is registered", None), RUNS)]),
        (knowledge(), [orchestrator(said=None, status="starting")], None, []),
        (knowledge(finished=4), [orchestrator()], None, [("finished_but_runs", ALL_DONE, RUNS)]),
        (knowledge(finished=4), [], worktree(dirtyCount=3), [
            ("not_committed", ALL_DONE, ("worktree", "3 files of w are not committed", NOW))]),
        (knowledge(finished=4), [], worktree(dirtyCount=1, ahead=0), [
            ("not_committed", ALL_DONE, ("worktree", "1 file of w is not committed", NOW))]),
        (knowledge(), [], worktree(ahead=0), [
            ("nothing_changed", ("status", "2 of 4 tasks are finished", STATUS_AT),
             ("git", "w has no change that main has not", NOW))]),
        (knowledge(finished=4), [], worktree(problem="Its folder is gone.", dirtyCount=None), [
            ("worktree_gone", ("git", "tide is checked out in w", NOW), ("worktree", "Its folder is gone.", None))]),
        (knowledge(in_progress=("1", "2", "3", "4", "5")), [], None, [
            ("nobody_works", ("status", "1, 2, 3 and 2 more are in progress", STATUS_AT),
             ("process", "no orchestrator of the plan runs", NOW))]),
    ],
)  # fmt: skip
def test_each_source_says_its_own_with_its_time(
    plan: PlanKnowledge, orchestrators: list[Orchestrator], tree: Any, expected: list[Any]
) -> None:
    assert said(plan, orchestrators, tree, NOW) == expected


def test_a_file_of_the_workspace_only_makes_limits_stricter(tmp_path: Path) -> None:
    path = tmp_path / "git-workflow.json"

    def found(facts: Any) -> Any:
        path.write_text(facts if isinstance(facts, str) else json.dumps(facts))
        own = WorkflowLimits(Limit(3), Limit(14.0), Limit(500, "LLM_SERVICE_MIN_DISK_SPACE_MB"), Limit(1_000))
        return limits_in_force(str(tmp_path), path.name, own)

    limits = found({"worktrees": {"max_concurrent": 9}, "resources": {"min_disk_space_mb": 1, "warn_disk_space_mb": 0}})
    assert [limits.max_worktrees.value, limits.min_disk_space_mb.value, limits.warn_disk_space_mb.value] == [
        3,
        500,
        1_000,
    ]
    assert limits.max_worktrees.ignored == 9 and limits.max_worktrees.origin == "default"
    assert (limits.min_disk_space_mb.ignored, limits.min_disk_space_mb.origin) == (1, "LLM_SERVICE_MIN_DISK_SPACE_MB")
    limits = found({"worktrees": {"max_concurrent": 1, "stale_days": 5}, "resources": {"min_disk_space_mb": 900}})
    assert (limits.max_worktrees.value, limits.max_worktrees.origin) == (1, path.name)
    assert (limits.stale_days.value, limits.min_disk_space_mb.value) == (5, 900)
    for broken in ("{", "[]", '{"worktrees": {"max_concurrent": true}}', '{"resources": {"min_disk_space_mb": NaN}}'):
        assert found(broken).max_worktrees.value == 3
        assert found(broken).min_disk_space_mb.value == 500
    assert found("{").problem is not None
    for large in ("1e400", "9" * 400, "9" * 5_000):
        limits = found(f'{{"worktrees": {{"max_concurrent": 1}}, "resources": {{"min_disk_space_mb": {large}}}}}')
        assert (limits.max_worktrees.value, limits.min_disk_space_mb.value, limits.problem) == (1, 500, None)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("tide", "tide"), ("docs/plans/tide.md", "tide"), ("/a/b/tide import.md", "tide import"), ("a\\b.md", "b"),
        ("", None), ("..", None), ("/", None), (".md", None), (5, None), (None, None), ("a\x1bb", None),
        ("x" * 5000, None),
    ],
)  # fmt: skip
def test_plan_names(value: Any, name: str | None) -> None:
    assert plan_name(value) == name


def test_a_plan_is_one_that_was_read_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "docs/plans/archive").mkdir(parents=True)
    for path in ("a.md", ".hidden.md", "archive/old.md", "notes.txt"):
        (tmp_path / "docs/plans" / path).write_text(PLAN)
    (tmp_path / "docs/plans/README.md").write_text("# Plans\n\nA plan has tasks.\n")
    kernel = build_kernel(settings_with(workspace=str(tmp_path), plan_projects=["a*=quay"]))
    known = KnownPlans(kernel, Plans(kernel))
    assert list(known.names()) == ["a"] and known.path_of("a") == "docs/plans/a.md"
    assert [known.project_of("a"), known.project_of("b"), known.log_of("a")] == ["quay", "", "orchestrator-a.log"]
    for name in ("..", "../plans/a", "archive/old", "", "a.md", "A", ".hidden", "a\0", "README", "notes"):
        assert known.path_of(name) is None, name


def test_the_machine_is_measured_since_the_last_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("llm_service.orchestrators.resources.time.monotonic", lambda: now[0])
    times = collections.namedtuple("times", "user system idle iowait guest")
    machine = Machine()
    assert machine._cpu_percent(times(20.0, 10.0, 60.0, 10.0, 5.0)) == 30.0  # since the system started
    now[0] = 100.1
    assert machine._cpu_percent(times(120.0, 10.0, 60.0, 10.0, 5.0)) == 30.0
    now[0] = 101.0
    assert machine._cpu_percent(times(21.0, 11.0, 66.0, 10.0, 5.0)) == 25.0
    assert 0 <= machine.measure()["memory"]["percent"] <= 100


def test_a_registry_that_is_written_in_place_becomes_whole(desk: Any, place: Path) -> None:
    one: Desk = desk(profile_of())
    path = place / ".claude/orchestrator-registry.json"
    path.parent.mkdir()
    text = json.dumps({"instances": [{"id": "a", "plan": "tide-import", "status": "stopped", "pid": None}]})
    path.write_text(text)
    eventually(lambda: [each["id"] for each in one.all()] == ["a"])
    path.write_text(text[:20])
    eventually(lambda: one.live.json("/api/orchestrators")["problem"])
    assert [each["id"] for each in one.all()] == ["a"]
    path.write_text(text.replace('"a"', '"b"'))
    eventually(lambda: [each["id"] for each in one.all()] == ["b"])
    assert one.live.json("/api/orchestrators")["problem"] is None
    path.unlink()
    eventually(lambda: one.all() == [])


def test_a_registry_that_cannot_be_read_for_a_while_is_read_again_without_a_hint(tmp_path: Path) -> None:
    now, found, applied = [100.0], [Registry(problem="Input/output error")], list[Registry]()
    board: Any = SimpleNamespace(apply_registry=applied.append, has_alive=lambda: False, loaded=lambda: None)
    root = WatchedRoot(str(tmp_path), lambda folder: True, lambda hint: None, force_polling=True)
    file = RegistryFile(board, root, "registry.json", lambda: found[0], lambda: None, lambda: now[0])
    file.load()
    due = []
    for _ in range(20):
        due.append(file.next_due() or 0.0)
        now[0] = due[-1]
        assert file.turn(now[0])
    assert due[1] - due[0] == pytest.approx(0.05), "it may be written in place"
    assert due[-1] - due[-2] == pytest.approx(5.0), "no hint may say that it can be read"
    found[0] = Registry()
    now[0] = file.next_due() or 0.0
    assert file.turn(now[0])
    assert (applied[-1], file.next_due()) == (Registry(), None)


class PretendedClient:
    """Notes what is asked of the dashboard."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, float | None]] = []

    def post(self, path: str, body: Any = None, timeout_s: float | None = None) -> Any:
        self.asked.append((path, body, timeout_s))
        return {"success": True, "message": "The orchestrator runs.", "orchestrator": {"pid": 4, "logFile": "x.log"}}


def command(name: str, client: PretendedClient) -> Any:
    found = plan_commands(lambda workspace, config: client)
    return next(one for one in found if one.name == name)


def test_start_and_stop_ask_the_dashboard() -> None:
    client = PretendedClient()
    runner = CliRunner()
    start, stop = command("start", client), command("stop", client)
    done = runner.invoke(
        start, ["tide import", "--mode", "continuous", "--task", "1.1", "--task", "2.1", "--autonomous"]
    )
    assert done.output == "The orchestrator runs.\nLog: x.log\n"
    assert json.loads(runner.invoke(stop, ["a/b", "--timeout", "2", "--json"]).output)["success"] is True
    assert runner.invoke(stop, ["a", "--timeout", "-1"]).exit_code == 2
    assert client.asked[0][:2] == (
        "/api/plans/tide%20import/start", {"mode": "continuous", "tasks": ["1.1", "2.1"], "autonomous": True},
    )  # fmt: skip
    assert client.asked[1] == ("/api/plans/a%2Fb/stop", {"force": False, "timeout": 2.0}, 17.0)
