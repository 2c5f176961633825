"""`QuickCalls`: an ordinary `tools/call` over HTTP is answered without the SDK's event loop, in its request's thread.

For each request the SDK makes a server, streams and tasks in another thread, and the call changes the thread four
times: 1.0-2.4 ms of computing, where most tools take 0.2-0.6 ms, and at every change it may wait for a thread that
computes. What is not ordinary is left to the SDK; `tests/mcp/test_quick_calls.py` compares both answers.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pydantic_core

from ..web.people import Person
from .answers import encoded
from .caller import calling_as
from .doorman import VERSIONS
from .server import Server

_JSON = "application/json"
_KEYS = frozenset(("jsonrpc", "id", "method", "params"))
_PARAMS = frozenset(("name", "arguments", "_meta"))
_RESERVED = "io.modelcontextprotocol/"
_LARGEST_ID = 1 << 53


class QuickCalls:
    """The calls of a server's tools. Thread-safe."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def answer(self, headers: list[tuple[str, str]], body: bytes, person: Person) -> bytes | None:
        """The body of the answer, which is JSON with the status 200; None if the SDK has to answer."""
        message = _call_in(body) if _is_ordinary(headers) else None
        if message is None:
            return None
        params = message["params"]
        with calling_as(person):
            answer, is_error = self._server.answer(params["name"], params.get("arguments") or {})
        structured = encoded(answer)
        content = [{"type": "text", "text": structured.decode()}]
        result = {"content": content, "structuredContent": msgspec.Raw(structured), "isError": is_error}
        return msgspec.json.encode({"jsonrpc": "2.0", "id": message["id"], "result": result})


def _is_ordinary(headers: list[tuple[str, str]]) -> bool:
    """True for JSON that asks for JSON, of a version that begins with `initialize`."""
    found = {name.lower(): value for name, value in headers}
    accepted = (kind.partition(";")[0].strip().lower() for kind in found.get("accept", "").split(","))
    return (
        found.get("content-type", "").partition(";")[0].strip() == _JSON
        and _JSON in accepted
        and found.get("mcp-protocol-version", VERSIONS[0]) in VERSIONS
    )


def _call_in(body: bytes) -> dict[str, Any] | None:
    """The message, if it is a call of a tool in which nothing is unusual."""
    try:
        message = pydantic_core.from_json(body)  # the SDK's own, so that both read the same
    except ValueError:
        return None
    if not isinstance(message, dict) or not message.keys() <= _KEYS:
        return None
    number, params = message.get("id"), message.get("params")
    is_number = type(number) is int and abs(number) < _LARGEST_ID
    if (message.get("jsonrpc"), message.get("method")) != ("2.0", "tools/call"):
        return None
    if not (is_number or isinstance(number, str)) or not isinstance(params, dict) or not params.keys() <= _PARAMS:
        return None
    is_call = isinstance(params.get("name"), str) and isinstance(params.get("arguments"), dict | None)
    return message if is_call and _is_plain(params.get("_meta", {})) else None


def _is_plain(meta: Any) -> bool:
    """True if what a client adds for its own use says nothing that changes the answer."""
    return (
        isinstance(meta, dict)
        and type(meta.get("progressToken", "")) in (str, int)
        and not any(name.startswith(_RESERVED) for name in meta)
    )
