"""`build_server(sources)`: the official SDK's server with our tools, for stdio and for HTTP.

A tool is plain Python; it runs in a thread of a small pool, so that one that waits for the disk holds up nobody, and
it is given a second: then the agent gets an error that says so, and goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from .. import __version__
from .answers import encoded
from .call_threads import CallThreads, CallTimeout
from .doorman import INSTRUCTIONS, NAME
from .errors import ToolFailure, failure_of
from .sources import Sources
from .tools import TOOLS, ToolEntry, Tools
from .untrusted import marked

log = logging.getLogger(__name__)

ANSWER_S = 1.0
AT_ONCE = 16
"""Calls of tools that run at once; the others wait their turn, within their second."""


@dataclass(frozen=True, slots=True)
class _Own:
    """A tool of ours. `make_ready()` imports what it needs, which is no part of a call's second."""

    entry: ToolEntry
    method: Callable[..., dict[str, Any]]
    make_ready: Callable[[], object]


class Server(MCPServer[Any]):
    """The SDK's server, with structured errors. A call takes at most `answer_s`."""

    def __init__(self, sources: Sources, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self._limiter: anyio.CapacityLimiter | None = None
        self._threads = CallThreads("mcp-tool", AT_ONCE)
        tools = Tools(sources)
        self._own = {entry.name: _own(entry, tools, sources) for entry in TOOLS}
        self._registered = {name: self._as_tool(one) for name, one in self._own.items()}
        root = logging.getLogger()
        before, level = list(root.handlers), root.level
        registered = list(self._registered.values())
        super().__init__(NAME, version=__version__, instructions=INSTRUCTIONS, tools=registered, subscriptions=False)
        # The SDK configures the whole process's logging, which is ours to do.
        root.handlers[:], root.level = before, level
        logging.getLogger("mcp").setLevel(logging.WARNING)

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """The marked answer of a tool, or what went wrong as `{code, sentence, what_to_do}`; never raises."""
        refusal = self._refusal(name, arguments)
        if refusal is not None:
            return _failed(refusal)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as problem:
            if isinstance(problem.__cause__, ValidationError):
                return _failed(_misfit(problem.__cause__))
            log.exception("the tool %s failed", name)
            return _failed(_internal(name))

    def answer(self, name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """What `call_tool` answers, and whether that is an error, for a thread that can wait; never raises."""
        failure = self._refusal(name, arguments)
        if failure is None:
            try:
                values = self._registered[name].fn_metadata.validate_arguments(arguments)
                return self._answer(self._own[name], values), False
            except ValidationError as problem:
                failure = _misfit(problem)
            except Exception as problem:
                failure = failure_of(problem)
                if failure is None:
                    log.exception("the tool %s failed", name)
                    failure = _internal(name)
        return failure.as_json(), True

    def stop(self) -> None:
        """End the threads of `answer`."""
        self._threads.stop()

    def _refusal(self, name: str, arguments: Mapping[str, Any]) -> ToolFailure | None:
        tool = self._registered.get(name)
        if tool is None:
            sentence = f"There is no tool “{name[:100]}”."
            return ToolFailure("NO_SUCH_TOOL", sentence, "Ask for the list of the tools.")
        known = tool.parameters["properties"]
        if unknown := sorted(set(arguments) - set(known)):
            sentence = f"{name} has no argument “{unknown[0][:100]}”."
            return ToolFailure("BAD_ARGUMENTS", sentence, f"It takes {', '.join(sorted(known))}.")
        return None

    def _answer(self, one: _Own, values: dict[str, Any]) -> dict[str, Any]:
        one.make_ready()
        try:
            found = self._threads.run(partial(one.method, **values), self._answer_s)
        except CallTimeout:
            raise self._too_slow(one.entry) from None
        return marked(found)

    def _as_tool(self, one: _Own) -> Tool:
        """The tool as the SDK calls it: in a thread of the pool, with an answer in any case."""

        @wraps(one.method)
        async def answer(**arguments: Any) -> CallToolResult:
            try:
                await anyio.to_thread.run_sync(one.make_ready)
                return _result(marked(await self._in_thread(one.entry, partial(one.method, **arguments))))
            except Exception as problem:
                failure = failure_of(problem)
                if failure is None:
                    log.exception("the tool %s failed", one.entry.name)
                return _failed(failure or _internal(one.entry.name))

        annotations = ToolAnnotations(read_only_hint=one.entry.only_reads, open_world_hint=False)
        return Tool.from_function(answer, annotations=annotations, structured_output=False)

    async def _in_thread(self, entry: ToolEntry, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._limiter is None:  # it belongs to the event loop
            self._limiter = anyio.CapacityLimiter(AT_ONCE)
        with anyio.move_on_after(self._answer_s):
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=self._limiter)
        raise self._too_slow(entry)

    def _too_slow(self, entry: ToolEntry) -> ToolFailure:
        sentence = f"{entry.name} took more than {self._answer_s:g} s"
        if entry.only_reads:
            what_to_do = "Call it again in a moment: what was read is remembered."
            return ToolFailure("TOO_SLOW", f"{sentence}.", what_to_do)
        what_to_do = "Go on with your work. To be sure, call it again with the same idempotency_key."
        return ToolFailure("TOO_SLOW", f"{sentence}; it may still take effect.", what_to_do)


def _own(entry: ToolEntry, tools: Tools, sources: Sources) -> _Own:
    make_ready = getattr(getattr(sources, entry.source, None), "make_ready", lambda: None)
    return _Own(entry, getattr(tools, entry.name), make_ready)


def _misfit(problem: ValidationError) -> ToolFailure:
    first = problem.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the arguments"
    return ToolFailure("BAD_ARGUMENTS", f"{where}: {first['msg']}.", "Correct the arguments and call again.")


def _internal(name: str) -> ToolFailure:
    return ToolFailure("INTERNAL", f"{name} failed; the service's log has the details.", "Go on with your work.")


def _failed(failure: ToolFailure) -> CallToolResult:
    return _result(failure.as_json(), is_error=True)


def _result(answer: dict[str, Any], is_error: bool = False) -> CallToolResult:
    text = TextContent(type="text", text=encoded(answer).decode())
    return CallToolResult(content=[text], structured_content=answer, is_error=is_error)
