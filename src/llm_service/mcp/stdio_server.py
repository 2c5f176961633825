"""`run(load)`: the SDK's stdio server. Imported when the client has its greeting."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

from pydantic import BaseModel

from ..settings.load import Settings

GC_THRESHOLD = 10_000
SWITCH_S = 0.0005
"""As in a dashboard: a call passes through threads, and must not wait 5 ms for one that compares files."""


def run(load: Callable[[], Settings]) -> None:
    """Serve `sys.stdin` and `sys.stdout` until the end of the input."""
    # Of the SDK's 600 models an agent's messages use a few: each is built when it is used first (3 MB, 0.1 s).
    BaseModel.model_config["defer_build"] = True
    _without_client()
    from .offline import offline_sources
    from .server import Server

    server = Server(offline_sources(load))
    _give_back()
    with suppress(KeyboardInterrupt):
        server.run("stdio")


def _without_client() -> None:
    """Let `import mcp.server` not import the SDK's client as well, which the package does (3 MB)."""
    spec = importlib.util.find_spec("mcp")
    if spec is not None and "mcp" not in sys.modules:
        package = sys.modules["mcp"] = ModuleType("mcp")
        package.__path__ = list(spec.submodule_search_locations or ())


def _give_back() -> None:
    """Give what importing took for a moment back to the system: there is such a process for each agent.

    What stays after it, 200,000 objects of the SDK, is not walked through again while a call waits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    sys.setswitchinterval(SWITCH_S)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
