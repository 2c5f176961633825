"""The feature `Search`: one search over what the features have. It stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..feature import Feature
from .desk import SearchDesk, Source
from .routes import search_routes

if TYPE_CHECKING:
    from ..web.api import Api


class Search(Feature):
    """`sources` are by the kind of what they find, in the order in which it is shown."""

    name, topic = "search", "service"

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._desk = SearchDesk(sources)

    def routes(self, api: Api) -> None:
        """Declare the REST route."""
        search_routes(api, self._desk)
