"""`make_manager(sources)`: the SDK's session manager with our tools. Imported with the first request to `/mcp`."""

from __future__ import annotations

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from .server import Server
from .sources import Sources


def make_manager(sources: Sources) -> StreamableHTTPSessionManager:
    """A manager whose requests know nothing of each other and are answered with JSON."""
    server = Server(sources)
    # Our guard has checked the host and the origin, by the user's own settings.
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=checked)
    return server.session_manager
