"""The feature `Users`: who may use the dashboard, and what each of them may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..feature import Feature, Finding, Kernel
from ..settings.user_folder import user_folder
from ..web.people import Person, person_of
from .cookie_key import CookieKey
from .model import User
from .routes import user_routes
from .settings import UserSettings

if TYPE_CHECKING:
    from flask import Request

    from ..web.api import Api


class Users(Feature):
    """The users of a dashboard; without any there is one local admin."""

    name = "users"
    topic = "service"

    def __init__(self, kernel: Kernel) -> None:
        users = kernel.settings.of(UserSettings).users
        self._users = {user.name: user for user in users}
        self._key = CookieKey(user_folder(), kernel.settings.workspace)
        kernel.user_file.follow("users", users, self._set_users)
        self._on_people: list[Callable[[], None]] = []
        self._has_had_users = bool(self._users)

    def access(self, request: Request) -> tuple[str | None, bool, frozenset[str] | None]:
        """(name, is it an admin, the projects it may see) of who sent a request. The name is None for the local admin,
        the projects are None for who sees all."""
        person = person_of(request.environ)
        return person.name, person.is_admin, person.projects

    def get(self, name: str | None) -> User | None:
        """The user of that name; None if there is none."""
        return None if name is None else self._users.get(name)

    def may_see(self, name: str | None, project: str | None) -> bool:
        """True if the user of that name may see a project. None is the local admin, who may see all; who is no user may
        see nothing that is about a project."""
        if name is None or project is None:
            return True
        user = self._users.get(name)
        return user is not None and user.may_see(project)

    def start(self) -> None:
        """Keep the key of the cookies."""
        if self._users:
            self._key.keep()

    def stop(self) -> None:
        """Nothing to end: the kernel looks at the configuration."""

    @property
    def are_there(self) -> bool:
        """True if each request needs a token because of users; from the first one on until the service ends."""
        return self._has_had_users

    def on_people(self, changed: Callable[[], None]) -> None:
        """Call `changed()` when the users are others."""
        self._on_people.append(changed)

    def people(self) -> Iterable[Person]:
        """The users as the guard knows them."""
        for user in self._users.values():
            projects = None if user.is_admin else frozenset(user.projects)
            yield Person(user.name, user.is_admin, projects, user.token_sha256)

    def cookie_key(self) -> bytes:
        """The secret that proves the cookies."""
        return self._key.key

    def routes(self, api: Api) -> None:
        """Declare the REST route."""
        user_routes(api, lambda: self.are_there, self.get)

    def examine(self) -> Iterable[Finding]:
        """Users who can see nothing."""
        for user in self._users.values():
            if not user.is_admin and not user.projects:
                text = f"{user.name} has no projects; llm-service users add NAME --project gives them"
                yield Finding("note", "users", text)

    def _set_users(self, users: Sequence[User]) -> None:
        self._users = {user.name: user for user in users}
        if users:
            self._has_had_users = True
            self._key.keep()
        for changed in self._on_people:
            changed()
