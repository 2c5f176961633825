"""The plans of the demo: what is written can be read, and is a plan that the example works through."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from llm_service.cli.demo_plans import PLAN, make_plans
from llm_service.cli.sections import load_settings
from llm_service.plans.offline import read_all
from llm_service.plans.settings import PlanSettings
from llm_service.processes.settings import ProcessSettings


def test_the_plans_and_the_profile_of_the_demo_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    make_plans(workspace, tmp_path / "config/llm-service", 28.0)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings = load_settings(workspace=str(workspace))
    (profile,) = settings.of(ProcessSettings).profiles
    assert (profile.name, profile.origin, profile.argv[0], profile.argv[-1]) == (
        "orchestrator",
        "user",
        sys.executable,
        "2",
    )
    assert (workspace / profile.argv[1]).read_text().startswith("#!/usr/bin/env python3")
    plans = read_all(str(workspace), settings.of(PlanSettings)).plans
    assert len(plans) == 2 and len(plans[PLAN].tasks) == 14
    assert all(plan.problems == () and plan.disagreements == () for plan in plans.values())
    known = {task.id for task in plans[PLAN].tasks}
    assert all(set(task.dependencies) <= known for task in plans[PLAN].tasks)
