"""REST routes about the dashboard itself, for admins: settings with their origin, versions and licences."""

from __future__ import annotations

import platform
import sys
from typing import Any

from flask import request

from .. import __version__
from ..database.checkup import SQLITE_VERSION
from ..json_values import schema_of
from ..settings.load import Settings
from ..settings.overview import ShownSetting, files_of, overview
from ..settings.user_folder import user_folder
from ..web.api import Api
from ..web.people import require_admin
from ..web.site import static_folder
from .libraries import Library, python_packages, vendored

_SETTINGS = {
    "type": "object",
    "required": ["settings", "files"],
    "properties": {"settings": {"type": "array", "items": schema_of(ShownSetting)}},
}
_ABOUT = {
    "type": "object",
    "required": ["version", "licence", "python", "sqlite", "system", "libraries"],
    "properties": {"libraries": {"type": "array", "items": schema_of(Library)}},
}


def system_routes(api: Api, settings: Settings) -> None:
    """Declare the routes."""

    @api.get("/api/settings", answer=_SETTINGS)
    def list_settings() -> dict[str, Any]:
        """The settings in force, where each comes from and how to change it; for admins, and never a secret."""
        require_admin(request.environ)
        return {"settings": list(overview(settings)), "files": files_of(settings, user_folder())}

    @api.get("/api/about", answer=_ABOUT)
    def about() -> dict[str, Any]:
        """Versions and licences of the dashboard and of what it consists of; for admins."""
        require_admin(request.environ)
        return {
            "version": __version__,
            "licence": "MIT",
            "python": ".".join(map(str, sys.version_info[:3])),
            "sqlite": SQLITE_VERSION,
            "system": platform.system(),
            "libraries": [*python_packages(), *vendored(static_folder())],
        }
