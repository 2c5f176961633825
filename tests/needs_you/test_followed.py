"""What is known of tasks and pipelines by their changes is what a look at all of them gives; time passes by a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from kit.model_runs import run_sequences
from kit.pipelines import NOON
from kit.task_files import broken, task

from llm_service.needs_you.followed import CALLS_CHECK_S, PipelineNeeds, TaskNeeds
from llm_service.pipelines.board import PipelineBoard
from llm_service.pipelines.model import FileProblem, Job, Pipeline, PipelineFile, PipelineRow, Step
from llm_service.pipelines.rows import LogTimes, as_of, next_change
from llm_service.pipelines.running import RunningPipelines, RunningSteps
from llm_service.tasks.cards import Cards
from llm_service.times import iso_time

HOUR = 3_600.0
STALE_S = 6 * HOUR
AGO = st.sampled_from([0.0, 1.0, HOUR, STALE_S - 1, STALE_S, STALE_S + 1, 48 * HOUR])
STEPS = st.sampled_from([1.0, 60.0, HOUR, STALE_S - 1, STALE_S, 2 * HOUR])
IDS = st.sampled_from(["p1", "p2", "p3", "p4"])
KEYS = st.sampled_from(["t1", "t2", "t3"])
MOST = 3
TASKS = {key: task(f"assigned/ada/{key}.yaml").summary for key in ("t1", "t2", "t3", "t4", "t5")}
OTHER = task("assigned/ada/t9.yaml").summary


class Store:
    """The logs of pipelines, as on the disk. `read` counts how often they are looked at."""

    def __init__(self) -> None:
        self.logs: dict[str, dict[str, tuple[int, str]]] = {}
        self.read = 0

    def log_times(self, pipeline_id: str) -> LogTimes:
        """Those of one."""
        self.read += 1
        return dict(self.logs.get(pipeline_id, {}))


class Rows:
    """What the feature `Pipelines` answers, from its indexes or, `anew`, from all that there is."""

    stale_after_s = STALE_S

    def __init__(self, machine: Any, anew: bool) -> None:
        self._machine, self._anew = machine, anew

    def rows(self) -> Any:
        """All."""
        return self._machine.board.rows()

    def row(self, pipeline_id: str) -> PipelineRow | None:
        """One."""
        found: PipelineRow | None = self._machine.board.get(pipeline_id)
        return found

    def changed_since(self, version: int) -> Any:
        """What changed."""
        return self._machine.board.changed_since(version)

    def as_of_now(self, row: PipelineRow) -> PipelineRow:
        """At this moment."""
        return as_of(row, self._machine.now, STALE_S, self._logs(row))

    def next_change(self, row: PipelineRow) -> float | None:
        """By time alone."""
        return None if row.status != "running" else next_change(
            row.updated_at, self._machine.now, STALE_S, self._logs(row)
        )  # fmt: skip

    def _logs(self, row: PipelineRow) -> LogTimes:
        if row.status != "running":
            return {}
        machine = self._machine
        found: LogTimes = machine.store.logs.get(row.id, {}) if self._anew else machine.running.logs(row.id)
        return found


class PipelineModel(RuleBasedStateMachine):
    """Pipelines come, change and go, and so do their logs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.store, self.board = Store(), PipelineBoard()
        self.running = RunningPipelines(self.store)  # type: ignore[arg-type]
        self.steps = RunningSteps(self.board, self.running)
        self.needs = PipelineNeeds(Rows(self, anew=False), MOST)
        self.files: dict[str, PipelineFile] = {}
        for pipeline_id in ("p1", "p2"):
            self.it_is_written(pipeline_id, "running", 0.0, True)

    @rule(
        pipeline_id=IDS,
        status=st.sampled_from(["created", "running", "success", "failed"]),
        ago=AGO,
        works=st.booleans(),
    )
    def it_is_written(self, pipeline_id: str, status: str, ago: float, works: bool) -> None:
        """By a tool: its jobs run or not."""
        at = iso_time(self.now - ago)
        job = Job(
            id=f"{pipeline_id}-j", step="test", name="n", agent_type="a", status="running" if works else "success"
        )
        pipeline = Pipeline(
            id=pipeline_id, project=None, pipeline_type="ticket_work", ticket_id="T", sprint_id=None, branch=None,
            triggered_by=None, meta={}, status=status, created_at=at, started_at=at,
            finished_at=at if status == "success" else None, updated_at=at, steps=(Step("test", 1, status),),
            jobs=(job,),
        )  # fmt: skip
        self._put(pipeline_id, PipelineFile(pipeline_id, f"{pipeline_id}/pipeline.yaml", pipeline, None, at))

    @rule(pipeline_id=IDS)
    def it_is_broken(self, pipeline_id: str) -> None:
        """By hand."""
        problem, at = FileProblem("it is no YAML", 1, 1, "X"), iso_time(self.now)
        self._put(pipeline_id, PipelineFile(pipeline_id, f"{pipeline_id}/pipeline.yaml", None, problem, at))

    @rule(pipeline_id=IDS)
    def it_is_removed(self, pipeline_id: str) -> None:
        """Its folder, with its logs."""
        self.store.logs.pop(pipeline_id, None)
        self._put(pipeline_id, None)

    @rule(pipeline_id=IDS, job=st.sampled_from(["a", "b"]), ago=AGO | AGO.map(lambda ago: -ago))
    def a_log_grows(self, pipeline_id: str, job: str, ago: float) -> None:
        """Its time may be in the future, where it proves nothing yet."""
        self.store.logs.setdefault(pipeline_id, {})[job] = (1, iso_time(self.now - ago))
        self._touch(pipeline_id)

    @rule(pipeline_id=IDS)
    def its_logs_are_removed(self, pipeline_id: str) -> None:
        """All."""
        self.store.logs.pop(pipeline_id, None)
        self._touch(pipeline_id)

    @rule(seconds=STEPS)
    def time_passes(self, seconds: float) -> None:
        """To just after a moment, when what is at that moment is known."""
        self.now += seconds + 0.002

    @rule()
    def very_much_changes(self) -> None:
        """More than is remembered."""
        for _ in range(1_100):
            self.board.touch("p1")

    @invariant()
    def needs_and_steps_are_those_of_a_look_at_all(self) -> None:
        """Those that run by their index, and what waits for a person."""
        needs, next_at = self.needs.look(self.now)
        anew = PipelineNeeds(Rows(self, anew=True), MOST)
        assert (needs, next_at) == anew.look(self.now)
        assert needs is self.needs.look(self.now)[0]
        read, running = self.store.read, RunningPipelines(self.store)  # type: ignore[arg-type]
        assert read <= self.changes
        for pipeline_id, file in self.files.items():
            running.put(pipeline_id, file)
        self.store.read = read
        assert self.steps.all(self.now) == RunningSteps(self.board, running).all(self.now)

    changes = 0

    def _put(self, pipeline_id: str, file: PipelineFile | None) -> None:
        self.changes += 1
        self.files.pop(pipeline_id, None)
        if file is not None:
            self.files[pipeline_id] = file
        self.running.put(pipeline_id, file)
        self.board.apply({pipeline_id: file})

    def _touch(self, pipeline_id: str) -> None:
        self.changes += 1
        self.running.touch(pipeline_id)
        self.board.touch(pipeline_id)


