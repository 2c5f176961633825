"""Runs of programs in tests: `Control`, a workspace that may start some, and who survived."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from kit.live import eventually
from kit.paths import ROOT
from kit.settings import settings_with

from llm_service.app import Dashboard
from llm_service.feature import Feature, Kernel
from llm_service.hub.event import Event
from llm_service.processes.feature import Processes
from llm_service.processes.identity import identify
from llm_service.processes.model import Profile, Run, RunExit, RunStatus


def program(code: str, *arguments: str, name: str = "program", **options: Any) -> Profile:
    """A profile of the user that runs this Python code."""
    argv = (sys.executable, "-I", "-S", "-c", code, *arguments)
    return Profile(**{"name": name, "argv": argv, "origin": "user", "grace_s": 0.2, **options})


class Control:
    """The feature alone on a workspace, started. It may start `profiles`."""

    def __init__(self, workspace: Path, *profiles: Profile, **settings: Any) -> None:
        values = {"control": True, "min_disk_space_mb": 0, "profiles": list(profiles), **settings}
        self.workspace = workspace
        self.changes: list[Run] = []
        self.events: list[Event] = []
        self.dashboard = Dashboard(
            settings_with(workspace=str(workspace), history=False, **values), features=self._features
        )
        self.processes.subscribe(self.changes.append)
        self.dashboard.hub.listen(self.events.append, Event)
        self.dashboard.start()
        self.is_open = True

    def _features(self, kernel: Kernel) -> list[Feature]:
        self.processes = Processes(kernel)
        return [self.processes]

    def start(self, profile: Profile, owner: str = "job:1", attempt: int = 1, **parameters: str) -> Run:
        """Start a run."""
        return self.processes.start_run(owner, profile, parameters, attempt)

    def until(self, run: Run, *statuses: RunStatus) -> Run:
        """The run once it has one of these statuses."""

        def there() -> Run | None:
            found = self.processes.run(run.run_id)
            return found if found.status in statuses else None

        result: Run = eventually(there)
        return result

    def ended(self, run: Run) -> RunExit:
        """How the run ended, once it has."""
        exit_ = self.until(run, RunStatus.FINISHED).exit
        assert exit_ is not None
        return exit_

    def outcome(self, profile: Profile, **options: Any) -> tuple[RunExit, str]:
        """Run it to its end: how it ended, and what it printed."""
        run = self.start(profile, **options)
        return self.ended(run), self.log(run)

    def file(self, run: Run, name: str) -> Path:
        """A file of the run."""
        return self.workspace / run.folder / name

    def log(self, run: Run) -> str:
        """What the run has printed."""
        return self.file(run, "output.log").read_bytes().decode()

    def until_logged(self, run: Run, text: str) -> None:
        """Wait until the run has printed this."""
        eventually(lambda: text in self.log(run))

    def stop_all(self) -> None:
        """Stop all runs, and wait for their ends."""
        self.processes.control = True
        for run_id, _ in self.processes.board.running():
            self.processes.stop_run(run_id)
        eventually(lambda: not self.processes.board.running())

    def close(self) -> None:
        """End the dashboard; the runs go on."""
        self.is_open = False
        self.dashboard.stop()


def other_dashboard(workspace: Path, code: str, *arguments: str, threads: int = 1) -> subprocess.Popen[str]:
    """A process that starts runs of one owner; it is ready. See `kit.run_starter`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kit.run_starter", str(workspace), str(threads), code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"},
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def let_start(process: subprocess.Popen[str]) -> None:
    """Let another dashboard start its runs."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def started_by(process: subprocess.Popen[str]) -> list[str]:
    """What became of the starts of another dashboard."""
    assert process.stdout is not None
    return process.stdout.readline().split()


def end_all(workspace: Path) -> None:
    """Kill the shims and programs in whose command lines the workspace is, and collect those that are our children."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(workspace) in argument for argument in process.info["cmdline"] or ()):
            with suppress(psutil.Error):
                process.kill()
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)


def marked(mark: str) -> list[psutil.Process]:
    """The processes, zombies too, that have the mark in their command lines."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if mark in (process.info["cmdline"] or ()):
            found.append(process)
    return found


def alive(mark: str) -> list[psutil.Process]:
    """The processes that have the mark in their command lines, without zombies."""
    return [process for process in marked(mark) if identify(process.pid) is not None]


def children_of_ours() -> list[int]:
    """Our children, zombies too."""
    return [child.pid for child in psutil.Process().children()]


Make = Callable[..., Control]
