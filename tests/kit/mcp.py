"""The official SDK's client over stdio and HTTP, for tests that are no coroutines: `McpClient`."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client


class McpClient:
    """A connected client; its coroutines run in a loop of another thread."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool that must succeed."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result.structured_content
        return dict(result.structured_content or {})

    def refusal(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The error of a tool that must fail."""
        result = self.result(tool, **arguments)
        assert result.is_error, result.structured_content
        found = dict(result.structured_content or {})
        assert set(found) == {"code", "sentence", "what_to_do"}
        return found

    def result(self, tool: str, **arguments: Any) -> Any:
        """What a tool gives, as the SDK has it."""
        return self._run(self._client.call_tool(tool, arguments))

    def tools(self) -> list[Any]:
        """The tools."""
        return list(self._run(self._client.list_tools()).tools)

    @property
    def info(self) -> Any:
        """Name and version of the server."""
        return self._client.server_info

    @property
    def instructions(self) -> str:
        """What the server tells its clients."""
        return self._client.instructions or ""

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@contextmanager
def connected(transport: Any, mode: str = "auto") -> Iterator[McpClient]:
    """Context manager: a client over a transport of the SDK, or a URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ready: list[Client] = []
    is_up, end = threading.Event(), asyncio.Event()

    async def stay() -> None:
        try:
            async with Client(transport, mode=mode) as client:
                ready.append(client)
                is_up.set()
                await end.wait()
        finally:
            is_up.set()

    future = asyncio.run_coroutine_threadsafe(stay(), loop)
    try:
        assert is_up.wait(60)
        if not ready:
            future.result(60)
        yield McpClient(ready[0], loop)
    finally:
        loop.call_soon_threadsafe(end.set)
        future.result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


def stdio(workspace: Path, mode: str = "auto") -> Any:
    """Context manager: a client of `llm-service mcp`."""
    env = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "llm_service", "mcp", "--workspace", str(workspace)], env=env
    )
    return connected(stdio_client(parameters), mode)


@contextmanager
def http(url: str, mode: str = "auto", **headers: str) -> Iterator[McpClient]:
    """Context manager: a client of a running dashboard."""
    import httpx2

    with connected(streamable_http_client(f"{url}/mcp", http_client=httpx2.AsyncClient(headers=headers)), mode) as one:
        yield one


def texts_outside_marks(value: Any) -> list[str]:
    """All texts of an answer, keys included, without what is between marks."""
    import re

    if isinstance(value, str):
        return [re.sub(r"<untrusted ([0-9a-f]{8})>.*?</untrusted \1>", "", value, flags=re.DOTALL)]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (*texts_outside_marks(key), *texts_outside_marks(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts_outside_marks(item)]
    return []
