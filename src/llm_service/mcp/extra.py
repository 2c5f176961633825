"""The extra `mcp`: the official SDK, which is optional. `require_sdk()` says in one sentence that it is missing."""

from __future__ import annotations

import importlib.util

from ..errors import ServiceError

REQUIREMENT = "mcp>=2.3,<3"
"""As in requirements-mcp.txt."""


class SdkMissing(ServiceError):
    """The package `mcp` is not installed."""

    code = "MCP_NOT_INSTALLED"
    http_status = 503


def require_sdk() -> None:
    """Raises SdkMissing if the SDK is not installed; does not import it."""
    if importlib.util.find_spec("mcp") is None:
        raise SdkMissing(f"MCP needs the package `mcp`, which is not installed here: pip install '{REQUIREMENT}'.")
