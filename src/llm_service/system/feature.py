"""The feature `System`: what the dashboard says about itself. It stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..feature import Feature, Kernel
from .routes import system_routes

if TYPE_CHECKING:
    from ..web.api import Api


class System(Feature):
    """Settings with their origin, versions and licences."""

    name, topic = "system", "service"

    def __init__(self, kernel: Kernel) -> None:
        self._settings = kernel.settings

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        system_routes(api, self._settings)
