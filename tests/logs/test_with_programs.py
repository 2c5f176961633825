"""The logs of programs that are really started: while the dashboard is there, and while it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.live import eventually
from kit.runs import Control, end_all, program

from llm_service.feature import Feature, Kernel
from llm_service.logs.events import RunOutput
from llm_service.logs.feature import Logs
from llm_service.logs.rows import RowFilter
from llm_service.processes.feature import Processes
from llm_service.processes.model import Run

LINES = """
import os, sys, time
number = 0
while not os.path.exists(sys.argv[1]):
    print(f"2030-01-01T00:00:00Z ERROR line {number}" if number % 3 else f"line {number}", flush=True)
    number += 1
    time.sleep(0.005)
print("end", number, end="")
"""


class ControlWithLogs(Control):
    """Processes and their logs, started."""

    def _features(self, kernel: Kernel) -> list[Feature]:
        kernel.hub.progress.complete()
        self.processes = Processes(kernel)
        self.logs = Logs(kernel, self.processes)
        self.given: list[str] = []
        self.logs.subscribe(lambda run, first_seq, lines: self.given.extend(line.message for line in lines))
        return [self.processes, self.logs]

    def messages(self, run: Run) -> list[str]:
        """The lines of a run, as they are shown."""
        found: list[str] = []
        while lines := self.logs.lines(run.run_id, RowFilter("all"), len(found), 500).lines:
            found += [line.message for line in lines]
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace, beside the user's own folder; all that was started in it is ended."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "ws").mkdir()
    yield tmp_path / "ws"
    end_all(tmp_path / "ws")


def test_no_line_is_missing_while_the_dashboard_is_not_there(place: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = ControlWithLogs(place, program(LINES, str(gate)))
    run = first.start(program(LINES, str(gate)))
    eventually(lambda: "line 9" in first.messages(run))
    first.close()
    first.until_logged(run, "line 60\n")
    second = ControlWithLogs(place, program(LINES, str(gate)))
    eventually(lambda: "line 60" in second.messages(run))
    gate.touch()
    eventually(lambda: second.logs.lines(run.run_id, RowFilter("all"), 0, 0).is_complete)
    count = int(second.messages(run)[-1].removeprefix("end "))
    assert second.messages(run) == [*(f"line {number}" for number in range(count)), f"end {count}"]

    def outputs() -> list[RunOutput]:
        return [event for event in second.events if isinstance(event, RunOutput)]

    # The index has them first.
    eventually(lambda: len(second.given) == count + 1)
    eventually(lambda: sum(len(event.lines) + event.skipped for event in outputs()) == count + 1)
    assert second.given == second.messages(run)
    assert {event.job for event in outputs()} == {"1"}
    second.close()
