"""The REST route about what agents are at."""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import request

from ..json_values import schema_of
from ..web.api import Api
from ..web.people import person_of
from .shapes import Overview


def overview_routes(api: Api, overview: Callable[[Collection[str] | None], Overview]) -> None:
    """Declare the route."""

    @api.get("/api/overview", answer=schema_of(Overview))
    def get_overview() -> Overview:
        """Agents: state and what it rests on, what each is at, last sign of life, files, calls; figures of today."""
        return overview(person_of(request.environ).projects)
