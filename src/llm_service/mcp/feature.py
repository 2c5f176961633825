"""The feature `Mcp`: agents report at `/mcp`, and the panel shows the MCP servers that they use. Used by `app`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, problems
from ..files import printable
from ..json_values import as_json
from ..processes.profile_approvals import ProfileApprovals
from ..processes.settings import ProcessSettings
from ..settings.user_folder import is_in_workspace, user_folder
from .bridge import HttpBridge, mcp_blueprint
from .events import EVENTS
from .extra import SdkMissing, require_sdk
from .model import ServerStatus
from .routes import server_routes
from .servers import ServerPanel
from .settings import McpSettings
from .sources import Sources

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

ENDPOINT = "/mcp"


class Mcp(Feature):
    """The endpoint of agents, and the panel of servers."""

    name = topic = "mcp"
    events = EVENTS

    def __init__(self, kernel: Kernel, sources: Callable[[], Sources]) -> None:
        """`sources()` gives what the tools ask, when the first agent calls."""
        settings = kernel.settings
        own = settings.of(McpSettings)
        workspace = os.path.abspath(settings.workspace)
        self._is_on = own.mcp
        self.bridge = HttpBridge(sources)
        self.panel = ServerPanel(
            workspace,
            own.mcp_servers,
            approvals_of(workspace),
            settings.of(ProcessSettings).control,
            own.mcp_check_s,
            kernel.hub.publish,
        )

    def start(self) -> None:
        """Nothing runs before an agent calls or a server is started."""

    def stop(self) -> None:
        """Cancel what agents ask, stop the servers that run here, and end the threads."""
        self.bridge.stop()
        self.panel.close()

    def routes(self, api: Api) -> None:
        """Declare the endpoint and the REST routes."""
        server_routes(api, self.panel, ENDPOINT if self._is_on else None, lambda: self.bridge.requests)
        if self._is_on:
            api.other(mcp_blueprint(self.bridge), "`POST /mcp`", "MCP (streamable HTTP) for agents: see docs/mcp.md.")

    def snapshot(self) -> Mapping[str, Any]:
        """`{mcp: {servers, problems}}`."""
        rows, problems_ = self.panel.rows()
        return {"mcp": {"servers": as_json(rows), "problems": as_json(problems_)}}

    def stats(self) -> Mapping[str, Any]:
        """How many requests agents sent, and how many declared servers run here."""
        running = sum(row.status is ServerStatus.RUNNING for row in self.panel.rows()[0])
        return {"mcp": {"requests": self.bridge.requests, "servers_running": running}}

    def metrics(self) -> Iterable[Metric]:
        """Requests of agents."""
        from prometheus_client.core import CounterMetricFamily

        requests = CounterMetricFamily("llm_service_mcp_requests", "Requests of agents to /mcp.")
        requests.add_metric([], self.bridge.requests)
        yield requests

    def examine(self) -> Iterator[Finding]:
        """Whether the SDK is there, and what of `.mcp.json` cannot be used or is not approved."""
        try:
            require_sdk()
            yield Finding("ok", "mcp", "agents can report over MCP: `llm-service mcp install` sets a client up")
        except SdkMissing as missing:
            yield Finding("note", "mcp", missing.message)
        rows, found = self.panel.rows()
        waiting = [row.name for row in rows if not row.approved]
        if waiting:
            names = ", ".join(map(printable, waiting))
            yield Finding("note", "mcp", f"declared, and not approved: {names}; `llm-service approve` shows them whole")
        yield from problems("mcp", [f"{one.where}: {one.reason}" for one in found], "declared servers cannot be used")


def approvals_of(workspace: str) -> ProfileApprovals:
    """What the user approved for a workspace; nothing where their folder is in it."""
    folder = user_folder()
    is_theirs = folder is None or is_in_workspace(folder, workspace)
    return ProfileApprovals(None if is_theirs else folder, workspace)
