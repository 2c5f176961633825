"""Requests of a page that wait until the test lets them through: `RequestGate`."""

from __future__ import annotations

from kit.live import eventually
from playwright.sync_api import Page, Request, Route


class RequestGate:
    """Holds requests of a page whose address contains a text; open at first. Made before the page sends the first.

    Each look at the page lets its events come.
    """

    def __init__(self, page: Page, text: str) -> None:
        self.page = page
        self._sent: set[Request] = set()
        self._held: list[Route] = []
        self._is_closed = False
        page.route(lambda url: text in url, self._take)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _take(self, route: Route) -> None:
        if self._is_closed:
            self._held.append(route)
        else:
            self._sent.add(route.request)
            route.continue_()

    def _ended(self, request: Request) -> None:
        self._sent.discard(request)

    def close(self) -> None:
        """Hold requests from now on; those on their way are answered first: none asks for what is written later."""
        self._is_closed = True
        eventually(lambda: self.page.evaluate("true") and not self._sent)

    def first(self) -> Route:
        """The first one that is held, once it is sent."""
        eventually(lambda: self.page.evaluate("true") and self._held)
        return self._held[0]

    def open(self) -> None:
        """Let those through that are held, and all that come."""
        self._is_closed = False
        for route in self._held:
            route.continue_()
        self._held.clear()
