"""Runs and their logs without programs: a stand-in for the feature `Processes`, and a parser that is easy to check."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from llm_service.errors import NotFound
from llm_service.logs.model import PHASES, ParsedLine
from llm_service.processes.model import Profile, Run, RunExit, RunStatus

SECRET = b"hunter2"
MASK = b"*******"
LEVELS = {"D": "debug", "I": "info", "W": "warning", "E": "error"}


class SimpleParser:
    """`E text` is an error, and so on (else info); debug lines are hidden; `PHASE name` begins a phase; a time between
    brackets is one. `BEGIN SECRET` hides all lines up to `END SECRET`, also over borders of blocks."""

    def __init__(self, state: bytes = b"") -> None:
        self._is_hidden = state == b"hidden"
        self.is_unchanged = False

    def redact(self, block: bytes) -> bytes:
        """The block without secrets; not for a block that is parsed."""
        state = self.state()
        self._see(block)
        return redact(block, state)

    def parse(self, block: bytes) -> list[ParsedLine]:
        """The lines of a block."""
        redacted = redact(block, self.state())
        self.is_unchanged = redacted is block
        lines = redacted.removesuffix(b"\n").split(b"\n") if block else []
        self._see(block)
        return [_line(line.decode("utf-8", "replace")) for line in lines]

    def _see(self, block: bytes) -> None:
        for line in block.removesuffix(b"\n").split(b"\n"):
            self._is_hidden = (self._is_hidden or line == b"BEGIN SECRET") and line != b"END SECRET"

    def state(self) -> bytes:
        """What goes over the border of a block."""
        return b"hidden" if self._is_hidden else b""


def redact(block: bytes, state: bytes) -> bytes:
    """The block without secrets, with as many lines."""
    lines = []
    is_hidden = state == b"hidden"
    for line in block.split(b"\n"):
        is_hidden = (is_hidden or line == b"BEGIN SECRET") and line != b"END SECRET"
        lines.append(MASK if is_hidden and line else line.replace(SECRET, MASK))
    changed = b"\n".join(lines)
    return block if changed == block else changed


def _line(text: str) -> ParsedLine:
    level = LEVELS.get(text[:1], "info") if text[1:2] == " " else "info"
    phase = text.removeprefix("PHASE ") if text.startswith("PHASE ") else None
    begin, end = text.find("["), text.find("]")
    time = text[begin + 1 : end] if 0 <= begin < end else None
    known = phase if phase in PHASES else None
    return ParsedLine(text[:65_536], level, "agent", known, time, text[:65_536], is_shown=level != "debug")


class FakeRuns:
    """What logs need of `Processes`; runs are added and ended by tests."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        (workspace / "work/runs").mkdir(parents=True)
        self._runs: dict[str, Run] = {}
        self._subscribers: list[Callable[[Run], None]] = []
        self.all_profiles: list[Profile] = []

    def add(self, run_id: str = "run-1", owner: str = "job:one", **fields: Any) -> Run:
        """A run that goes on, with its folder."""
        os.makedirs(self.workspace / "work/runs" / run_id, exist_ok=True)
        values: dict[str, Any] = {
            "profile": "demo", "argv": ("demo",), "cwd": str(self.workspace), "status": RunStatus.RUNNING, "attempt": 1,
            "folder": f"work/runs/{run_id}", "started_at": "2030-01-01T00:00:00.000Z",
        }  # fmt: skip
        run = Run(run_id=run_id, owner=owner, **(values | fields))
        self._change(run)
        return run

    def end(self, run_id: str = "run-1", finished_at: str = "2030-01-01T01:00:00.000Z") -> Run:
        """The run has ended."""
        end = RunExit(code=0, signal=None, finished_at=finished_at, reason="exited")
        run = replace(self._runs[run_id], status=RunStatus.FINISHED, exit=end)
        self._change(run)
        return run

    def log(self, run_id: str = "run-1") -> Path:
        """Where its log is."""
        return self.workspace / "work/runs" / run_id / "output.log"

    def write(self, data: bytes, run_id: str = "run-1") -> None:
        """Append to the log."""
        with open(self.log(run_id), "ab") as file:
            file.write(data)

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs, the latest last."""
        return [run for run in self._runs.values() if owner is None or run.owner == owner]

    def run(self, run_id: str) -> Run:
        """One run."""
        if run_id not in self._runs:
            raise NotFound("There is no such run.")
        return self._runs[run_id]

    def profiles(self) -> list[Profile]:
        """The profiles."""
        return self.all_profiles

    def subscribe(self, on_change: Callable[[Run], None]) -> None:
        """Call it for each change."""
        self._subscribers.append(on_change)

    def _change(self, run: Run) -> None:
        self._runs[run.run_id] = run
        for subscriber in self._subscribers:
            subscriber(run)


class Followed:
    """The logs of `FakeRuns`, followed by turns that a test makes, with a clock that it sets."""

    def __init__(self, runs: FakeRuns, state: Path) -> None:
        from llm_service.logs.follow import LogTracker
        from llm_service.logs.queries import LogQueries
        from llm_service.logs.redacted_text import RedactedText
        from llm_service.logs.search import LogSearch
        from llm_service.logs.store import LogStore
        from llm_service.watch.root import WatchedRoot

        self.now = 1_000.0
        self.runs = runs
        self.published: list[Any] = []
        self.given: list[tuple[str, int, list[ParsedLine]]] = []
        self.store = LogStore(str(runs.workspace), str(state), runs.run)
        make = lambda run, state: SimpleParser(state)  # noqa: E731
        self.root = root = WatchedRoot(
            str(runs.workspace / "work/runs"), lambda folder: False, lambda hint: None, force_polling=True
        )
        listeners = [lambda run, first_seq, lines: self.given.append((run.run_id, first_seq, list(lines)))]
        self.tracker = LogTracker(
            root, self.store, runs.runs, make, self.published.append, listeners, clock=lambda: self.now
        )
        runs.subscribe(self.tracker.run_changed)
        self.queries = LogQueries(self.store, make)
        self.texts = RedactedText(self.store, redact, lambda data: data)
        self.search = LogSearch(self.queries, self.texts)
        log = logging.getLogger(WatchedRoot.__module__)
        was_disabled, log.disabled = log.disabled, True  # that it is polled is no news here
        self.tracker.load()
        self.turns()
        log.disabled = was_disabled

    def turns(self, count: int = 12, seconds: float = 0.1) -> None:
        """So many turns, and the time between them."""
        for _ in range(count):
            self.tracker.turn(self.now)
            self.now += seconds