class TaskModel(RuleBasedStateMachine):
    """Tasks come, change and go, and calls name them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.calls: dict[str, str] = {}
        self.cards = Cards()
        self.asked: list[list[str]] = []
        self.needs = TaskNeeds(Board(self.cards), STALE_S, self._last_calls, MOST)
        for key in ("t1", "t2", "t3", "t4", "t5"):
            self.it_is_written(key, "assigned", "in progress", 0.0)

    @rule(
        key=KEYS, lane=st.sampled_from(["inbox", "assigned", "done"]), ago=AGO,
        status=st.sampled_from([None, "in progress", "failed", "waiting_for_input"]),
    )  # fmt: skip
    def it_is_written(self, key: str, lane: str, status: str | None, ago: float) -> None:
        """It is new, or another."""
        at = iso_time(self.now - ago)
        self.cards.put(replace(TASKS[key], lane=lane, status=status, modified_at=at), f"{lane}/{key}.yaml")

    @rule(key=KEYS)
    def it_is_broken(self, key: str) -> None:
        """By hand."""
        found = broken(f"assigned/ada/{key}.yaml", key).summary
        self.cards.put(replace(found, modified_at=iso_time(self.now)), f"assigned/ada/{key}.yaml")

    @rule(key=KEYS)
    def it_is_removed(self, key: str) -> None:
        """Its file."""
        self.cards.take(key)

    @rule(key=KEYS, ago=AGO)
    def a_call_names_it(self, key: str, ago: float) -> None:
        """Which is asked for every half a minute."""
        self.calls[key] = iso_time(self.now - ago)
        self.now += CALLS_CHECK_S

    @rule(seconds=STEPS)
    def time_passes(self, seconds: float) -> None:
        """Nothing else happens."""
        self.now += seconds

    @rule()
    def very_much_changes(self) -> None:
        """More than is remembered."""
        for _ in range(1_100):
            self.cards.put(OTHER, OTHER.path)

    @invariant()
    def needs_are_those_of_a_look_at_all(self) -> None:
        """The oldest."""
        needs, next_at = self.needs.look(self.now)
        found, _ = TaskNeeds(Board(self.cards), STALE_S, self._last_calls, MOST).look(self.now)
        assert needs == found
        assert next_at is None or next_at > self.now
        self.asked.clear()
        assert self.needs.look(self.now)[0] is needs
        assert self.asked == []

    def _last_calls(self, ids: list[str]) -> Mapping[str, str]:
        self.asked.append(ids)
        return {key: self.calls[key] for key in ids if key in self.calls}


class Board:
    """The board of tasks, of its cards."""

    def __init__(self, cards: Cards) -> None:
        self.get, self.tasks, self.changed_since = cards.get, cards.all, cards.changed_since


@pytest.mark.parametrize("model", [PipelineModel, TaskModel])
def test_what_is_known_by_changes_is_what_a_look_at_all_gives(
    model: type[RuleBasedStateMachine], request: pytest.FixtureRequest
) -> None:
    run_sequences(model, request, steps=25)


def test_a_look_that_fails_is_made_again_at_all() -> None:
    cards, fails = Cards(), [True]
    cards.put(task("assigned/ada/t1.yaml").summary, "assigned/ada/t1.yaml")  # of 1970

    def last_calls(ids: list[str]) -> Mapping[str, str]:
        if fails:
            raise RuntimeError(fails.pop())
        return {}

    needs = TaskNeeds(Board(cards), STALE_S, last_calls, MOST)
    with pytest.raises(RuntimeError):
        needs.look(NOON)
    assert [need.kind for need in needs.look(NOON)[0]] == ["stale"]
