"""`Scope`: which project a job belongs to, and who may see what is about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`project_of(job)` is the project of a job, None if all may see what is about it. `may_see(project)`: whether the
    sender of the current request may see that project, or what is about none (None).
    """

    project_of: Callable[[str], str | None] = lambda job: None
    may_see: Callable[[str | None], bool] = lambda project: True

    def project_of_any(self, job: str | None) -> str | None:
        """The project of a job, None without one."""
        return None if job is None else self.project_of(job)
