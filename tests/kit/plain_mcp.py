"""MCP clients that add next to nothing: a pipe to a server's process, and a kept HTTP connection."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "plain", "version": "1"}}


class PlainClient(Protocol):
    """Either of them."""

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """The answer to a request."""

    def call(self, tool: str, **arguments: Any) -> Any:
        """The structured answer of a tool; fails if it is an error."""

    def close(self) -> None:
        """End it."""


def message(number: int, method: str, params: dict[str, Any]) -> bytes:
    """A request as a line."""
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


class Refused(AssertionError):
    """A tool answered that it was too slow or busy."""


def checked(answer: Any) -> Any:
    """What a tool gave; it must be no error. Raises Refused if that only says to call again."""
    assert "result" in answer, answer
    found = answer["result"].get("structuredContent")
    if answer["result"].get("isError"):
        assert found["code"] in ("TOO_SLOW", "BUSY", "STILL_READING"), answer
        raise Refused(found["sentence"])
    return found


def server_command(workspace: Path) -> list[str]:
    """What an agent's program starts."""
    return [sys.executable, "-m", "llm_service", "mcp", "--workspace", str(workspace)]


class Stdio:
    """A server at the other end of two pipes. `started_ms`, `listed_ms`: until it had answered these."""

    def __init__(self, command: list[str]) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._numbers = itertools.count()
        self.ask("initialize", HELLO)
        self.started_ms = (time.perf_counter() - began) * 1000
        assert self.process.stdin
        self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self.ask("tools/list", {})
        self.listed_ms = (time.perf_counter() - began) * 1000

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """See `PlainClient`."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(message(next(self._numbers), method, params))
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def call(self, tool: str, **arguments: Any) -> Any:
        """See `PlainClient`."""
        return checked(self.ask("tools/call", {"name": tool, "arguments": arguments}))

    def close(self) -> None:
        """End it by its input."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class Http:
    """A kept connection to the endpoint of a dashboard."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
        self._numbers = itertools.count()

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """See `PlainClient`."""
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        self._connection.request("POST", "/mcp", message(next(self._numbers), method, params), headers)
        return json.loads(self._connection.getresponse().read())

    def call(self, tool: str, **arguments: Any) -> Any:
        """See `PlainClient`."""
        return checked(self.ask("tools/call", {"name": tool, "arguments": arguments}))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
