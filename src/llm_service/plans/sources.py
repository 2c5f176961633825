"""What was read of the two files of a plan, each with the time of its file: `PlanSource`, `StatusSource`."""

from __future__ import annotations

from dataclasses import dataclass

from .model import PlanFile, StatusFile


@dataclass(frozen=True, slots=True)
class PlanSource:
    """A plan file that was read: `path` relative to the workspace, `at` the time of the file."""

    path: str
    file: PlanFile
    at: str


@dataclass(frozen=True, slots=True)
class StatusSource:
    """A status file that was found. `file` is None if it cannot be used, and `problem` says why."""

    at: str | None
    file: StatusFile | None
    problem: str | None = None
