"""What the jobs need of others, for tests of the jobs alone: a supervisor of pretended runs, projects, a parser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llm_service.errors import Busy, ControlOff, NotApproved, NotFound
from llm_service.jobs.assemble import goes_on
from llm_service.logs.model import Fact, ParsedLine
from llm_service.processes.model import Profile, Run, RunExit, RunStatus

T0 = "2026-11-20T09:00:00.000Z"
PROFILE = Profile(name="script", argv=("script", "{project_dir}", "{specification}"), origin="user")
AGAIN = replace(PROFILE, name="again", retry_times=2, retry_delay_s=0.0)
OTHER = Profile(name="other", argv=("other",), origin="workspace")


def run_of(job: str, run_id: str, status: RunStatus = RunStatus.RUNNING, **fields: Any) -> Run:
    """A run of a job."""
    values: dict[str, Any] = {
        "profile": "script", "argv": ("script",), "cwd": "/", "attempt": 1, "folder": f"work/runs/{run_id}",
        "started_at": T0,
    }  # fmt: skip
    return Run(run_id=run_id, owner=f"job:{job}", status=status, **values | fields)


def ended(run: Run, code: int | None = 0, reason: str = "exited", at: str = "2026-11-20T09:01:00.000Z") -> Run:
    """The run, at its end."""
    end = RunExit(code=code, signal=None, finished_at=at, reason=reason)
    return replace(run, status=RunStatus.FINISHED, exit=end)


class PretendedRuns:
    """A `Supervisor` that starts nothing: a test says when a run ends."""

    def __init__(self, control: bool = True, profiles: Sequence[Profile] = (PROFILE,)) -> None:
        self.control = control
        self.on_change: Callable[[Run], None] = lambda run: None
        self.started: list[tuple[str, Profile, dict[str, str]]] = []
        self.stopped: list[tuple[str, str]] = []
        self._profiles = list(profiles)
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def profiles(self) -> Sequence[Profile]:
        return self._profiles

    def is_approved(self, profile: Profile) -> bool:
        return profile.origin != "workspace"

    def start_run(self, owner: str, profile: Profile, parameters: Mapping[str, str], attempt: int = 1) -> Run:
        if not self.control:
            raise ControlOff("Nothing was started: the setting `control` is off.")
        if not self.is_approved(profile):
            raise NotApproved("not approved")
        with self._lock:
            if any(run.owner == owner and goes_on(run) for run in self._runs.values()):
                raise Busy(f"A run of {owner} goes on.")
            number = len(self.started) + 1
            at = f"2026-11-20T09:00:{number:02}.000Z"
            run = run_of(
                owner.removeprefix("job:"),
                f"run-{number}",
                attempt=attempt,
                started_at=at,
            )
            self._runs[run.run_id] = run
            self.started.append((owner, profile, dict(parameters)))
        self.on_change(run)
        return run

    def stop_run(self, run_id: str, reason: str = "stopped") -> None:
        if not self.control:
            raise ControlOff("Nothing was stopped: the setting `control` is off.")
        self.stopped.append((run_id, reason))
        self.end(run_id, None, reason)

    def run(self, run_id: str) -> Run:
        if run_id not in self._runs:
            raise NotFound(f"There is no run {run_id}.")
        return self._runs[run_id]

    def runs(self, owner: str | None = None) -> Sequence[Run]:
        return [run for run in list(self._runs.values()) if owner in (None, run.owner)]

    def end(self, run_id: str, code: int | None = 0, reason: str = "exited") -> None:
        """The run ends."""
        self._runs[run_id] = ended(self._runs[run_id], code, reason)
        self.on_change(self._runs[run_id])

    def add(self, run: Run) -> None:
        """A run that is there already."""
        self._runs[run.run_id] = run


class PretendedProjects:
    """`Projects` whose lines a test sets."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.counted: dict[str, int] = {}
        self.counting: set[str] = set()
        self.settled = 0

    @property
    def root(self) -> str:
        return str(self._root)

    def lines(self, project: str) -> int | None:
        return None if project in self.counting else self.counted.get(project, 0)

    def is_counting(self, project: str) -> bool:
        return project in self.counting

    def settle(self, project: str, timeout_s: float) -> bool:
        self.settled += 1
        return project not in self.counting


class PlainParser:
    """A line is its text; `phase: test` begins a phase, `error: ...` is an error, `ask: ...` waits for a person."""

    def parse(self, block: bytes) -> list[ParsedLine]:
        lines = block.decode().removesuffix("\n").split("\n") if block else []
        return [self._line(text) for text in lines]

    @staticmethod
    def _line(text: str) -> ParsedLine:
        kind, _, rest = text.partition(": ")
        return ParsedLine(
            message=text,
            level="error" if kind == "error" else "info",
            phase=rest if kind == "phase" else None,
            raw=text,
            facts=(Fact("waiting", {"question": rest}),) if kind == "ask" else (),
        )


def parsed(*texts: str) -> list[ParsedLine]:
    """Lines, parsed by `PlainParser`."""
    return PlainParser().parse("\n".join(texts).encode())
