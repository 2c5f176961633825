"""What the orchestrators need of other features, which the assembly hands to their constructor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..processes import supervisor
from ..processes.identity import Identity


class Supervisor(supervisor.Supervisor, Protocol):
    """What starts and stops programs, and knows its shims."""

    def shim_of(self, run_id: str) -> Identity | None:
        """The shim of a run that goes on and is surely ours."""


class Plans(Protocol):
    """The plans of the workspace, by name."""

    def names(self) -> Sequence[str]:
        """The names of all plans."""

    def path_of(self, name: str) -> str | None:
        """The file of a plan, below the workspace; None if there is no such plan. Any text may be asked."""

    def project_of(self, name: str) -> str:
        """The project that a plan belongs to, "" for none: then it is for those who may see everything."""

    def log_of(self, name: str) -> str:
        """Where the orchestrator of a plan writes its log, below the workspace. Any text may be asked."""

    def logs_of(self, name: str) -> Sequence[str]:
        """All paths where that may be: it can be at another one after a start."""
