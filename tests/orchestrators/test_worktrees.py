"""Worktrees: what git's files and pygit2 say, compared with git; hostile repositories run nothing and halt nothing."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest
from kit.live import eventually
from kit.orchestrators import Desk, make_place, profile_of, write_registry
from kit.repositories import add_worktree, arm, change_line, digest_of, git, make_repository

from llm_service.orchestrators.git_helper import GitHelper
from llm_service.orchestrators.registry import parse_registry
from llm_service.orchestrators.worktree_view import WorktreeView
from llm_service.orchestrators.worktrees import list_worktrees

Begin = Callable[..., Desk]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo")


@pytest.fixture
def helper() -> Iterator[GitHelper]:
    one = GitHelper(limit_s=1.0)
    one.start()
    yield one
    one.stop()


def read(helper: GitHelper, repository: Path) -> dict[str, Any]:
    """Name of the folder -> its state."""
    found = list_worktrees(str(repository))
    assert found is not None
    answer = helper.ask([place for place in found.places if place.problem is None])
    assert isinstance(answer, dict), answer
    return {os.path.basename(path): state for path, state in answer.items()}


def test_the_list_is_that_of_git(repository: Path) -> None:
    add_worktree(repository, "one", "plan/one")
    two = add_worktree(repository, "two")
    git(two, "checkout", "-q", "--detach")
    git(repository, "worktree", "lock", str(two))
    found = list_worktrees(str(repository))
    assert found is not None
    said = []
    for block in git(repository, "worktree", "list", "--porcelain", "-z").strip("\0").split("\0\0"):
        facts = dict(line.partition(" ")[::2] for line in block.split("\0"))
        branch = facts.get("branch", "").removeprefix("refs/heads/") or None
        said.append((facts["worktree"], branch, "locked" in facts))
    assert sorted((place.path, place.branch, place.is_locked) for place in found.places) == sorted(said)
    assert found.places[-1].head == git(two, "rev-parse", "HEAD").strip()


def test_a_worktree_finds_its_repository(repository: Path) -> None:
    path = add_worktree(repository, "one")
    found = list_worktrees(str(path))
    assert found is not None and found.common == str(repository / ".git")
    assert [place.path for place in found.places] == [str(repository), str(path)]


def test_one_whose_folder_is_gone_is_abandoned(repository: Path) -> None:
    path = add_worktree(repository, "one")
    path.rename(path.with_name("moved"))
    found = list_worktrees(str(repository))
    assert found is not None and found.places[1].problem == "Its folder is gone."


def test_files_that_lead_to_another_repository_are_not_believed(repository: Path, tmp_path: Path) -> None:
    foreign = make_repository(tmp_path / "foreign")
    add_worktree(repository, "one")
    (repository / ".git/worktrees/wt-one/gitdir").write_text(f"{foreign}/.git\n")
    found = list_worktrees(str(repository))
    assert found is not None and found.places[1].problem == "The folder that it names is not its worktree."
    (tmp_path / "liar").mkdir()
    (tmp_path / "liar/.git").write_text(f"gitdir: {foreign}/.git\n")
    assert list_worktrees(str(tmp_path / "liar")) is None
    (tmp_path / "link").mkdir()
    (tmp_path / "link/.git").symlink_to(foreign / ".git")
    assert list_worktrees(str(tmp_path / "link")) is None


def test_state_is_that_of_git(repository: Path, helper: GitHelper) -> None:
    path = add_worktree(repository, "one")
    change_line(path, 3, "mine", commit=True)
    change_line(path, 9, "mine too", commit=True)
    change_line(repository, 30, "theirs", commit=True)
    change_line(path, 20, "not committed")
    (path / "new.txt").write_text("new")
    (path / "other.txt").unlink()
    state = read(helper, repository)["wt-one"]
    porcelain = git(path, "status", "--porcelain", "-z", "-uall").strip("\0").split("\0")
    assert state["dirty"] == sorted(line[3:] for line in porcelain)
    counts = git(path, "rev-list", "--left-right", "--count", "HEAD...main").split()
    assert [str(state["ahead"]), str(state["behind"])] == counts == ["2", "1"]
    assert state["lastCommit"]["id"] == git(path, "rev-parse", "HEAD").strip()
    assert state["mainBranch"] == "main"


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [(5, 5, "hot"), (5, 6, "soft"), (1, 40, "soft")],
)
@pytest.mark.parametrize("commit", [True, False], ids=["committed", "edited"])
def test_overlap_is_hot_on_the_same_lines_and_soft_in_the_same_file(
    repository: Path, helper: GitHelper, mine: int, theirs: int, kind: str, commit: bool
) -> None:
    one, two = add_worktree(repository, "one"), add_worktree(repository, "two")
    change_line(one, mine, "mine", commit)
    change_line(two, theirs, "theirs")
    found = read(helper, repository)
    (overlap,) = found["wt-one"]["overlaps"]
    assert (overlap["file"], overlap["kind"], overlap["worktree"]) == ("text.txt", kind, "wt-two")
    assert overlap["lines"] == ([[mine, mine]] if kind == "hot" else [])
    assert found["wt-two"]["overlaps"][0]["worktree"] == "wt-one"
    assert found["repo"]["overlaps"] == []


def test_the_same_change_and_other_files_are_no_overlap(repository: Path, helper: GitHelper) -> None:
    one, two = add_worktree(repository, "one"), add_worktree(repository, "two")
    change_line(one, 5, "same")
    change_line(two, 5, "same")
    (two / "other.txt").write_text("changed\n")
    (one / "new.txt").write_text("a\n")
    (two / "new.txt").write_text("b\n")
    (overlap,) = read(helper, repository)["wt-one"]["overlaps"]
    assert (overlap["file"], overlap["kind"]) == ("new.txt", "hot")


def test_two_insertions_at_one_place_are_hot(repository: Path, helper: GitHelper) -> None:
    one, two = add_worktree(repository, "one"), add_worktree(repository, "two")
    for path, text in ((one, "a"), (two, "b")):
        lines = (path / "text.txt").read_text().splitlines()
        (path / "text.txt").write_text("\n".join([*lines[:10], text, *lines[10:]]) + "\n")
    (overlap,) = read(helper, repository)["wt-one"]["overlaps"]
    assert (overlap["kind"], overlap["lines"]) == ("hot", [[10, 11]])


def test_no_program_runs_and_nothing_is_written(repository: Path, helper: GitHelper, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    add_worktree(repository, "one")
    arm(repository, mark)
    assert not mark.exists()
    read(helper, repository)
    before = digest_of(tmp_path)
    state = read(helper, repository)
    assert "text.txt" in state["repo"]["dirty"] and state["repo"]["problem"] is None
    assert digest_of(tmp_path) == before and not mark.exists()
    # The trap works: git itself runs what the configuration names.
    git(repository, "-c", "alias.status=", "diff", "--stat")
    git(repository, "add", "text.txt")
    assert mark.exists()


@pytest.mark.parametrize("name", [".gitignore", ".git/index", ".git/info/exclude", ".gitattributes"])
def test_a_fifo_in_a_repository_halts_nothing(repository: Path, helper: GitHelper, name: str) -> None:
    (repository / name).unlink(missing_ok=True)
    os.mkfifo(repository / name)
    found = list_worktrees(str(repository))
    assert found is not None
    answer = helper.ask(found.places)
    if isinstance(answer, str):
        assert "did not answer" in answer
    (repository / name).unlink()
    eventually(lambda: isinstance(helper.ask(found.places), dict))


def test_the_dashboard_ends_at_once_while_a_repository_does_not_answer(repository: Path) -> None:
    os.mkfifo(repository / ".gitignore")
    found = list_worktrees(str(repository))
    assert found is not None
    helper = GitHelper(limit_s=100.0)
    helper.start()
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(helper.ask(found.places)))
    asking.start()
    reader = eventually(lambda: helper._process)
    eventually(lambda: psutil.Process(reader.pid).status() == psutil.STATUS_SLEEPING and helper._problem is None)
    helper.stop()
    asking.join(timeout=60)
    assert not asking.is_alive() and isinstance(answers[0], str)


def test_a_configuration_that_names_another_worktree_is_refused(
    repository: Path, helper: GitHelper, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key.txt").write_text("x")
    git(repository, "config", "core.worktree", str(tmp_path / "secret"))
    state = read(helper, repository)["repo"]
    assert "another folder" in state["problem"] and "dirty" not in state


def test_without_pygit2_the_worktrees_are_listed_and_that_is_said(
    desk: Begin, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(place)
    add_worktree(place, "tide-import")
    monkeypatch.setattr(GitHelper, "is_installed", False)
    found = desk().live.json("/api/worktrees")
    assert "pygit2 is not installed" in found["problem"]
    assert [(one["name"], one["dirty"]) for one in found["worktrees"]] == [("ws", None), ("wt-tide-import", None)]


def test_a_workspace_without_a_repository_has_none(desk: Begin) -> None:
    found = desk().live.json("/api/worktrees")
    assert found["worktrees"] == [] and "no git repository" in found["problem"]


def test_worktrees_have_plans_age_and_summary(desk: Begin, place: Path) -> None:
    make_repository(place)
    make_place(place, "tide-import", "other", "third")
    one = add_worktree(place, "a", "plan/tide-import")
    add_worktree(place, "other", "b")
    gone = add_worktree(place, "gone")
    gone.rename(gone.with_name("elsewhere"))
    write_registry(
        place,
        {"id": "o", "plan": "third", "status": "running", "pid": None, "worktree_path": str(one), "started_at": None},
    )
    (place / ".claude/git-workflow.json").write_text('{"worktrees": {"max_concurrent": 2, "stale_days": 0.000001}}')
    time.sleep(0.2)
    desk_ = desk(profile_of())
    eventually(lambda: desk_.all())
    found = desk_.live.json("/api/worktrees")
    shown = {each["name"]: each for each in found["worktrees"]}
    assert shown["wt-a"]["planName"] == "third" and shown["wt-a"]["status"] == "active"
    assert shown["wt-other"]["status"] == "stale" and shown["wt-other"]["age"]["isStale"] is True
    assert shown["wt-gone"]["status"] == "abandoned"
    assert found["summary"]["total"] == 3 and found["summary"]["abandoned"] == 1
    (place / ".claude/orchestrator-registry.json").unlink()
    eventually(lambda: not desk_.all())
    again = {each["name"]: each for each in desk_.live.json("/api/worktrees")["worktrees"]}
    assert again["wt-a"]["planName"] == "tide-import"
    resources = desk_.live.json("/api/resources")
    assert resources["limits"]["concurrentWorktrees"] == {"current": 2, "max": 2, "canCreate": False}
    assert resources["canCreateWorktree"] is False
    assert resources["worktrees"] == {"total": 3, "stale": 2, "abandoned": 1}
    origins = {name: limit["origin"] for name, limit in resources["origins"].items()}
    assert origins["max_worktrees"] == ".claude/git-workflow.json"
    assert origins["warn_disk_space_mb"] == "default"
    assert {"cpu_percent", "memory"} == set(resources["system"]) and resources["warnings"]


def test_a_registry_with_long_paths_is_asked_about_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = [add_worktree(repository, f"t{number}") for number in range(10)]
    there = "./sub/../" * 400
    (repository / "sub").mkdir()
    entries = [
        {"id": f"o{number}", "plan": "p", "status": "running", "worktree_path": f"{there}{number}"}
        for number in range(100)
    ]
    entries.append({"id": "o", "plan": "third", "status": "running", "worktree_path": f"../{trees[3].name}/."})
    gone = repository.parent / "gone"
    git(repository, "worktree", "add", "-q", str(gone))
    gone.rename(gone.with_name("elsewhere"))
    entries.append({"id": "g", "plan": "lost", "status": "running", "worktree_path": str(gone)})
    registry = parse_registry(json.dumps({"instances": entries}).encode())
    board = SimpleNamespace(registry=lambda: registry)
    plans = SimpleNamespace(names=lambda: ())
    view = WorktreeView(str(repository), cast(Any, None), cast(Any, board), cast(Any, plans), lambda: 14.0)
    calls: list[Any] = []
    for name in ("stat", "lstat"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *given, real=real, **more: calls.append(given) or real(*given, **more))
    shown = {one["name"]: one["planName"] for one in view.linked()}
    assert shown == {f"wt-t{number}": "third" if number == 3 else None for number in range(10)} | {"gone": "lost"}
    assert len(calls) < 1_000


def test_an_edited_file_and_a_commit_are_seen(desk: Begin, place: Path) -> None:
    make_repository(place)
    path = add_worktree(place, "a")
    one = desk()

    def state() -> Any:
        return next(each for each in one.live.json("/api/worktrees")["worktrees"] if each["name"] == "wt-a")

    assert (state()["dirtyCount"], state()["ahead"]) == (0, 0)
    change_line(path, 3, "edited")
    eventually(lambda: state()["dirty"] == ["text.txt"])
    git(path, "commit", "-q", "-a", "-m", "edited")
    eventually(lambda: (state()["dirtyCount"], state()["ahead"]) == (0, 1))
    assert state()["lastCommit"]["summary"] == "edited"


def test_every_get_leaves_the_disk_as_it_was_and_starts_no_program(desk: Begin, place: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    make_repository(place)
    (place / ".gitignore").write_text("work/\n")
    add_worktree(place, "a")
    arm(place, mark)
    write_registry(place, {"id": "o", "plan": "tide-import", "status": "running", "pid": 1, "started_at": "x"})
    one = desk(profile_of(), journal=False, state_dir=str(tmp_path / "state"))
    own = psutil.Process()
    rules = [rule for rule in one.live.dashboard.site.flask.url_map.iter_rules() if "GET" in (rule.methods or ())]
    values = {"name": "tide-import", "orchestrator_id": "o", "run_id": "x", "task_id": "t", "top": "lib", "rest": "dom"}
    paths = [
        re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: values.get(match[1], "x"), rule.rule) for rule in rules
    ]
    asked = ["/api/orchestrators", "/api/orchestrators/o", "/api/resources", "/api/worktrees"]
    assert set(asked) <= set(paths)
    one.live.json("/api/worktrees")
    before, processes = digest_of(place), {child.pid for child in own.children(recursive=True)}
    for path in paths:
        if "stream" not in path and "/ws" not in path and "metrics" not in path:
            one.live.get(path)
    assert {child.pid for child in own.children(recursive=True)} <= processes
    after = digest_of(place)
    assert {name for name in before | after if before.get(name) != after.get(name)} == set()
    assert not mark.exists()


def test_a_plan_says_where_others_say_something_else(desk: Begin, place: Path) -> None:
    make_repository(place)
    tree = add_worktree(place, "a", "plan/tide-import")
    tasks = [{"id": "1.1", "status": "completed"}, {"id": "1.2", "status": "in_progress"}]
    outputs = place / "docs/plan-outputs/tide-import"
    outputs.mkdir(parents=True)
    (outputs / "status.json").write_text(json.dumps({"tasks": tasks}))
    write_registry(place, {"id": "o", "plan": "tide-import", "status": "running", "pid": 999_999_999})
    one = desk(profile_of())

    def plan() -> Any:
        return one.live.json("/api/plans/tide-import")["data"]

    def found() -> dict[str, Any]:
        return {each["kind"]: each["statements"] for each in plan()["disagreementList"]}

    eventually(lambda: {"crashed", "nobody_works", "nothing_changed"} <= found().keys())
    assert plan()["worktree"] == {"active": True, "path": str(tree)}
    assert plan()["disagreements"] == len(plan()["disagreementList"])
    crashed = found()["crashed"]
    assert [each["source"] for each in crashed] == ["registry", "process"] and crashed[1]["at"]
    assert [each["source"] for each in found()["nothing_changed"]] == ["status", "git"]
    tree.rename(tree.with_name("elsewhere"))
    eventually(lambda: "worktree_gone" in found())
    assert plan()["worktree"]["active"] is False and "nothing_changed" not in found()
    (place / ".claude/orchestrator-registry.json").unlink()
    eventually(lambda: "crashed" not in found())
    assert "nobody_works" in found()
