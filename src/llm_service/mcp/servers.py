"""`ServerPanel`: the declared MCP servers, which of them run here, and how they do.

A server's health can only be told by starting it, so nothing is asked of one that its user has not approved by the hash
of all that is declared of it. What runs here is our own instance: the ones that agents started are theirs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from ..errors import Busy, ControlOff, NotApproved, NotFound
from ..files import printable
from ..hub.event import Event
from ..processes.profile_approvals import ProfileApprovals
from ..times import iso_time
from .events import McpServerHealth, McpServerStarted, McpServerStopped
from .extra import require_sdk
from .loop_thread import LoopThread
from .model import DeclaredServer, ServerRow, ServerStatus
from .reader import DeclarationProblem, read_declared
from .server_run import ACTIVE, ServerRun, row_of
from .server_session import Answer, CannotStart, ServerSession

log = logging.getLogger(__name__)

_STOP_S = 8.0


class ServerPanel:
    """Thread-safe. `own` are the servers of the user's settings; `publish` is called from any thread."""

    def __init__(
        self,
        workspace: str,
        own: Sequence[DeclaredServer],
        approvals: ProfileApprovals,
        control: bool,
        check_s: float,
        publish: Callable[[Event], object],
    ) -> None:
        self.control = control
        self._workspace, self._own, self._approvals = workspace, tuple(own), approvals
        self._check_s, self._publish = check_s, publish
        self._lock = threading.RLock()
        self._runs: dict[str, ServerRun] = {}
        self._loop = LoopThread("mcp-servers")

    def rows(self) -> tuple[list[ServerRow], list[DeclarationProblem]]:
        """The servers as they are now, those of the user first, and what cannot be used of the declarations."""
        declared, problems = self._declared()
        approved = self._approvals.digests()
        with self._lock:
            return [self._row(server, approved) for server in declared], problems

    def start(self, name: str) -> ServerRow:
        """Start a server; returns at once. Raises ControlOff, NotFound, NotApproved, Busy, SdkMissing."""
        self._require_control()
        require_sdk()
        server = self._server(name)
        self._require_approval(server)
        with self._lock:
            known = self._runs.get(name)
            if known is not None and known.status in ACTIVE:
                raise Busy(f"{name} runs already.")
            run = self._runs[name] = ServerRun(server)
            if known is not None:
                run.restarts, run.answer = known.restarts, known.answer
            run.future = self._loop.submit(self._run(server, run))
        return self._shown(server)

    def stop(self, name: str) -> ServerRow:
        """Stop a server that runs here; returns when it has ended. Raises ControlOff, NotFound, Busy."""
        self._require_control()
        server = self._server(name)
        with self._lock:
            run = self._runs.get(name)
        if run is not None and run.future is not None:
            self._end(run)
            try:
                run.future.result(_STOP_S)
            except TimeoutError as problem:
                raise Busy(f"{name} is being stopped.") from problem
        return self._shown(server)

    def restart(self, name: str) -> ServerRow:
        """Stop and start it. Raises as both do."""
        self._require_control()
        self._require_approval(self._server(name))
        self.stop(name)
        with self._lock:
            known = self._runs.get(name)
            if known is not None:
                known.restarts += 1
        return self.start(name)

    def close(self) -> None:
        """Stop every server and end the thread; may be called twice."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            self._end(run)
        for run in runs:
            if run.future is not None:
                try:
                    run.future.result(_STOP_S)
                except (TimeoutError, asyncio.CancelledError):
                    log.warning("an MCP server did not end in time")
        self._loop.stop()

    def _end(self, run: ServerRun) -> None:
        async def end() -> None:
            if run.session is not None:
                run.session.stop()

        if run.status in ACTIVE:
            self._loop.submit(end()).result(_STOP_S)

    async def _run(self, server: DeclaredServer, run: ServerRun) -> None:
        """Belongs to the loop's thread; never raises."""
        run.session = ServerSession(server, self._workspace, self._check_s)

        def on_answer(answer: Answer) -> None:
            before, run.answer, run.checked_at = run.answer, answer, iso_time(time.time())
            was, run.status = run.status, ServerStatus.RUNNING
            if was is ServerStatus.STARTING:
                run.started_at = run.checked_at
                self._say(McpServerStarted(server=self._shown(server)))
            elif was is not run.status or (before is not None and before.tools != answer.tools):
                self._say(McpServerHealth(server=self._shown(server)))

        def on_failure(sentence: str) -> None:
            was, run.status, run.last_error = run.status, ServerStatus.UNHEALTHY, sentence
            run.checked_at = iso_time(time.time())
            if was is not run.status:
                self._say(McpServerHealth(server=self._shown(server)))

        try:
            await run.session.run(on_answer, on_failure)
            run.status = ServerStatus.STOPPED
        except CannotStart as problem:
            run.status, run.last_error = ServerStatus.FAILED, str(problem)
        except Exception as problem:
            log.exception("the MCP server %s could not be watched", server.name)
            run.status, run.last_error = ServerStatus.FAILED, f"{type(problem).__name__}; the service's log has more."
        finally:
            run.session = None
        self._say(McpServerStopped(server=self._shown(server)))

    def _declared(self) -> tuple[list[DeclaredServer], list[DeclarationProblem]]:
        theirs, problems = read_declared(self._workspace)
        names = {server.name for server in self._own}
        for server in theirs:
            if server.name in names:
                problems.append(DeclarationProblem(f".mcp.json: {server.name}", "Your settings have one of that name."))
        found = [*self._own, *(server for server in theirs if server.name not in names)]
        declared = {server.name for server in found}
        with self._lock:
            still = [run.server for run in self._runs.values() if run.status in ACTIVE]
        return [*found, *(server for server in still if server.name not in declared)], problems

    def _server(self, name: str) -> DeclaredServer:
        for server in self._declared()[0]:
            if server.name == name:
                return server
        raise NotFound(f"There is no MCP server “{printable(name)[:100]}”.")

    def _is_approved(self, server: DeclaredServer, approved: dict[str, str]) -> bool:
        return server in self._own or approved.get(server.approval_name) == server.digest()

    def _require_approval(self, server: DeclaredServer) -> None:
        if not self._is_approved(server, self._approvals.digests()):
            raise NotApproved(
                f"The MCP server {server.name} is not approved; `llm-service approve` shows and approves it.",
                server=server.name,
            )

    def _require_control(self) -> None:
        if not self.control:
            raise ControlOff("Nothing was started or stopped: the setting `control` is off.")

    def _shown(self, server: DeclaredServer) -> ServerRow:
        with self._lock:
            return self._row(server, self._approvals.digests())

    def _row(self, server: DeclaredServer, approvals: dict[str, str]) -> ServerRow:
        return row_of(server, self._is_approved(server, approvals), self._runs.get(server.name))

    def _say(self, event: Event) -> None:
        """Publish; a failure must not end the watching of a server."""
        try:
            self._publish(event)
        except Exception:
            log.exception("an event of an MCP server was not published")
