"""The REST route about oneself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from ..web.api import Api
from ..web.people import person_of
from .model import User


def user_routes(api: Api, has_users: Callable[[], bool], find: Callable[[str | None], User | None]) -> None:
    """Declare the route. `has_users()`: there are others than the local admin."""

    @api.get("/api/me")
    def show_me() -> dict[str, Any]:
        """Who one is: name (null: the local admin), role, projects (null: all), credits (null: no limit)."""
        person = person_of(request.environ)
        user = find(person.name)
        return {
            "name": person.name,
            "role": "admin" if person.is_admin else "user",
            "projects": None if person.projects is None else sorted(person.projects),
            "credits": user.credits if user is not None else None,
            "users": has_users(),
        }
