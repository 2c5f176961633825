"""`ServerSession`: a declared server that runs here, asked by the SDK's client. Belongs to the loop's thread."""

from __future__ import annotations

import math
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, TextIO

import anyio
import psutil

from ..files import printable
from ..processes.environment import environment_of
from ..processes.model import Profile
from .model import DeclaredServer, url_problem
from .reader import filled
from .server_usage import Usage, UsageMeter, child_with

MARK = "LLM_SERVICE_MCP_SERVER"
"""A variable by which the program is found among the children of this process."""
START_S = 30.0
_ANSWER_S = 10.0
_ALIVE_S = 0.5
"""So often it is checked whether the program runs."""
_LINES, _LINE = 20, 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its version, its tools, and how long it took."""

    version: str | None
    tools: tuple[str, ...]
    answer_ms: float


class CannotStart(Exception):
    """Why a server was not started or did not answer, as a sentence."""


class ServerSession:
    """`run` starts it and stays until `stop`, or until it ends."""

    def __init__(self, server: DeclaredServer, workspace: str, check_s: float) -> None:
        self._server, self._workspace, self._check_s = server, workspace, check_s
        self._scope = anyio.CancelScope(deadline=anyio.current_time() + START_S)
        self._is_stopped = False
        self._errors: deque[str] = deque(maxlen=_LINES)
        self._mark = secrets.token_hex(8)
        self._process: psutil.Process | None = None
        self._meter: UsageMeter | None = None

    def stop(self) -> None:
        """End it: its input is closed, then it gets SIGTERM, then SIGKILL, with all that descends from it."""
        self._is_stopped = True
        self._scope.cancel()

    @property
    def last_error(self) -> str | None:
        """The last line that it printed to standard error."""
        return self._errors[-1] if self._errors else None

    async def run(self, on_answer: Callable[[Answer], None], on_failure: Callable[[str], None]) -> None:
        """Start it; `on_answer` is called for each answer, `on_failure` when one is missing. Returns after `stop`.

        Raises CannotStart if it is not started, does not answer the first time, or ends by itself.
        """
        try:
            with self._scope:
                async with AsyncExitStack() as stack:
                    await self._watch(stack, on_answer, on_failure)
        except Exception as problem:
            raise CannotStart(self._sentence(problem)) from problem
        if not self._is_stopped:
            raise CannotStart(f"It did not answer within {START_S:g} s{self._said()}.")

    async def _watch(
        self, stack: AsyncExitStack, on_answer: Callable[[Answer], None], on_failure: Callable[[str], None]
    ) -> None:
        from mcp import Client

        started = time.monotonic()
        transport = await self._transport(stack)
        client = await stack.enter_async_context(Client(transport, read_timeout_seconds=_ANSWER_S))
        on_answer(await self._ask(client, started))
        self._scope.deadline = math.inf
        while True:
            await self._pause()
            try:
                with anyio.fail_after(_ANSWER_S):
                    on_answer(await self._ask(client, time.monotonic()))
            except Exception as problem:
                if self._has_ended():
                    raise CannotStart(f"It ended by itself{self._said()}.") from problem
                on_failure(self._sentence(problem))

    async def _pause(self) -> None:
        """Until the next question. Raises CannotStart as soon as the program has ended, which is no error for the SDK's
        client before it asks."""
        until = anyio.current_time() + self._check_s
        while (left := until - anyio.current_time()) > 0:
            if self._has_ended():
                raise CannotStart(f"It ended by itself{self._said()}.")
            await anyio.sleep(min(left, _ALIVE_S))

    def usage(self) -> Usage | None:
        """What its program takes now; None for an address, and while it does not run. For any thread."""
        return None if self._meter is None else self._meter.read()

    async def _ask(self, client: Any, since: float) -> Answer:
        found = await client.list_tools(cache_mode="bypass")
        info = client.server_info
        names = tuple(printable(tool.name)[:100] for tool in found.tools[:500])
        version = f"{info.name} {info.version}".strip() if info else None
        return Answer(None if version is None else printable(version)[:100], names, (time.monotonic() - since) * 1000)

    async def _transport(self, stack: AsyncExitStack) -> Any:
        server = self._server
        try:
            argv = [filled(text, os.environ) for text in server.argv]
            env = {name: filled(text, os.environ) for name, text in server.env.items()}
            headers = {name: filled(text, os.environ) for name, text in server.headers.items()}
            url = None if server.url is None else filled(server.url, os.environ)
        except KeyError as missing:
            raise CannotStart(f"The variable {missing.args[0]} is not set.") from missing
        if url is not None:
            return await self._http(stack, url, headers)
        from mcp.client.stdio import StdioServerParameters, stdio_client

        profile = Profile(name=server.name, argv=tuple(argv), origin=server.origin, env=env)
        full = environment_of(profile, os.environ) | {MARK: self._mark}
        errors = stack.enter_context(self._error_pipe())
        parameters = StdioServerParameters(command=argv[0], args=argv[1:], env=full, cwd=self._workspace)
        # Entered here, and handed on as one that is open, so that the program is known before it answers.
        streams = await stack.enter_async_context(stdio_client(parameters, errlog=errors))
        self._process = await anyio.to_thread.run_sync(child_with, MARK, self._mark)
        self._meter = None if self._process is None else UsageMeter(self._process)
        return _Open(streams)

    async def _http(self, stack: AsyncExitStack, url: str, headers: Mapping[str, str]) -> Any:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        if url_problem(url) is not None:
            raise CannotStart("Its `url` is no http:// or https:// address.")
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=dict(headers), timeout=_ANSWER_S))
        return streamable_http_client(url, http_client=http)

    def _error_pipe(self) -> TextIO:
        """What the program's standard error is: a pipe whose last lines are remembered."""
        read, write = os.pipe()
        lines = self._errors

        def follow() -> None:
            with os.fdopen(read, errors="replace") as stream:
                while line := stream.readline(_LINE):
                    if line.strip():
                        lines.append(printable(line.strip()))

        threading.Thread(target=follow, name="mcp-server-errors", daemon=True).start()
        return os.fdopen(write, "w")

    def _has_ended(self) -> bool:
        process = self._process
        if process is None:
            return False
        with suppress(psutil.Error):
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        return True

    def _sentence(self, problem: BaseException) -> str:
        inner = problem
        while isinstance(inner, BaseExceptionGroup):
            inner = inner.exceptions[0]
        if isinstance(inner, CannotStart):
            return str(inner)
        if isinstance(inner, TimeoutError):
            return f"It did not answer in time{self._said()}."
        if isinstance(inner, FileNotFoundError) and self._server.argv:
            return f"There is no program {printable(self._server.argv[0])[:200]}."
        return f"{printable(str(inner) or type(inner).__name__)[:300].rstrip('.')}{self._said()}."

    def _said(self) -> str:
        return f"; it said: {self.last_error}" if self.last_error else ""


class _Open:
    """Streams of a transport that is open already, as a transport."""

    def __init__(self, streams: Any) -> None:
        self._streams = streams

    async def __aenter__(self) -> Any:
        return self._streams

    async def __aexit__(self, *reason: object) -> None:
        """The caller that opened it closes it."""
