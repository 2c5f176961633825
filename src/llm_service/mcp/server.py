"""`build_server(sources)`: the official SDK's server with our tools, for stdio and for HTTP.

A tool is plain Python; it runs in a thread of a small pool, so that one that waits for the disk holds up nobody, and
it is given a second: then the agent gets an error that says so, and goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from .. import __version__
from .doorman import INSTRUCTIONS, NAME
from .errors import ToolFailure, failure_of
from .sources import Sources
from .tools import TOOLS, ToolEntry, Tools
from .untrusted import marked

log = logging.getLogger(__name__)

ANSWER_S = 1.0
AT_ONCE = 16
"""Calls of tools that run at once; the others wait their turn, within their second."""


class Server(MCPServer[Any]):
    """The SDK's server, with structured errors. A call takes at most `answer_s`."""

    def __init__(self, sources: Sources, answer_s: float = ANSWER_S) -> None:
        root = logging.getLogger()
        before, level = list(root.handlers), root.level
        super().__init__(NAME, version=__version__, instructions=INSTRUCTIONS, subscriptions=False)
        # The SDK configures the whole process's logging, which is ours to do.
        root.handlers[:], root.level = before, level
        logging.getLogger("mcp").setLevel(logging.WARNING)
        self._answer_s = answer_s
        self._limiter: anyio.CapacityLimiter | None = None
        self._known: dict[str, frozenset[str]] = {}
        tools = Tools(sources)
        for entry in TOOLS:
            annotations = ToolAnnotations(read_only_hint=entry.only_reads, open_world_hint=False)
            method = self._answering(entry, getattr(tools, entry.name), getattr(sources, entry.source, None))
            self.add_tool(method, annotations=annotations, structured_output=False)

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """The marked answer of a tool, or what went wrong as `{code, sentence, what_to_do}`; never raises."""
        if not self._known:
            tools = await self.list_tools()
            self._known = {tool.name: frozenset(tool.input_schema["properties"]) for tool in tools}
        known = self._known.get(name)
        if known is None:
            return _failed(
                ToolFailure("NO_SUCH_TOOL", f"There is no tool “{name[:100]}”.", "Ask for the list of the tools.")
            )
        if unknown := sorted(set(arguments) - known):
            sentence = f"{name} has no argument “{unknown[0][:100]}”."
            return _failed(ToolFailure("BAD_ARGUMENTS", sentence, f"It takes {', '.join(sorted(known))}."))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as problem:
            if not isinstance(problem.__cause__, ValidationError):
                log.exception("the tool %s failed", name)
                return _failed(_internal(name))
            first = problem.__cause__.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the arguments"
            sentence = f"{where}: {first['msg']}."
            return _failed(ToolFailure("BAD_ARGUMENTS", sentence, "Correct the arguments and call again."))

    def _answering(
        self, entry: ToolEntry, method: Callable[..., dict[str, Any]], source: object
    ) -> Callable[..., Awaitable[CallToolResult]]:
        """The method as the SDK calls it: in a thread of the pool, with an answer in any case."""
        name = entry.name
        make_ready = getattr(source, "make_ready", None)

        @wraps(method)
        async def answer(**arguments: Any) -> CallToolResult:
            try:
                if make_ready is not None:  # importing it, once, is no part of a call's second
                    await anyio.to_thread.run_sync(make_ready)
                return _result(marked(await self._in_thread(entry, partial(method, **arguments))))
            except Exception as problem:
                failure = failure_of(problem)
                if failure is None:
                    log.exception("the tool %s failed", name)
                return _failed(failure or _internal(name))

        return answer

    async def _in_thread(self, entry: ToolEntry, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._limiter is None:  # it belongs to the event loop
            self._limiter = anyio.CapacityLimiter(AT_ONCE)
        with anyio.move_on_after(self._answer_s):
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=self._limiter)
        sentence = f"{entry.name} took more than {self._answer_s:g} s"
        if entry.only_reads:
            raise ToolFailure("TOO_SLOW", f"{sentence}.", "Call it again in a moment: what was read is remembered.")
        what_to_do = "Go on with your work. To be sure, call it again with the same idempotency_key."
        raise ToolFailure("TOO_SLOW", f"{sentence}; it may still take effect.", what_to_do)


def _internal(name: str) -> ToolFailure:
    return ToolFailure("INTERNAL", f"{name} failed; the service's log has the details.", "Go on with your work.")


def _failed(failure: ToolFailure) -> CallToolResult:
    return _result(failure.as_json(), is_error=True)


def _result(answer: dict[str, Any], is_error: bool = False) -> CallToolResult:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer, is_error=is_error)
