"""`HttpBridge`: the SDK's streamable HTTP at `/mcp` of our WSGI server: one event loop, and no thread for an agent.

An ordinary call of a tool is answered at once (`quick_calls.py`). Any other request is handed to the loop, and its
thread waits for the answer. Requests are independent of each other (stateless, JSON answers): an agent that is
connected and says nothing costs a connection.
The guard has checked host, origin, token and size before anything comes here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from ..errors import Busy, MethodNotAllowed
from ..web.api import reply
from ..web.people import Person, person_of
from .caller import calling_as
from .extra import require_sdk
from .loop_thread import LoopThread
from .sources import Sources

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from .quick_calls import QuickCalls

_ANSWER_S = 10.0
"""More than any tool takes: only a defect is later."""
_NOT_STORED = ("Cache-Control", "no-store")
Message = MutableMapping[str, Any]


class HttpBridge:
    """Answers requests of agents. Nothing of the SDK is imported, and no thread runs, before the first one."""

    def __init__(self, sources: Callable[[], Sources]) -> None:
        self._sources = sources
        self._manager: StreamableHTTPSessionManager | None = None
        self._calls: QuickCalls | None = None
        self.loop = LoopThread("mcp-http", self._serving)
        self.requests = 0

    def answer(self, method: str, headers: list[tuple[str, str]], body: bytes, person: Person) -> Response:
        """The response to a request of `/mcp`. Raises SdkMissing, Busy."""
        require_sdk()
        self.requests += 1
        calls = self._calls
        answer = calls.answer(headers, body, person) if calls is not None else None
        if answer is not None:
            return Response(answer, headers=[("Content-Type", "application/json"), _NOT_STORED])
        future = self.loop.submit(self._handle(method, headers, body, person))
        try:
            return future.result(_ANSWER_S)
        except (FutureTimeout, CancelledError) as problem:
            future.cancel()
            raise Busy("MCP did not answer in time; try again in a moment.") from problem

    def stop(self) -> None:
        """Cancel what runs and end the thread; may be called twice."""
        self.loop.stop()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        """The SDK's session manager runs. Imported here: that takes most of a second, once."""
        from .http_manager import make_manager
        from .quick_calls import QuickCalls
        from .server import Server

        server = Server(self._sources())
        manager = make_manager(server)
        async with manager.run():
            self._manager, self._calls = manager, QuickCalls(server)
            try:
                yield
            finally:
                self._calls = None
                server.stop()

    async def _handle(self, method: str, headers: list[tuple[str, str]], body: bytes, person: Person) -> Response:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": "/mcp", "raw_path": b"/mcp", "root_path": "", "query_string": b"", "client": None, "server": None,
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }  # fmt: skip
        sent: list[Message] = []
        is_read, is_over = False, asyncio.Event()

        async def receive() -> Message:
            nonlocal is_read
            if not is_read:
                is_read = True
                return {"type": "http.request", "body": body, "more_body": False}
            await is_over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        manager = self._manager
        if manager is None:
            raise Busy("MCP is being stopped.")
        with calling_as(person):
            try:
                await manager.handle_request(scope, receive, send)
            finally:
                is_over.set()
        return _response(sent)


def mcp_blueprint(bridge: HttpBridge) -> Blueprint:
    """`POST /mcp`."""
    blueprint = Blueprint("mcp_http", __name__)

    @blueprint.post("/mcp")
    def call() -> Response:
        return bridge.answer("POST", list(request.headers.items()), request.get_data(), person_of(request.environ))

    @blueprint.route("/mcp", methods=["GET", "DELETE"])
    def no_stream() -> Response:
        # There is nothing to stream and no session to end; clients take 405 for that (transports, "Listening").
        refused = reply(MethodNotAllowed("MCP is called by POST; there is no stream here.").as_json(), 405)
        refused.headers["Allow"] = "POST"
        return refused

    return blueprint


def _response(sent: list[Message]) -> Response:
    start = next((message for message in sent if message["type"] == "http.response.start"), None)
    if start is None:
        raise Busy("MCP gave no answer; try again in a moment.")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in start.get("headers", [])
        if name.lower() != b"content-length"
    ]
    return Response(body, start["status"], headers=[*headers, _NOT_STORED])
