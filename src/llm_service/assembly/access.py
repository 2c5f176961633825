"""`Access`: who may see which jobs, runs and logs."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from ..artifacts.model import TimeSpan
from ..errors import NotFound
from ..jobs.needs import Caller
from ..jobs.store import JobStore, job_of
from ..times import unix_time
from ..web.people import person_of

_NOBODYS = ""
"""The project of a job that is not known (yet): only who may see all sees what belongs to it."""


class Access:
    """`store()` gives the jobs, which are built after those who ask here. `has_tokens()`:
    does each request need one?"""

    def __init__(self, store: Callable[[], JobStore], has_tokens: Callable[[], bool]) -> None:
        self._store = store
        self._has_tokens = has_tokens

    def caller(self) -> Caller:
        """Who sends the current request."""
        person = person_of(request.environ)
        projects = None if person.projects is None else tuple(person.projects)
        return Caller(person.name, person.is_admin, projects)

    def author(self) -> str:
        """Who sends the current request, for what is written in their name."""
        return person_of(request.environ).name or "person"

    def may_approve(self) -> bool:
        """True if the current request is of an admin with a token: without one it may be of an agent here."""
        return self._has_tokens() and person_of(request.environ).is_admin

    def project_of(self, owner: str) -> str | None:
        """The project of the owner of a run; None if it is no job, and all may see it."""
        job = job_of(owner)
        return None if job is None else self.project_of_job(job)

    def project_of_job(self, job: str) -> str:
        """The project of a job, "" if it is not known."""
        return self._store().project_of(job) or _NOBODYS

    def files_of_job(self, job: str) -> tuple[str, TimeSpan]:
        """The project of a job, and when it ran. Raises NotFound."""
        self.check(f"job:{job}")
        found = self._store().job(job)
        if found is None:
            raise NotFound(f"There is no job “{job[:120]}”.")
        began = unix_time(found.started_at)
        # One that has not begun has written nothing: no time is in its span.
        return found.project, TimeSpan(float("inf") if began is None else began, unix_time(found.finished_at))

    def may_see(self, project: str | None) -> bool:
        """True if the sender of the current request may see what is about a project, or about none (None)."""
        return person_of(request.environ).may_see(project)

    def check(self, owner: str) -> None:
        """Raises NotFound if the sender of the current request may not see what belongs to `job:<id>`."""
        if not self.may_see(self.project_of(owner)):
            raise NotFound(f"There is no job “{(job_of(owner) or owner)[:120]}”.")
