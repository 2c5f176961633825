"""`llm-service plans list | show`, without a dashboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.plans import PlanFiles, task

from llm_service.cli.sections import load_settings
from llm_service.plans.commands import plans_commands


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
