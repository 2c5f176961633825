"""The REST routes about MCP servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from ..json_values import as_json, schema_of
from ..web.api import Api, reply
from ..web.params import InPath
from ..web.people import person_of, require_admin
from .model import ServerRow
from .reader import DeclarationProblem
from .servers import ServerPanel

_NAME = InPath("name", "name of the server")


@dataclass(frozen=True, slots=True)
class ServerList:
    """The declared servers, and what cannot be used of `.mcp.json`. `control`: may the sender start any? `endpoint`:
    where agents report to this dashboard, null if that is off; `requests`: how many they sent."""

    servers: list[ServerRow]
    problems: list[DeclarationProblem]
    control: bool
    endpoint: str | None
    requests: int


def server_routes(api: Api, panel: ServerPanel, endpoint: str | None, requests: Callable[[], int]) -> None:
    """Declare the routes. `requests()` counts those that agents sent to the endpoint."""

    @api.get("/api/mcp/servers", answer=schema_of(ServerList))
    def list_mcp_servers() -> ServerList:
        """MCP servers that `.mcp.json` and the settings declare: state, tools, use of the machine, last error."""
        rows, problems = panel.rows()
        may_control = panel.control and person_of(request.environ).is_admin
        return ServerList(rows, problems, may_control, endpoint, requests())

    @api.post("/api/mcp/servers/<name>/start", _NAME, answer=schema_of(ServerRow))
    def start_mcp_server(name: str) -> Response:
        """Start a server that is approved, and watch it (202)."""
        require_admin(request.environ)
        return reply(as_json(panel.start(name)), 202)

    @api.post("/api/mcp/servers/<name>/stop", _NAME, answer=schema_of(ServerRow))
    def stop_mcp_server(name: str) -> Response:
        """Stop a server that runs here (202)."""
        require_admin(request.environ)
        return reply(as_json(panel.stop(name)), 202)

    @api.post("/api/mcp/servers/<name>/restart", _NAME, answer=schema_of(ServerRow))
    def restart_mcp_server(name: str) -> Response:
        """Stop a server and start it again (202)."""
        require_admin(request.environ)
        return reply(as_json(panel.restart(name)), 202)
