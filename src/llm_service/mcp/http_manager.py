"""The SDK's side of `/mcp`: `make_manager(server)`. Imported with the first request."""

from __future__ import annotations

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from .server import Server


def make_manager(server: Server) -> StreamableHTTPSessionManager:
    """A manager whose requests know nothing of each other and are answered with JSON."""
    # Our guard has checked the host and the origin, by the user's own settings.
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=checked)
    return server.session_manager
