"""The quick answer to `initialize`: the SDK's own, byte for byte in what it says, and only where it is ordinary."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from mcp.server.stdio import stdio_server
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from llm_service.mcp.doorman import VERSIONS, greeting
from llm_service.mcp.server import Server
from llm_service.mcp.sources import Sources


def hello(**changes: Any) -> dict[str, Any]:
    params = {"protocolVersion": VERSIONS[-1], "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params | changes}


def line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


async def said_by_the_sdk(text: str) -> Any:
    """What the SDK's own server over stdio answers to a line."""
    server, out = Server(cast(Sources, None)), io.StringIO()
    async with stdio_server(anyio.wrap_file(io.StringIO(text)), anyio.wrap_file(out)) as streams:
        await server._lowlevel_server.run(*streams, server._lowlevel_server.create_initialization_options())
    return json.loads(out.getvalue())


def test_it_says_what_the_sdk_says_for_every_version() -> None:
    assert VERSIONS == HANDSHAKE_PROTOCOL_VERSIONS
    for version in VERSIONS:
        message = hello(
            protocolVersion=version, capabilities={"roots": {"listChanged": True}, "sampling": {}, "elicitation": {}}
        )
        ours = greeting(line(message))
        assert ours is not None and ours[0] == 0
        assert json.loads(ours[1]) == anyio.run(said_by_the_sdk, line(message).decode())


@pytest.mark.parametrize(
    "message",
    [
        [], "x", {}, hello() | {"method": "ping"}, hello() | {"jsonrpc": "1.0"}, hello() | {"id": None},
        hello() | {"id": True}, hello() | {"id": 1.5}, hello() | {"params": None}, hello(protocolVersion="1999-01-01"),
        hello(protocolVersion=7), hello(capabilities=[]), hello(capabilities={"roots": 3}), hello(clientInfo={}),
        hello(clientInfo={"name": "x", "version": 1}), {"jsonrpc": "2.0", "id": 0, "method": "server/discover"},
    ],
)  # fmt: skip
def test_what_is_not_ordinary_is_left_to_the_sdk(message: Any) -> None:
    assert greeting(line(message)) is None


@pytest.mark.parametrize("data", [b"", b"\n", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_left_to_the_sdk(data: bytes) -> None:
    assert greeting(data) is None


def test_it_imports_nothing_of_the_sdk_nor_of_the_dashboard(tmp_path: Path) -> None:
    script = "import sys, llm_service.mcp.stdio; print([m for m in sys.modules if m.split('.')[0] in "
    script += "('mcp', 'pydantic', 'flask', 'yaml', 'click', 'msgspec')])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == "[]"
