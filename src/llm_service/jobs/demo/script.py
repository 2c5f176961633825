"""The demo script: specify, plan, implement, test, review. Writes `spec.md`, `plan.md`, `tasks.md`, code and tests.

Exit code 0, or 1 if the specification has a line `demo: fail`: then a test fails.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from random import Random

from . import texts
from .board import Board
from .calls import Calls
from .output import Output
from .session import Session
from .texts import PARTS, Part

_SECONDS = "DEMO_SECONDS"
"""As in `profile`, which this program does not import: it starts in a few milliseconds."""
_DEFAULT_S = 60.0
_STEPS = 44
_MAX_SPECIFICATION = 100_000


class Script:
    """One run."""

    def __init__(self, job: str, project: Path, specification: str, output: Output, calls: Calls) -> None:
        self._project = project
        self._specification = specification
        self._title = texts.title_of(specification, project.name)
        self._out = output
        self._calls = calls
        self._board = Board(project, job)
        self._session = Session(project, job)
        self._parts: tuple[Part, ...] = PARTS

    def run(self) -> int:
        """All phases; the exit code."""
        self._out.info(f"spec-kit demo: {self._title}")
        self._session.prompt(f"{self._title}\n\n{self._specification[:2_000]}")
        self._specify()
        self._plan()
        for done, part in enumerate(self._parts):
            self._implement(done, part)
        self._session.todos([part.title for part in self._parts], len(self._parts))
        has_passed = self._test()
        self._review(has_passed)
        return 0 if has_passed else 1

    def _specify(self) -> None:
        self._out.say("Running /speckit.specify")
        for question in ("Who uses it?", "What happens on a busy day?", "What is out of scope?"):
            self._out.info(f"clarifying: {question}")
            self._call("read")
        self._write("spec.md", texts.spec(self._title, self._specification, self._parts))
        self._out.say(f"FACT: {self._title} is used by the office and by skippers, each with their own view.")

    def _plan(self) -> None:
        self._out.say("Running /speckit.plan")
        self._call("search")
        self._write("plan.md", texts.plan(self._title, self._parts))
        self._out.say("Running /speckit.tasks")
        self._write("tasks.md", texts.tasks(self._title, self._parts, 0))
        for part in self._parts:
            self._board.add(part.module, part.title, [f"src/{part.module}.py", f"tests/test_{part.module}.py"])
            self._out.structured("task.created", module=part.module, title=part.title)
            self._out.step()

    def _implement(self, done: int, part: Part) -> None:
        if done == 0:
            self._out.say("Running /speckit.implement")
        self._board.take(part.module)
        self._session.todos([each.title for each in self._parts], done)
        self._out.info(f"implementing {part.title.lower()} ({done + 1} of {len(self._parts)})")
        self._call("edit")
        self._write(f"src/{part.module}.py", texts.module(part))
        if done == 2:
            self._out.traceback(part.module)
        self._call("edit")
        self._write(f"tests/test_{part.module}.py", texts.test(part))
        self._write("tasks.md", texts.tasks(self._title, self._parts, done + 1))
        self._out.progress(done + 1, len(self._parts), "modules")
        self._board.finish(part.module)

    def _test(self) -> bool:
        self._out.say("Running /speckit.test")
        fails = "demo: fail" in self._specification
        for number, part in enumerate(self._parts):
            self._out.step()
            has_failed = fails and number == len(self._parts) - 1
            self._out.say(f"tests/test_{part.module}.py::test_{part.function} {'FAILED' if has_failed else 'PASSED'}")
        failed = int(fails)
        result = f"==== {len(self._parts) - failed} passed, {failed} failed in 0.42s ===="
        self._out.say(result)
        self._session.use("Bash", f"Exit code 1\n{result}" if fails else result, fails, command="pytest -q")
        if fails:
            self._out.error("1 test failed: the place in the waiting list is wrong for two who skip")
        return not fails

    def _review(self, has_passed: bool) -> None:
        self._out.say("Running /speckit.review")
        self._call("read")
        if not has_passed:
            self._out.warn("not accepted: a test fails")
            self._session.say("A test fails: the place in the waiting list is wrong for two who skip.", is_end=True)
            return
        self._write("review.md", texts.review(self._title, self._parts, len(self._parts)))
        self._out.say("KNOWLEDGE: All amounts are whole cents; no module uses floating point for money.")
        self._session.say("All modules are written and their tests pass.", is_end=True)
        self._out.info(f"done: {self._title}")

    def _call(self, tool: str) -> None:
        self._calls.add(tool)
        self._out.step()

    def _write(self, path: str, text: str) -> None:
        target = self._project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self._session.use("Write", f"File created successfully at: {target}", file_path=str(target), content=text)
        self._out.info(f"wrote {target} ({text.count(chr(10))} lines)")


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--job", required=True)
    parser.add_argument("--project-dir", required=True, type=Path)
    parser.add_argument("--specification", required=True, type=Path)
    given = parser.parse_args(arguments)
    random = Random(given.job)  # noqa: S311 - a pace, no secret
    seconds = float(os.environ.get(_SECONDS) or _DEFAULT_S)
    with open(given.specification, encoding="utf-8", errors="replace") as file:
        specification = file.read(_MAX_SPECIFICATION)
    calls = Calls(given.project_dir, given.job, random)
    return Script(given.job, given.project_dir, specification, Output(seconds, _STEPS, random), calls).run()
