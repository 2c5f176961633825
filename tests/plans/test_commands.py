"""`llm-service plans list | show | logs`, without a dashboard."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.live import eventually
from kit.plans import PlanFiles, task

from llm_service.cli.sections import load_settings
from llm_service.plans import log_command
from llm_service.plans.commands import plans_commands

SECRET = "ghp_" + "A1b2C3d4" * 4 + "E5f6"


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    files.plan("tide")
    tasks = task("1.1", "completed", duration=61_000, description="1.1 Read \x1b[31mit"), task("1.2", "in_progress")
    files.tasks("tide", *tasks, summary={})
    files.plan("rates", "# Rates\n## Phase 1: A\n- [ ] 1.1 a\n```\n")
    return files


def run(files: PlanFiles, *arguments: str) -> Result:
    return CliRunner().invoke(plans_commands(load_settings), [*arguments, "--workspace", str(files.workspace)])


def test_plans_are_listed(files: PlanFiles) -> None:
    result = run(files, "list")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines == ["rates pending not begun", "tide in_progress 50 % of 2 1.2 Task 1.2"]
    assert run(files, "list", "--status", "completed").output == "There are no such plans.\n"
    body = json.loads(run(files, "list", "--json", "--status", "pending").output)
    assert ([row["name"] for row in body["data"]], body["summary"]["totalPlans"]) == (["rates"], 2)


def test_a_plan_is_shown(files: PlanFiles) -> None:
    output = run(files, "show", "tide").output
    assert "\x1b" not in output
    assert "  ▶ 1.2  Task 1.2" in output
    assert "61 s" in output
    assert "The summary of the status file is not that of its tasks; the tasks are counted." in output
    assert "Plan file: The code block that begins in line 4 does not end" in run(files, "show", "rates").output
    assert json.loads(run(files, "show", "tide", "--json").output)["data"]["progress"]["total"] == 2


def test_an_unknown_plan_is_an_error(files: PlanFiles) -> None:
    result = run(files, "show", "nothing")
    assert result.exit_code != 0
    assert "There is no plan “nothing”." in str(result.exception)


def test_the_end_of_the_log_that_was_written_last_is_printed(files: PlanFiles) -> None:
    old = files.log("tide", "".join(f"line {number}\n" for number in range(50)))
    assert run(files, "logs", "tide", "-n", "2").output == "line 48\nline 49\n"
    os.utime(old, (1, 1))
    elsewhere = files.workspace / ".claude/orchestrator-tide.log"
    elsewhere.parent.mkdir()
    elsewhere.write_text(f"\x1b[31mred\n{SECRET}\n")
    output = run(files, "logs", "tide").output
    assert output.startswith("\\x1b[31mred\n") and SECRET not in output


@pytest.mark.parametrize("plan", ["none", "../tide", ""])
def test_where_there_is_no_log_that_is_said(files: PlanFiles, plan: str) -> None:
    missing = run(files, "logs", plan)
    assert missing.exit_code != 0 and f"There is no log of a plan “{plan}”" in str(missing.exception)


def test_a_log_is_followed_over_pieces_and_rotation(files: PlanFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.log("tide", "before\n")
    printed: list[str] = []
    has_ended = threading.Event()

    class Ended(Exception):
        pass

    def echo(text: str) -> None:
        printed.append(text)
        if text == "after rotation":
            has_ended.set()

    def sleep(_: float) -> None:
        threading.Event().wait(0.005)
        if has_ended.is_set():
            raise Ended

    monkeypatch.setattr(log_command.click, "echo", echo)
    monkeypatch.setattr(log_command.time, "sleep", sleep)
    follower = threading.Thread(target=lambda: run(files, "logs", "tide", "-n", "1", "-f"))
    follower.start()
    eventually(lambda: printed == ["before"])
    files.log("tide", "one ")
    files.log("tide", "line\n")
    eventually(lambda: printed[1:] == ["one line"])
    with path.open("a") as file:
        path.rename(path.with_suffix(".log.1"))
        file.write("the last one\n")
    path.write_text("after rotation\n")
    follower.join(timeout=60)
    assert printed == ["before", "one line", "the last one", "after rotation"]
