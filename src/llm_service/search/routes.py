"""The REST route of the search."""

from __future__ import annotations

from ..json_values import schema_of
from ..web.api import Api
from ..web.params import Integer, Text, Texts
from .desk import Answer, SearchDesk
from .model import MAX_CHARACTERS, parse

_QUERY = Text(
    "q",
    "words that must all occur, `-word` for one that must not, `status:failed,blocked`, `-agent:ada`, quotes around "
    "spaces",
    max_length=MAX_CHARACTERS,
)
_LIMIT = Integer("limit", "how many hits of each kind at most, 1 to 50", 8, 1, 50)


def search_routes(api: Api, desk: SearchDesk) -> None:
    """Declare the route."""
    kinds = Texts("kinds", "only these kinds of things (comma-separated)", desk.kinds)

    @api.get("/api/search", _QUERY, kinds, _LIMIT, answer=schema_of(Answer))
    def search() -> Answer:
        """Tasks, files, log lines, plans, pipelines, jobs, agents, sessions, calls that match and that one may see."""
        return desk.find(parse(_QUERY.value()), kinds.value(), _LIMIT.value())
