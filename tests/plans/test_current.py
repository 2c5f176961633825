"""The current plan: what its file may have in it, and that the list follows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.live import Live, eventually
from kit.plans import PlanFiles, task

from llm_service.cli.sections import load_settings
from llm_service.plans.commands import plans_commands
from llm_service.plans.current import current_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("docs/plans/tide.md\n", "tide"), ("/home/ada/ws/docs/plans/tide.md", "tide"), ("tide", "tide"),
        ("docs\\plans\\tide.md\r\n", "tide"), ("../../etc/passwd", "passwd"), ("", None), ("\n", None), ("..", None),
        (".hidden.md", None), ("tide\x1b[31m", None), ("one\ntwo", None), ("x" * 300, None), ("\u202etide", None),
    ],
)  # fmt: skip
def test_a_path_or_a_name_is_the_name_of_a_plan(text: str, name: str | None) -> None:
    assert current_of(text) == name


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    for name in ("tide", "rates"):
        files.plan(name)
        files.tasks(name, task("1.1"))
    return files


def listed(live: Live) -> tuple[str | None, list[str]]:
    """(what the file names, the plans that are shown as current)."""
    body: dict[str, Any] = live.json("/api/plans")
    return body["currentPlan"], [row["name"] for row in body["data"] if row["isCurrent"]]


def test_the_list_follows_the_file(live: Live, files: PlanFiles, tmp_path: Path) -> None:
    assert listed(live) == (None, [])
    path = files.workspace / ".claude/current-plan.txt"
    path.parent.mkdir()
    listener = live.listen()
    path.write_text("docs/plans/tide.md\n")
    eventually(lambda: listed(live) == ("tide", ["tide"]))
    assert listener.first("plan.updated", plan="tide")["data"]["isCurrent"] is True
    assert live.json("/api/plans/tide")["data"]["isCurrent"] is True
    output = CliRunner().invoke(plans_commands(load_settings), ["list", "--workspace", str(files.workspace)]).output
    assert [line.split()[0] for line in output.splitlines() if line.endswith("(current plan)")] == ["tide"]
    path.write_text("rates")
    eventually(lambda: listed(live) == ("rates", ["rates"]))
    path.write_text("archived")
    eventually(lambda: listed(live) == ("archived", []))
    files.plan("archived")
    eventually(lambda: listed(live) == ("archived", ["archived"]))
    path.unlink()
    eventually(lambda: listed(live) == (None, []))
    secret = tmp_path / "elsewhere.txt"
    secret.write_text("tide")
    path.symlink_to(secret)
    files.plan("last")
    eventually(lambda: "last" in [row["name"] for row in live.json("/api/plans")["data"]])
    live.sync()
    assert listed(live) == (None, [])
