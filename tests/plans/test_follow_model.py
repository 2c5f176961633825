"""Random changes of plan files, status files and findings on a real disk, under the real observer and an unreliable
one: after each of them the board is what reading everything anew gives, and so is what a client made of the events.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from kit.model_runs import run_sequences, watchers
from kit.plans import PLAN, PlanFiles, status_of, task
from kit.settings import settings_with

from llm_service.feature import build_kernel
from llm_service.hub.ring import Envelope
from llm_service.json_values import as_json
from llm_service.plans.feature import Plans
from llm_service.plans.offline import read_all
from llm_service.plans.settings import PlanSettings
from llm_service.plans.shapes import tasks_json
from llm_service.watch.follower import wait_until_synced
from llm_service.watch.observer import MakeObserver

observers = watchers

NAMES = st.sampled_from(["tide", "rates", "board"])
IDS = ("1.1", "1.2", "2.1", "V1")
STATUSES = st.sampled_from(["pending", "in_progress", "completed", "failed", "skipped"])


class Client:
    """What a client knows that applies each event: rows and tasks by plan."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.statuses: dict[tuple[str, str], str | None] = {}

    def apply(self, envelope: Envelope) -> None:
        """Apply one."""
        event = msgspec.json.decode(envelope.text)
        if event["type"] == "plan.updated":
            self.rows[event["plan"]] = event["data"]
        elif event["type"] == "plan.removed":
            del self.rows[event["plan"]]
            self.tasks.pop(event["plan"], None)
        elif event["type"] == "plan.task_changed":
            tasks = self.tasks.setdefault(event["plan"], {})
            known = tasks.get(event["task"])
            if known is not None:
                assert event["previousStatus"] == known["status"]
            if event["detail"] is None:
                assert event["status"] is None
                tasks.pop(event["task"], None)
            else:
                assert event["detail"]["status"] == event["status"]
                tasks[event["task"]] = event["detail"]


class PlanModel(RuleBasedStateMachine):
    """Random changes, and a comparison after each of them."""

    make_observer: MakeObserver

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Path(tempfile.mkdtemp())
        self.files = PlanFiles(self.workspace)
        settings = settings_with(workspace=str(self.workspace), history=False, journal=False)
        self.own = settings.of(PlanSettings)
        kernel = build_kernel(settings, type(self).make_observer)
        self.client = Client()
        kernel.hub.subscribe(self.client.apply)
        self.plans = Plans(kernel)
        self.plans.start()
        wait_until_synced(self.plans.followers, 60)

    def teardown(self) -> None:
        self.plans.stop()
        shutil.rmtree(self.workspace)

    @rule(name=NAMES, title=st.integers(0, 3), has_tasks=st.booleans())
    def write_plan(self, name: str, title: int, has_tasks: bool) -> None:
        self.files.plan(name, PLAN.replace("Tide import", f"Title {title}") if has_tasks else "# Notes\n")

    @rule(name=NAMES)
    def remove_plan(self, name: str) -> None:
        (self.files.plans / f"{name}.md").unlink(missing_ok=True)

    @rule(name=NAMES, new=NAMES)
    def rename_plan(self, name: str, new: str) -> None:
        path = self.files.plans / f"{name}.md"
        if path.exists():
            path.rename(self.files.plans / f"{new}.md")

    @rule(name=NAMES, statuses=st.lists(STATUSES, max_size=4), times=st.integers(1, 3))
    def rewrite_status(self, name: str, statuses: list[str], times: int) -> None:
        tasks = [task(each, status) for each, status in zip(IDS, statuses, strict=False)]
        for number in range(times):
            value = status_of(tasks, lastUpdatedAt=f"2026-11-20T09:00:0{number}Z")
            if number % 2:
                (self.files.outputs / name / "status.json").write_text(json.dumps(value))
            else:
                self.files.status(name, value)

    @rule(name=NAMES, text=st.sampled_from(["", "{", "[]", '{"tasks": 5}', "\x00"]))
    def break_status(self, name: str, text: str) -> None:
        self.files.status(name, text)

    @rule(name=NAMES, file=st.sampled_from(["1.1.md", "V1-x.md", "other.md"]), text=st.text(max_size=3))
    def write_finding(self, name: str, file: str, text: str) -> None:
        self.files.finding(name, file, text)

    @rule(name=NAMES)
    def remove_output(self, name: str) -> None:
        shutil.rmtree(self.files.outputs / name, ignore_errors=True)

    @rule(name=NAMES, new=NAMES)
    def rename_output(self, name: str, new: str) -> None:
        if (self.files.outputs / name).exists() and not (self.files.outputs / new).exists():
            (self.files.outputs / name).rename(self.files.outputs / new)

    @rule()
    def replace_the_folder_of_the_outputs(self) -> None:
        shutil.rmtree(self.files.outputs)
        self.files.outputs.mkdir()

    @invariant()
    def everything_is_as_on_the_disk(self) -> None:
        wait_until_synced(self.plans.followers, 60)
        view, fresh = self.plans.board.view, read_all(str(self.workspace), self.own)
        assert as_json(view.plans) == as_json(fresh.plans)
        assert (view.rows, view.without_plan) == (fresh.rows, fresh.without_plan)
        assert {name: set(found) for name, found in view.findings.items()} == {
            name: set(found) for name, found in fresh.findings.items()
        }
        assert self.client.rows == fresh.rows
        for name, tasks in self.client.tasks.items():
            known = {each["id"]: each for each in tasks_json(fresh.plans[name].tasks)} if name in fresh.plans else {}
            assert tasks == {task_id: known[task_id] for task_id in tasks}


@observers
def make_observer(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.timeout(600)
def test_the_board_and_every_client_follow_the_disk(
    request: pytest.FixtureRequest, make_observer: MakeObserver
) -> None:
    machine = type("Machine", (PlanModel,), {"make_observer": staticmethod(make_observer)})
    run_sequences(machine, request, 12)
