"""Ended runs are removed by age and number; a run that goes on, and one that is needed, never is."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.live import eventually
from kit.runs import Control, Make, program

from llm_service.processes.model import Run, RunStatus
from llm_service.processes.retention import INTERVAL_S, RunRetention
from llm_service.processes.settings import ProcessSettings

DAY_S = 86_400.0
ENDS = program("print('x')", name="ends")
STAYS = program("import time; print('there', flush=True); time.sleep(300)", name="stays")


class Tidy:
    """The retention of a workspace's runs, with a clock that is set."""

    def __init__(self, runs: Control, needs: Callable[[Run], bool] = lambda run: False, **settings: int) -> None:
        board = runs.processes.board
        self.now_s, self.clock = time.time(), 0.0
        self._runs = runs
        self._retention = RunRetention(
            ProcessSettings(**settings),
            board.root,
            board.runs,
            board.is_alive,
            [needs],
            lambda: self.now_s,
            lambda: self.clock,
        )

    def left(self) -> list[str]:
        """Ids of the runs that are left after the next turn."""
        self.clock += INTERVAL_S
        self._retention()
        self._runs.dashboard.sync(60)
        left = [run.run_id for run in self._runs.processes.runs()]
        assert sorted(left) == sorted(path.name for path in (self._runs.workspace / "work/runs").glob("2*"))
        return left


def ended(runs: Control, owner: str = "job:1") -> Run:
    """A run that has ended."""
    run = runs.start(ENDS, owner)
    runs.ended(run)
    return run


def test_the_oldest_go_where_there_are_too_many_and_none_that_goes_on(control: Make) -> None:
    runs = control(ENDS, STAYS)
    live = runs.start(STAYS, "job:live")
    first, second, third = (ended(runs) for _ in range(3))
    tidy = Tidy(runs, runs_max=2)
    assert tidy.left() == [live.run_id, second.run_id, third.run_id]
    eventually(lambda: [event.type for event in runs.events][-1] == "run.removed")
    assert Tidy(runs, runs_max=1).left() == [live.run_id, third.run_id]
    runs.processes.stop_run(live.run_id)
    runs.ended(live)
    assert Tidy(runs, runs_max=1).left() == [live.run_id], "it ended last"
    assert Tidy(runs, runs_max=0, runs_max_age_days=0).left() == [live.run_id]
    assert first.run_id != second.run_id


def test_they_go_by_age_and_only_every_ten_minutes(control: Make) -> None:
    runs = control(ENDS)
    one = ended(runs)
    tidy = Tidy(runs, runs_max_age_days=3)
    assert tidy.left() == [one.run_id]
    tidy.now_s += 3 * DAY_S + 60
    tidy._retention()
    assert [run.run_id for run in runs.processes.runs()] == [one.run_id]
    assert tidy.left() == []


def test_what_is_needed_stays(control: Make) -> None:
    runs = control(ENDS)
    one, two = ended(runs), ended(runs, owner="job:2")
    tidy = Tidy(runs, lambda run: run.owner == "job:1", runs_max_age_days=1)
    tidy.now_s += 9 * DAY_S
    assert tidy.left() == [one.run_id]
    assert two.owner == "job:2"


def test_what_is_left_of_a_run_whose_shim_was_killed_holds_it_and_its_log_says_when_it_ended(control: Make) -> None:
    runs = control(STAYS)
    run = runs.start(STAYS)
    runs.until_logged(run, "there")
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    eventually(lambda: runs.processes.run(run.run_id).survivors == 1)
    tidy = Tidy(runs, runs_max_age_days=1)
    tidy.now_s += 9 * DAY_S
    assert tidy.left() == [run.run_id]
    runs.processes.stop_run(run.run_id)
    eventually(lambda: runs.processes.run(run.run_id).survivors == 0)
    log = runs.file(run, "output.log")
    os.utime(log, (tidy.now_s, tidy.now_s - DAY_S / 2))
    assert tidy.left() == [run.run_id]
    os.utime(log, (tidy.now_s, tidy.now_s - 2 * DAY_S))
    assert tidy.left() == []


def test_what_is_not_surely_ours_is_not_removed(place: Path, control: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = control(ENDS)
    run = ended(first)
    first.close()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.parent / "another-user"))
    second = control(ENDS)
    found = second.until(run, RunStatus.FINISHED)
    assert not found.is_proven
    tidy = Tidy(second, runs_max_age_days=1, runs_max=1)
    tidy.now_s += 9 * DAY_S
    assert tidy.left() == [run.run_id]
