"""The events about MCP servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Event
from .model import ServerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerStarted(Event):
    """A declared MCP server was started here and answered."""

    type: ClassVar[str] = "mcp.server.started"
    topic: ClassVar[str] = "mcp"

    server: ServerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerStopped(Event):
    """A declared MCP server was stopped here, could not be started, or ended by itself."""

    type: ClassVar[str] = "mcp.server.stopped"
    topic: ClassVar[str] = "mcp"

    server: ServerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerHealth(Event):
    """A running MCP server began or ceased to answer, or has other tools."""

    type: ClassVar[str] = "mcp.server.health"
    topic: ClassVar[str] = "mcp"

    server: ServerRow


EVENTS = (McpServerStarted, McpServerStopped, McpServerHealth)
