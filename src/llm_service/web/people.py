"""Who sent a request, and what that person may see: `person_of(environ)`, `Person.may_see(project)`.

The guard finds the person by the token and puts it into the WSGI environment. Without users there is one local admin.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Forbidden, NotFound

PERSON = "llm_service.person"
"""Key of the WSGI environment: the `Person`."""
IS_WELCOME = "llm_service.is_welcome"
"""Key of the WSGI environment: `is_welcome()`, False once the person has lost the token or has other rights: what takes
long ends then."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the guard knows it. `projects` are those whose jobs, logs and artifacts it may see; None: all."""

    name: str | None
    is_admin: bool
    projects: frozenset[str] | None
    token_sha256: str = field(default="", repr=False)

    def may_see(self, project: str | None) -> bool:
        """True if it may see that project; everybody may see what is about none (None)."""
        return project is None or self.projects is None or project in self.projects


LOCAL_ADMIN = Person(None, True, None)
NOBODY = Person(None, False, frozenset())
"""Who has given no token, where one is needed."""


def person_of(environ: Mapping[str, Any]) -> Person:
    """Who sent the request."""
    person: Person = environ.get(PERSON, LOCAL_ADMIN)
    return person


def require_project(environ: Mapping[str, Any], project: str) -> None:
    """Raises NotFound, as for one that does not exist, if the sender may not see the project."""
    if not person_of(environ).may_see(project):
        raise NotFound(f"There is no project “{project[:200]}”.")


def require_admin(environ: Mapping[str, Any]) -> None:
    """Raises Forbidden if the sender is no admin."""
    if not person_of(environ).is_admin:
        raise Forbidden("Only an admin may do that.")


def visible(value: Any, projects: Collection[str]) -> Any:
    """A value without the entries of its lists, at any depth, that have a `project` which is not one of these."""
    if isinstance(value, Mapping):
        return {key: visible(item, projects) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [visible(item, projects) for item in value if _is_of(item, projects)]
    return value


def projects_in(event: Mapping[str, Any]) -> set[str]:
    """The projects that an event, as JSON, is about: its own, or those of the objects in it."""
    parts = [event, *(value for value in event.values() if isinstance(value, dict))]
    found = (part.get(key) for part in parts for key in ("project", "previous_project"))
    return {project for project in found if isinstance(project, str)}


def _is_of(item: Any, projects: Collection[str]) -> bool:
    project = item.get("project") if isinstance(item, Mapping) else getattr(item, "project", None)
    return project is None or project in projects
