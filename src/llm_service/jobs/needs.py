"""What the jobs need of other features, which `app` hands to their constructor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..logs.model import ParsedLine
from ..processes.model import Run


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is None for the only person there is."""

    name: str | None = None
    is_admin: bool = True
    projects: tuple[str, ...] | None = None
    """None: all."""

    def may_see(self, project: str, user: str | None) -> bool:
        """True for the own jobs, those of the own projects, and for an admin all."""
        is_own = user is not None and user == self.name
        return self.is_admin or is_own or (self.projects is not None and project in self.projects)

    def may_use(self, project: str) -> bool:
        """True for a project in which jobs may be started."""
        return self.is_admin or self.projects is None or project in self.projects


class Parser(Protocol):
    """Reads whole lines, one block after another: `logs.parser.LineParser`."""

    def parse(self, block: bytes) -> Sequence[ParsedLine]:
        """The lines of a block."""


MakeParser = Callable[[Run, bytes], Parser]
"""A parser for the log of a run, in this state (b"": at its start)."""


class Projects(Protocol):
    """The generated files, by project."""

    @property
    def root(self) -> str:
        """The folder of all projects, absolute."""

    def lines(self, project: str) -> int | None:
        """How many lines the files of a project have; None while that is not known."""

    def is_counting(self, project: str) -> bool:
        """True while `lines` is not known, but will be."""

    def settle(self, project: str, timeout_s: float) -> bool:
        """Wait until all that was written to a project before is counted; False if that took too long."""


Say = Callable[..., object]
"""Adds a message to a stream: (topic, text, source, severity, job, data)."""

CostOf = Callable[[Sequence[str], str, str], float | None]
"""(sessions, id of a job, time) -> dollars of the calls of these sessions or this job since then; None without any."""

CreditsOf = Callable[[str | None], int | None]
"""How many lines a user may have written in all; None: any number."""

BudgetOf = Callable[[str, str], str | None]
"""Why a job of this project with this profile must not run on, by a budget that stops runs; None if it may."""
